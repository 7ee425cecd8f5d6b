"""What holds for one network: its own keys of the config over the common ones.

`neuron:` and `loss:` of a network are a word or a mapping; a word takes all the rest
from the common key of the same name. Everything here is for a config that is sound.
"""

from spikewatt.data.catalogue import DATASETS
from spikewatt.network.describe import is_spiking, neuron_kind
from spikewatt.network.neuron.settings import SURROGATES

# The losses that a neuron can be trained with; the first is taken where none is named.
LOSSES = {
    "relu": ("cross_entropy",),
    "lif": ("count_mse", "count_cross_entropy"),
    "qcfs": ("cross_entropy",),
    "if": ("count_mse", "count_cross_entropy"),
}
# The keys that a neuron may have, by its kind.
KEYS = {
    "relu": {"kind"},
    "lif": {"kind", "beta", "threshold", "surrogate", "reset"},
    "qcfs": {"kind", "levels", "clip"},
    "if": {"kind"},
}
RATES = ("correct_rate", "incorrect_rate")
# What a learned clip of QCFS starts from: near twice the spread of first sums.
CLIP = 1.0


def mapping(value):
    """A setting that is a word, as the mapping it stands for."""
    return {"kind": value} if isinstance(value, str) else dict(value)


def neuron(config, network):
    """The network's neuron: «kind», and for one that spikes all it is computed with.

    {"kind": "lif", "beta", "threshold", "surrogate": {"kind", "alpha" or "slope"},
    "reset": "subtract", "zero" or "none"}. Of QCFS "levels" and "clip".
    """
    own = mapping(network["neuron"])
    if own.get("kind") == "if":  # all of it is fixed, see `network.conversion`
        return {"kind": "if"}
    if not is_spiking(network):
        return quantised(own) if own["kind"] == "qcfs" else {"kind": "relu"}
    merged = {**config["neuron"], **own}
    return {
        "kind": "lif",
        "beta": float(merged["beta"]),
        "threshold": float(merged["threshold"]),
        "surrogate": surrogate(merged["surrogate"]),
        "reset": merged["reset"],
    }


def quantised(own):
    """A QCFS neuron with all it is computed with."""
    clip = float(own.get("clip", CLIP))
    return {"kind": "qcfs", "levels": own["levels"], "clip": clip}


# Precisions that sum spikes in whole numbers: `stack.fixed_point.DIGITS`, which this
# room cannot import, since it loads torch.
WHOLE = ("int8", "fixed16", "fixed24")


def precision(config, network):
    """The fast stack's precision; float32 where sums are not of spikes alone.

    Networks without spikes have none, and converted ones are fed with pixels' values.
    """
    chosen = config["precision"]
    summed = neuron_kind(network["neuron"]) == "lif"
    return chosen if summed or chosen not in WHOLE else "float32"


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
    """How the network's event data is filtered, joined and binned; None for images.

    The network's own settings over those of its data set (`common_events`).
    `spatial_factor` is left out where no pixels are joined.
    """
    if not is_events(network):
        return None
    common = common_events(config, network["dataset"])
    return _joining({**common, **network.get("events", {})})


def common_events(config, dataset):
    """The event settings of all networks on `dataset` that say nothing else.

    Those that the data set brings (see the catalogue) over the config's.
    """
    return _joining({**config["events"], **DATASETS[dataset].events})


def _joining(settings):
    factor = settings.get("spatial_factor", 1)
    others = {k: v for k, v in settings.items() if k != "spatial_factor"}
    return others if factor == 1 else {**others, "spatial_factor": factor}


def training(config, experiment, network):
    """The training settings: the network's over the experiment's over the common.

    `dropout` is left out where nothing is dropped over time, and `padding` where
    nothing is padded. A converted network has those of its source.
    """
    name = network.get("from")
    own = experiment["networks"][name] if name else network
    merged = {
        **config["training"],
        **experiment.get("training", {}),
        **own.get("training", {}),
    }
    if not drops_spikes(config, network):
        del merged["dropout"]
    if not pads(network):
        del merged["padding"]
    return merged


def meter(config, stack):
    """How runs of `stack` are measured; `first_epoch` is None if it is always warm.

    `single_samples` concerns what comes after a test alone, and stands in no plan: to
    change it trains nothing anew.
    """
    asked = {k: v for k, v in config["meter"].items() if k != "single_samples"}
    first_epoch = None if stack == "fast" else asked["first_epoch"]
    return {**asked, "first_epoch": first_epoch}


def drops_spikes(config, network):
    """Whether the network spikes and has dropout."""
    layers = config["architectures"][network["architecture"]]
    trained = is_spiking(network) and not network.get("from")
    return trained and any(layer.get("dropout") for layer in layers)


def pads(network):
    """Whether batches of the network's data hold samples of unequal length."""
    return is_events(network) and not network.get("frames")


def is_events(network):
    """Whether the network's data are event recordings, counted into frames or not."""
    return DATASETS[network["dataset"]].kind == "events"


def source(config, experiment, network):
    """What a plan says of the network that `network` is converted from, or None.

    Its name, and what its weights mean. experiment, network: their mappings.
    """
    name = network.get("from")
    if name is None:
        return None
    other = experiment["networks"][name]
    return {
        "network": name,
        "neuron": neuron(config, other),
        "weight_bits": other.get("weight_bits"),
    }
