"""Lemaire et al. (2022): arithmetic, memories and addressing of a layer.

E = E_memory(inputs, weights, biases, potentials, outputs) + E_operations + E_addresses,
32-bit integers. Each of a layer's five memories is an SRAM of its size: an access of it
costs a + b · bits. Their formulas, with exact counts where they take constants: a spike
of a convolution costs the taps that it really has, not ⌈k/S⌉² or k² each.

| | values | spikes |
|---|---|---|
| MACs | dense | neurons · steps, for the leak |
| additions | sums, for the bias | operations + sums · steps + output spikes |
| reads of inputs | dense (convolution), inputs (linear) | input spikes |
| reads of weights | dense | operations |
| reads of biases | sums | sums · steps |
| reads and writes of potentials, each | – | operations + neurons · steps |
| writes of outputs | neurons | output spikes |
| additions for addresses | inputs + sums (+ filters · k²) | operations |
| MACs for addresses | – | 2 an input spike (convolution) |
"""

from spikewatt.energy.published import joules

BITS = 32


def energy(layers):
    """J per inference of `layers`, dicts of counts as in operations.csv."""
    return sum(layer_energy(layer) for layer in layers)


def layer_energy(layer):
    """J of one layer; values in a spiking network are costed as without spikes."""
    work = of_values if layer["input"] == "values" else of_spikes
    macs, additions, accesses = work(layer)
    return (
        macs * (joules("add_int32_45nm") + joules("multiply_int32_45nm"))
        + additions * joules("add_int32_45nm")
        + sum(count * access(words * BITS) for words, count in accesses)
    )


def of_values(layer):
    """(MACs, additions, [(words of a memory, accesses to it)]) without spikes."""
    dense, steps = layer["dense_macs"], layer["steps"]
    sums, convolves = layer["sums"] * steps, layer["kind"] == "conv"
    reads = dense if convolves else layer["inputs"] * steps
    addresses = layer["inputs"] * steps + sums
    addresses += layer["biases"] * layer["kernel"] ** 2 if convolves else 0
    accesses = [
        (layer["inputs"], reads),
        (layer["weights"], dense),
        (layer["biases"], sums),
        (layer["neurons"], layer["neurons"] * steps),
    ]
    return dense, sums + addresses, accesses


def of_spikes(layer):
    """The same of a layer that spikes come to."""
    operations = layer["effective_acs"] + layer["zero_weight_operations"]
    sums, updates = layer["sums"] * layer["steps"], layer["membrane_updates"]
    spikes, fired = layer["input_events"], layer["active_outputs"]
    addresses = 2 * spikes if layer["kind"] == "conv" else 0
    accesses = [
        (layer["inputs"], spikes),
        (layer["weights"], operations),
        (layer["biases"], sums),
        (layer["neurons"], 2 * (operations + updates)),
        (layer["neurons"], fired),
    ]
    additions = operations + sums + fired + operations
    return updates + addresses, additions, accesses


def access(bits):
    """J of one 32-bit access to an SRAM of so many bits."""
    return joules("sram_access_fixed") + joules("sram_access_per_bit") * bits
