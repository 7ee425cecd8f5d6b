"""Yan et al. (2026): moving spikes against moving the numbers of a quantised twin.

A rate-coded network of T steps can be told T + 1 counts apart, so its twin without time
has activations of b = ⌈log2(T + 1)⌉ bits. Per neuron and hop,

    E_SNN = T · s · (E_sparse + E_accumulate)        E_twin = b · E_dense + w · c

with s spikes per neuron and step and w bits of a weight. The paper's full equations
could not be read: the form is the one that its break-even rates have, and c is fitted
to four of them (within 2 %).

Where spikes are many they are cheaper as dense frames, of T bits against b, and the
ratio is the one that the paper prints for that: T/b.
"""

import math

from spikewatt.energy.published import joules

WEIGHT_BITS = 8
# Spikes per neuron and step up to which events are the cheaper way, by the paper: as
# far as the line of break-even rates holds.
HIGHEST_RATE = 0.12


def bits(steps):
    """Bits of the activations of the quantised twin of a network of `steps` steps."""
    return math.ceil(math.log2(steps + 1))


def break_even(steps, weight_bits=WEIGHT_BITS):
    """Spikes per neuron and step at which both cost the same."""
    twin = bits(steps) * joules("yan_dense_bit") + weight_bits * joules(
        "yan_weight_bit"
    )
    return twin / (steps * (joules("yan_sparse_bit") + joules("yan_accumulate")))


def ratio(layers):
    """E_SNN / E_twin of a spiking network; None of one that multiplies.

    layers: dicts of counts as in operations.csv. Spikes are those that come to layers,
    the network's input among them; they go as events or as frames, as is cheaper.
    """
    if any(layer["input"] == "values" for layer in layers):
        return None
    steps = round(layers[0]["steps"])
    places = sum(layer["inputs"] for layer in layers)
    rate = sum(layer["input_events"] for layer in layers) / (places * steps)
    return min(rate / break_even(steps), dense_ratio(steps))


def dense_ratio(steps):
    """E_SNN / E_twin where spikes go as dense frames."""
    return steps / bits(steps)
