"""Which device computed a run, and runs of unlike devices kept apart.

Times, memory and energy of one device say nothing beside those of another: means are
of one device's runs, and ratios are within one. How many threads a CPU had, and by
which way samples came, is told beside (`conditions`).
"""

from collections import Counter
from dataclasses import replace

from spikewatt.results import measured
from spikewatt.results.conditions import hardware
from spikewatt.results.converted import source_hardware
from spikewatt.results.pairs import same_seeds
from spikewatt.results.runs import test_facts


def device(run):
    """What computed a run, «NVIDIA A100-SXM4-80GB»; None where its files don't say.

    A run that went on elsewhere after a cut, was tested elsewhere or converted from one
    of elsewhere, whose training is part of its costs, is of no one device: «A, then B»,
    «A, tested on B», «A (its source), then B».
    """
    trained = hardware(run.info or {})
    source = source_hardware(run)
    if trained and source not in (None, trained):
        trained_on = f"{source} (its source), then {trained}"
    else:
        trained_on = trained
    tested = None if run.test is None else hardware(test_facts(run))
    if tested is None or tested == trained or trained is None:
        return trained_on
    return f"{trained_on}, tested on {tested}"


def parts(runs):
    """The runs of each device, the most usual one first: lists, each in their order.

    Of several devices each run's label says which. Runs that do not say are taken for
    the most usual device's.
    """
    names = [device(run) for run in runs]
    known = Counter(filter(None, names)).most_common()
    if len(known) < 2:
        return [list(runs)]
    told = {name: [] for name, _ in known}
    for run, name in zip(runs, names, strict=True):
        name = name or known[0][0]
        told[name].append(replace(run, label=f"{run.label} on {name}"))
    return list(told.values())


def networks(runs):
    """Runs by network and device, in the order of the networks: lists."""
    order = list(measured.by_network(runs))
    groups = [
        (key, group)
        for part in parts(runs)
        for key, group in measured.by_network(part).items()
    ]
    return [group for _, group in sorted(groups, key=lambda one: order.index(one[0]))]


def on_one_device(first, second):
    """As `pairs.same_seeds`, of the seeds whose two runs one device computed.

    Of several such devices the one with the most seeds. Where a run does not say, it is
    taken for the other's.
    """
    by_device = {}
    for one, other in zip(*same_seeds(first, second), strict=True):
        names = {device(one), device(other)} - {None}
        if len(names) < 2:
            by_device.setdefault(next(iter(names), None), []).append((one, other))
    most = max(by_device.values(), key=len, default=[])
    return [one for one, _ in most], [other for _, other in most]
