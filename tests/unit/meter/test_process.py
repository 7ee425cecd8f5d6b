"""The meter as a whole: phases, rows, telemetry, and the death of its process."""

import csv
import os
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import psutil
import pytest

import fake_nvml
from spikewatt.meter import Meter, MeterError
from spikewatt.meter.meter import recover


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch):
    """These tests look at the host alone."""
    monkeypatch.setenv("SPIKEWATT_POWERCAP", "/nonexistent")


def rows(path):
    with open(path, newline="") as handle:
        return list(csv.DictReader(handle))


def test_phases_rows_and_telemetry(tmp_path):
    path = tmp_path / "telemetry.csv"
    waited = []
    with Meter(path, device="cpu", synchronize=lambda: waited.append(1)) as meter:
        with meter.phase("train", epoch=1):
            end = time.process_time() + 0.4
            while time.process_time() < end:
                pass
        with meter.phase("val", epoch=1):
            time.sleep(0.2)
        row = meter.row(("train", "val"), epoch=1)
        assert not path.exists()  # whole or not there
        described = meter.describe()
    assert len(waited) == 4  # both edges of both phases
    assert meter.phase_time("train", 1) >= 0.4
    assert meter.phase_time("val", 1) == pytest.approx(0.2, abs=0.1)
    assert row["cpu_time_s"] == pytest.approx(0.4, abs=0.1)
    assert row["max_rss_mib"] == pytest.approx(
        psutil.Process().memory_info().rss / 2**20, rel=0.3
    )
    assert row["gpu_energy_j"] is None
    assert described["backends"] == ["host"]
    assert set(described["unavailable"]) == {"nvml", "rapl"}
    written = rows(path)
    assert {(r["phase"], r["epoch"]) for r in written} >= {("train", "1"), ("val", "1")}
    assert not any("nan" in value for r in written for value in r.values())
    assert list(written[0])[:3] == ["monotonic_s", "phase", "epoch"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["telemetry.csv"]


def test_samples_keep_their_rate(tmp_path):
    with Meter(tmp_path / "t.csv", device="cpu", rate_hz=50) as meter:
        with meter.phase("train", epoch=1):
            time.sleep(0.6)
        row = meter.row(("train",), epoch=1)
    ticks = 50 * meter.phase_time("train", epoch=1)
    assert row["meter_samples"] + row["missed_ticks"] == pytest.approx(ticks, abs=3)


def test_phases_that_are_wrong_are_named(tmp_path):
    with Meter(tmp_path / "t.csv", device="cpu") as meter:
        with (
            pytest.raises(MeterError, match="val begins within phase train"),
            meter.phase("train", epoch=1),
            meter.phase("val"),
        ):
            pass
        with pytest.raises(MeterError, match="test of epoch 2 .*measured: train 1"):
            meter.row(("test",), epoch=2)


def test_an_error_in_a_phase_passes_and_the_telemetry_is_kept(tmp_path):
    path = tmp_path / "t.csv"
    with (
        pytest.raises(KeyError),
        Meter(path, device="cpu") as meter,
        meter.phase("train"),
    ):
        time.sleep(0.1)
        raise KeyError
    assert rows(path)


@pytest.mark.parametrize("rate", [0, -1, 5000])
def test_a_rate_that_makes_no_sense_is_refused(tmp_path, rate):
    with pytest.raises(MeterError, match="rate_hz"):
        Meter(tmp_path / "t.csv", rate_hz=rate)


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    meter = Meter(tmp_path / "file" / "t.csv", device="cpu")
    with pytest.raises(MeterError, match="cannot write .*t.csv"):
        meter.__enter__()


def test_children_are_measured_too(tmp_path):
    burn = "import time\nwhile time.process_time() < 0.5: pass"
    with Meter(tmp_path / "t.csv", device="cpu") as meter:
        with meter.phase("train"):
            subprocess.run([sys.executable, "-c", burn], check=True)
        row = meter.row(("train",))
    assert row["cpu_time_s"] == pytest.approx(0.5, abs=0.15)


def test_a_killed_sampler_costs_samples_and_not_the_run(tmp_path, caplog):
    path = tmp_path / "t.csv"
    with Meter(path, device="cpu") as meter:
        with meter.phase("train", epoch=1):
            time.sleep(0.2)
        meter.row(("train",), epoch=1)
        os.kill(meter.sampler_pid, signal.SIGKILL)
        with meter.phase("train", epoch=2):
            time.sleep(0.1)
        row = meter.row(("train",), epoch=2)
    assert "unmetered" in row["flags"]
    assert "flag unmetered: the meter's process ended early" in caplog.text
    assert row["cpu_time_s"] is not None
    assert rows(path)[-1]["phase"] == "train"


RUN = """
import sys, time
from spikewatt.meter import Meter
with Meter(sys.argv[1], device="cpu") as meter:
    print(meter.sampler_pid, flush=True)
{work}
"""


def start(path, work):
    environment = {**os.environ, "PYTHONPATH": str(fake_nvml.LIBRARY)}
    process = subprocess.Popen(
        [sys.executable, "-c", RUN.format(work=textwrap.indent(work, "    ")), path],
        stdout=subprocess.PIPE,
        env=environment,
    )
    return process, psutil.Process(int(process.stdout.readline()))


@pytest.mark.parametrize(
    "work",
    [
        "time.sleep(60)",
        # a forked child holds the sampler's pipe open
        "import os; os.fork() or time.sleep(60); time.sleep(60)",
    ],
)
def test_the_sampler_dies_with_a_killed_parent(tmp_path, work):
    process, sampler = start(tmp_path / "t.csv", work)
    time.sleep(0.3)
    children = [
        child
        for child in psutil.Process(process.pid).children()
        if child.pid != sampler.pid
    ]
    process.kill()
    process.wait()
    sampler.wait(10)  # raises psutil.TimeoutExpired if it lives on
    for child in children:
        child.kill()
    process.stdout.close()
    assert not (tmp_path / "t.csv").exists()


def test_what_a_killed_run_measured_can_be_recovered(tmp_path):
    path = tmp_path / "t.csv"
    process, sampler = start(path, "time.sleep(60)")
    deadline = time.monotonic() + 20
    while not any(entry.stat().st_size > 1500 for entry in tmp_path.rglob("t.csv")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.kill()
    process.communicate()
    sampler.wait(10)
    assert recover(path)
    assert len(rows(path)) >= 10
    assert [entry.name for entry in tmp_path.iterdir()] == ["t.csv"]
    assert not recover(tmp_path / "other.csv")


def test_the_sampler_imports_nothing_heavy():
    program = """
import json, sys
import spikewatt.meter.sampler
print(json.dumps(sorted({"numpy", "pandas", "torch", "filelock"} & set(sys.modules))))
"""
    environment = {**os.environ, "PYTHONPATH": str(fake_nvml.LIBRARY)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"[]\n"


def test_a_peak_between_two_samples_is_seen(tmp_path):
    """50 MiB that live for a few milliseconds: samples of memory come at 4 Hz."""
    with Meter(tmp_path / "t.csv", rate_hz=20) as meter:
        with meter.phase("calm"):
            time.sleep(0.05)
        with meter.phase("peak"):
            np.ones(50 * 2**20, np.uint8)
        with meter.phase("after"):
            time.sleep(0.05)
        rows = {name: meter.row((name,)) for name in ("calm", "peak", "after")}
    calm, peak, after = (rows[name]["max_rss_mib"] for name in rows)
    assert 45 < peak - calm < 60
    assert after < calm + 10
