"""Which network is compared with which: by `against` of the config."""

from spikewatt.results import measured


def pairs(runs):
    """(runs of the network compared with, runs of the network), a pair each.

    In the order of the networks; a network whose partner is not among the runs, or
    that is compared with none, has no pair.
    """
    groups = measured.by_network(runs)
    compared = []
    for (experiment, _), group in groups.items():
        partner = groups.get((experiment, group[0].against))
        if partner:
            compared.append((partner, group))
    return compared


def same_seeds(a, b):
    """The runs of two lists whose seeds are in both, in the same order."""
    others = {run.seed: run for run in b}
    common = [run for run in a if run.seed in others]
    return common, [others[run.seed] for run in common]
