"""What each rival of an experiment reaches and costs: the numbers behind its table."""

import math
from dataclasses import dataclass, replace

from spikewatt.results import (
    anytime,
    devices,
    latency,
    measured,
    operations,
    stats,
    targets,
    to_accuracy,
    versus,
)
from spikewatt.results.converted import COSTS
from spikewatt.results.registry import has_rivals
from spikewatt.results.rival_costs import MEMORIES, key, training

# Columns of inference.csv → the names here.
OF_LATENCY = {
    "latency_median_ms": "latency_median_ms",
    "latency_p95_ms": "latency_p95_ms",
    "joules_per_sample": "inference_j",
    "cpu_s_per_sample": "inference_cpu_s",
}
TARGETS = ("paper", "weakest")


@dataclass(frozen=True)
class Rival:
    """A network of an experiment: its runs, and what it is compared with.

    values: name → a number a run, NaN where it has none; to: (target, cost) → what it
    costs to reach it, a `ToAccuracy` or None where there is no such target.
    """

    group: list
    partner: list
    difference: versus.AccuracyDifference
    values: dict
    to: dict

    @property
    def label(self):
        return self.group[0].label

    @property
    def spiking(self):
        return self.group[0].spiking

    def mean(self, name):
        """(mean, half width of its 95 % interval, n) over seeds, by `stats.mean_ci`."""
        return stats.mean_ci(self.values[name])


@dataclass(frozen=True)
class Field:
    """An experiment's rivals on one device, and the accuracies that they are asked."""

    name: str
    rivals: list
    targets: dict  # of TARGETS: a `targets.AccuracyTarget`, or None

    @property
    def device(self):
        """What computed the runs; empty where none of them says."""
        known = (devices.device(run) for rival in self.rivals for run in rival.group)
        return next(filter(None, known), "")


def of_runs(runs, compare=True):
    """A `Field` for each experiment with more than one pair of networks.

    One for each device that computed runs of it: costs of unlike devices say nothing
    beside each other. Accuracies do: where a device has no run of the network that one
    is compared with, those of others stand for it. compare: whether networks are
    compared seed by seed, for which their predictions are read; differences are empty
    otherwise.
    """
    asked = {}
    for experiment, network in measured.by_network(runs):
        asked.setdefault(experiment, []).append(network)
    fields = []
    for experiment, networks in asked.items():
        own = [run for run in runs if run.experiment == experiment]
        anywhere = _by_name(own)
        for part in devices.parts(own) if has_rivals(networks) else []:
            fields.append(_field(experiment, _by_name(part), anywhere, compare))
    return fields


def without_verdicts(fields):
    """The fields with differences as they are and nothing judged by them."""

    def silent(rival):
        return replace(rival, difference=replace(rival.difference, verdict=None))

    return [replace(f, rivals=[silent(rival) for rival in f.rivals]) for f in fields]


def shown(fields, kinds):
    """Which of `kinds` is shown: the first that every network has that has any of them.

    kinds: of `rival_costs`. The last where none is so.
    """
    has = {
        kind: [rival.mean(key(kind))[2] > 0 for rival in everyone(fields)]
        for kind in kinds
    }
    asked = [any(one) for one in zip(*has.values(), strict=True)]
    whole = [kind for kind in kinds if any(asked) and has[kind] == asked]
    return whole[0] if whole else kinds[-1]


def everyone(fields):
    """The rivals of all fields."""
    return [rival for field in fields for rival in field.rivals]


def _by_name(runs):
    """Runs of one experiment by their network's name."""
    return {name: group for (_, name), group in measured.by_network(runs).items()}


def _field(name, groups, anywhere, compare):
    all_groups = list(groups.values())
    asked = {
        "paper": targets.of_paper(all_groups),
        "weakest": targets.of_weakest(all_groups),
    }
    rivals = [
        _rival(group, (anywhere | groups).get(group[0].against, []), asked, compare)
        for group in all_groups
    ]
    return Field(name, rivals, asked)


def _rival(group, partner, asked, compare):
    rows = [values(run) for run in group]
    to = {
        (target, cost): to_accuracy.of_network(group, cost, one.pct if one else None)
        for target, one in asked.items()
        for cost in COSTS
    }
    difference = versus.AccuracyDifference()
    if compare and partner:
        difference = versus.difference(partner, group)
    by_name = {name: [row[name] for row in rows] for name in rows[0]}
    return Rival(group, partner, difference, by_name, to)


def values(run):
    """All numbers of one run, by name; NaN where it has none."""
    trained, tested = measured.table1_row(run), measured.table2_row(run)
    single, layers = latency.of_run(run), _layers(run)
    found = {
        "test_accuracy_pct": tested.get("test_accuracy_pct"),
        **{training(cost): to_accuracy.whole(run, cost) for cost in COSTS},
        **{name: single.get(column) for column, name in OF_LATENCY.items()},
        **{one.name: trained.get(one.column) for one in MEMORIES},
        "parameter_bytes": operations.total(layers, "parameter_bytes") or None,
        "spikes_per_sample": _spikes(run),
        "hidden_sparsity": operations.hidden_sparsity(layers) if layers else None,
    }
    return {name: math.nan if v is None else float(v) for name, v in found.items()}


def _layers(run):
    table = operations.of_run(run)
    return [] if table is None else operations.per_inference(table)


def _spikes(run):
    """Spikes of all layers for a sample; None for a network that does not spike."""
    course = anytime.of_run(run) if run.spiking else None
    return None if course is None or course.empty else course.iloc[-1].spikes_per_sample
