"""Odd machines: closed homes, decimal commas, few cores, clocks that jump."""

import ast
import locale
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
import torch

import made_plans
from spikewatt.data import arrays
from spikewatt.train import machine, training

LIBRARY = Path(training.__file__).parents[1]

KERNELS = """
import numpy as np
from spikewatt.network.neuron import numba_kernels
from spikewatt.stack.fast import emission, frame_kernels, kernels
from spikewatt.stack.fast import event_sums, pooling, row_sums, sources, winners
from spikewatt.stack.fast import event_weights, winner_inputs, winner_weights
from spikewatt.data import events
print("compiled")
"""


def test_closed_library_and_home(tmp_path):
    """Nowhere to keep compiled code; root is kept out by a read-only mount."""
    closed = tmp_path / "closed"
    shutil.copytree(
        LIBRARY, closed / "spikewatt", ignore=shutil.ignore_patterns("__pycache__")
    )
    mount = ["mount", "--bind", "-o", "ro", str(closed), str(closed)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        done = subprocess.run(
            [sys.executable, "-c", KERNELS],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(closed)}
            | {"HOME": "/proc/closed"},
            capture_output=True,
            text=True,
        )
    finally:
        subprocess.run(["umount", str(closed)], check=True)
    assert done.stdout == "compiled\n", done.stderr


@pytest.fixture
def comma(tmp_path, monkeypatch):
    """A locale with decimal commas, made for the test."""
    german = tmp_path / "locales" / "de_DE.UTF-8"
    german.parent.mkdir()
    if not shutil.which("localedef") or not Path("/usr/share/i18n/locales").exists():
        pytest.skip("localedef and its sources are missing")
    make = ["localedef", "-i", "de_DE", "-f", "UTF-8", str(german)]
    subprocess.run(make, capture_output=True)
    monkeypatch.setenv("LOCPATH", str(german.parent))
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    before = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, "")
    except locale.Error:
        pytest.skip("the locale cannot be made here")
    yield
    locale.setlocale(locale.LC_ALL, before)


def trained(folder, monkeypatch, threads=1):
    """A run of two epochs on made-up data."""
    plan = made_plans.plan("exp1", "ann", epochs=2)
    monkeypatch.setattr(arrays, "load", lambda _: made_plans.data(plan))
    conditions = machine.Conditions(threads=threads)
    training.Training(
        plan, folder, "reference", 0, "code", folder / "kept", conditions
    ).run(folder)
    return pd.read_csv(folder / "epochs.csv")


def test_decimal_commas_reach_no_file(comma, tmp_path, monkeypatch):
    assert locale.localeconv()["decimal_point"] == ","
    rows = trained(tmp_path, monkeypatch)
    assert rows["train_loss"].between(0, 10).all()
    assert rows["train_time_s"].dtype == float


def test_more_threads_than_cores(tmp_path, monkeypatch):
    before = torch.get_num_threads()
    rows = trained(tmp_path, monkeypatch, threads=4 * os.cpu_count())
    torch.set_num_threads(before)
    assert len(rows) == 2


def test_auto_threads_are_those_that_may_be_used(monkeypatch):
    """A container or `taskset` may give fewer cores than the machine has."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3})
    assert machine.threads("auto") == 1


def test_a_clock_that_jumps_back_changes_no_duration(tmp_path, monkeypatch):
    class Clock(datetime):
        year_now = 2030

        @classmethod
        def now(cls, zone=None):
            cls.year_now -= 1
            return datetime(cls.year_now, 1, 1, tzinfo=UTC)

    monkeypatch.setattr(training, "datetime", Clock)
    rows = trained(tmp_path, monkeypatch)
    assert rows["train_time_s"].between(0, 60).all()


def test_no_duration_comes_from_the_wall_clock():
    """`time.time` jumps with the clock; only the copy for TensorBoard asks it."""
    asked = [
        f"{path.relative_to(LIBRARY)}:{node.lineno}"
        for path in LIBRARY.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "time.time"
    ]
    assert [place for place in asked if "to_tensorboard" not in place] == []


def test_no_gpu_is_said_with_what_to_do(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="no CUDA device; use device: auto or cpu"):
        machine.pick_device("cuda")
    with pytest.raises(ValueError, match="device: mps in the config"):
        machine.pick_device("mps")
    assert machine.pick_device("auto").type == "cpu"
