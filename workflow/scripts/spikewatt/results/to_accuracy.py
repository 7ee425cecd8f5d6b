"""What it costs to reach an accuracy: from epochs.csv of each run.

A cost is that of all epochs, training and validation together, up to and with the first
whose validation accuracy is at least the target; of a converted network its source's
whole training comes on top. Per run it is infinite where no epoch reaches the target,
and NaN where it was not measured.
"""

import math
from dataclasses import dataclass

import numpy as np

from spikewatt.results import measured, stats
from spikewatt.results.converted import COSTS, source_cost

NEVER = math.inf


@dataclass(frozen=True)
class ToAccuracy:
    """A cost over the seeds of a network that reached a target.

    mean, half: over those of them that have the cost, and the half width of its 95 %
    interval; None without. n: how many have it; reached: seeds that reached the target;
    seeds: those whose epochs are known.
    """

    mean: float | None
    half: float | None
    n: int
    reached: int
    seeds: int

    @property
    def never(self):
        """Whether no seed reached it, though some were trained."""
        return self.seeds > 0 and self.reached == 0


def first_epoch(accuracies, target):
    """The index of the first accuracy of at least `target`; None where there is none.

    accuracies: in %, an epoch each, NaN where it was not measured.
    """
    there = np.flatnonzero(np.asarray(accuracies, float) >= target)
    return int(there[0]) if there.size else None


def spent(costs, accuracies, target):
    """The sum of `costs` until `accuracies` first reach `target`, both an epoch each.

    NEVER where they don't; NaN where a cost on the way was not measured.
    """
    index = first_epoch(accuracies, target)
    if index is None:
        return NEVER
    return float(np.sum(np.asarray(costs, float)[: index + 1]))


def of_run(run, cost, target):
    """A cost (a name of `converted.COSTS`) of a run until it reached a target in %.

    NEVER and NaN as of the module; NaN for a run without epochs.csv.
    """
    if run.epochs is None:
        return math.nan
    accuracies = measured.numbers(run.epochs["val_accuracy_pct"])
    return spent(epoch_costs(run, cost), accuracies, target) + before(run, cost)


def whole(run, cost):
    """A cost of all epochs of a run, its source's training included; NaN if unknown."""
    if run.epochs is None:
        return math.nan
    return float(np.sum(epoch_costs(run, cost))) + before(run, cost)


def before(run, cost):
    """What a run's source cost; 0 for a trained one, NaN where it was not measured."""
    known = source_cost(run, cost)
    return math.nan if known is None else float(known)


def epoch_costs(run, cost):
    """A cost of each epoch, as an array; NaN where it was not measured."""
    parts = [
        np.asarray(measured.numbers(run.epochs[column]), float)
        if column in run.epochs
        else np.full(len(run.epochs), math.nan)
        for column in COSTS[cost]
    ]
    return np.sum(parts, axis=0)


def over_seeds(values, reached):
    """A `ToAccuracy` of a cost of each run and of whether it reached the target.

    values: as `of_run` gives them; reached: True, False, or None for an unknown run.
    """
    known = [value for value, there in zip(values, reached, strict=True) if there]
    told = [there for there in reached if there is not None]
    return ToAccuracy(*stats.mean_ci(known), sum(told), len(told))


def of_network(group, cost, target):
    """`over_seeds` of the runs of one network; None without a target."""
    if target is None:
        return None
    reached = [None if run.epochs is None else reaches(run, target) for run in group]
    return over_seeds([of_run(run, cost, target) for run in group], reached)


def reaches(run, target):
    """Whether an epoch of a run, which has some, reached the target."""
    accuracies = measured.numbers(run.epochs["val_accuracy_pct"])
    return first_epoch(accuracies, target) is not None
