"""The neuron in plain PyTorch: any device, any floating type, one step at a time.

Every neuron of `settings` has a form here; what no compiled kernel knows runs in it.
"""

import math

import torch


def forward(current, state, neuron):
    """Potentials and spikes, both T×M, of currents T×M from potentials M."""
    beta, threshold = neuron.beta, neuron.threshold
    potential = torch.empty_like(current)
    before = state
    for step, received in enumerate(current):
        fired = (before > threshold).to(current.dtype)
        if neuron.reset == "zero":
            before = (1 - fired) * before
        before = beta * before + received
        if neuron.reset == "subtract":
            before = before - fired * threshold
        potential[step] = before
    return potential, (potential > threshold).to(current.dtype)


def backward(potential, state, grad, carry, neuron):
    """∂L/∂I (T×M) and ∂L/∂state (M) from ∂L/∂S (T×M) and ∂L/∂U[T−1] (M).

    potential T×M is what `forward` gave for the potentials `state` (M).
    """
    surrogate = neuron.surrogate
    slope = SLOPES[surrogate.kind](potential - neuron.threshold, surrogate.steepness)
    received = torch.empty_like(grad)
    for step in range(len(grad) - 1, -1, -1):
        received[step] = grad[step] * slope[step] + carry
        carry = neuron.beta * received[step]
        if neuron.reset == "zero":
            before = potential[step - 1] if step else state
            carry = carry * (before <= neuron.threshold)
    return received, carry


def _atan(x, alpha):
    return alpha / 2 / (1 + (math.pi / 2 * alpha * x) ** 2)


def _sigmoid(x, slope):
    # even in x: e^(−k|x|) cannot overflow, as snnTorch's e^(−kx) does far below 0
    power = torch.exp(-slope * x.abs())
    return slope * power / (power + 1) ** 2


def _fast_sigmoid(x, slope):
    return 1 / (slope * x.abs() + 1) ** 2


SLOPES = {"atan": _atan, "sigmoid": _sigmoid, "fast_sigmoid": _fast_sigmoid}
