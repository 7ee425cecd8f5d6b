"""Firing rates by layer: firing_rates.csv of a run, read back."""

import pandas as pd

from spikewatt.results import beside
from spikewatt.results.stages import FIRING

# layer: from 1, the output last; neurons: of the layer; the rate is over the test set.
COLUMNS = ["layer", "neurons", "spikes_per_neuron_step"]


def of_run(run):
    """firing_rates.csv of a run as a table with COLUMNS, a row a spiking layer.

    None where it is missing or damaged; empty for a network that does not spike.
    """
    return beside.read(run, FIRING.numbers, COLUMNS)


def by_layer(group):
    """(layer, neurons, rates of the runs that have it) tuples of one network's runs."""
    tables = [table for table in map(of_run, group) if table is not None]
    if not tables:
        return []
    joined = pd.concat(tables)
    return [
        (int(layer), int(neurons), rows["spikes_per_neuron_step"].tolist())
        for (layer, neurons), rows in joined.groupby(["layer", "neurons"])
    ]


def missing(runs):
    """A sentence on spiking runs whose file is missing or damaged, in a list."""
    return beside.missing([run for run in runs if run.spiking], of_run, FIRING)
