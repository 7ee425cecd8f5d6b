"""Two measured jobs on one device wait for each other."""

import logging
import os
import subprocess
import sys
import threading

import pytest

import fake_nvml
from spikewatt.meter import device_lock
from spikewatt.meter import lock as locks


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Lock files of these tests keep clear of real ones."""
    monkeypatch.setattr(locks.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.delenv(locks.HELD, raising=False)


HOLD = """
import sys, tempfile
tempfile.gettempdir = lambda: sys.argv[1]
from spikewatt.meter import device_lock
with device_lock("cpu"):
    print("held", flush=True)
    sys.stdin.readline()
"""


def hold(folder):
    """Another process that holds the CPU's lock until its input ends."""
    environment = {**os.environ, "PYTHONPATH": str(fake_nvml.LIBRARY)}
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    )
    assert process.stdout.readline() == b"held\n"
    return process


def finish(process):
    process.kill()
    process.communicate()


def test_waits_for_the_holder_and_names_it(tmp_path, caplog):
    caplog.set_level(logging.INFO, "spikewatt.meter")
    other = hold(tmp_path)
    got = threading.Event()
    waiting = threading.Event()
    caplog.handler.addFilter(lambda record: waiting.set() or True)

    def wait():
        with device_lock("cpu"):
            got.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert waiting.wait(20)
    assert not got.is_set()
    finish(other)  # killed: the kernel frees its lock
    assert got.wait(20)
    thread.join()
    assert f"process {other.pid} measures on it" in caplog.text


def test_another_device_does_not_wait(tmp_path):
    other = hold(tmp_path)
    with device_lock("cuda:0", uuid="GPU-1"):
        pass
    finish(other)


def test_a_measured_command_may_take_the_lock_of_its_meter():
    with device_lock("cpu") as path, device_lock("cpu") as again:
        assert path == again
    assert os.environ[locks.HELD] == ""


def test_a_lock_file_that_cannot_be_had_is_named(tmp_path, monkeypatch, caplog):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setattr(locks, "lock_path", lambda *_: blocked / "x.lock")
    with device_lock("cpu"):
        pass
    assert "measuring without a lock" in caplog.text
    assert "x.lock" in caplog.text


def test_a_gpu_is_named_by_its_uuid():
    assert "GPU-1" in locks.lock_path("cuda:0", "GPU-1").name
    assert locks.lock_path("cpu") == locks.lock_path("cpu")
