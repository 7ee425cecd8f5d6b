"""How often the neurons of each layer fire, over a whole pass."""

import pandas as pd

from spikewatt.results.firing import COLUMNS


def table(network, rates):
    """A row for each spiking layer, first to output, as in firing_rates.csv.

    network: whose `layers` know their number of neurons; rates: spikes per neuron and
    time step of each, `loop.Result.rates`; empty for a network that does not spike.
    """
    layers = zip(network.layers, rates, strict=False)
    rows = [(n, one.neurons, rate) for n, (one, rate) in enumerate(layers, start=1)]
    return pd.DataFrame(rows, columns=COLUMNS)
