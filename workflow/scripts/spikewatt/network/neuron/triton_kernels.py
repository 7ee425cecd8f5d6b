"""The neuron on a GPU: one Triton program takes a block of neurons through all steps.

The potential stays in registers from step to step; each current is read once and each
spike written once. Multiplication and addition are kept apart (`enable_fp_fusion`
off), so that the recurrence rounds as on the CPU.
"""

import torch
import triton
import triton.language as tl

BLOCK = 256


def forward(current, state, beta, threshold):
    """Potentials and spikes (T×M) of currents T×M from potentials M, on one device."""
    potential, spikes = torch.empty_like(current), torch.empty_like(current)
    steps, neurons = current.shape
    _forward[(triton.cdiv(neurons, BLOCK),)](
        current,
        state,
        potential,
        spikes,
        steps,
        neurons,
        beta,
        threshold,
        BLOCK=BLOCK,
        enable_fp_fusion=False,
    )
    return potential, spikes


def backward(potential, grad, carry, beta, threshold):
    """∂L/∂I (T×M) and ∂L/∂state (M) from ∂L/∂S (T×M) and ∂L/∂U[T−1] (M)."""
    received, before = torch.empty_like(grad), torch.empty_like(carry)
    steps, neurons = grad.shape
    _backward[(triton.cdiv(neurons, BLOCK),)](
        potential,
        grad,
        carry,
        received,
        before,
        steps,
        neurons,
        beta,
        threshold,
        BLOCK=BLOCK,
        enable_fp_fusion=False,
    )
    return received, before


@triton.jit
def _forward(
    current,
    state,
    potential,
    spikes,
    steps,
    neurons,
    beta,
    threshold,
    BLOCK: tl.constexpr,
):
    n = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = n < neurons
    u = tl.load(state + n, mask=inside, other=0.0)
    at = n.to(tl.int64)
    for _ in range(steps):
        reset = tl.where(u > threshold, threshold, 0.0)
        received = tl.load(current + at, mask=inside, other=0.0)
        u = (beta * u + received) - reset
        tl.store(potential + at, u, mask=inside)
        tl.store(spikes + at, tl.where(u > threshold, 1.0, 0.0), mask=inside)
        at += neurons


@triton.jit
def _backward(
    potential,
    grad,
    carry,
    received,
    before,
    steps,
    neurons,
    beta,
    threshold,
    BLOCK: tl.constexpr,
):
    n = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = n < neurons
    onward = tl.load(carry + n, mask=inside, other=0.0)
    at = n.to(tl.int64) + tl.cast(steps - 1, tl.int64) * neurons
    for _ in range(steps):
        u = tl.load(potential + at, mask=inside, other=0.0)
        x = 3.141592653589793 * (u - threshold)
        g = tl.load(grad + at, mask=inside, other=0.0) / (1.0 + x * x) + onward
        tl.store(received + at, g, mask=inside)
        onward = beta * g
        at -= neurons
    tl.store(before + n, onward, mask=inside)
