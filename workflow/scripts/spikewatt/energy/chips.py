"""Neuromorphic chips: averages of a whole chip, or terms, never one with the other.

An average has everything in it that the chip did when it was measured, so nothing is
added to it. Terms leave out what is always on: leakage, clock, links.
"""

from spikewatt.energy.published import joules


def average(layers, name):
    """J per inference by the average of a chip; None where the chip can't run it."""
    return _operations(layers) * joules(name) if runs(layers) else None


def loihi(layers):
    """J per inference by Loihi's terms, at least: all updates as inactive ones."""
    if not runs(layers):
        return None
    updates = sum(layer["membrane_updates"] for layer in layers)
    spikes = sum(layer["active_outputs"] for layer in layers)
    return (
        _operations(layers) * joules("loihi_synaptic_operation")
        + updates * joules("loihi_inactive_update")
        + spikes * joules("loihi_spike")
    )


def runs(layers):
    """Whether a chip of spiking neurons can run a network: nothing is multiplied."""
    return all(layer["input"] == "spikes" for layer in layers)


def _operations(layers):
    return sum(layer["effective_acs"] for layer in layers)
