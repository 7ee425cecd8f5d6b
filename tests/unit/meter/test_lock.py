"""Two measured jobs on one device wait for each other."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading

import psutil
import pytest

import fake_nvml
from spikewatt.files import locks as files
from spikewatt.meter import Meter, device_lock, holder
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
with device_lock("cpu", what="training exp1/ann"):
    print("held", flush=True)
    sys.stdin.readline()
print("released", flush=True)
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
    (who, price) = [record.getMessage() for record in caplog.records][:2]
    assert f"waiting for cpu: process {other.pid} (python" in who
    assert "training exp1/ann, since 20" in who and "measures on it" in who
    assert "--config wait=false" in price and "TMPDIR" in price
    assert "measure each other" in price and "«beside»" in price


def test_another_device_does_not_wait(tmp_path):
    other = hold(tmp_path)
    with device_lock("cuda:0", uuid="GPU-1"):
        pass
    finish(other)


def test_a_measured_command_may_take_the_lock_of_its_meter():
    with device_lock("cpu") as path, device_lock("cpu") as again:
        assert path == again and path.beside is None
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


def test_whoever_does_not_wait_goes_on_beside_the_holder_and_is_flagged(tmp_path):
    other = hold(tmp_path)
    with device_lock("cpu", wait=False) as lock:  # would hang if it waited
        assert f"process {other.pid} (" in lock.beside
        assert "training exp1/ann" in lock.beside
        telemetry = tmp_path / "telemetry.csv"
        with Meter(telemetry, device="cpu", beside=lock.beside) as meter:
            with meter.phase("train", epoch=1):
                pass
            assert "beside" in meter.row(("train",), epoch=1)["flags"].split()
            assert meter.describe()["beside"] == lock.beside
    assert holder.told(lock.path) == lock.beside  # its text is the holder's still
    finish(other)


def test_whoever_does_not_wait_takes_a_lock_that_is_free(tmp_path):
    with device_lock("cpu", wait=False) as lock:
        assert lock.beside is None
        assert files.holder(lock.path) == os.getpid()


def test_a_crashed_holder_is_never_named(tmp_path):
    first = hold(tmp_path)
    path = locks.lock_path("cpu")
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    left = json.loads((tmp_path / f"{path.name}.holder").read_text())
    assert left["pid"] == first.pid  # what it said is there still
    assert holder.told(path) == "another process"
    # Another process has got its number since, and holds nothing.
    left["pid"] = os.getpid()
    (tmp_path / f"{path.name}.holder").write_text(json.dumps(left))
    assert holder.told(path) == "another process"
    # A living one that wrote the text does not hold the lock: who does is named.
    second = hold(tmp_path)
    left["created"] = psutil.Process().create_time()
    (tmp_path / f"{path.name}.holder").write_text(json.dumps(left))
    assert holder.told(path).startswith(f"process {second.pid} (python")
    finish(second)


def test_who_has_released_the_lock_is_not_named_though_it_lives(tmp_path):
    other = hold(tmp_path)
    other.stdin.write(b"\n")
    other.stdin.flush()
    assert other.stdout.readline() == b"released\n"
    assert not (tmp_path / f"{locks.lock_path('cpu').name}.holder").exists()
    assert holder.told(locks.lock_path("cpu")) == "another process"
    finish(other)


@pytest.mark.parametrize("text", ["", "7", "[]", "{}", '{"pid": "x"}', "\0"])
def test_damaged_text_of_a_holder_names_nobody(tmp_path, text):
    (tmp_path / "x.lock.holder").write_text(text)
    assert holder.told(tmp_path / "x.lock") == "another process"
