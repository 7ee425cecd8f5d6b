"""The measured processes, against psutil's own walk through all processes."""

import contextlib
import subprocess
import sys

import psutil
import pytest

from spikewatt.meter import target

# a child which has a thread start a grandchild
FAMILY = """
import subprocess, sys, threading
sleeper = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"]
thread = threading.Thread(target=lambda: subprocess.Popen(sleeper))
thread.start()
thread.join()
sys.stdin.read()
"""


@pytest.fixture
def family():
    """A process with a child, once that has started."""
    command = [sys.executable, "-c", FAMILY]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as process:
        process.stdout.readline()
        yield process
        children = psutil.Process(process.pid).children(recursive=True)
        for one in (*children, process):
            one.kill()


def test_the_descendants_are_those_psutil_finds(family):
    root = psutil.Process()
    numbers = {process.pid for process in target.descendants(root)}
    assert numbers == {process.pid for process in root.children(recursive=True)}
    assert family.pid in numbers
    assert len(numbers) >= 2


def test_a_kernel_without_lists_of_children_is_walked_through(family, monkeypatch):
    def missing(pid):
        raise FileNotFoundError(pid)

    monkeypatch.setattr(target, "_children", missing)
    assert family.pid in {p.pid for p in target.descendants(psutil.Process())}


def test_a_process_that_ended_has_no_descendants():
    process = subprocess.Popen([sys.executable, "-c", ""])
    root = psutil.Process(process.pid)
    process.wait()
    # ProcessTree takes the exception for nothing found too
    with contextlib.suppress(psutil.NoSuchProcess):
        assert target.descendants(root) == []
