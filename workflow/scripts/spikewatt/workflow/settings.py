"""What holds for one network: its own keys of the config over the common ones.

`neuron:` and `loss:` of a network are a word or a mapping; a word takes all the rest
from the common key of the same name. Everything here is for a config that is sound.
"""

from spikewatt.data.catalogue import DATASETS
from spikewatt.network.describe import is_spiking
from spikewatt.network.neuron.settings import SURROGATES

# The losses that a neuron can be trained with; the first is taken where none is named.
LOSSES = {
    "relu": ("cross_entropy",),
    "lif": ("count_mse", "count_cross_entropy"),
}
RATES = ("correct_rate", "incorrect_rate")


def mapping(value):
    """A setting that is a word, as the mapping it stands for."""
    return {"kind": value} if isinstance(value, str) else dict(value)


def neuron(config, network):
    """The network's neuron: «kind», and for one that spikes all it is computed with.

    {"kind": "lif", "beta", "threshold", "surrogate": {"kind", "alpha" or "slope"},
    "reset": "subtract", "zero" or "none"}.
    """
    if not is_spiking(network):
        return {"kind": "relu"}
    merged = {**config["neuron"], **mapping(network["neuron"])}
    return {
        "kind": "lif",
        "beta": float(merged["beta"]),
        "threshold": float(merged["threshold"]),
        "surrogate": surrogate(merged["surrogate"]),
        "reset": merged["reset"],
    }


def surrogate(value):
    """A surrogate gradient, a word or a mapping, with its parameter written out."""
    given = mapping(value)
    parameter, default = SURROGATES[given["kind"]]
    return {"kind": given["kind"], parameter: float(given.get(parameter, default))}


def loss(config, network):
    """The network's loss: «kind», and for the MSE of counts its target rates."""
    merged = {**config["loss"], **mapping(network.get("loss", {}))}
    kind = merged["kind"]
    if not is_spiking(network):
        kind = "cross_entropy"
    rates = RATES if kind == "count_mse" else ()
    return {"kind": kind, **{rate: float(merged[rate]) for rate in rates}}


def events(config, network):
    """How the network's event data is filtered and binned; None for images."""
    if not pads(network):
        return None
    return {**config["events"], **network.get("events", {})}


def training(config, experiment, network):
    """The training settings: the network's over the experiment's over the common.

    `dropout` is left out where nothing is dropped over time, and `padding` where
    nothing is padded.
    """
    merged = {
        **config["training"],
        **experiment.get("training", {}),
        **network.get("training", {}),
    }
    if not drops_spikes(config, network):
        del merged["dropout"]
    if not pads(network):
        del merged["padding"]
    return merged


def meter(config, stack):
    """How runs of `stack` are measured; `first_epoch` is None if it is always warm."""
    first_epoch = None if stack == "fast" else config["meter"]["first_epoch"]
    return {**config["meter"], "first_epoch": first_epoch}


def drops_spikes(config, network):
    """Whether the network spikes and has dropout."""
    layers = config["architectures"][network["architecture"]]
    return is_spiking(network) and any(layer.get("dropout") for layer in layers)


def pads(network):
    """Whether batches of the network's data hold samples of unequal length."""
    return DATASETS[network["dataset"]].kind == "events"
