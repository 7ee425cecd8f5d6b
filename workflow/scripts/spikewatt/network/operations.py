"""Exact counts of operations and memory accesses, from what was active where.

Nothing is sampled and nothing multiplied by a mean rate: an active place of a layer's
input costs one operation for each tap that leads on from it, so that

    operations = Σ over places of (how often it was active) · (its taps)

over any number of samples and time steps. A tap is a weight that meets a real place of
the input and a weighted sum: padding has none, strides are as they are, and rows that
no kernel reaches cost nothing. Sums that no pooling window covers count: the network's
description makes them. An operation is

- an accumulate (AC) where the input is a spike or an event: the weight is added;
- a multiply-accumulate (MAC) where it is any other value.

Two events of a camera in one pixel and time step are two accumulates. Biases,
pooling and neurons are no operations here; their numbers are `sums`, `neurons` and
`membrane_updates`. Definitions beside those of NeuroBench: docs/OPERATIONS.md.
"""

import math
from dataclasses import dataclass

import numpy as np

from spikewatt.network.describe import SPIKING

BYTES = 4  # of a weight, a bias or a potential: float32


@dataclass(frozen=True)
class Activity:
    """What a layer got and gave in a pass over `samples` samples.

    events: int64, of the layer's in_shape: spikes, events or values that are not 0, by
    place; active: how many places held any, summed over samples and steps; graded:
    whether they are other values than spikes; outputs: what the neurons handed on, or
    None for logits; steps: time steps of all samples together (their number, in a
    network without time).
    """

    events: np.ndarray
    active: int
    graded: bool
    outputs: int | None
    steps: int
    samples: int


def taps(layer, kept):
    """How many weights lead on from each place of a layer's input; int64, in_shape.

    kept: bool, of the shape of the layer's weights (F×N, or F×C×K×K): those that count.
    """
    kept = np.asarray(kept, bool)
    if layer.kind == "linear":
        return kept.sum(0, dtype=np.int64).reshape(layer.in_shape)
    filters = kept.sum(0, dtype=np.int64)  # C×K×K: filters that a tap is kept in
    leading = np.zeros(layer.in_shape, np.int64)
    for row in range(layer.kernel):
        for column in range(layer.kernel):
            ys, xs = (
                _reached(layer, tap, axis) for axis, tap in ((1, row), (2, column))
            )
            leading[:, ys, xs] += filters[:, row, column, None, None]
    return leading


def _reached(layer, tap, axis):
    """The rows (axis 1) or columns (2) of the input that meet a tap of the kernel."""
    sums, stride = layer.conv_shape[axis], layer.stride
    shift = tap - layer.padding  # output o meets o·stride + shift
    first = max(0, math.ceil(-shift / stride))
    end = (sums - 1) * stride + shift + 1
    return slice(first * stride + shift, max(0, end), stride)


def count(layer, weight, activity, bits=None):
    """A layer's counts over a whole pass, as in operations.csv: name → number.

    layer: a `describe.Layer`; weight: its weights, F×N or F×C×K×K, as they are used;
    activity: an `Activity` of it; bits: of a weight, None for float32. Whole numbers,
    but for bytes of few bits, shares and ratios.
    """
    weight = np.asarray(weight)
    everywhere = taps(layer, np.ones(weight.shape, bool))
    leading = taps(layer, weight != 0)
    met = int((activity.events * everywhere).sum())
    effective = int((activity.events * leading).sum())
    dense = int(everywhere.sum()) * activity.steps
    counted = {
        **_size(layer, weight, bits),
        "samples": activity.samples,
        "steps": activity.steps,
        "dense_macs": dense,
        "effective_macs": effective if activity.graded else 0,
        "effective_acs": 0 if activity.graded else effective,
        "zero_weight_operations": met - effective,
        **_activity(layer, activity),
        "spikes_per_synapse": effective * activity.steps / (dense * activity.samples),
        "membrane_updates": _neurons(layer) * activity.steps,
    }
    return counted | traffic(counted)


def _size(layer, weight, bits):
    return {
        "kernel": layer.kernel,
        "inputs": math.prod(layer.in_shape),
        "sums": math.prod(layer.conv_shape),
        "neurons": layer.neurons,
        "weights": weight.size,
        "zero_weights": int((weight == 0).sum()),
        "biases": layer.conv_shape[0],
        "parameter_bytes": weight.size * (bits or 8 * BYTES) / 8
        + BYTES * layer.conv_shape[0],
        "state_bytes": BYTES * _neurons(layer),
    }


def _neurons(layer):
    """How many neurons of a layer have a membrane potential."""
    return layer.neurons if layer.neuron in SPIKING else 0


def _activity(layer, activity):
    places = math.prod(layer.in_shape) * activity.steps
    handed = activity.outputs
    share = None if handed is None else 1 - handed / (layer.neurons * activity.steps)
    return {
        "input": "values" if activity.graded else "spikes",
        "input_events": int(activity.events.sum()),
        "active_inputs": activity.active,
        "input_sparsity": 1 - activity.active / places,
        "active_outputs": handed,
        "output_sparsity": share,
    }


def traffic(counted):
    """Reads and writes of a layer's memory, in words, at both ends of reuse.

    counted: what `count` found so far. Without reuse every operation fetches its
    weight and its input and, in a spiking layer, reads and writes the sum or potential
    it adds to; an update of a membrane reads and writes it once more. `_reused` is a
    machine that goes step by step and keeps what it works on: in each step a weight is
    read once at most, a potential read and written once, an input read once. Spikes
    and events come as addresses: silent places are not looked at. A network without
    spikes reads and writes all of its values, and adds up in registers.
    """
    steps, spikes = counted["steps"], counted["input"] == "spikes"
    operations = (
        counted["effective_macs"]
        + counted["effective_acs"]
        + counted["zero_weight_operations"]
    )
    updates = counted["membrane_updates"]
    potentials = operations + updates if updates else 0
    values = counted["neurons"] * steps
    return {
        "weight_reads": operations,
        "weight_reads_reused": min(operations, counted["weights"] * steps),
        "potential_reads": potentials,
        "potential_writes": potentials,
        "potential_reads_reused": updates,
        "potential_writes_reused": updates,
        "activation_reads": operations,
        "activation_reads_reused": (
            counted["input_events"] if spikes else counted["inputs"] * steps
        ),
        "activation_writes": counted["active_outputs"] if updates else values,
    }
