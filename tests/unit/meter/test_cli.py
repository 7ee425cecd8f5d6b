"""The meter as a tool: `python -m spikewatt.meter`."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import pytest

import fake_nvml

ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": str(fake_nvml.LIBRARY),
    "SPIKEWATT_POWERCAP": "/nonexistent",
}


def meter(*arguments, folder, environment=ENVIRONMENT, **options):
    return subprocess.run(
        [sys.executable, "-m", "spikewatt.meter", *arguments],
        cwd=folder,
        env={**environment, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **options,
    )


def test_a_command_is_measured_and_keeps_its_status_input_and_output(tmp_path):
    burn = (
        "import sys, time\nwhile time.process_time() < 0.8: pass\n"
        "print(sys.stdin.read()); sys.exit(3)"
    )
    options = ["--device", "cpu", "--out", "out/try", "--idle", "0.1"]
    done = meter(
        *options, "--", sys.executable, "-c", burn, folder=tmp_path, input="hello"
    )
    assert done.returncode == 3
    assert done.stdout == "hello\n"
    assert "CPU time" in done.stderr and "not measured: power, ene" in done.stderr
    assert "of a GPU: the run computes on the CPU" in done.stderr
    # What nobody asked for stands in the file alone.
    assert "recorder_points" not in done.stderr and "sm_clock" not in done.stderr
    assert "out/try_summary.csv" in done.stderr
    with open(tmp_path / "out" / "try_summary.csv", newline="") as handle:
        (row,) = csv.DictReader(handle)
    assert float(row["cpu_time_s"]) == pytest.approx(0.8, abs=0.15)
    assert float(row["max_rss_mib"]) > 1
    assert row["gpu_energy_j"] == ""
    summary = json.loads((tmp_path / "out" / "try_summary.json").read_text())
    assert summary["exit_status"] == 3
    assert summary["row"]["cpu_time_s"] == float(row["cpu_time_s"])
    phases = (tmp_path / "out" / "try_telemetry.csv").read_text()
    assert ",idle," in phases
    assert ",command," in phases


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (["sh", "-c", "kill -9 $$"], 128 + signal.SIGKILL),
        (["no-such-command-anywhere"], 127),
        (["/"], 126),
    ],
)
def test_status_of_a_command_that_fails(tmp_path, command, status):
    done = meter("--device", "cpu", "--", *command, folder=tmp_path)
    assert done.returncode == status


@pytest.mark.parametrize(
    ("content", "status", "told"),
    [
        (None, 127, "no such command"),
        ("not to be run", 126, "may not be run"),
        ("#!/no/such/interpreter", 126, "No such file"),
    ],
)
def test_a_command_that_cannot_be_run_leaves_no_files(tmp_path, content, status, told):
    program = tmp_path / "bin" / "program"
    program.parent.mkdir()
    if content is not None:
        program.write_text(content)
        program.chmod(0o755 if content.startswith("#!") else 0o644)
    done = meter("--device", "cpu", "--", str(program), folder=tmp_path)
    assert done.returncode == status
    assert told in done.stderr and "Traceback" not in done.stderr
    assert list(tmp_path.glob("meter_*")) == []


def test_what_is_there_is_written_over_by_force_alone(tmp_path):
    kept = tmp_path / "meter_summary.json"
    kept.write_text("{}")
    arguments = ["--device", "cpu", "--", "true"]
    done = meter(*arguments, folder=tmp_path)
    assert done.returncode == 125
    assert "meter_summary.json is there already" in done.stderr
    assert "--force" in done.stderr
    assert kept.read_text() == "{}"
    assert list(tmp_path.glob("meter_*")) == [kept]
    assert meter("--out", "second", *arguments, folder=tmp_path).returncode == 0
    assert meter("--force", *arguments, folder=tmp_path).returncode == 0
    assert json.loads(kept.read_text())["command"] == ["true"]


def test_a_command_is_needed(tmp_path):
    done = meter(folder=tmp_path)
    assert done.returncode == 2
    assert "give a command after --" in done.stderr


def test_a_bad_rate_is_named(tmp_path):
    done = meter("--rate", "0", "--", "true", folder=tmp_path)
    assert done.returncode == 125
    assert "rate_hz is 0" in done.stderr


def test_a_termination_is_passed_on(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "spikewatt.meter", "--device", "cpu", "--"]
        + ["sh", "-c", "trap 'exit 7' TERM; touch ready; while :; do sleep 0.05; done"],
        cwd=tmp_path,
        env={**ENVIRONMENT, "TMPDIR": str(tmp_path)},
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 20
    while not (tmp_path / "ready").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.terminate()
    process.communicate(timeout=20)
    assert process.returncode == 7
    assert (tmp_path / "meter_summary.csv").exists()


def test_list_says_what_is_here_and_what_is_not(tmp_path):
    done = meter("--list", "--device", "cpu", folder=tmp_path)
    assert done.returncode == 0
    assert "host: measures the measured process" in done.stdout
    assert "rapl: not here: /nonexistent does not exist" in done.stdout


@pytest.mark.skipif(not fake_nvml.available(), reason="gcc is missing")
def test_list_names_the_gpu_and_what_it_refuses(tmp_path):
    fake_nvml.write(tmp_path / "script", "refuse TotalEnergyConsumption 3")
    environment = fake_nvml.environment(tmp_path / "script")
    done = meter("--list", folder=tmp_path, environment=environment)
    assert f"Fake GPU 0, {fake_nvml.UUID}, driver 570.0" in done.stdout
    assert "not gpu_energy_j: Not Supported" in done.stdout


def test_who_waits_for_the_device_is_told_and_may_leave(tmp_path):
    """A second tool on the machine names the first; Ctrl-C ends it in a sentence."""
    tool = [sys.executable, "-m", "spikewatt.meter", "--device", "cpu"]
    options = {"cwd": tmp_path, "env": {**ENVIRONMENT, "TMPDIR": str(tmp_path)}}
    sleep = ["--", sys.executable, "-c", "import time; time.sleep(300)"]
    first = subprocess.Popen([*tool, "--out", "first", *sleep], **options)
    try:
        while not list(tmp_path.glob("*.holder")):
            assert first.poll() is None
            time.sleep(0.05)
        second = subprocess.Popen(
            [*tool, "--out", "second", *sleep],
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )
        said = second.stderr.readline()
        assert f"process {first.pid}" in said and "waiting for cpu" in said
        assert "--no-wait" in second.stderr.readline()
        second.send_signal(signal.SIGINT)
        rest = second.communicate(timeout=120)[1]
        assert second.returncode == 130
        assert "nothing was measured" in rest and "Traceback" not in rest
    finally:
        first.terminate()
        first.wait()
