"""What a run tells its process: for the fast stack alone."""

import os
import platform
import subprocess
import sys

import pytest

from spikewatt.compute import process

# Pages that the system has to hand out while an array of 64 MB is made again.
REMADE = """
import resource
import sys
import numpy as np
from spikewatt.compute import process

process.configure(sys.argv[1], {"neuron": {"kind": sys.argv[2]}})
for _ in range(3):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    array = np.empty(64 * 2**20, np.uint8)
    array[::4096] = 1
    del array
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def pages(stack, neuron, **variables):
    """How many pages the third of three equal arrays is given."""
    # no huge pages, whose number says nothing
    settings = {"PYTHONPATH": os.pathsep.join(sys.path), "NUMPY_MADVISE_HUGEPAGE": "0"}
    command = [sys.executable, "-c", REMADE, stack, neuron]
    environment = os.environ | settings | variables
    return int(subprocess.check_output(command, env=environment, text=True))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="malloc is not glibc's")
def test_memory_stays_for_the_next_batch():
    assert pages("fast", "lif") < 1000 < pages("reference", "lif")
    assert pages("fast", "relu") < 1000 < pages("reference", "relu")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="malloc is not glibc's")
def test_a_users_choice_of_memory_is_kept():
    assert pages("fast", "lif", MALLOC_MMAP_THRESHOLD_="131072") > 1000


@pytest.mark.parametrize(
    ("stack", "neuron", "expected"),
    [
        ("fast", "lif", {"OMP_WAIT_POLICY": "passive"}),
        ("fast", "relu", {}),
        ("reference", "lif", {}),
    ],
)
def test_threads_sleep_where_the_kernels_are_our_own(stack, neuron, expected):
    assert process.variables(stack, {"neuron": {"kind": neuron}}) == expected


def test_a_users_choice_of_waiting_is_kept(monkeypatch):
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    monkeypatch.setattr(process, "keep_memory", lambda *run: None)
    process.configure("fast", {"neuron": {"kind": "lif"}})
    assert os.environ["OMP_WAIT_POLICY"] == "active"
