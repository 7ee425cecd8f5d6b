"""Arithmetic alone, by number format: what most papers on SNNs print.

E = ACs · E_add + MACs · (E_add + E_multiply). No memory, no control, no leakage. A
conventional machine makes all MACs of a layer unless it skips those of zeros.
"""

from spikewatt.energy.published import joules


def energy(layers, number_format, process, skips_zeros=False):
    """J per inference of `layers`, dicts of counts as in operations.csv.

    number_format: fp32, fp16, int32 or int8; process: 45nm or 7nm; skips_zeros:
    whether a layer of values multiplies only what is not 0.
    """
    add = joules(f"add_{number_format}_{process}")
    multiply = joules(f"multiply_{number_format}_{process}")
    total = 0.0
    for layer in layers:
        macs = layer["effective_macs"] if skips_zeros else layer["dense_macs"]
        macs = macs if layer["input"] == "values" else 0
        total += layer["effective_acs"] * add + macs * (add + multiply)
    return total


def break_even(number_format, process):
    """Spikes per synapse and inference at which an SNN costs what dense MACs do."""
    add = joules(f"add_{number_format}_{process}")
    return (add + joules(f"multiply_{number_format}_{process}")) / add
