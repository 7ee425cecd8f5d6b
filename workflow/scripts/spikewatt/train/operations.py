"""What a test's pass cost in operations and memory accesses, layer by layer."""

import numpy as np
import pandas as pd

from spikewatt.network.operations import Activity, count
from spikewatt.network.quantised import effective
from spikewatt.results.operations import COLUMNS


def table(network, result):
    """A row a layer, first to output, as in operations.csv.

    network: `network.weights.Network`; result: a `loop.Result` with a tally.
    """
    rows = []
    pairs = zip(network.layers, network.weights, strict=True)
    for number, (layer, module) in enumerate(pairs):
        # as they are multiplied: what few bits round to 0 is 0
        weight = effective(module).detach().cpu().numpy()
        seen = activity(network, result, number)
        counted = count(layer, weight, seen, getattr(module, "bits", None))
        rows.append({"layer": number + 1, "kind": layer.kind} | counted)
    # whole numbers stay whole beside an empty cell
    return pd.DataFrame(rows, dtype=object)[COLUMNS]


def activity(network, result, number):
    """The `Activity` of a layer, by its number from 0, in a tallied pass."""
    tally, layers = result.tally, network.layers
    spiking = layers[-1].neuron != "none"
    if number:
        events = tally.layers[number - 1]
        active, graded = int(events.sum()), not spiking
    else:
        events, active = tally.events, int(tally.active.sum())
        graded = bool(tally.graded)
    handed = tally.layers.get(number)
    return Activity(
        events=np.asarray(events.cpu()).reshape(layers[number].in_shape),
        active=active,
        graded=graded,
        outputs=None if handed is None else int(handed.sum()),
        steps=result.steps,
        samples=result.samples,
    )
