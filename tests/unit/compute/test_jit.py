"""Compiled kernels are kept where they can be; a second process compiles nothing."""

import os
import subprocess
import sys

from spikewatt.compute import numba_cache

# A training step of the fast stack; how much numba compiled meanwhile.
STEP = """
import numpy as np
from numba.core import event

import made_plans
from stack_steps import built, one_step

with event.install_recorder("numba:compile") as compiled:
    made = built("fast", "exp1", "snn")
    one_step(made, *next(iter(made.batches("train", np.arange(3), True))))
print(len(compiled.buffer))
"""


def compiled(folder):
    """How many functions a process compiles that keeps its code in `folder`."""
    settings = {
        "NUMBA_CACHE_DIR": str(folder),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-c", STEP]
    return int(subprocess.check_output(command, env=os.environ | settings, text=True))


def test_a_second_process_compiles_nothing(tmp_path):
    assert compiled(tmp_path) > 0
    assert compiled(tmp_path) == 0


def test_code_is_compiled_where_no_cache_can_be_written(monkeypatch):
    calls = []

    def njit(**options):
        calls.append(options)
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: function

    monkeypatch.setattr(numba_cache.numba, "njit", njit)
    assert numba_cache.compiled(len) is len
    assert [("cache" in options) for options in calls] == [True, False]


CALLED = """
from typing import NamedTuple
from spikewatt.compute.numba_cache import compiled

class {record}(NamedTuple):
    value: int

Record = {record}

@compiled
def multiplied(record):
    return {factor} * record.value
"""
CALLER = """
from called import Record, multiplied
from spikewatt.compute.numba_cache import compiled

@compiled
def work(record):
    return multiplied(record)

print(work(Record(5)))
"""


def test_what_was_compiled_of_other_code_is_not_taken(tmp_path):
    """Code of a function that is called, and a record that is gone: an update."""
    (tmp_path / "run.py").write_text("import caller")
    (tmp_path / "caller.py").write_text(CALLER)
    for record, factor in (("One", 2), ("One", 33), ("Other", 4)):
        text = CALLED.format(record=record, factor=factor)
        (tmp_path / "called.py").write_text(text)
        command = [sys.executable, "-B", str(tmp_path / "run.py")]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.stdout == f"{5 * factor}\n", done.stderr
    assert list((tmp_path / "__pycache__").glob("caller.work*.nbi"))
