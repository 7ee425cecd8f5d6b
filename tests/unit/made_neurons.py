"""Neurons for tests, and snnTorch's loop over time steps as their oracle."""

from itertools import product

import snntorch
import torch
from snntorch import surrogate

from spikewatt.network.neuron.settings import RESETS, SURROGATES, Neuron, Surrogate

DEFAULTS = {"atan": 2.0, "sigmoid": 4.0, "fast_sigmoid": 25.0}
KINDS = list(product(SURROGATES, RESETS))


def neuron(kind="atan", reset="subtract", beta=0.8, threshold=1.0, steepness=None):
    """A spiking neuron; a sigmoid gentle enough for snnTorch not to overflow."""
    chosen = Surrogate(kind, DEFAULTS[kind] if steepness is None else steepness)
    return Neuron("lif", beta, threshold, chosen, reset)


def snntorch_loop(current, neuron, state=None):
    """(spikes T×…, last potential) of snnTorch's own neuron, surrogate and reset."""
    chosen = neuron.surrogate
    cell = snntorch.Leaky(
        beta=neuron.beta,
        threshold=neuron.threshold,
        spike_grad=getattr(surrogate, chosen.kind)(chosen.steepness),
        reset_mechanism=neuron.reset,
    )
    potential = torch.zeros_like(current[0]) if state is None else state
    spikes = []
    for received in current:
        fired, potential = cell(received, potential)
        spikes.append(fired)
    return torch.stack(spikes), potential
