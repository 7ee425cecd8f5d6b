"""A Jetson's rails, from files as the kernel's driver makes them."""

import os
import time

import pytest

from spikewatt.meter import Meter, backends
from spikewatt.meter.backends.jetson import Jetson
from spikewatt.meter.errors import NotThere, Unavailable
from spikewatt.meter.target import ProcessTree, Target

ORIN = {
    1: ("VDD_IN", 5000, 2400),
    2: ("VDD_CPU_GPU_CV", 5000, 800),
    3: ("VDD_SOC", 1, 1),
}


@pytest.fixture
def rails(tmp_path, monkeypatch):
    """Write rails, {number: (label, mV, mA)}, where the driver would."""

    def make(rows):
        folder = tmp_path / "ina" / "1-0040" / "hwmon" / "hwmon3"
        folder.mkdir(parents=True, exist_ok=True)
        for number, (label, volts, amperes) in rows.items():
            (folder / f"in{number}_label").write_text(f"{label}\n")
            (folder / f"in{number}_input").write_text(f"{volts}\n")
            (folder / f"curr{number}_input").write_text(f"{amperes}\n")
        monkeypatch.setenv("SPIKEWATT_INA3221", str(tmp_path / "ina"))
        return folder

    return make


def opened(device="cuda:0"):
    target = Target(os.getpid(), device=device)
    return Jetson(target, ProcessTree(target))


def test_power_is_volts_times_amperes_of_the_gpus_rail(rails):
    rails(ORIN)
    backend = opened()
    # 5 V · 0.8 A and 5 V · 2.4 A
    assert backend.read() == {"gpu_power_w": 4.0, "board_input_power_w": 12.0}
    assert backend.read_counters() == {}
    facts = backend.facts()
    assert "VDD_CPU_GPU_CV, with everything that it feeds" in facts["measures"]
    assert "Not tried on hardware" in facts["measures"]
    assert "no counter" in facts["refused"]["gpu_energy_j"]


def test_a_rail_that_cannot_be_read_once_is_left_out(rails):
    folder = rails(ORIN)
    backend = opened()
    (folder / "curr1_input").unlink()
    assert backend.read() == {"gpu_power_w": 4.0}


def test_where_it_cannot_work_it_says_so(rails, tmp_path):
    rails({1: ("VDD_SYS", 1, 1)})
    with pytest.raises(Unavailable, match="names no rail of a GPU: VDD_SYS"):
        opened()
    folder = rails(ORIN)
    with pytest.raises(NotThere):
        opened("cpu")
    (folder / "in2_input").write_text("nothing\n")
    with pytest.raises(Unavailable, match="cannot be read"):
        opened()


def test_machines_without_it_hear_nothing_of_it(monkeypatch, tmp_path):
    monkeypatch.setenv("SPIKEWATT_INA3221", str(tmp_path))
    target = Target(os.getpid(), device="cuda:0")
    assert "jetson" not in backends.open_all(target, ProcessTree(target))[1]


def test_energy_is_the_integral_of_power(rails, tmp_path):
    rails(ORIN)
    with Meter(tmp_path / "t.csv", device="cuda:0") as meter:
        with meter.phase("train", epoch=1):
            time.sleep(0.6)
        row, told = meter.row(("train",), epoch=1), meter.describe()
    assert row["mean_gpu_power_w"] == pytest.approx(4)
    assert row["gpu_energy_j"] == pytest.approx(4 * row["measured_time_s"])
    assert row["gpu_energy_counter_j"] is None
    assert "jetson" in told["backends"] and "nvml" not in told["unavailable"]
