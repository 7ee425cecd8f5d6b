"""What the config's schema cannot see: keys that depend on one another."""

from collections import Counter

from spikewatt.data import libraries
from spikewatt.data.catalogue import DATASETS, listed
from spikewatt.network.describe import (
    describe,
    is_spiking,
    neuron_kind,
    seen_shape,
)
from spikewatt.network.neuron.settings import SURROGATES
from spikewatt.workflow import conversions, settings
from spikewatt.workflow.sentences import meant

# Names of target rules and of others: an experiment's name becomes a rule of its own.
TARGETS = ("all", "plan", "data", "tables", "figures", "report", "nir")
RULES = (
    *("download", "local_archive", "sample_archive", "prepare", "train", "test"),
    *("table", "table1", "table2", "paired", "ratios", "stacks", "claims", "figure"),
    *("operations", "estimates", "firing", "rivals", "summary", "export_nir"),
)
# Its figures are called fig_<experiment> and fig_<experiment>_architecture, and these
# are called fig_… as well.
FIGURES = ("tradeoff", "epoch_times", "anytime", "pareto", "cost_to_accuracy")
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
            yield f"{key}.{name}: no such dataset; {_known(name, DATASETS, listed())}"
    if isinstance(config["neuron"]["surrogate"], dict):
        yield from surrogate_checks(config["neuron"]["surrogate"], "neuron.surrogate")
    yield from log_checks(config["experiments"])
    yield from loading_checks(config)
    for experiment, setting in config["experiments"].items():
        yield from experiment_checks(config, experiment, setting)


def loading_checks(config):
    """Whether the libraries read every data set that the reference stack asks for."""
    if config["loading"] != "library" or "reference" not in config["stacks"]:
        return
    for experiment, setting in config["experiments"].items():
        for name, network in setting["networks"].items():
            dataset = network["dataset"]
            if dataset in DATASETS and dataset not in libraries.READ:
                yield (
                    f"loading: library reads {', '.join(libraries.READ)}, and not "
                    f"{dataset} of experiments.{experiment}.networks.{name}; set "
                    "loading: prepared"
                )


def experiment_checks(config, experiment, setting):
    """What is wrong with one experiment: its name, its networks and their labels."""
    networks = setting["networks"]
    if is_reserved(experiment):
        yield (
            f"experiments.{experiment}: «{experiment}» is the name of a rule or a "
            f"figure of the workflow; call the experiment otherwise, as my_{experiment}"
        )
    labels = Counter(network["label"] for network in networks.values())
    for name, network in networks.items():
        key = f"experiments.{experiment}.networks.{name}"
        if labels[network["label"]] > 1:
            yield (
                f"{key}.label: {network['label']!r} is the label of another network of "
                f"{experiment} too; tables and figures need one for each"
            )
        yield from against_checks(networks, name, key)
        yield from conversions.checks(config, networks, name, key)
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


def against_checks(networks, name, key):
    """Whether `against` names another network of the experiment, one way only."""
    other = networks[name].get("against")
    if other is None:
        return
    others = [network for network in networks if network != name]
    if other == name:
        yield f"{key}.against: {other!r} is the network itself; {_known('', others)}"
    elif other not in networks:
        yield (
            f"{key}.against: {other!r} is no network of this experiment; "
            f"{_known(other, others)}"
        )
    elif networks[other].get("against") == name:
        yield f"{key}.against: {other!r} is compared with {name} already; remove one"


def network_checks(config, network, key):
    """What is wrong with one network of the config, a sentence each."""
    for word, known, told in (
        ("dataset", DATASETS, listed()),
        ("architecture", config["architectures"], None),
    ):
        if network[word] not in known:
            yield (
                f"{key}.{word}: {network[word]!r} is not defined; "
                f"{_known(network[word], known, told)}"
            )
            return
    dataset = DATASETS[network["dataset"]]
    yield from neuron_checks(network, key)
    yield from loss_checks(config, network, key)
    yield from spike_checks(network, dataset.kind == "events", key)
    yield from training_checks(config, network, key)
    events = settings.events(config, network)
    yield from shape_checks(network, dataset, config["architectures"], events, key)


def neuron_checks(network, key):
    """Whether the neuron has the keys of its kind, and its surrogate likewise."""
    neuron = settings.mapping(network["neuron"])
    kind = neuron_kind(network["neuron"])
    for word in sorted(neuron.keys() - settings.KEYS[kind]):
        yield f"{key}.neuron.{word}: a {kind} neuron has no {word}; remove it"
    if kind == "qcfs" and "levels" not in neuron:
        yield (
            f"{key}.neuron: qcfs needs its levels, as {{kind: qcfs, levels: 25}}; as "
            "many as a spiking rival has time steps say as much as it does"
        )
    if is_spiking(network) and "weight_bits" in network:
        yield f"{key}.weight_bits: only for networks without spikes; remove it"
    if isinstance(neuron.get("surrogate"), dict):
        yield from surrogate_checks(neuron["surrogate"], f"{key}.neuron.surrogate")


def surrogate_checks(surrogate, key):
    """Whether a surrogate gradient has the parameter of its kind and no other."""
    kind = surrogate["kind"]
    parameter, _ = SURROGATES[kind]
    for word in sorted(surrogate.keys() - {"kind", parameter}):
        yield f"{key}.{word}: {kind} has no {word}; its parameter is {parameter}"


def loss_checks(config, network, key):
    """Whether the network's neuron can be trained with its loss, and what it takes."""
    own = settings.mapping(network.get("loss", {}))
    kind, neuron = own.get("kind"), neuron_kind(network["neuron"])
    allowed = settings.LOSSES[neuron]
    if kind and kind not in allowed:
        yield (
            f"{key}.loss: {kind!r} does not fit a {neuron} network; allowed: "
            f"{', '.join(allowed)}"
        )
        return
    made = settings.loss(config, network)
    for word in sorted(own.keys() - {"kind"} - made.keys()):
        yield f"{key}.loss.{word}: only for count_mse, not for {made['kind']}"


def spike_checks(network, recorded, key):
    """Whether encoding, steps, frames, events and resize fit the data and the neuron.

    recorded: whether the data are event recordings.
    """
    spiking, events = is_spiking(network), recorded and "frames" not in network
    encoded = spiking and not events
    for word in ("encoding", "steps"):
        if encoded and word not in network:
            yield f"{key}.{word}: missing; images need it to become spikes"
        if not encoded and word in network:
            yield f"{key}.{word}: only for images that become spikes; remove it"
    if events and not spiking:
        kind = neuron_kind(network["neuron"])
        yield (
            f"{key}.neuron: {kind} cannot take event data over time; "
            "use lif, or say in how many frames they are counted: frames: 1 for all of "
            "a recording in one, frames: 3 for each saccade of N-MNIST in its own"
        )
    if recorded and "resize" in network:
        yield f"{key}.resize: only for images; remove it"
    for word in ("events", "frames"):
        if not recorded and word in network:
            yield f"{key}.{word}: only for event data; remove it"


def training_checks(config, network, key):
    """Whether the network's own `training:` has what it can make no use of."""
    own = network.get("training", {})
    if "dropout" in own and not settings.drops_spikes(config, network):
        yield f"{key}.training.dropout: only for a lif network with dropout; remove it"
    if "padding" in own and not settings.pads(network):
        yield f"{key}.training.padding: only for event data; remove it"


def shape_checks(network, dataset, architectures, events, key):
    """Whether the layers fit the input and give one output per class."""
    image = dataset.input_shape(network.get("resize"), events)
    seen = seen_shape(image, frames=network.get("frames"))
    layers = architectures[network["architecture"]]
    kind = neuron_kind(network["neuron"])
    try:
        last = describe(layers, seen, kind)[-1]
    except ValueError as error:
        yield f"{key}.architecture: {error}"
        return
    if last.out_shape != (len(dataset.classes),):
        yield (
            f"{key}.architecture: gives {last.out_shape} outputs, but "
            f"{network['dataset']} has {len(dataset.classes)} classes"
        )


def _known(value, words, told=None):
    """«known: …»; `told` says the words in another way."""
    return f"known: {told or ', '.join(words)}{meant(value, words)}"
