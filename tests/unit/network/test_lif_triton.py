"""The Triton kernel on the CPU, through Triton's interpreter.

The interpreter is chosen by an environment variable when the kernels are defined, so
the comparison runs in a process of its own. On a card: `test_on_a_card.py`.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[1]
LIBRARY = UNIT.parents[1] / "workflow" / "scripts"


@pytest.mark.skipif(
    importlib.util.find_spec("triton") is None, reason="triton is not installed"
)
def test_the_kernel_agrees_with_plain_pytorch():
    paths = os.pathsep.join(map(str, (LIBRARY, UNIT)))
    done = subprocess.run(
        [sys.executable, "-c", "import neuron_forms; print(neuron_forms.agree('cpu'))"],
        env={**os.environ, "TRITON_INTERPRET": "1", "PYTHONPATH": paths},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == 20  # 3 surrogates × 3 resets × 2 sizes, and 2 more
