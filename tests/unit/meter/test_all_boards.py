"""`--device all`: every board that a command can see, as one and each for itself."""

import csv
import json
import subprocess
import sys

import pytest

import fake_nvml
from spikewatt.meter.backends.nvml_readings import of_all

needs_fake = pytest.mark.skipif(
    not fake_nvml.available(), reason="gcc, which builds the fake NVML, is missing"
)
UUIDS = [fake_nvml.UUID, "GPU-2", "GPU-3"]
WATTS = {fake_nvml.UUID: 10, "GPU-2": 20, "GPU-3": 40}
# Of a board's memory, all and used.
MEMORY = {fake_nvml.UUID: "1e9 5e8", "GPU-2": "3e9 5e8", "GPU-3": "4e9 4e9"}
SHOWN = """
import json, sys
from spikewatt.meter.backends import nvml_device
from spikewatt.meter.backends.nvml import library
from spikewatt.meter.errors import Unavailable
try:
    print(json.dumps(nvml_device.uuids_shown(library())))
except Unavailable as error:
    print(json.dumps(["", str(error)]))
"""


def lines(refuse=None):
    """The script of three boards; refuse: one whose energy counter is refused."""
    told = []
    for uuid in UUIDS:
        told += [f"device {uuid}"] * (uuid != fake_nvml.UUID)
        told += [f"curve constant {WATTS[uuid]}", f"memory {MEMORY[uuid]}"]
        told += ["energy_update 0.001", "noise 0"]
        told += ["refuse TotalEnergyConsumption 3"] * (uuid == refuse)
    return told


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Where the scripts are; CUDA's variables are as a fresh shell has them."""
    for name in ("CUDA_DEVICE_ORDER", "CUDA_VISIBLE_DEVICES"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "script"


def measured(script, *options, **told):
    """(summary.json, the CSV's row, what was said) of a command of half a second."""
    fake_nvml.write(script, *lines(**told))
    folder = script.parent
    tool = [sys.executable, "-m", "spikewatt.meter", "--device", "all", *options]
    done = subprocess.run(
        [*tool, "--out", folder / "try", "--", "sleep", "0.6"],
        env=fake_nvml.environment(script) | {"TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    (row,) = csv.DictReader((folder / "try_summary.csv").read_text().splitlines())
    told = json.loads((folder / "try_summary.json").read_text())
    return told, row, done.stderr


@needs_fake
def test_the_sum_and_each_of_three_boards_are_measured(script):
    told, row, said = measured(script)
    seconds = float(row["measured_time_s"])
    assert float(row["mean_gpu_power_w"]) == pytest.approx(70)
    assert float(row["gpu_energy_counter_j"]) == pytest.approx(70 * seconds, rel=0.02)
    # 5e8 + 5e8 + 4e9 of 8e9 bytes, which no mean of 50, 17 and 100 % is
    assert float(row["mean_gpu_memory_pct"]) == pytest.approx(62.5)
    assert [board["uuid"] for board in told["boards"]] == UUIDS
    for board in told["boards"]:
        watts = WATTS[board["uuid"]]
        assert board["mean_gpu_power_w"] == pytest.approx(watts)
        assert board["gpu_energy_j"] == pytest.approx(watts * seconds, rel=0.02)
        assert f"{board['uuid']}: {watts} W" in said
    assert told["meter"]["device"]["power_limit_w"] == 750
    assert told["meter"]["device"]["doubt"] is None
    # the locks of all three are its own: none is a neighbour's
    assert row["neighbours"] == "0"


@needs_fake
def test_only_boards_that_the_command_sees_are_measured(script, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-3,GPU-2")
    told, row, _ = measured(script)
    assert float(row["mean_gpu_power_w"]) == pytest.approx(60)
    assert [board["uuid"] for board in told["boards"]] == ["GPU-3", "GPU-2"]


@needs_fake
@pytest.mark.parametrize("value", ["", "-1"])
def test_nothing_is_measured_where_nothing_is_visible(script, monkeypatch, value):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", value)
    told, row, said = measured(script)
    assert row["gpu_energy_j"] == row["mean_gpu_power_w"] == ""
    assert told["boards"] == []
    assert "shows no GPU to the command" in said


@needs_fake
def test_a_counter_that_one_lacks_is_no_sum(script):
    """Nor does the sum of the others pass for all; power is integrated."""
    told, row, _ = measured(script, refuse="GPU-2")
    assert row["gpu_energy_counter_j"] == ""
    integral = 70 * float(row["measured_time_s"])
    assert float(row["gpu_energy_j"]) == pytest.approx(integral, rel=0.02)
    assert told["meter"]["device"]["refused"]["gpu_energy_j"] == "GPU-2: Not Supported"
    assert told["boards"][1]["gpu_energy_j"] == pytest.approx(integral * 2 / 7, rel=0.1)


@needs_fake
@pytest.mark.parametrize(
    ("shown", "order", "uuids", "doubt"),
    [
        (None, None, UUIDS, False),
        ("2,0,1", None, UUIDS[2:] + UUIDS[:2], False),  # all, in whatever order
        ("2,0", None, [UUIDS[2], UUIDS[0]], True),
        ("2,0", "PCI_BUS_ID", [UUIDS[2], UUIDS[0]], False),
        ("GPU-3,GPU-9,GPU-2", None, ["GPU-3"], False),
        ("7", None, "", True),
    ],
)
def test_what_cuda_shows_is_what_all_are(
    script, monkeypatch, shown, order, uuids, doubt
):
    for name, value in (("CUDA_VISIBLE_DEVICES", shown), ("CUDA_DEVICE_ORDER", order)):
        if value is not None:
            monkeypatch.setenv(name, value)
    fake_nvml.write(script, *lines())
    found, why = fake_nvml.run(SHOWN, script)
    assert found == uuids
    assert bool(why) == doubt


@needs_fake
def test_a_job_on_one_of_them_is_waited_for(script):
    """Another's lock of one board holds up the job on all."""
    fake_nvml.write(script, *lines())
    environment = fake_nvml.environment(script) | {"TMPDIR": str(script.parent)}
    hold = (
        "from spikewatt.meter import device_lock\n"
        "with device_lock('cuda:1'):\n    print('held', flush=True); input()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", hold],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout.readline() == "held\n"
        told, row, said = measured(script, "--no-wait")
    finally:
        holder.communicate("\n", timeout=20)
    assert "beside" in row["flags"].split()
    assert "not waiting for GPU-2" in said
    assert f"process {holder.pid}" in told["meter"]["beside"]


def test_readings_become_one_by_hand():
    first = {
        "gpu_power_w": 1.5,
        "gpu_memory_used_mib": 1.0,
        "gpu_memory_total_mib": 2.0,
        "gpu_memory_pct": 50.0,
        "gpu_utilisation_pct": 10,
        "gpu_clock_events": 0x4,
        "gpu_temperature_c": 40,
        "gpu_other_pids": "7 9",
        "gpu_process_memory_mib": None,
    }
    second = first | {
        "gpu_memory_used_mib": 5.0,
        "gpu_memory_total_mib": 10.0,
        "gpu_utilisation_pct": 30,
        "gpu_clock_events": 0x8,
        "gpu_temperature_c": 60,
        "gpu_other_pids": "9 12",
        "gpu_process_memory_mib": 3.0,
        "gpu_sm_clock_mhz": 1000,
    }
    assert of_all([first, second]) == {
        "gpu_power_w": 3.0,
        "gpu_memory_used_mib": 6.0,
        "gpu_memory_total_mib": 12.0,
        "gpu_memory_pct": 50.0,
        "gpu_utilisation_pct": 20,
        "gpu_clock_events": 0xC,
        "gpu_temperature_c": 60,
        "gpu_other_pids": "12 7 9",
    }


def test_a_device_that_is_none_is_refused(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "spikewatt.meter", "--device", "gpu0", "--list"],
        env=fake_nvml.environment(tmp_path / "script"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "gpu0 is no device: it is cuda:<index>, all, mps or cpu" in done.stderr
