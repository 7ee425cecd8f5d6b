"""The neuron's Triton kernels against plain PyTorch, on whatever device runs them."""

import torch

from spikewatt.network.neuron import torch_form, triton_kernels
from spikewatt.network.neuron.settings import RESETS, SURROGATES, Neuron, Surrogate

# (time steps, neurons, parts of the grid that potentials lie on; 0: anywhere)
SIZES = [(7, 300, 0), (25, 513, 4)]
MORE = [(1, 1, 0), (40, 256, 8)]  # of the paper's neuron


def cases():
    """(neuron, time steps, neurons, grid) of all that the kernels know."""
    for kind in SURROGATES:
        for reset in RESETS:
            usual = (kind, reset) == ("atan", "subtract")
            for steps, neurons, grid in SIZES + usual * MORE:
                beta, steepness = 0.5 if grid else 0.8, 2.0 if kind == "atan" else 25.0
                neuron = Neuron("lif", beta, 1.0, Surrogate(kind, steepness), reset)
                yield neuron, steps, neurons, grid


def agree(device):
    """Compare all cases; returns how many. Raises AssertionError where they differ.

    The kernels run on `device`, plain PyTorch on the CPU. Spikes must be the same;
    potentials and gradients may be off by roundings.
    """
    generator, count = torch.Generator().manual_seed(0), 0
    for neuron, steps, neurons, grid in cases():
        assert triton_kernels.supports(neuron)
        _agree(neuron, steps, neurons, grid, generator, device)
        count += 1
    return count


def _agree(neuron, steps, neurons, grid, generator, device):
    def draw(*shape):
        return torch.randn(shape, generator=generator)

    current, state = draw(steps, neurons), draw(neurons)
    if grid:  # potentials land on the threshold
        current = (current * grid).round() / grid
        state = (state * grid).round() / grid
    potential, spikes = torch_form.forward(current, state, neuron)
    got = _there(triton_kernels.forward, device, current, state, neuron)
    assert torch.equal(got[1], spikes), f"spikes of {neuron}"
    torch.testing.assert_close(got[0], potential, rtol=1e-6, atol=1e-6)
    received = potential, state, draw(steps, neurons), draw(neurons)
    expected = torch_form.backward(*received, neuron)
    got = _there(triton_kernels.backward, device, *received, neuron)
    for mine, theirs in zip(got, expected, strict=True):
        bound = 1e-6 * theirs.abs().max()
        torch.testing.assert_close(mine, theirs, rtol=0, atol=bound.item())


def _there(function, device, *arguments):
    """What a function of tensors and a neuron gives on `device`, brought to the CPU."""
    *tensors, neuron = arguments
    found = function(*(tensor.to(device) for tensor in tensors), neuron)
    return [tensor.cpu() for tensor in found]
