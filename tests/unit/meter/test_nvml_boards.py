"""NVIDIA's later boards as public reports tell of them (FACTS), played by the fake."""

import pytest

import fake_nvml

pytestmark = pytest.mark.skipif(
    not fake_nvml.available(), reason="gcc, which builds the fake NVML, is missing"
)
MIG = "MIG-aaaa-0001"
MEASURE = """
import json, logging, sys, time
from spikewatt.meter import Meter
logging.basicConfig()
seconds, rate, path = float(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
with Meter(path, device="cuda:0", rate_hz=rate) as meter:
    with meter.phase("idle"):
        time.sleep(0.5)
    with meter.phase("train", epoch=1):
        time.sleep(seconds)
    row, told = meter.row(("train",), epoch=1), meter.describe()
print(json.dumps({"row": row, "meter": told}))
"""


def measured(tmp_path, *lines, seconds=1.0):
    fake_nvml.write(tmp_path / "script", *lines)
    arguments = [seconds, 50, tmp_path / "telemetry.csv"]
    return fake_nvml.run(MEASURE, tmp_path / "script", arguments)


def test_a_board_without_memory_figures_has_its_power(tmp_path):
    """GB10 (nvtop#426): its memory is the CPU's too, and NVML has no figures."""
    gb10 = ("name NVIDIA GB10", "curve constant 40", "refuse MemoryInfo 3")
    told = measured(tmp_path, *gb10)
    assert told["row"]["mean_gpu_memory_pct"] is None
    assert told["row"]["max_gpu_memory_pct"] is None
    assert told["row"]["mean_gpu_power_w"] == pytest.approx(40, rel=0.01)
    refused = told["meter"]["device"]["refused"]
    assert refused["gpu_memory_pct"] == "Not Supported"
    assert told["meter"]["baseline"]["gpu_memory_total_mib"] is None


def test_the_counter_of_a_superchip_is_its_modules_and_left_out(tmp_path):
    """Grace Hopper (zeus#172): the counter has CPU and memory in it."""
    name = "name NVIDIA GH200 480GB"
    told = measured(tmp_path, name, "curve constant 100", "energy_gain 2.4")
    row = told["row"]
    assert row["gpu_energy_counter_j"] is None
    assert row["gpu_energy_j"] == pytest.approx(100 * row["measured_time_s"], rel=0.01)
    assert "module" in told["meter"]["device"]["refused"]["gpu_energy_j"]
    assert "disagree" not in row["flags"]


def test_a_counter_that_disagrees_with_power_is_flagged_idling_too(tmp_path):
    """187 J against 327 J of five idle seconds (zeus#181)."""
    told = measured(tmp_path, "curve constant 65.4", f"energy_gain {187 / 327}")
    row, baseline = told["row"], told["meter"]["baseline"]
    assert "disagree" in row["flags"].split()
    ratio = row["gpu_energy_integral_j"] / row["gpu_energy_counter_j"]
    assert ratio == pytest.approx(327 / 187, rel=0.05)
    assert baseline["flags"] == "disagree"
    clean = measured(tmp_path, "curve constant 65.4", "energy_update 0.001")
    assert clean["meter"]["baseline"]["flags"] == ""


def test_an_instance_named_in_cuda_visible_devices_is_measured(tmp_path, monkeypatch):
    """Its own memory; the board's power is not its power (zeus#109)."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", MIG)
    instance = (f"device {MIG}", "instance 1", "memory 1e9 5e8")
    told = measured(tmp_path, "mig 1", "memory 8e9 2e9", *instance)
    assert told["meter"]["device"]["uuid"] == MIG
    assert told["meter"]["device"]["mig"] is True
    assert told["row"]["mean_gpu_memory_pct"] == pytest.approx(50)
    assert told["row"]["mean_gpu_power_w"] is None
    assert told["row"]["gpu_energy_j"] is None
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "MIG-unknown")
    told = measured(tmp_path, "mig 1", *instance)
    assert "MIG-unknown" in told["meter"]["unavailable"]["nvml"]
