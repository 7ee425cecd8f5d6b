"""How many threads a run computes with where the config says auto."""

import os

import pytest

from spikewatt.train import machine


@pytest.mark.parametrize(
    ("given", "jobs", "expected"),
    [
        (None, 1, 16),
        (None, 4, 4),
        ("8", 1, 8),  # a cluster that doesn't hold a job to its cores
        ("8", 16, 1),
        ("64", 1, 16),
        ("", 1, 16),
    ],
)
def test_auto_is_the_cores_that_a_job_was_given(monkeypatch, given, jobs, expected):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(16)))
    monkeypatch.delenv("SLURM_CPUS_PER_TASK", raising=False)
    if given is not None:
        monkeypatch.setenv("SLURM_CPUS_PER_TASK", given)
    assert machine.threads("auto", jobs) == expected


def test_a_number_of_threads_is_kept(monkeypatch):
    monkeypatch.setenv("SLURM_CPUS_PER_TASK", "2")
    assert machine.threads(5, 4) == 5
