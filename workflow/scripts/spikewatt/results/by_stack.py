"""What each network costs in each stack, and what it costs against its first one."""

import math
from dataclasses import dataclass

from spikewatt import paper
from spikewatt.results import gaps, measured, stats

STACKS = ("reference", "fast")


@dataclass(frozen=True)
class Quantity:
    """What is compared.

    role: what it stands for («accuracy», «time», «memory», «energy» or another word);
    name: in `measured`; column: in the run's CSV; paper: in the paper's CSV, or None.
    """

    role: str
    stage: str
    name: str
    column: str
    words: str
    unit: str
    digits: int
    paper: str | None = None

    @property
    def cost(self):
        """Whether ratios of it mean something."""
        return self.role != "accuracy"


def _accuracy(stage, name, column, words):
    return Quantity("accuracy", stage, name, column, words, "%", 2, name)


ACCURACIES = [
    _accuracy(
        "t1", "best_val_accuracy_pct", "val_accuracy_pct", "best validation accuracy"
    ),
    _accuracy("t2", "test_accuracy_pct", "test_accuracy_pct", "test accuracy"),
]
TIMES = [
    Quantity(
        *("time", "t1", "mean_epoch_time_s", "train_time_s", "time per epoch"),
        *("s", 2, "mean_epoch_time_s"),
    ),
    Quantity(
        *("test time", "t2", "test_time_s", "test_time_s", "test time"),
        *("s", 2, "test_time_s"),
    ),
]
# The first of these that was measured anywhere is shown for all networks.
MEMORIES = [
    Quantity("memory", "t1", name, name, words, unit, digits)
    for name, words, unit, digits in (
        ("max_gpu_memory_pct", "peak device memory", "%", 1),
        ("max_rss_mib", "peak process memory", "MiB", 0),
    )
]
ENERGIES = [
    Quantity("energy", "t1", name, column, words, unit, digits)
    for name, column, words, unit, digits in (
        ("mean_epoch_energy_j", "gpu_energy_j", "GPU energy per epoch", "J", 1),
        ("mean_epoch_cpu_energy_j", "cpu_energy_j", "CPU energy per epoch", "J", 1),
        ("mean_epoch_cpu_time_s", "cpu_time_s", "CPU time per epoch", "s", 2),
    )
]
# What goes with each energy that was measured; a stand-in has no power.
WITH_ENERGY = {
    "mean_epoch_energy_j": [
        Quantity(
            *("power", "t1", "mean_gpu_power_w", "mean_gpu_power_w"),
            *("mean GPU power, training", "W", 1, "mean_gpu_power_w"),
        ),
        Quantity(
            *("test energy", "t2", "test_energy_j", "gpu_energy_j"),
            *("GPU energy, testing", "J", 1),
        ),
    ],
    "mean_epoch_cpu_energy_j": [
        Quantity(
            *("power", "t1", "mean_cpu_power_w", "mean_cpu_power_w"),
            *("mean CPU power, training", "W", 1),
        ),
        Quantity(
            *("test energy", "t2", "test_cpu_energy_j", "cpu_energy_j"),
            *("CPU energy, testing", "J", 1),
        ),
    ],
}


@dataclass(frozen=True)
class Estimate:
    """A mean, a difference or a ratio over `n` seeds, with its 95 % interval.

    value is None where n is 0; low and high are None where n is below 2.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class Row:
    """A quantity of a network, or of a network against its experiment's first.

    label: «SNN», or «SNN / ANN» where `against` names the first network; stacks:
    `Estimate` in each of STACKS; change: fast against reference; runs: of both stacks;
    paper: the published number, or None.
    """

    experiment: str
    network: str
    against: str | None
    label: str
    position: int
    quantity: Quantity
    stacks: dict
    change: Estimate
    paper: float | None
    runs: list

    @property
    def seeds(self):
        """The most seeds that any of its numbers rests on."""
        return max(part.n for part in (*self.stacks.values(), self.change))


def quantities(runs):
    """What these runs can be compared by, in the order of the table.

    Of peak memory and of energy one kind is chosen for all runs, so that all numbers
    mean the same: the device's, where any run has it; else the host's. CPU time stands
    in for energy where neither GPU nor CPU packages have been measured.
    """
    memory, energy = _first_measured(runs, MEMORIES), _first_measured(runs, ENERGIES)
    return [*ACCURACIES, *TIMES, memory, energy, *WITH_ENERGY.get(energy.name, ())]


def rows(runs):
    """A `Row` for each quantity of each network, then of its experiment's pairs.

    Of pairs there are the costs only. Experiments keep their order.
    """
    chosen, found = quantities(runs), []
    experiments = {}
    for group in measured.by_network(runs).values():
        experiments.setdefault(group[0].experiment, []).append(group)
    for groups in experiments.values():
        found += [_of_network(group, one) for group in groups for one in chosen]
        found += [
            _of_pair(groups[0], other, quantity)
            for other in groups[1:]
            for quantity in chosen
            if quantity.cost
        ]
    return found


def why_empty(runs, quantity):
    """Why runs have no number of a quantity, each reason once."""
    found = (gaps.why_empty(run, quantity.stage, quantity.column) for run in runs)
    return list(dict.fromkeys(found))


def _first_measured(runs, kinds):
    for kind in kinds[:-1]:
        if stats.present([_value(run, kind) for run in runs]).size:
            return kind
    return kinds[-1]


def _value(run, quantity):
    return measured.ROW_OF[quantity.stage](run).get(quantity.name)


def _of_network(group, quantity):
    first = group[0]
    by_stack = {stack: _by_seed(group, stack, quantity) for stack in STACKS}
    means = {stack: _mean(found.values()) for stack, found in by_stack.items()}
    quick, slow = _common(by_stack)
    if quantity.cost:
        change = Estimate(*stats.paired_ratio(quick, slow))
    else:
        change = _mean([a - b for a, b in zip(quick, slow, strict=True)])
    stated = paper.value(
        quantity.stage, first.experiment, first.network, quantity.paper
    )
    return Row(
        *(first.experiment, first.network, None, first.label, first.position),
        *(quantity, means, change, stated, group),
    )


def _of_pair(group, others, quantity):
    """The second network's cost over the first one's, seed by seed in each stack."""
    first, second = group[0], others[0]
    by_stack, middles = {}, {}
    for stack in STACKS:
        below, above = (_by_seed(part, stack, quantity) for part in (group, others))
        by_stack[stack] = {
            seed: above[seed] / below[seed]
            for seed in below
            if above.get(seed, 0) > 0 and below[seed] > 0
        }
        middles[stack] = _geometric(by_stack[stack].values())
    stated = [
        paper.value(quantity.stage, run.experiment, run.network, quantity.paper)
        for run in (second, first)
    ]
    return Row(
        *(first.experiment, second.network, first.network),
        *(f"{second.label} / {first.label}", second.position, quantity, middles),
        Estimate(*stats.paired_ratio(*_common(by_stack))),
        stats.ratio(*stated),
        [*group, *others],
    )


def _by_seed(runs, stack, quantity):
    """Seed → number, of the runs of a stack that have one."""
    found = {run.seed: _value(run, quantity) for run in runs if run.stack == stack}
    return {
        seed: float(value)
        for seed, value in found.items()
        if value is not None and not math.isnan(value)
    }


def _common(by_stack):
    """The numbers of fast and of reference, of the seeds that both have."""
    slow, quick = (by_stack[stack] for stack in STACKS)
    common = [seed for seed in slow if seed in quick]
    return [quick[seed] for seed in common], [slow[seed] for seed in common]


def _mean(values):
    value, half, n = stats.mean_ci(list(values))
    if half is None:
        return Estimate(value, None, None, n)
    return Estimate(value, value - half, value + half, n)


def _geometric(ratios):
    return Estimate(*stats.paired_ratio(list(ratios), [1.0] * len(ratios)))
