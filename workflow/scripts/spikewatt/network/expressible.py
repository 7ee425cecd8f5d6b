"""What NIR has no word for: known from a description alone, before anything is trained.

The neuromorphic intermediate representation (Pedersen et al., Nat. Commun. 15:8122,
2024; nir 1.0.8) knows sums, averages of windows and neurons that go back to a value.
"""

from spikewatt.network.describe import SPIKING

RESETS = {
    "subtract": (
        "takes the threshold off at a spike (reset: subtract), and a neuron of NIR "
        "goes back to a value"
    ),
    "none": "stays where it is at a spike (reset: none), and one of NIR is reset",
}


def refusals(neuron, architecture):
    """Why a network is none of NIR's: a sentence each, with what to change; or none.

    neuron: as in a plan, {"kind", "reset", …}; architecture: the layers of the config.
    """
    kind, count = neuron["kind"], len(architecture)
    every = "layer 1" if count == 1 else f"layers 1 to {count}"
    if kind not in SPIKING:
        return [
            f"{every}: neurons of {kind}, which NIR has no node for; export a spiking "
            "network, as one of neuron: {reset: zero}"
        ]
    found = []
    if kind == "if":
        found.append(
            f"{every}: converted neurons (if), which take the threshold off at a "
            "spike and start from half of it, and those of NIR go back to a value and "
            "start from 0; train a network of neuron: {reset: zero} instead"
        )
    elif neuron["reset"] != "zero":
        found.append(
            f"{every}: the membrane potential {RESETS[neuron['reset']]}; set "
            "neuron: {reset: zero}"
        )
    return [*found, *pooling(architecture)]


def pooling(architecture):
    """A sentence for each layer whose windows hand on their largest member."""
    for number, entry in enumerate(architecture, start=1):
        if entry.get("pool", 1) > 1 and entry.get("pooling", "max") == "max":
            edge = entry["pool"]
            yield (
                f"layer {number}: max-pooling, which NIR has no node for; set "
                f"pooling: average beside pool: {edge}, or stride: {edge} in place of "
                "pool"
            )
