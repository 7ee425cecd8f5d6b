"""What the config's schema cannot see: keys that depend on one another."""

from collections import Counter

from spikewatt.data.catalogue import DATASETS
from spikewatt.network.describe import describe, is_spiking, neuron_kind
from spikewatt.workflow import settings
from spikewatt.workflow.sentences import meant

# Names of target rules and of others: an experiment's name becomes a rule of its own.
TARGETS = ("all", "data", "tables", "figures", "report")
RULES = (
    *("download", "local_archive", "sample_archive", "prepare", "train", "test"),
    *("table", "table1", "table2", "paired", "ratios", "stacks", "claims", "figure"),
)
# Its figures are called fig_<experiment> and fig_<experiment>_architecture, and these
# are called fig_… as well.
FIGURES = ("tradeoff", "epoch_times")
RESERVED = (*TARGETS, *RULES, *FIGURES)
RESERVED_STARTS, RESERVED_ENDS = ("table_", "fig"), ("_architecture",)


def cross_checks(config):
    """All that is wrong with a config that the schema allows, a sentence each."""
    if config["source"] == "local" and not config["archives"]:
        yield (
            "archives: source local needs the folder that holds the archives, as "
            "--config source=local archives=FOLDER"
        )
    for key in ("mirrors", "checksums"):
        for name in sorted(config[key].keys() - DATASETS.keys()):
            yield f"{key}.{name}: no such dataset; {_known(name, DATASETS)}"
    if isinstance(config["neuron"]["surrogate"], dict):
        yield from surrogate_checks(config["neuron"]["surrogate"], "neuron.surrogate")
    yield from log_checks(config["experiments"])
    for experiment, setting in config["experiments"].items():
        yield from experiment_checks(config, experiment, setting)


def experiment_checks(config, experiment, setting):
    """What is wrong with one experiment: its name, its networks and their labels."""
    place, networks = f"experiments.{experiment}", setting["networks"]
    if is_reserved(experiment):
        yield (
            f"{place}: «{experiment}» is the name of a rule or a figure of the "
            f"workflow; call the experiment otherwise, as my_{experiment}"
        )
    labels = Counter(network["label"] for network in networks.values())
    for name, network in networks.items():
        key = f"{place}.networks.{name}"
        if labels[network["label"]] > 1:
            yield (
                f"{key}.label: {network['label']!r} is the label of another network of "
                f"{experiment} too; tables and figures need one for each"
            )
        yield from against_checks(networks, name, key)
        yield from network_checks(config, network, key)


def is_reserved(experiment):
    """Whether an experiment of this name would collide with something of ours."""
    return (
        experiment in RESERVED
        or experiment.startswith(RESERVED_STARTS)
        or experiment.endswith(RESERVED_ENDS)
    )


def log_checks(experiments):
    """Logs are called <experiment>_<network>_…: two must not come to one name."""
    taken = {}
    for experiment, setting in experiments.items():
        for network in setting["networks"]:
            other = taken.setdefault(f"{experiment}_{network}", experiment)
            if other != experiment:
                yield (
                    f"experiments.{experiment}.networks.{network}: its logs would be "
                    f"called as those of a network of {other}; rename one of the two"
                )


def against_checks(networks, name, place):
    """Whether `against` names another network of the experiment, one way only."""
    other = networks[name].get("against")
    if other is None:
        return
    others = [network for network in networks if network != name]
    if other == name:
        yield f"{place}.against: {other!r} is the network itself; {_known('', others)}"
    elif other not in networks:
        yield (
            f"{place}.against: {other!r} is no network of this experiment; "
            f"{_known(other, others)}"
        )
    elif networks[other].get("against") == name:
        yield f"{place}.against: {other!r} is compared with {name} already; remove one"


def network_checks(config, network, place):
    """What is wrong with one network of the config, a sentence each."""
    for key, known in (
        ("dataset", DATASETS),
        ("architecture", config["architectures"]),
    ):
        if network[key] not in known:
            yield (
                f"{place}.{key}: {network[key]!r} is not defined; "
                f"{_known(network[key], known)}"
            )
            return
    dataset = DATASETS[network["dataset"]]
    yield from neuron_checks(network, place)
    yield from loss_checks(config, network, place)
    yield from spike_checks(network, dataset.kind == "events", place)
    yield from shape_checks(network, dataset, config["architectures"], place)


def neuron_checks(network, place):
    """Whether the neuron has the keys of its kind, and its surrogate likewise."""
    neuron = settings.mapping(network["neuron"])
    if not is_spiking(network):
        for key in sorted(neuron.keys() - {"kind"}):
            yield f"{place}.neuron.{key}: a relu neuron has no {key}; remove it"
    elif isinstance(neuron.get("surrogate"), dict):
        yield from surrogate_checks(neuron["surrogate"], f"{place}.neuron.surrogate")


def surrogate_checks(surrogate, place):
    """Whether a surrogate gradient has the parameter of its kind and no other."""
    kind = surrogate["kind"]
    parameter, _ = settings.SURROGATES[kind]
    for key in sorted(surrogate.keys() - {"kind", parameter}):
        yield f"{place}.{key}: {kind} has no {key}; its parameter is {parameter}"


def loss_checks(config, network, place):
    """Whether the network's neuron can be trained with its loss, and what it takes."""
    own = settings.mapping(network.get("loss", {}))
    kind, neuron = own.get("kind"), neuron_kind(network["neuron"])
    allowed = settings.LOSSES[neuron]
    if kind and kind not in allowed:
        yield (
            f"{place}.loss: {kind!r} does not fit a {neuron} network; allowed: "
            f"{', '.join(allowed)}"
        )
        return
    made = settings.loss(config, network)
    for key in sorted(own.keys() - {"kind"} - made.keys()):
        yield f"{place}.loss.{key}: only for count_mse, not for {made['kind']}"


def spike_checks(network, events, place):
    """Whether encoding, steps, events and resize fit the data and the neuron."""
    spiking = is_spiking(network)
    encoded = spiking and not events
    for key in ("encoding", "steps"):
        if encoded and key not in network:
            yield f"{place}.{key}: missing; images need it to become spikes"
        if not encoded and key in network:
            yield f"{place}.{key}: only for images that a lif network sees; remove it"
    if events and not spiking:
        yield f"{place}.neuron: relu cannot take event data; use lif"
    if events and "resize" in network:
        yield f"{place}.resize: only for images; remove it"
    if not events and "events" in network:
        yield f"{place}.events: only for event data; remove it"


def shape_checks(network, dataset, architectures, place):
    """Whether the layers fit the input and give one output per class."""
    channels, *edges = dataset.shape
    if "resize" in network:
        edges = [network["resize"]] * 2
    layers = architectures[network["architecture"]]
    kind = neuron_kind(network["neuron"])
    try:
        last = describe(layers, (channels, *edges), kind)[-1]
    except ValueError as error:
        yield f"{place}.architecture: {error}"
        return
    if last.out_shape != (len(dataset.classes),):
        yield (
            f"{place}.architecture: gives {last.out_shape} outputs, but "
            f"{network['dataset']} has {len(dataset.classes)} classes"
        )


def _known(value, words):
    return f"known: {', '.join(words)}{meant(value, words)}"
