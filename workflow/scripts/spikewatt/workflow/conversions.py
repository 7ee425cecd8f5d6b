"""Whether a network can take another's weights: what no schema can see of `from:`."""

from spikewatt.network.describe import is_spiking, neuron_kind
from spikewatt.workflow.sentences import meant

# What both must have alike, and why a conversion needs it.
ALIKE = {
    "dataset": "its weights were learned on other data",
    "resize": "its weights see another size",
    "frames": "its weights see another number of frames",
    "events": "its weights were learned on other events",
}


def checks(config, networks, name, key):
    """What is wrong with `from` of one network, a sentence each.

    networks: of its experiment, by name; key: what the network is called in messages.
    """
    network = networks[name]
    converts = neuron_kind(network["neuron"]) == "if"
    if "from" not in network:
        if converts:
            yield (
                f"{key}.neuron: if is for networks that are converted; say from which: "
                f"from: {_first_source(networks, name)}, or use lif"
            )
        return
    if not converts:
        yield f"{key}.neuron: a network with from: is not trained; it needs neuron: if"
    if "training" in network:
        yield f"{key}.training: a converted network has its source's; remove it"
    yield from source_checks(config, networks, name, key)


def source_checks(config, networks, name, key):
    """Whether the network that `from` names is one that can be converted to this."""
    network, other = networks[name], networks[name]["from"]
    if other not in networks:
        known = ", ".join(one for one in networks if one != name)
        yield (
            f"{key}.from: {other!r} is no network of this experiment; known: {known}"
            f"{meant(other, networks)}"
        )
        return
    circle = _circle(networks, name)
    if circle:
        yield f"{key}.from: goes in a circle: {' from '.join(circle)}"
        return
    source = networks[other]
    if is_spiking(source):
        yield (
            f"{key}.from: {other!r} spikes itself; weights are taken from a network of "
            "relu or qcfs"
        )
    layers = config["architectures"]
    architectures = [one["architecture"] for one in (network, source)]
    if layers.get(architectures[0]) != layers.get(architectures[1]):
        yield (
            f"{key}.from: {other!r} has the architecture {architectures[1]}, not "
            f"{architectures[0]}: its weights do not fit"
        )
    for word, why in ALIKE.items():
        if network.get(word) != source.get(word):
            yield (
                f"{key}.{word}: {network.get(word, 'not set')}, but {other} has "
                f"{source.get(word, 'none')}: {why}"
            )


def _circle(networks, name):
    """The names of a way from `name` back to it by `from`; None without a circle."""
    way = [name]
    while (following := networks[way[-1]].get("from")) in networks:
        way.append(following)
        if following == name:
            return way
        if following in way[:-1]:
            return None  # a circle of others, told of them
    return None


def _first_source(networks, name):
    others = [one for one in networks if one != name and not is_spiking(networks[one])]
    return others[0] if others else "<a network of relu>"
