"""Apple's counters against a fake of zeus-apple-silicon's interface."""

import os
import sys
import time
from types import SimpleNamespace

import pytest

from spikewatt.meter import Meter, backends
from spikewatt.meter.backends import apple
from spikewatt.meter.errors import NotThere, Unavailable
from spikewatt.meter.target import ProcessTree, Target

FAKE = """
import time
from types import SimpleNamespace
class AppleEnergyMonitor:
    def get_cumulative_energy(self):
        seconds = time.monotonic()
        told = {"gpu_mj": 6000, "gpu_sram_mj": 500, "cpu_total_mj": 3000}
        counted = {name: int(mj * seconds) for name, mj in told.items()}
        return SimpleNamespace(**counted, dram_mj=None)
"""


@pytest.fixture
def mac(tmp_path, monkeypatch):
    """This machine as a Mac whose GPU draws 6.5 W and whose CPU 3 W."""
    (tmp_path / "zeus_apple_silicon.py").write_text(FAKE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(apple, "sys", SimpleNamespace(platform="darwin"))
    yield tmp_path
    sys.modules.pop("zeus_apple_silicon", None)


def opened(device="mps"):
    target = Target(os.getpid(), device=device)
    return apple.Apple(target, ProcessTree(target))


def test_counters_are_joules_of_the_parts(mac, monkeypatch):
    backend = opened()
    told = SimpleNamespace(
        gpu_mj=6000, gpu_sram_mj=500, cpu_total_mj=3000, dram_mj=None
    )
    monkeypatch.setattr(backend.monitor, "get_cumulative_energy", lambda: told)
    assert backend.read_counters() == {"gpu_energy_j": 6.5, "apple_cpu_j": 3.0}
    told.gpu_sram_mj = None
    assert backend.read_counters()["gpu_energy_j"] == 6.0
    assert backend.facts()["refused"] == {"apple_dram_j": "the chip does not tell it"}
    assert "Not tried on hardware" in backend.facts()["measures"]
    assert set(opened("cpu").read_counters()) == {"apple_cpu_j"}


def test_the_meter_tells_energy_by_them(mac, monkeypatch):
    # the meter's own process is none of a Mac's: what is asked at the edges counts
    with Meter(mac / "t.csv", device="mps") as meter:
        with meter.phase("train", epoch=1):
            time.sleep(0.5)
        row, told = meter.row(("train",), epoch=1), meter.describe()
    assert row["gpu_energy_j"] == pytest.approx(6.5 * row["measured_time_s"], rel=0.05)
    assert row["cpu_energy_j"] == pytest.approx(3 * row["measured_time_s"], rel=0.05)
    assert row["dram_energy_j"] is None
    assert "apple" in told["backends"] and "nvml" not in told["unavailable"]


def test_elsewhere_nobody_hears_of_it():
    with pytest.raises(NotThere):
        opened()
    target = Target(os.getpid(), device="cpu")
    assert "apple" not in backends.open_all(target, ProcessTree(target))[1]


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(apple, "sys", SimpleNamespace(platform="darwin"))
    with pytest.raises(Unavailable, match="pip install zeus-apple-silicon"):
        opened()
