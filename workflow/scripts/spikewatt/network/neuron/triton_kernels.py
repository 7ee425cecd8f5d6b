"""The neuron on a GPU: one Triton program takes a block of neurons through all steps.

The potential stays in registers from step to step; each current is read once and each
spike written once. Multiplication and addition are kept apart (`enable_fp_fusion`
off), so that the recurrence rounds as on the CPU. Reset and surrogate are constants of
compilation: each pair is a program of its own.
"""

import math

import torch
import triton
import triton.language as tl

BLOCK = 256
SUBTRACT, TO_ZERO, NO_RESET = tl.constexpr(0), tl.constexpr(1), tl.constexpr(2)
ATAN, SIGMOID, FAST_SIGMOID = tl.constexpr(0), tl.constexpr(1), tl.constexpr(2)
_RESETS = {"subtract": 0, "zero": 1, "none": 2}
_SURROGATES = {"atan": 0, "sigmoid": 1, "fast_sigmoid": 2}


def supports(neuron):
    """Whether the kernels know the reset and the surrogate of a `settings.Neuron`."""
    return neuron.reset in _RESETS and neuron.surrogate.kind in _SURROGATES


def forward(current, state, neuron):
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
        neuron.beta,
        neuron.threshold,
        RESET=_RESETS[neuron.reset],
        BLOCK=BLOCK,
        enable_fp_fusion=False,
    )
    return potential, spikes


def backward(potential, state, grad, carry, neuron):
    """∂L/∂I (T×M) and ∂L/∂state (M) from ∂L/∂S (T×M) and ∂L/∂U[T−1] (M).

    potential T×M is what `forward` gave for the potentials `state` (M).
    """
    received, before = torch.empty_like(grad), torch.empty_like(carry)
    steps, neurons = grad.shape
    kind, steepness = neuron.surrogate.kind, neuron.surrogate.steepness
    _backward[(triton.cdiv(neurons, BLOCK),)](
        potential,
        state,
        grad,
        carry,
        received,
        before,
        steps,
        neurons,
        neuron.beta,
        neuron.threshold,
        math.pi / 2 * steepness if kind == "atan" else steepness,
        steepness / 2 if kind == "atan" else steepness,
        RESET=_RESETS[neuron.reset],
        SURROGATE=_SURROGATES[kind],
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
    RESET: tl.constexpr,
    BLOCK: tl.constexpr,
):
    n = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = n < neurons
    u = tl.load(state + n, mask=inside, other=0.0)
    at = n.to(tl.int64)
    for _ in range(steps):
        received = tl.load(current + at, mask=inside, other=0.0)
        if RESET == SUBTRACT:
            reset = tl.where(u > threshold, threshold, 0.0)
            u = (beta * u + received) - reset
        elif RESET == TO_ZERO:
            u = beta * tl.where(u > threshold, 0.0, u) + received
        else:
            u = beta * u + received
        tl.store(potential + at, u, mask=inside)
        tl.store(spikes + at, tl.where(u > threshold, 1.0, 0.0), mask=inside)
        at += neurons


@triton.jit
def _backward(
    potential,
    state,
    grad,
    carry,
    received,
    before,
    steps,
    neurons,
    beta,
    threshold,
    steepness,
    height,
    RESET: tl.constexpr,
    SURROGATE: tl.constexpr,
    BLOCK: tl.constexpr,
):
    n = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = n < neurons
    onward = tl.load(carry + n, mask=inside, other=0.0)
    at = n.to(tl.int64) + tl.cast(steps - 1, tl.int64) * neurons
    u = tl.load(potential + at, mask=inside, other=0.0)
    for t in range(steps):
        x = steepness * (u - threshold)
        g = tl.load(grad + at, mask=inside, other=0.0)
        if SURROGATE == ATAN:
            g = height * g / (1.0 + x * x) + onward
        elif SURROGATE == SIGMOID:
            power = tl.exp(-tl.abs(x))
            g = g * (height * power / ((power + 1.0) * (power + 1.0))) + onward
        else:
            divisor = tl.abs(x) + 1.0
            g = g / (divisor * divisor) + onward
        tl.store(received + at, g, mask=inside)
        at -= neurons
        # U one step before; before the first step it is the state
        earlier = inside & (t < steps - 1)
        u = tl.load(potential + at, mask=earlier, other=0.0)
        if RESET == TO_ZERO:
            if t == steps - 1:
                u = tl.load(state + n, mask=inside, other=0.0)
            onward = tl.where(u > threshold, 0.0, beta * g)
        else:
            onward = beta * g
    tl.store(before + n, onward, mask=inside)
