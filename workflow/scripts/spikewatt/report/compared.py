"""Networks and pairs of them, as the answer speaks of them."""

import math
from dataclasses import dataclass
from functools import cached_property

from spikewatt.report import settings
from spikewatt.results import measured, stats
from spikewatt.results.devices import on_one_device, parts
from spikewatt.results.origin import part_of_data
from spikewatt.results.pairs import pairs as partners

# What a training epoch costs: column of Table I (`measured.table1_row`) → word.
COSTS = {
    "mean_epoch_time_s": "time",
    "mean_gpu_memory_pct": "GPU memory",
    "mean_gpu_power_w": "GPU power",
    "mean_epoch_energy_j": "GPU energy",
}
# Stands in where no GPU's memory was measured.
PROCESS_MEMORY = "max_rss_mib"
# The paper calls 67.89 % against 69.74 % «similar»; a little more than that gap.
COMPARABLE_POINTS = 2.0


@dataclass(frozen=True)
class ComparedNetwork:
    """A network by its runs, one a seed, on the stack that answers."""

    runs: tuple

    @property
    def experiment(self):
        return self.runs[0].experiment

    @property
    def label(self):
        return self.runs[0].label

    @cached_property
    def told(self):
        """The first run that holds its settings, or else the first."""
        return next(filter(settings.of, self.runs), self.runs[0])

    @property
    def spikes(self):
        return settings.spikes(self.told)

    @property
    def data(self):
        return settings.data_title(self.told)

    @property
    def part(self):
        """How much of the data it used at most, in words; None for all of it."""
        return part_of_data(settings.of(self.told))

    @cached_property
    def accuracy_pct(self):
        """Test accuracy in percent, mean over seeds; None before any test."""
        rows = map(measured.table2_row, self.runs)
        return stats.mean_ci([row.get("test_accuracy_pct") for row in rows])[0]

    @property
    def learned(self):
        """Whether it does better than guessing; only where that can be said."""
        chance = settings.chance_pct(self.told)
        known = None not in (chance, self.accuracy_pct)
        return not known or self.accuracy_pct > learned_pct(chance, self.tested)

    @cached_property
    def tested(self):
        """Number of samples that the tests of all seeds saw; None where unknown."""
        counts = [run.test.get("samples") for run in self.runs if run.test is not None]
        known = [float(count) for count in counts if count is not None]
        return sum(known) or None

    @cached_property
    def costs(self):
        """Column of COSTS, or process memory → mean over seeds, where measured.

        Of unlike devices the one with the most runs.
        """
        rows = [measured.table1_row(run) for run in parts(self.runs)[0]]
        means = {
            column: stats.mean_ci([row.get(column) for row in rows])[0]
            for column in (*COSTS, PROCESS_MEMORY)
        }
        return {column: mean for column, mean in means.items() if mean is not None}


def learned_pct(chance, samples=None):
    """Test accuracy above which a network has learned, in percent.

    chance: accuracy of guessing, in percent. Twice that, or for few classes, where
    twice would ask too much, a ninth of the way from chance to perfect. Of many
    classes and few tested `samples`, what guessing gets by luck: two standard
    deviations above chance.
    """
    asked = min(2 * chance, chance + (100 - chance) / 9)
    if not samples:
        return asked
    return max(asked, chance + 2 * math.sqrt(chance * (100 - chance) / samples))


@dataclass(frozen=True)
class Comparison:
    """A network beside the one of its experiment that it is compared with.

    Where one of the two spikes, it is `network`, whichever is compared with which.
    """

    network: ComparedNetwork
    other: ComparedNetwork

    @property
    def experiment(self):
        return self.network.experiment

    @property
    def data(self):
        """The data set of both, or «N-MNIST against MNIST»; empty if unknown.

        Where only a part of it was used, that is said: «MNIST, at most 2,000 training
        and 500 test samples».
        """
        titles = dict.fromkeys([self.network.data, self.other.data])
        parts = dict.fromkeys([self.network.part, self.other.part])
        titles = " against ".join(filter(None, titles))
        return ", ".join(filter(None, [titles, " against ".join(filter(None, parts))]))

    @property
    def of_both_kinds(self):
        """Whether one spikes and the other does not."""
        return self.network.spikes != self.other.spikes

    @property
    def tested(self):
        return None not in (self.network.accuracy_pct, self.other.accuracy_pct)

    def flagged(self, stage):
        """Flags of a stage's measurements, «train» or «test», of either network."""
        runs = (*self.network.runs, *self.other.runs)
        return dict.fromkeys(measured.raised(runs, stage))

    @property
    def verdict(self):
        """«comparable», «short», «unlearned» or «untested»."""
        if not self.tested:
            return "untested"
        if not (self.network.learned or self.other.learned):
            return "unlearned"
        behind = self.other.accuracy_pct - self.network.accuracy_pct
        return "comparable" if behind <= COMPARABLE_POINTS else "short"

    @cached_property
    def ratios(self):
        """Column of COSTS, or process memory → network / other, where measured.

        Geometric means over the seeds that both have on one device, as in the table of
        ratios.
        """
        rows, others = (
            [measured.table1_row(run) for run in group]
            for group in on_one_device(self.network.runs, self.other.runs)
        )
        ratios = {
            column: stats.paired_ratio(
                [row.get(column) for row in rows], [row.get(column) for row in others]
            )[0]
            for column in (*COSTS, PROCESS_MEMORY)
        }
        return {column: ratio for column, ratio in ratios.items() if ratio is not None}


def networks(runs):
    """The networks on the stack that answers, by (experiment, network)."""
    stack = main_stack(runs)
    groups = measured.by_network([run for run in runs if run.stack == stack])
    return {name: ComparedNetwork(tuple(group)) for name, group in groups.items()}


def main_stack(runs):
    """The stack that answers for the paper: `reference`, or else the first one."""
    stacks = [run.stack for run in runs]
    return "reference" if "reference" in stacks else next(iter(stacks), None)


def pairs(networks):
    """A `Comparison` for each network that is compared with another of them."""
    runs = [run for network in networks.values() for run in network.runs]
    return [
        _pair(_of(networks, group), _of(networks, others))
        for others, group in partners(runs)
    ]


def _of(networks, group):
    return networks[group[0].experiment, group[0].network]


def _pair(one, other):
    turned = other.spikes and not one.spikes
    return Comparison(other, one) if turned else Comparison(one, other)


def unpaired(networks, pairs):
    """Those of the `networks` that are in none of the `pairs`, as a list."""
    paired = {id(one) for pair in pairs for one in (pair.network, pair.other)}
    return [network for network in networks.values() if id(network) not in paired]
