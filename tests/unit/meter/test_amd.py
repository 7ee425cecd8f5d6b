"""AMD GPUs against a fake of amdsmi that plays constant power and its known faults."""

import json
import os
import sys
import time

import pytest

from spikewatt.meter import Meter, backends
from spikewatt.meter.backends import amd
from spikewatt.meter.errors import Unavailable
from spikewatt.meter.target import ProcessTree, Target

FAKE = """
import json, os, time
class AmdSmiException(Exception):
    pass
BOARDS = json.loads(os.environ["FAKE_AMD"])
def amdsmi_init():
    pass
def amdsmi_get_processor_handles():
    return [number for number, _ in enumerate(BOARDS)]
def amdsmi_get_gpu_device_uuid(handle):
    return BOARDS[handle]["uuid"]
def amdsmi_get_gpu_asic_info(handle):
    return {"market_name": BOARDS[handle]["name"]}
def amdsmi_get_gpu_enumeration_info(handle):
    if "hip_id" not in BOARDS[handle]:
        raise AmdSmiException("not supported")
    return {"hip_id": BOARDS[handle]["hip_id"], "hip_uuid": "N/A"}
def amdsmi_get_power_info(handle):
    power = dict.fromkeys(
        ("current_socket_power", "average_socket_power", "socket_power"), "N/A")
    return power | BOARDS[handle]["power"]
def amdsmi_get_energy_count(handle):
    one = BOARDS[handle]
    # 15.3 µJ a count, at «counts» W
    count = int(time.monotonic() * one["counts"] / 15.3e-6)
    return {one.get("key", "energy_accumulator"): count,
            "counter_resolution": 15.3, "timestamp": 0}
def amdsmi_get_gpu_vram_usage(handle):
    return {"vram_total": 8000, "vram_used": 2000}
def amdsmi_get_gpu_activity(handle):
    return {"gfx_activity": 70, "umc_activity": "N/A", "mm_activity": "N/A"}
def amdsmi_get_gpu_process_list(handle):
    own, other = os.getpid(), 1
    return [{"pid": pid, "name": "x", "memory_usage": {"vram_mem": 3 * 2**20}}
            for pid in (own, other)]
"""
MI300X = {"uuid": "u0", "name": "AMD Instinct MI300X", "counts": 200.0}
MI300X["power"] = {"current_socket_power": 200}


@pytest.fixture
def play(tmp_path, monkeypatch):
    """Have a fake amdsmi play some boards: play([board, …]) gives a backend."""

    def make(boards, device="cuda:0", uuid=None):
        (tmp_path / "amdsmi.py").write_text(FAKE)
        (tmp_path / "kfd").touch()
        monkeypatch.setenv("SPIKEWATT_KFD", str(tmp_path / "kfd"))
        monkeypatch.setenv("FAKE_AMD", json.dumps(boards))
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "amdsmi", raising=False)
        target = Target(os.getpid(), device=device, uuid=uuid)
        return amd.Amd(target, ProcessTree(target))

    for name in amd.VISIBLE:
        monkeypatch.delenv(name, raising=False)
    yield make
    sys.modules.pop("amdsmi", None)


def grown(backend, seconds=0.4):
    """W by the energy accumulator, from two readings."""
    begin, first = time.monotonic(), backend.read_counters()["gpu_energy_j"]
    time.sleep(seconds)
    last = backend.read_counters()["gpu_energy_j"]
    return (last - first) / (time.monotonic() - begin)


def test_every_reading_in_its_unit(play):
    backend = play([MI300X])
    assert backend.read(full=True) == {
        "gpu_power_w": 200.0,
        "gpu_memory_pct": 25.0,
        "gpu_memory_used_mib": 2000.0,
        "gpu_memory_total_mib": 8000.0,
        "gpu_utilisation_pct": 70,
        "gpu_process_memory_mib": 3.0,
        "gpu_other_processes": 1,
        "gpu_other_pids": "1",
    }
    assert grown(backend) == pytest.approx(200, rel=0.05)
    assert "Not tried on hardware" in backend.facts()["measures"]
    assert backend.facts()["refused"] == {}


@pytest.mark.parametrize("key", ["energy_accumulator", "power"])
def test_the_accumulator_has_two_names(play, key):
    assert grown(play([MI300X | {"key": key}])) == pytest.approx(200, rel=0.05)


def test_power_stands_where_the_board_puts_it(play):
    mi210 = MI300X | {"power": {"average_socket_power": 150}, "counts": 150.0}
    assert play([mi210]).power() == 150


@pytest.mark.parametrize("counts", [0.0, 5.0, 5000.0])
def test_an_accumulator_that_does_not_go_with_power_is_left_out(play, counts):
    backend = play([MI300X | {"counts": counts}])
    assert backend.read_counters() == {}
    assert "left out" in backend.facts()["refused"]["gpu_energy_j"]
    assert backend.read()["gpu_power_w"] == 200


def test_the_odd_die_of_an_mi250_has_no_power_of_its_own(play):
    dies = [MI300X | {"name": "AMD Instinct MI250X", "uuid": f"u{n}"} for n in (0, 1)]
    dies[1] |= {"power": {"current_socket_power": 0}, "counts": 0.0}
    even, odd = play(dies), play(dies, "cuda:1")
    assert "both dies" in even.facts()["doubt"]
    assert "gpu_power_w" not in odd.read() and odd.read_counters() == {}
    assert "odd die" in odd.facts()["refused"]["gpu_energy_j"]


def test_the_device_is_hips_not_amdsmis(play, monkeypatch):
    boards = [MI300X | {"uuid": f"u{n}", "hip_id": 1 - n} for n in (0, 1)]
    assert play(boards).facts()["uuid"] == "u1"
    assert play(boards, "cuda:1").facts()["uuid"] == "u0"
    assert play(boards, "cuda:0", uuid="u0").facts()["uuid"] == "u0"
    assert play(boards).facts()["doubt"] is None
    monkeypatch.setenv("HIP_VISIBLE_DEVICES", "1")
    assert play(boards).facts()["uuid"] == "u0"
    unnumbered = [{k: v for k, v in one.items() if k != "hip_id"} for one in boards]
    assert "HIP_VISIBLE_DEVICES" in play(unnumbered).facts()["doubt"]
    monkeypatch.setenv("HIP_VISIBLE_DEVICES", "")
    with pytest.raises(Unavailable, match="HIP_VISIBLE_DEVICES"):
        play(boards)


def test_a_package_that_does_not_fit_the_rocm_says_what_to_do(play, tmp_path):
    play([MI300X])
    sys.modules.pop("amdsmi")
    (tmp_path / "amdsmi.py").write_text("raise KeyError('amdsmi_init')\n")
    target = Target(os.getpid(), device="cuda:0")
    opened, unavailable = backends.open_all(target, ProcessTree(target))
    assert "does not fit the installed ROCm" in unavailable["amd"]
    assert "/opt/rocm/share/amd_smi" in unavailable["amd"]
    assert backends.of_gpu(opened) is None


def test_without_an_amd_driver_nobody_hears_of_it(monkeypatch, tmp_path):
    monkeypatch.setenv("SPIKEWATT_KFD", str(tmp_path / "none"))
    target = Target(os.getpid(), device="cpu")
    assert "amd" not in backends.open_all(target, ProcessTree(target))[1]


def test_the_meter_measures_with_it_as_with_any(play, tmp_path, monkeypatch):
    play([MI300X])
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    monkeypatch.setenv("PYTHONPATH", path)
    with Meter(tmp_path / "t.csv", device="cuda:0") as meter:
        with meter.phase("idle"):
            time.sleep(0.3)
        with meter.phase("train", epoch=1):
            time.sleep(1.0)
        row = meter.row(("train",), epoch=1)
        told = meter.describe()
    assert row["mean_gpu_power_w"] == pytest.approx(200)
    assert row["gpu_energy_j"] == pytest.approx(200 * row["measured_time_s"], rel=0.02)
    assert row["gpu_energy_counter_j"] == row["gpu_energy_j"]
    assert "disagree" not in row["flags"]
    assert told["device"]["name"] == "AMD Instinct MI300X"
    assert told["baseline"]["mean_gpu_power_w"] == pytest.approx(200, rel=0.05)
    assert "amd" in told["backends"] and "nvml" not in told["unavailable"]
