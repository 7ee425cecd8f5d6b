"""Davidson and Furber (2021): weights and states in SRAM, of one silicon technology.

An ANN spends 12 units on each weight, an SNN 7 on each spike at a synapse. The unit is
a 32-bit addition.
"""

from spikewatt.energy.published import joules, number


def energy(layers):
    """J per inference of `layers`, dicts of counts as in operations.csv."""
    spikes = sum(layer["effective_acs"] for layer in layers)
    weights = sum(layer["dense_macs"] for layer in layers if layer["input"] == "values")
    units = spikes * number("davidson_snn_spike")
    units += weights * number("davidson_ann_weight")
    return units * joules("davidson_unit")


def break_even():
    """Spikes per synapse and inference at which both cost the same: 12/7."""
    return number("davidson_ann_weight") / number("davidson_snn_spike")
