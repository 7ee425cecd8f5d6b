"""Numbers that belong to a machine: what of them can be held against the paper's.

- On a CPU: nothing. The paper measured a GPU.
- On the paper's card: ratios within an experiment, each kind with its own margin.
- On another card: times as ratios; «more» and «less» as they are. Of memory and power
  the larger part is the card's own (a desktop, contexts, idling), so that they are
  compared above what the idle device showed.

The paper states no idle baseline. Memory is therefore compared as the difference of two
networks, from which any baseline drops out. Of power the ratio above idling is known
within limits only: the card can't have drawn less than nothing when idle, nor more than
the least that the paper's tables show (16.2 W). Those limits go into the test as a
rounding does.
"""

import math

from spikewatt import paper
from spikewatt.claims import evidence, formula, priors
from spikewatt.results.equivalence import Prior, decide

RATIO_KINDS = ("time", "memory", "power")
ABOVE_BASELINE = ("memory", "power")


class NotComparable(ValueError):
    """What keeps a number of this machine from being held against the paper's."""


def of_a_machine(expanded):
    """Whether a formula has a number in it that another machine would change."""
    return any(map(evidence.of_a_machine, formula.names(expanded)))


def is_ratio(expanded):
    """Whether a formula is one machine's cost over another's, and no more."""
    cells = formula.names(expanded)
    plain = expanded.replace(" ", "") == "/".join(cells)
    return len(cells) == 2 and plain and of_a_machine(expanded)


def ratio_quantity(expanded):
    """Which row of margins.csv a ratio belongs to."""
    cells = " ".join(formula.names(expanded))
    if "max_epoch_time" in cells:
        return "steadiness"
    return next(f"{kind}_ratio" for kind in RATIO_KINDS if kind in cells)


def ratio_prior(quantity):
    """The `Prior` of a ratio's logarithm."""
    declared = paper.margins()["any", quantity]
    return Prior(math.log(declared["margin"]), declared["spread"], priors.WEIGHT)


def memory_prior():
    """The `Prior` of a difference in memory above the baseline, in MiB."""
    declared = paper.margins()["any", "memory_above"]
    return Prior(declared["margin"], declared["spread"], priors.WEIGHT)


def foreign_card(seeds):
    """The name of a GPU among the seeds' that is not the paper's, or None."""
    cards = [seed.card for seed in seeds if seed.card]
    return next((card for card in cards if not is_papers(card)), None)


def apart(names, seeds):
    """Why these cells are not of one device, in a sentence; None where they are."""
    networks = dict.fromkeys("/".join(name.split(".")[1:3]) for name in names)
    ran = {}
    for seed in seeds:
        for network in networks:
            if network in seed.devices:
                ran.setdefault(seed.devices[network], {})[network] = None
    if len(ran) < 2:
        return None
    told = "; ".join(f"{name} ({', '.join(of)})" for name, of in ran.items())
    return f"it was computed on unlike devices: {told}"


def is_papers(card):
    """Whether a card's name is that of the paper's model: «RTX 3060 Ti»."""
    wanted = paper.CARD["name"].lower().replace(" ", "")
    return wanted in card.lower().replace(" ", "")


def kind_above_baseline(expanded):
    """«memory» or «power», where a ratio of them is to be taken above a baseline."""
    quantity = ratio_quantity(expanded)
    return next((kind for kind in ABOVE_BASELINE if quantity == f"{kind}_ratio"), None)


def above(expanded, seed):
    """What the two cells of a ratio show above the idle device, (first, second).

    Raises NotComparable where a baseline is lacking.
    """
    cells = formula.names(expanded)
    lacking = [name for name in cells if name not in seed.baselines]
    if lacking:
        places = ", ".join("/".join(name.split(".")[1:3]) for name in lacking)
        raise NotComparable(
            f"its own idle device was not measured before {places} (run.json has no "
            "meter.baseline: set meter.idle_s above 0 in the config and train anew)"
        )
    return [seed.cells[name] - seed.baselines[name] for name in cells]


def power_ratio_above(expanded, seed):
    """The ratio of two powers above idling. Raises NotComparable."""
    first, second = above(expanded, seed)
    if min(first, second) <= 0:
        raise NotComparable("a network drew no more than the idle device")
    return first / second


def memory_above_mib(expanded, seed):
    """By how many MiB the first of two cells is above the second, baselines taken off.

    Raises NotComparable.
    """
    first, second = above(expanded, seed)
    if not seed.memory_mib:
        raise NotComparable("run.json does not say how much memory the device has")
    return (first - second) / 100 * seed.memory_mib


def papers_power_above(expanded, target, numbers):
    """(lowest, highest) that the paper's ratio of powers above idling can be.

    target: the ratio as the paper gives it, idling included. Raises NotComparable where
    the lesser of the two may have been idling alone.
    """
    second = numbers[formula.names(expanded)[1]]
    first, most = target * second, papers_least("mean_gpu_power_w")
    if min(first, second) <= most:
        raise NotComparable(
            f"the paper does not say what its card draws when idle, and {most:g} W, "
            "which it reports for a network of this pair, may be no more than that"
        )
    ends = target, (first - most) / (second - most)
    return min(ends), max(ends)


def papers_memory_mib(expanded, target, numbers):
    """By how many MiB the paper's first cell is above its second, and its rounding."""
    second = numbers[formula.names(expanded)[1]]
    mib = paper.CARD["memory_mib"] / 100
    return (target - 1) * second * mib, 2 * 0.05 * mib


def papers_least(column):
    """The least that the paper's tables show of a column."""
    return min(
        float(printed)
        for name, printed in paper.cells().items()
        if name.endswith(f".{column}")
    )


def decide_power(expanded, seeds, target, numbers):
    """(`Decision` on logarithms, ratio here, the paper's limits), above idling."""
    prior = ratio_prior("power_ratio")
    low, high = papers_power_above(expanded, target, numbers)
    middle, uncertain = math.log(low * high) / 2, math.log(high / low) / 2
    if uncertain >= prior.margin:
        raise NotComparable(
            f"above idling the paper's ratio is anything from {low:.2f} to {high:.2f}, "
            "as it does not say what its card draws when idle"
        )
    logs = [math.log(power_ratio_above(expanded, seed)) for seed in seeds]
    ratio = math.exp(sum(logs) / len(logs))
    return decide(logs, middle, prior, uncertain), ratio, (low, high)


def decide_memory(expanded, seeds, target, numbers):
    """(`Decision` in MiB, the difference here, the paper's), above the baseline."""
    claimed, rounding = papers_memory_mib(expanded, target, numbers)
    values = [memory_above_mib(expanded, seed) for seed in seeds]
    decision = decide(values, claimed, memory_prior(), rounding)
    return decision, sum(values) / len(values), claimed
