"""Stacks that sum spikes in whole numbers, in a way that a test picks."""

import torch

from spikewatt.stack.fast.spike_events import channel_last
from spikewatt.stack.fixed_point import DIGITS, FixedPoint

WAYS = ("events", "int8", "float32")


def forced(made, way):
    """The stack, all of whose layers sum in `way`."""
    made.runner.ways = [{"way": way}]  # as if measured
    for layer in made.runner.layers:
        layer.crossover = 1e9 if way == "events" else -1.0
        layer.dense.way = way if way != "events" else "float32"
    return made


def rounded(made, name):
    """The stack, its weights rounded to the fixed point of precision `name`."""
    with torch.no_grad():
        for module in made.network.weights:
            module.weight.copy_(FixedPoint.of(module.weight, DIGITS[name]).values())
    return made


def watched(made):
    """The spikes of each layer, bool T×B×N, as a growing dict of lists."""
    seen = {}

    def look(number, spikes):
        spikes = spikes.detach() > 0
        if spikes.ndim > 3:
            spikes = channel_last(spikes)
        seen.setdefault(number, []).append(spikes)

    made.observer = look
    return seen
