"""Which way of making exact sums is the fastest on this machine: measured at start.

All ways give the same bits, so that the choice is one of speed alone and may differ
from run to run. A few milliseconds a layer, on made-up spikes.
"""

import logging
import math
import time

import numpy as np
import torch

from spikewatt.stack.fast import spike_events

log = logging.getLogger("spikewatt")

STEPS, BATCH = 6, 4
# Events are timed at two densities: what they cost goes up in a line.
DENSITIES = (0.1, 0.4)
TURNS = 3
DENSE = ("int8", "float32")


def choose(layers):
    """Set `crossover` and `dense.way` of each `IntegerLayer`; what was measured.

    Returns a dict a layer, for run.json: the dense way, the input density up to which
    events are added, and the seconds of each way. A dense way that this machine's
    libraries lack, or in which they are not exact, is not taken.
    """
    made = [_choose(number, layer) for number, layer in enumerate(layers)]
    log.debug("Ways of summing: %s", made)
    return made


def _choose(number, layer):
    times = {}
    for density in DENSITIES:
        events, operands = _prepared(layer, density)
        expected, seconds = _measured(layer, events, operands, "events")
        times[f"events at {density}"] = seconds
    for way in DENSE:
        try:
            got, seconds = _measured(layer, events, operands, way)
        except (RuntimeError, AttributeError, NotImplementedError) as error:
            log.info("Layer %d: no %s sums here (%s).", number, way, error)
            continue
        if not np.array_equal(got, expected):
            log.warning("Layer %d: %s sums are not exact here: not used.", number, way)
            continue
        times[way] = seconds
    layer.dense.way = min((way for way in DENSE if way in times), key=times.get)
    layer.crossover = crossing(
        DENSITIES, list(times.values())[:2], times[layer.dense.way]
    )
    return {
        "layer": number,
        "dense": layer.dense.way,
        "events_up_to_density": round(min(layer.crossover, 1.0), 4),
        "seconds": {way: round(taken, 6) for way, taken in times.items()},
    }


def crossing(densities, seconds, other):
    """The density at which a line through two points reaches `other` seconds.

    At least 0, where no event is added; infinite where the line does not go up.
    """
    (low, high), (first, last) = densities, seconds
    if last <= first:
        return math.inf if first <= other else 0.0
    return max(0.0, low + (other - first) * (high - low) / (last - first))


def _prepared(layer, density):
    """Made-up spikes, and the layer's operands for them."""
    generator = torch.Generator().manual_seed(0)
    drawn = torch.rand((STEPS, BATCH, layer.shape.inputs), generator=generator)
    events = spike_events.from_frames((drawn < density).float())
    return events, layer.packed(events)


def _measured(layer, events, operands, way):
    """(potentials, `shortest` seconds).

    Weights are made ready once a batch, which is left out: a batch has many frames.
    """
    if way != "events":
        layer.dense.way = way
        planes = layer.dense.planes(STEPS * BATCH)
    kept = layer.dense.room(STEPS, BATCH)

    def run():
        if way == "events":
            layer.sparse.forward(events, kept, operands)
        else:
            layer.dense.forward(events, operands, planes, kept, [(0, BATCH)])

    return kept.potential, shortest(run)


def shortest(run):
    """The shortest of a few turns' seconds; the first does not count."""
    taken = []
    for _ in range(1 + TURNS):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return min(taken[1:])
