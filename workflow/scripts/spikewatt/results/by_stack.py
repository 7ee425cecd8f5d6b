"""What each network costs in each stack, and against the one it is compared with."""

import math
from dataclasses import dataclass

from spikewatt import paper
from spikewatt.results import measured, missing, stats
from spikewatt.results.devices import parts
from spikewatt.results.pairs import pairs
from spikewatt.results.quantities import (
    ACCURACIES,
    ENERGIES,
    MEMORIES,
    TIMES,
    WITH_ENERGY,
    Quantity,
)

STACKS = ("reference", "fast")


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
    """A quantity of a network, or its ratio to the network that it is compared with.

    against: the other network, where it is a ratio; labels: of the network and of that
    one, «SNN» and «ANN»; stacks: `Estimate` in each of STACKS; change: fast against
    reference; runs: of both stacks; paper: the published number, or None.
    """

    experiment: str
    network: str
    against: str | None
    labels: tuple
    position: int
    quantity: Quantity
    stacks: dict
    change: Estimate
    paper: float | None
    runs: list

    @property
    def label(self):
        """«SNN», or «SNN / ANN»."""
        return " / ".join(self.labels)

    @property
    def seeds(self):
        """The most seeds that any of its numbers rests on."""
        return max(part.n for part in (*self.stacks.values(), self.change))


def quantities(runs, rows=None):
    """What these runs can be compared by, in the order of the table.

    Of peak memory and of energy one kind is chosen for all runs, so that all numbers
    mean the same: the device's, where any run has it; else the host's. CPU time stands
    in for energy where neither GPU nor CPU packages have been measured. rows: a
    `measured.Rows`, where there is one already.
    """
    rows = rows or measured.Rows()
    memory, energy = (_first_measured(runs, of, rows) for of in (MEMORIES, ENERGIES))
    return [*ACCURACIES, *TIMES, memory, energy, *WITH_ENERGY.get(energy.name, ())]


def rows(runs, numbers=None):
    """A `Row` for each quantity of each network, then of its experiment's pairs.

    Of pairs there are the costs only. Experiments keep their order; runs of unlike
    devices have rows of their own. numbers: a `measured.Rows`, where there is one
    already.
    """
    numbers = numbers or measured.Rows()
    chosen = quantities(runs, numbers)
    made = {run.experiment: [] for run in runs}
    for part in parts(runs):
        for row in _of_device(part, chosen, numbers):
            made[row.experiment].append(row)
    return [row for of_experiment in made.values() for row in of_experiment]


def _of_device(runs, chosen, numbers):
    """The rows of runs of one device: of networks, then of pairs."""
    for group in measured.by_network(runs).values():
        yield from (_of_network(group, one, numbers) for one in chosen)
    for first, second in pairs(runs):
        costs = [one for one in chosen if one.cost]
        yield from (_of_pair(first, second, one, numbers) for one in costs)


def why_empty(runs, quantity):
    """Why runs have no number of a quantity: notes, each once."""
    reasons = (missing.why_empty(run, quantity.stage, quantity.column) for run in runs)
    return list(dict.fromkeys(reasons))


def _first_measured(runs, kinds, rows):
    for kind in kinds[:-1]:
        values = [rows.value(run, kind.stage, kind.name) for run in runs]
        if stats.present(values).size:
            return kind
    return kinds[-1]


def _of_network(group, quantity, rows):
    first = group[0]
    by_stack = {stack: _by_seed(group, stack, quantity, rows) for stack in STACKS}
    means = {stack: _mean(values.values()) for stack, values in by_stack.items()}
    quick, slow = _common(by_stack)
    if quantity.cost:
        change = Estimate(*stats.paired_ratio(quick, slow))
    else:
        change = _mean([a - b for a, b in zip(quick, slow, strict=True)])
    stated = paper.value(
        quantity.stage, first.experiment, first.network, quantity.paper
    )
    return Row(
        *(first.experiment, first.network, None, (first.label,), first.position),
        *(quantity, means, change, stated, group),
    )


def _of_pair(group, others, quantity, rows):
    """The cost of `others` over that of `group`, seed by seed in each stack."""
    first, second = group[0], others[0]
    by_stack, middles = {}, {}
    for stack in STACKS:
        below, above = (
            _by_seed(part, stack, quantity, rows) for part in (group, others)
        )
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
        *((second.label, first.label), second.position, quantity, middles),
        Estimate(*stats.paired_ratio(*_common(by_stack))),
        stats.ratio(*stated),
        [*group, *others],
    )


def _by_seed(runs, stack, quantity, rows):
    """Seed → number, of the runs of a stack that have one."""
    values = {
        run.seed: rows.value(run, quantity.stage, quantity.name)
        for run in runs
        if run.stack == stack
    }
    return {
        seed: float(value)
        for seed, value in values.items()
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
