"""The GPU that is measured is the one that CUDA shows to the command."""

import json
import subprocess
import sys

import pytest

import fake_nvml
from spikewatt.meter.backends import visible

BOARDS = ("curve constant 1", "device GPU-2", "curve constant 2", "noise 0")
CHOOSE = """
import json, os, sys
from spikewatt.meter.backends.nvml import Nvml
from spikewatt.meter.errors import Unavailable
from spikewatt.meter.target import ProcessTree, Target
target = Target(os.getpid())
try:
    found = Nvml(target, ProcessTree(target))
    said = {"uuid": found.facts()["uuid"], "doubt": found.facts()["doubt"]}
except Unavailable as error:
    said = {"why": str(error)}
print(json.dumps(said))
"""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", []),
        ("-1", []),
        ("1,0", ["1", "0"]),
        ("0,-1,1", ["0"]),
        (" GPU-ab , 3", ["GPU-ab", "3"]),
        ("MIG-12", ["MIG-12"]),
        ("NoDevFiles", []),
    ],
)
def test_cuda_shows_what_stands_before_the_first_entry_that_names_none(value, expected):
    environ = {} if value is None else {"CUDA_VISIBLE_DEVICES": value}
    assert visible.entries(environ) == expected


def test_a_number_is_in_doubt_among_several_only():
    assert visible.in_doubt("1", 1, {}) is None
    assert "CUDA_DEVICE_ORDER=PCI_BUS_ID" in visible.in_doubt("1", 2, {})
    assert visible.in_doubt("1", 2, {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}) is None
    assert visible.in_doubt("GPU-2", 2, {}) is None


needs_fake = pytest.mark.skipif(
    not fake_nvml.available(), reason="gcc, which builds the fake NVML, is missing"
)


def chosen(script, monkeypatch, value, *boards):
    """What the meter measures where no device is named, by CUDA_VISIBLE_DEVICES."""
    fake_nvml.write(script, *(boards or BOARDS))
    monkeypatch.delenv("CUDA_DEVICE_ORDER", raising=False)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if value is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", value)
    return fake_nvml.run(CHOOSE, script)


@needs_fake
@pytest.mark.parametrize(
    ("value", "uuid"), [(None, fake_nvml.UUID), ("1", "GPU-2"), ("GPU-2,0", "GPU-2")]
)
def test_a_command_is_measured_on_the_device_that_it_sees(
    tmp_path, monkeypatch, value, uuid
):
    said = chosen(tmp_path / "script", monkeypatch, value)
    assert said["uuid"] == uuid
    assert (said["doubt"] is None) == (value == "GPU-2,0")


@needs_fake
@pytest.mark.parametrize("value", ["", "-1"])
def test_where_a_command_sees_no_gpu_none_is_measured(tmp_path, monkeypatch, value):
    said = chosen(tmp_path / "script", monkeypatch, value)
    assert "shows no GPU to the command" in said["why"]


@needs_fake
def test_a_beginning_that_fits_two_devices_is_no_name(tmp_path, monkeypatch):
    script = tmp_path / "script"
    two = ("curve constant 1", "device GPU-2a", "device GPU-2b")
    assert (
        "2 devices begin with GPU-2"
        in chosen(script, monkeypatch, "GPU-2", *two)["why"]
    )


@needs_fake
def test_the_tool_says_which_device_it_measured(tmp_path, monkeypatch):
    script = tmp_path / "script"
    fake_nvml.write(script, *BOARDS)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    tool = [sys.executable, "-m", "spikewatt.meter", "--out", tmp_path / "try", "--"]
    done = subprocess.run(
        [*tool, sys.executable, "-c", "import time; time.sleep(0.5)"],
        env=fake_nvml.environment(script) | {"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert "GPU-2" in done.stderr
    assert "PCI_BUS_ID" in done.stderr
    told = json.loads((tmp_path / "try_summary.json").read_text())
    assert told["meter"]["device"]["uuid"] == "GPU-2"
    assert told["row"]["mean_gpu_power_w"] == pytest.approx(2)
