"""What a run's own settings say: whether it spikes, its data, what sets it apart."""

from spikewatt.data.catalogue import DATASETS
from spikewatt.results import runs

# What names a run or measures it, and is no difference between two networks.
NO_DIFFERENCE = {"experiment", "network", "label", "meter", "device", "threads"}
# What follows from the data where two networks see different sets.
OF_DATA = {"resize", "encoding", "steps", "events"}
WORDS = {
    "dataset": "data",
    "resize": "image size",
    "architecture": "layers",
    "steps": "time steps",
    "events": "event",
    "weight_bits": "bits of a weight",
}


def of(run):
    """The settings that a run was made with, as a dict; empty where they are lost."""
    config = (run.info or {}).get("config")
    return config if isinstance(config, dict) else {}


def spikes(run):
    """Whether a run's network spikes: its settings say, or else its name."""
    return spiking(of(run), run.network)


def spiking(config, network):
    """Whether a network with these settings spikes, or else one of that name."""
    neuron = config.get("neuron")
    kind = neuron.get("kind") if isinstance(neuron, dict) else neuron
    return "snn" in network if kind is None else kind in runs.SPIKING


def dataset(run):
    """The name of a run's data set; None if unknown."""
    name = of(run).get("dataset")
    return name if isinstance(name, str) else None


def data_title(run):
    """How people write the name of a run's data set: «CIFAR-10»; empty if unknown."""
    return _title(dataset(run) or "")


def chance_pct(run):
    """Accuracy of guessing, in percent, from the number of classes; None if unknown."""
    known = DATASETS.get(dataset(run))
    return None if known is None else 100 / len(known.classes)


def differences(one, other):
    """What sets two networks apart, in words: «data (N-MNIST against MNIST)».

    one, other: a run of each. None where the settings of one of them are lost.
    """
    both = of(one), of(other)
    if not all(both):
        return None
    needless = NO_DIFFERENCE
    if both[0].get("dataset") != both[1].get("dataset"):
        needless = needless | OF_DATA
    keys = [key for key in dict.fromkeys([*both[0], *both[1]]) if key not in needless]
    return [
        text
        for key in keys
        for text in _differences(*(config.get(key) for config in both), _name(key))
    ]


def _differences(one, other, name):
    """The settings under `name` that differ; within mappings, those of the same kind.

    A mapping without a kind of its own (`events`) is compared key by key.
    """
    if one == other:
        return
    pair = one, other
    if all(isinstance(value, dict) for value in pair) and _same_kind(*pair):
        for key in dict.fromkeys([*one, *other]):
            yield from _differences(one.get(key), other.get(key), f"{name} {key}")
    elif any(isinstance(value, list) for value in pair):
        yield name
    else:
        yield f"{name} ({_shown(one, name)} against {_shown(other, name)})"


def _same_kind(one, other):
    return one.get("kind") == other.get("kind")


def _shown(value, name):
    if value is None:
        return "none"
    if isinstance(value, dict):
        return str(value.get("kind", "other"))
    if isinstance(value, float):
        return f"{value:g}"
    return _title(value) if name == WORDS["dataset"] else str(value)


def _name(key):
    return WORDS.get(key, str(key).replace("_", " "))


def _title(name):
    known = DATASETS.get(name) if isinstance(name, str) else None
    return known.title if known else str(name)
