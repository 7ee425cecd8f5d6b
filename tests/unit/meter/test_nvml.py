"""NVML against a fake library that plays a script."""

import subprocess

import pytest

import fake_nvml

pytestmark = pytest.mark.skipif(
    not fake_nvml.available(), reason="gcc, which builds the fake NVML, is missing"
)

OPEN = """
import json, os, sys, time
from spikewatt.meter.backends.nvml import Nvml
from spikewatt.meter.errors import DeviceLost, Unavailable
from spikewatt.meter.target import ProcessTree, Target
def nvml(device="cuda:0", uuid=None):
    target = Target(os.getpid(), device=device, uuid=uuid)
    return Nvml(target, ProcessTree(target))
"""

MEASURE = """
import json, logging, os, sys, time
from spikewatt.meter import Meter
logging.basicConfig()
seconds, rate, path = float(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
with Meter(path, device="cuda:0", rate_hz=rate) as meter:
    with meter.phase("idle"):
        time.sleep(0.1)
    with meter.phase("train", epoch=1):
        time.sleep(seconds / 2)
        open(os.environ["FAKE_NVML"] + ".switch", "w").close()
        time.sleep(seconds / 2)
    row = meter.row(("train",), epoch=1)
    phase = meter.phases[-1]
    described = meter.describe()
print(json.dumps({"row": row, "edges": [phase.begin, phase.end], "meter": described}))
"""


@pytest.fixture
def script(tmp_path):
    return tmp_path / "script"


def measure(script, seconds=1.0, rate=50):
    return fake_nvml.run(
        MEASURE, script, [seconds, rate, script.with_name("telemetry.csv")]
    )


def test_every_reading_in_its_unit(script):
    fake_nvml.write(
        script, "curve constant 123.456", "noise 0", "memory 8388608000 2097152000"
    )
    program = """
backend = nvml()
print(json.dumps(backend.read_counters() | backend.read(full=True)))
"""
    readings = fake_nvml.run(OPEN + program, script)
    assert readings["gpu_power_w"] == readings["gpu_power_instant_w"] == 123.456
    assert readings["gpu_power_average_w"] == 123.456
    assert readings["gpu_energy_j"] > 5000
    assert readings["gpu_memory_pct"] == 25
    assert readings["gpu_memory_used_mib"] == 2000
    assert readings["gpu_memory_total_mib"] == 8000
    assert readings["gpu_utilisation_pct"] == 80
    assert readings["gpu_memory_utilisation_pct"] == 30
    assert readings["gpu_sm_clock_mhz"] == 1500
    assert readings["gpu_memory_clock_mhz"] == 5000
    assert readings["gpu_clock_events"] == 0
    assert readings["gpu_temperature_c"] == 61
    assert readings["gpu_performance_state"] == 2
    assert readings["gpu_power_limit_w"] == 250
    assert readings["gpu_other_processes"] == 0


def test_what_does_not_change_is_recorded_once(script):
    fake_nvml.write(script, "architecture 9")
    facts = fake_nvml.run(OPEN + "print(json.dumps(nvml().facts()))", script)
    assert facts["uuid"] == fake_nvml.UUID
    assert facts["name"] == "Fake GPU 0"
    assert facts["driver"] == "570.0"
    assert (facts["power_limit_w"], facts["default_power_limit_w"]) == (250, 300)
    assert facts["published"]["instant_covers_pct"] == 25
    assert facts["refused"] == {}


def test_devices_are_addressed_by_uuid(script):
    fake_nvml.write(
        script, "curve constant 1", "device GPU-2", "curve constant 2", "noise 0"
    )
    program = """
power = lambda *choice: nvml(*choice).read()["gpu_power_w"]
powers = {"uuid": power("cuda:0", "GPU-2"), "index": power("cuda:1")}
os.environ["CUDA_VISIBLE_DEVICES"] = "1,0"
powers["visible"] = power("cuda:0")
os.environ["CUDA_VISIBLE_DEVICES"] = "GPU-2"
powers["visible_uuid"] = power("cuda:0")
for name, choice in {"unknown": ("cuda:0", "GPU-3"), "hidden": ("cuda:1",)}.items():
    try:
        nvml(*choice)
    except Unavailable as error:
        powers[name] = str(error)
print(json.dumps(powers))
"""
    powers = fake_nvml.run(OPEN + program, script)
    assert powers["uuid"] == powers["index"] == 2
    assert powers["visible"] == powers["visible_uuid"] == 2
    assert "NVML knows no device GPU-3" in powers["unknown"]
    assert "CUDA_VISIBLE_DEVICES=GPU-2 has only 1" in powers["hidden"]


def test_a_run_on_the_cpu_measures_no_gpu(script):
    fake_nvml.write(script)
    program = """
try:
    nvml("cpu")
except Unavailable as error:
    print(json.dumps(str(error)))
"""
    assert "computes on the CPU" in fake_nvml.run(OPEN + program, script)


@pytest.mark.parametrize(
    ("call", "column"),
    [
        ("PowerUsage", "gpu_power_w"),
        ("FieldValues", "gpu_power_instant_w"),
        ("TotalEnergyConsumption", "gpu_energy_j"),
        ("MemoryInfo", "gpu_memory_pct"),
        ("ComputeRunningProcesses", "gpu_other_processes"),
        ("Temperature", "gpu_temperature_c"),
    ],
)
def test_a_reading_that_is_refused_costs_its_cell(script, call, column):
    fake_nvml.write(script, f"refuse {call} 4")
    program = """
backend = nvml()
values = backend.read_counters() | backend.read(full=True)
print(json.dumps([values, backend.facts()["refused"]]))
"""
    values, refused = fake_nvml.run(OPEN + program, script)
    assert column not in values
    assert refused[column] == "Insufficient Permissions"
    assert len(values) >= 14


def test_a_passing_error_costs_the_cells_of_that_moment(script):
    fake_nvml.write(script, "refuse PowerUsage 999 before")
    program = """
backend = nvml()
first = backend.read()
open(os.environ["FAKE_NVML"] + ".switch", "w").close()
print(json.dumps([first, backend.read(), backend.facts()["refused"]]))
"""
    first, second, refused = fake_nvml.run(OPEN + program, script)
    assert "gpu_power_w" not in first
    assert "gpu_power_w" in second
    assert refused == {}


def test_without_instant_power_the_usual_one_is_integrated(script):
    fake_nvml.write(script, "curve constant 80", "instant 0", "energy_update 0.01")
    measured = measure(script, 0.5)
    assert (
        measured["meter"]["device"]["refused"]["gpu_power_instant_w"] == "Not Supported"
    )
    seconds = measured["edges"][1] - measured["edges"][0]
    milliwatt = 0.001 * seconds  # NVML tells whole ones
    assert measured["row"]["gpu_energy_integral_j"] == pytest.approx(
        80 * seconds, abs=milliwatt
    )


def test_under_mig_the_boards_power_is_left_empty(script):
    fake_nvml.write(script, "mig 1")
    measured = measure(script, 0.3)
    row, device = measured["row"], measured["meter"]["device"]
    assert row["mean_gpu_power_w"] is None
    assert row["gpu_energy_j"] is None
    assert row["mean_gpu_memory_pct"] == 25
    assert "MIG is on" in device["refused"]["gpu_energy_j"]
    assert device["mig"] is True


@pytest.mark.parametrize(
    ("curve", "tolerance"),
    [("constant 120", 0.001), ("ramp 50 20", 0.01), ("square 200 100 1", 0.03)],
)
def test_joules_agree_with_the_curve(script, curve, tolerance):
    t0 = fake_nvml.write(script, f"curve {curve}", "update 0.01", "energy_update 0.01")
    measured = measure(script, 1.6)
    begin, end = (moment - t0 for moment in measured["edges"])
    expected = fake_nvml.joules(curve, begin, end)
    row = measured["row"]
    assert row["gpu_energy_counter_j"] == pytest.approx(expected, rel=0.012)
    assert row["gpu_energy_integral_j"] == pytest.approx(expected, rel=tolerance)
    assert "disagree" not in row["flags"]


def test_the_update_periods_are_found(script):
    fake_nvml.write(script, "noise 1", "update 0.06", "energy_update 0.1")
    device = measure(script, 0.3)["meter"]["device"]
    assert device["power_period_s"] == pytest.approx(0.06, rel=0.15)
    assert device["energy_period_s"] == pytest.approx(0.1, rel=0.15)


def test_a_phase_of_few_updates_is_flagged_short(script):
    fake_nvml.write(script, "noise 1", "update 0.05")
    assert "short" in measure(script, 0.3)["row"]["flags"]


def test_others_throttling_and_a_changed_clock_are_flagged(script):
    # in a container, one process alone would be taken for ours: so two others
    others = ["compute 4111222 1000", "compute 4111223 1000", "graphics 4111224 1"]
    fake_nvml.write(script, *others, "events 40", "clock 1500 900")
    words = measure(script, 0.8)["row"]["flags"].split()
    assert {"shared", "display", "throttled", "clock"} <= set(words)


def test_our_own_process_is_not_another(script):
    program = """
import subprocess
from spikewatt.meter.backends import nvml_processes
nvml_processes.same_namespace = lambda: True
child = subprocess.Popen(["sleep", "60"])
lines = f"compute {os.getpid()} 3145728\\ncompute {child.pid} 1048576\\n"
lines += f"compute 4111222 5\\ngraphics {os.getpid()} 1\\n"
open(os.environ["FAKE_NVML"], "a").write(lines)
readings = nvml().read(full=True)
child.kill()
print(json.dumps(readings))
"""
    fake_nvml.write(script)
    readings = fake_nvml.run(OPEN + program, script)
    assert readings["gpu_process_memory_mib"] == 4
    assert readings["gpu_other_pids"] == "4111222"
    assert (readings["gpu_other_processes"], readings["gpu_other_displays"]) == (1, 0)


def test_a_vanished_device_is_recorded_and_ends_the_run(script):
    fake_nvml.write(script, "lost 1")
    with pytest.raises(subprocess.CalledProcessError) as failure:
        measure(script, 0.4)
    last = failure.value.stderr.splitlines()[-1]
    assert last.startswith("spikewatt.meter.errors.DeviceLost")
    assert fake_nvml.UUID in last
    assert "GPU is lost" in last
    telemetry = script.with_name("telemetry.csv").read_text()
    assert "vanished during the run" in telemetry


def test_a_counter_that_starts_again_is_flagged(script):
    fake_nvml.write(script, "curve constant 50", "energy_reset 1")
    row = measure(script, 0.5)["row"]
    assert "counter" in row["flags"].split()
    assert row["gpu_energy_j"] == row["gpu_energy_integral_j"]


def test_no_driver_says_what_to_do(tmp_path):
    program = """
try:
    nvml()
except Unavailable as error:
    print(json.dumps(str(error)))
"""
    message = fake_nvml.run(OPEN + program, tmp_path / "missing")
    assert "the NVIDIA driver does not answer: Driver Not Loaded" in message
