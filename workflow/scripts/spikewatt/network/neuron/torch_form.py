"""The neuron in plain PyTorch: any device, any floating type, one step at a time."""

import math

import torch


def forward(current, state, beta, threshold):
    """Potentials and spikes, both T×M, of currents T×M from potentials M."""
    potential = torch.empty_like(current)
    before = state
    for step, received in enumerate(current):
        reset = (before > threshold).to(current.dtype)
        before = (beta * before + received) - reset * threshold
        potential[step] = before
    return potential, (potential > threshold).to(current.dtype)


def backward(potential, grad, carry, beta, threshold):
    """∂L/∂I (T×M) and ∂L/∂state (M) from ∂L/∂S (T×M) and ∂L/∂U[T−1] (M)."""
    slope = 1 / (1 + (math.pi * (potential - threshold)) ** 2)
    received = torch.empty_like(grad)
    for step in range(len(grad) - 1, -1, -1):
        received[step] = grad[step] * slope[step] + carry
        carry = beta * received[step]
    return received, carry
