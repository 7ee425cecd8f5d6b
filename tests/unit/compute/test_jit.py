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


VERSION = """
from typing import NamedTuple
from spikewatt.compute.numba_cache import compiled

class {record}(NamedTuple):
    value: int

@compiled
def doubled(record):
    return 2 * record.value

print(doubled({record}({value})))
"""


def test_code_that_was_compiled_for_arguments_that_are_gone_is_compiled_anew(tmp_path):
    """As after an update that renames a record."""
    (tmp_path / "run.py").write_text("import kernels")
    for record, value in (("Before", 3), ("After", 50)):
        (tmp_path / "kernels.py").write_text(VERSION.format(record=record, value=value))
        command = [sys.executable, "-B", str(tmp_path / "run.py")]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.stdout == f"{2 * value}\n", done.stderr
    assert list((tmp_path / "__pycache__").glob("kernels.doubled*.nbi"))
