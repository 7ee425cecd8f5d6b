"""The Triton kernel on the CPU, through Triton's interpreter.

The interpreter is chosen by an environment variable when the kernels are defined, so
the comparison runs in a process of its own.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

LIBRARY = Path(__file__).parents[3] / "workflow" / "scripts"

COMPARE = """
import torch
from spikewatt.network.neuron import torch_form, triton_kernels
from spikewatt.network.neuron.settings import SURROGATES, RESETS, Neuron, Surrogate

generator = torch.Generator().manual_seed(0)
draw = lambda *shape: torch.randn(shape, generator=generator)


def compare(neuron, steps, neurons, grid):
    current, state = draw(steps, neurons), draw(neurons)
    if grid:  # potentials land on the threshold
        current = (current * grid).round() / grid
        state = (state * grid).round() / grid
    expected = torch_form.forward(current, state, neuron)
    got = triton_kernels.forward(current, state, neuron)
    assert torch.equal(got[1], expected[1]), "spikes"
    torch.testing.assert_close(got[0], expected[0], rtol=1e-6, atol=1e-6)
    gradient = expected[0], state, draw(steps, neurons), draw(neurons), neuron
    for mine, theirs in zip(
        triton_kernels.backward(*gradient), torch_form.backward(*gradient)
    ):
        bound = 1e-6 * theirs.abs().max()
        torch.testing.assert_close(mine, theirs, rtol=0, atol=bound.item())


SIZES = [(7, 300, 0), (25, 513, 4)]
for kind in SURROGATES:
    for reset in RESETS:
        usual = (kind, reset) == ("atan", "subtract")
        for steps, neurons, grid in SIZES + usual * [(1, 1, 0), (40, 256, 8)]:
            beta, steepness = 0.5 if grid else 0.8, 2.0 if kind == "atan" else 25.0
            neuron = Neuron("lif", beta, 1.0, Surrogate(kind, steepness), reset)
            assert triton_kernels.supports(neuron)
            compare(neuron, steps, neurons, grid)
print("equal")
"""


@pytest.mark.skipif(
    importlib.util.find_spec("triton") is None, reason="triton is not installed"
)
def test_the_kernel_agrees_with_plain_pytorch():
    done = subprocess.run(
        [sys.executable, "-c", COMPARE],
        env={**os.environ, "TRITON_INTERPRET": "1", "PYTHONPATH": str(LIBRARY)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "equal"
