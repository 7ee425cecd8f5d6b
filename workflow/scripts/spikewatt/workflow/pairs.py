"""Which network of an experiment is compared with which."""


def against(config, experiment, network):
    """The network that `network` is compared with, or None.

    Where `against:` names none, it is the experiment's first, which itself is compared
    with nobody. A pair is not compared both ways: whom the first names is compared
    with no one.
    """
    networks = config["experiments"][experiment]["networks"]
    named = networks[network].get("against")
    if named:
        return named
    first = next(iter(networks))
    return None if network in (first, networks[first].get("against")) else first


def pairs(config):
    """All comparisons as (experiment, network, the one that it is compared with)."""
    return [
        (experiment, network, other)
        for experiment, setting in config["experiments"].items()
        for network in setting["networks"]
        if (other := against(config, experiment, network))
    ]
