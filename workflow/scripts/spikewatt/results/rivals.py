"""What each rival of an experiment reaches and costs: the numbers behind its table."""

import math
from dataclasses import dataclass, replace

from spikewatt.results import (
    anytime,
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

# What stands for energy, the first of each that every network has; else the last.
TRAINING_ENERGIES = ("gpu_energy_j", "cpu_energy_j", "cpu_time_s")
INFERENCE_ENERGIES = ("inference_j", "inference_cpu_s")
MEMORIES = ("peak_gpu_memory_pct", "peak_process_memory_mib")
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
    """An experiment with rivals, and the accuracies that they are asked to reach."""

    name: str
    rivals: list
    targets: dict  # of TARGETS: a `targets.AccuracyTarget`, or None


def of_runs(runs, compare=True):
    """A `Field` for each experiment with more than one pair of networks.

    compare: whether networks are compared seed by seed, for which their predictions are
    read; differences are empty otherwise.
    """
    experiments = {}
    for (experiment, network), group in measured.by_network(runs).items():
        experiments.setdefault(experiment, {})[network] = group
    return [
        _field(name, groups, compare)
        for name, groups in experiments.items()
        if has_rivals(groups)
    ]


def without_verdicts(fields):
    """The fields with differences as they are and nothing judged by them."""

    def silent(rival):
        return replace(rival, difference=replace(rival.difference, verdict=None))

    return [replace(f, rivals=[silent(rival) for rival in f.rivals]) for f in fields]


def shown(fields, kinds):
    """Which of `kinds` is shown: the first that every network has that has any of them.

    kinds: names of `Rival.values`, or of `converted.COSTS` for the training. The last
    where none is so.
    """
    everyone = [rival for field in fields for rival in field.rivals]
    has = {kind: [_has(rival, kind) for rival in everyone] for kind in kinds}
    asked = [any(one) for one in zip(*has.values(), strict=True)]
    whole = [kind for kind in kinds if any(asked) and has[kind] == asked]
    return whole[0] if whole else kinds[-1]


def _has(rival, kind):
    return rival.mean(training(kind) if kind in COSTS else kind)[2] > 0


def training(cost):
    """The name of a cost of a whole training: «training_cpu_time_s» of «cpu_time_s»."""
    return f"training_{cost}"


def _field(name, groups, compare):
    all_groups = list(groups.values())
    asked = {
        "paper": targets.of_paper(all_groups),
        "weakest": targets.of_weakest(all_groups),
    }
    rivals = [
        _rival(group, groups.get(group[0].against, []), asked, compare)
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
        "peak_gpu_memory_pct": trained.get("max_gpu_memory_pct"),
        "peak_process_memory_mib": trained.get("max_rss_mib"),
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
