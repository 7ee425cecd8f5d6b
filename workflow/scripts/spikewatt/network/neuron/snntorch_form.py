"""The neuron as snnTorch has it, one time step at a time: the reference."""

import functools

import snntorch
from snntorch import surrogate


def leaky(neuron):
    """snnTorch's neuron for a `settings.Neuron`, with its surrogates and resets."""
    kind, steepness = neuron.surrogate.kind, neuron.surrogate.steepness
    return snntorch.Leaky(
        neuron.beta,
        threshold=neuron.threshold,
        spike_grad=SURROGATES[kind](steepness),
        reset_mechanism=neuron.reset,
    )


def sigmoid(slope):
    """snnTorch's sigmoid surrogate, kept from overflowing far below the threshold.

    In float32 its gradient is k·e^(−kx)/∞ = 0 below x = −44.4/k, and from about −85/k
    on ∞/∞: not a number, and a training is lost. Cut off at −45/k, where it is 0
    already, all else stays snnTorch's own.
    """
    spike = surrogate.sigmoid(slope)
    return functools.partial(_above, spike, -45 / slope)


def _above(spike, lowest, shifted):
    return spike(shifted.clamp_min(lowest))


SURROGATES = {
    "atan": surrogate.atan,
    "sigmoid": sigmoid,
    "fast_sigmoid": surrogate.fast_sigmoid,
}
