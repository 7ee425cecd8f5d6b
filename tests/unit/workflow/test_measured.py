"""How measured jobs share a machine, by hand."""

import pytest

from spikewatt.workflow import measured


@pytest.mark.parametrize(
    ("limit", "gpus", "jobs"),
    [(8, 8, 8), (8, 4, 4), (2, 4, 2), (8, 0, 1), (8, 1, 1), (1, 8, 1), (None, 8, 1)],
)
def test_one_job_a_gpu_and_one_where_there_is_none(limit, gpus, jobs):
    assert measured.at_once(limit, gpus) == jobs


@pytest.mark.parametrize(
    ("cores", "threads", "jobs", "claimed"),
    [
        (32, "auto", 8, 4),
        (32, 2, 8, 4),  # as many as there are: nothing else is to run beside
        (32, 16, 8, 16),  # two fit, not eight
        (32, 64, 8, 32),
        (30, "auto", 8, 3),
        (4, "auto", 8, 1),
        (32, 2, 1, 32),
        (32, "auto", 1, 32),
    ],
)
def test_jobs_share_the_cores(cores, threads, jobs, claimed):
    assert measured.cores(cores, threads, jobs) == claimed
