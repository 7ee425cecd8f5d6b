"""`make doctor` on machines that are made up: fakes of its tools, folders, a server."""

import ast
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import fake_nvml
from file_server import Server
from loose_scripts import module_at

PATH = Path(__file__).parents[3] / "envs" / "doctor.py"


@pytest.fixture(scope="module")
def doctor():
    return module_at(PATH)


def program(path, text):
    """A script that can be run, at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def states(findings):
    return [one.state for one in findings]


def test_an_old_python_and_one_without_venv_are_named(doctor):
    (old,) = doctor.python((3, 10, 1))
    assert old.state == doctor.LACKS and "3.11" in old.todo and "3.10.1" in old.told
    (bare,) = doctor.python((3, 11, 2), venv=False)
    assert bare.state == doctor.LACKS and "python3-venv" in bare.todo
    assert states(doctor.python((3, 14, 0))) == [doctor.OK]


def test_an_old_python_can_read_it():
    ast.parse(PATH.read_text(encoding="utf-8"), feature_version=(3, 7))


def test_a_compiler_is_needed_where_a_package_has_no_wheel(doctor, tmp_path):
    """expelliarmus 1.1.12 has wheels up to Python 3.11."""
    absent = {"which": lambda _: None, "include": tmp_path}
    assert states(doctor.compilers((3, 12), **absent)) == [doctor.LACKS] * 2
    assert states(doctor.compilers((3, 11), **absent)) == [doctor.NOTE] * 2
    (tmp_path / "Python.h").touch()
    there = doctor.compilers((3, 12), lambda name: f"/bin/{name}", tmp_path)
    assert states(there) == [doctor.OK] * 2


def test_a_containers_limits_are_told(doctor, tmp_path):
    (tmp_path / "meminfo").write_text(
        "MemTotal: 16000000 kB\nMemFree: 1 kB\nMemAvailable: 8000000 kB\n"
    )
    (found,) = doctor.memory(tmp_path / "meminfo", tmp_path)
    assert found.told == "16.4 GB, 8.19 GB of it available"
    (tmp_path / "memory.max").write_text("1000000000\n")
    (found,) = doctor.memory(tmp_path / "meminfo", tmp_path)
    assert found.told == "1 GB, 1 GB of it available"
    (tmp_path / "cpu.max").write_text("150000 100000\n")
    assert "a quota of 1.5" in doctor.cores(tmp_path)[0].told
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert "quota" not in doctor.cores(tmp_path)[0].told


def test_locks_that_do_not_hold_are_found(doctor, tmp_path, monkeypatch):
    assert states(doctor.locks(tmp_path)) == [doctor.OK]
    assert states(doctor.locks(tmp_path / "absent")) == [doctor.LACKS]
    monkeypatch.setattr("fcntl.flock", lambda *_: None)  # a file system that nods
    (found,) = doctor.locks(tmp_path)
    assert found.state == doctor.LACKS and "TMPDIR" in found.todo
    assert list(tmp_path.iterdir()) == []


def test_room_decides_which_data_sets_fit(doctor, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: Free(100_000_000))
    _, fitting, others = doctor.data_sets(tmp_path)
    assert "mnist (66.5 MB)" in fitting.told and "nmnist" not in fitting.told
    assert others.state == doctor.LACKS and "nmnist (3.54 GB)" in others.told
    monkeypatch.setattr("shutil.disk_usage", lambda _: Free(10**12))
    disk, fitting = doctor.data_sets(tmp_path)
    assert "nmnist" in fitting.told and disk.state == doctor.OK


class Free:
    """A disk with this many bytes free."""

    def __init__(self, free):
        self.free = free


def test_the_drivers_own_tool_tells_the_cards(doctor, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert states(doctor.gpu()) == [doctor.NOTE]
    tool = tmp_path / "nvidia-smi"
    program(tool, "#!/bin/sh\necho 'H200, 143771 MiB, 570.1, GPU-1'\necho 'H200, 2'\n")
    first, second = doctor.gpu()
    assert (first.state, first.told) == (doctor.OK, "H200, 143771 MiB, 570.1, GPU-1")
    assert second.told == "H200, 2"
    program(tool, "#!/bin/sh\necho 'Driver/library version mismatch'\nexit 18\n")
    (found,) = doctor.gpu()
    assert found.state == doctor.LACKS and "mismatch" in found.told


def test_counters_of_root_alone_are_told_with_the_way_out(
    doctor, tmp_path, monkeypatch
):
    monkeypatch.setenv("SPIKEWATT_POWERCAP", str(tmp_path))
    assert states(doctor.rapl()) == [doctor.NOTE]
    counter = tmp_path / "intel-rapl:0" / "energy_uj"
    counter.parent.mkdir()
    counter.write_text("1\n")
    assert states(doctor.rapl()) == [doctor.OK]
    monkeypatch.setattr("os.access", lambda *_: False)  # root may read everything
    (found,) = doctor.rapl()
    assert found.state == doctor.LACKS and "chmod" in found.todo


@pytest.mark.parametrize(
    ("answered", "card", "state", "todo"),
    [
        (["2.14.1+cpu", None, 0], False, "ok", ""),
        (["2.14.1+cpu", None, 0], True, "LACKS", "without the CPU builds"),
        (["2.14.1+cu130", "13.0", 0], True, "LACKS", "driver, for CUDA 13.0"),
        (["2.14.1+cu130", "13.0", 2], True, "ok", ""),
    ],
)
def test_a_build_that_does_not_see_the_card(
    doctor, tmp_path, answered, card, state, todo
):
    text = f"#!/bin/sh\necho warning\necho '{json.dumps(answered)}'\n"
    (found,) = doctor.torch(program(tmp_path / "python", text), card)
    assert found.state == state and todo in found.todo
    assert bool(found.todo) == bool(todo)


@pytest.mark.skipif(not fake_nvml.available(), reason="gcc is missing")
def test_the_meter_is_asked_where_it_is_there(doctor, tmp_path, monkeypatch):
    fake_nvml.write(tmp_path / "script", "refuse TotalEnergyConsumption 3")
    for name, value in fake_nvml.environment(tmp_path / "script").items():
        monkeypatch.setenv(name, value)
    found = {one.what: one for one in doctor.meter(sys.executable)}
    assert found["meter, nvml"].state == doctor.OK
    assert f"Fake GPU 0, {fake_nvml.UUID}" in found["meter, nvml"].told
    assert "not gpu_energy_j: Not Supported" in found["meter, nvml"].told
    assert found["meter, rapl"].state == doctor.NOTE
    assert "/nonexistent does not exist" in found["meter, rapl"].told


def test_an_environment_older_than_the_lock_is_told(doctor, tmp_path):
    (found,) = doctor.environment(tmp_path)
    assert found.todo == "make setup"
    ready = tmp_path / "ready"
    ready.touch()
    assert states(doctor.environment(tmp_path)) == [doctor.OK]
    os.utime(ready, (1, 1))
    assert states(doctor.environment(tmp_path)) == [doctor.LACKS]


def test_addresses_are_asked_when_told_so(doctor):
    with Server(b"").running() as server:
        found = doctor.reached("packages", f"{server.address}/anything")
    # it knows no HEAD: an answer with a reason is what is reported
    assert found.state == doctor.LACKS and "501" in found.told
    assert doctor.reached("mnist", server.address).state == doctor.LACKS


def test_before_anything_is_installed_it_says_all_and_ends_with_0(tmp_path):
    """Python's own library alone (-S, -I: no site packages), another folder."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", PATH, "--venv", tmp_path / "absent"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    for what in ("Python", "cores", "memory", "locks", "disk", "data sets", "GPU"):
        assert any(line[7:].startswith(what) for line in lines), what
    assert "make setup" in done.stdout and "net," not in done.stdout
    assert lines[-1].startswith(("lacking: ", "nothing is lacking"))
