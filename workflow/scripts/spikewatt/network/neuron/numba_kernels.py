"""The neuron on the CPU: compiled loops over time, vectorised over neurons.

Arrays are float32 and C-contiguous unless said otherwise, time first, so that the
innermost loops run over neighbouring memory. The kernels release the GIL:
`compute.parallel.over` gives each thread its own neurons or samples. Multiplication and
addition stay separate instructions (no fastmath), which makes the spikes equal to
snnTorch's bit for bit.

A kernel is compiled once for all neurons: which reset and surrogate it is, it asks
once a time step, outside its loops over neurons.
"""

import math
from typing import NamedTuple

import numpy as np

from spikewatt.compute import parallel
from spikewatt.compute.numba_cache import compiled

ZERO, ONE = np.float32(0.0), np.float32(1.0)
# Neurons taken through time together: their potentials stay in the first-level cache.
BLOCK = 2048
SUBTRACT, TO_ZERO, NO_RESET = 0, 1, 2
ATAN, SIGMOID, FAST_SIGMOID = 0, 1, 2
_RESETS = {"subtract": SUBTRACT, "zero": TO_ZERO, "none": NO_RESET}
# kind: (code, factors that make `steepness` and `height` of α or k; None: height 1)
_SURROGATES = {
    "atan": (ATAN, math.pi / 2, 0.5),
    "sigmoid": (SIGMOID, 1.0, 1.0),
    "fast_sigmoid": (FAST_SIGMOID, 1.0, None),
}


class Constants(NamedTuple):
    """A `settings.Neuron` as the kernels take it: float32 numbers and codes.

    steepness is what x = U − θ is multiplied by, height the surrogate's value at x = 0
    (for sigmoid four times that).
    """

    beta: np.float32
    threshold: np.float32
    reset: int
    surrogate: int
    steepness: np.float32
    height: np.float32


def supports(neuron):
    """Whether the kernels know the reset and the surrogate of a `settings.Neuron`."""
    return neuron.reset in _RESETS and neuron.surrogate.kind in _SURROGATES


def constants(neuron):
    """The `Constants` of a `settings.Neuron`; KeyError for one they don't know."""
    code, steepness, height = _SURROGATES[neuron.surrogate.kind]
    value = neuron.surrogate.steepness
    return Constants(
        np.float32(neuron.beta),
        np.float32(neuron.threshold),
        _RESETS[neuron.reset],
        code,
        np.float32(steepness * value),
        np.float32(1.0 if height is None else height * value),
    )


def forward(current, state, neuron):
    """Potentials and spikes (T×M arrays) of currents T×M from potentials M."""
    potential, spikes = np.empty_like(current), np.empty_like(current)
    known = constants(neuron)
    parallel.over(
        current.shape[1],
        lambda part, low, high: _forward(
            current, state, known, potential, spikes, low, high
        ),
    )
    return potential, spikes


def backward(potential, state, grad, carry, neuron):
    """∂L/∂I (T×M) and ∂L/∂state (M) from ∂L/∂S (T×M) and ∂L/∂U[T−1] (M).

    potential T×M is what `forward` gave for the potentials `state` (M).
    """
    grad, carry = grad.copy(), carry.copy()
    known = constants(neuron)
    parallel.over(
        grad.shape[1],
        lambda part, low, high: _backward(
            potential, state, grad, carry, known, low, high
        ),
    )
    return grad, carry


@compiled
def step(current, before, after, neuron):
    """One time step of N neurons, from the potentials `before` to those `after`."""
    beta, threshold = neuron.beta, neuron.threshold
    if neuron.reset == SUBTRACT:
        for n in range(after.size):
            u = before[n]
            reset = threshold if u > threshold else ZERO
            after[n] = (beta * u + current[n]) - reset
    elif neuron.reset == TO_ZERO:
        for n in range(after.size):
            u = ZERO if before[n] > threshold else before[n]
            after[n] = beta * u + current[n]
    else:
        for n in range(after.size):
            after[n] = beta * before[n] + current[n]


@compiled(error_model="numpy")  # a check of divisors costs 5×
def step_back(potential, before, grad, carry, neuron):
    """One time step backwards for N neurons, in place.

    potential: U[t]; before: U[t−1]; grad: ∂L/∂S[t], becomes ∂L/∂I[t]; carry: what
    ∂L/∂U[t] gets through U[t+1], becomes what ∂L/∂U[t−1] gets through U[t].
    """
    beta, threshold = neuron.beta, neuron.threshold
    steepness, height = neuron.steepness, neuron.height
    if neuron.surrogate == ATAN:
        for n in range(carry.size):
            x = steepness * (potential[n] - threshold)
            g = height * grad[n] / (ONE + x * x) + carry[n]
            grad[n] = g
            carry[n] = beta * g
    elif neuron.surrogate == SIGMOID:
        for n in range(carry.size):
            # even in x: e^(−k|x|) cannot overflow
            power = math.exp(-steepness * abs(potential[n] - threshold))
            slope = height * power / ((power + ONE) * (power + ONE))
            g = grad[n] * slope + carry[n]
            grad[n] = g
            carry[n] = beta * g
    else:
        for n in range(carry.size):
            x = steepness * abs(potential[n] - threshold) + ONE
            g = height * grad[n] / (x * x) + carry[n]
            grad[n] = g
            carry[n] = beta * g
    if neuron.reset == TO_ZERO:
        for n in range(carry.size):
            carry[n] = ZERO if before[n] > threshold else carry[n]


@compiled
def _forward(current, state, neuron, potential, spikes, low, high):
    threshold = neuron.threshold
    for start in range(low, high, BLOCK):
        stop = min(start + BLOCK, high)
        before = state[start:stop]
        for t in range(current.shape[0]):
            after, fired = potential[t, start:stop], spikes[t, start:stop]
            step(current[t, start:stop], before, after, neuron)
            for n in range(after.size):
                fired[n] = ONE if after[n] > threshold else ZERO
            before = after


@compiled
def _backward(potential, state, grad, carry, neuron, low, high):
    for start in range(low, high, BLOCK):
        stop = min(start + BLOCK, high)
        for t in range(grad.shape[0] - 1, -1, -1):
            before = potential[t - 1] if t else state
            step_back(
                potential[t, start:stop],
                before[start:stop],
                grad[t, start:stop],
                carry[start:stop],
                neuron,
            )
