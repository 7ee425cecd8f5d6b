"""What verdicts are put together from: answers, intervals, and the words for them."""

import math

from spikewatt.claims.selfcheck import holds
from spikewatt.results import stats
from spikewatt.results.equivalence import (
    INCONCLUSIVE,
    NOT_REPRODUCED,
    REPRODUCED,
    quantile,
    spread,
)

# What can't be passed, by kind and unit of the claimed value.
POSSIBLE = {
    ("accuracy", "%"): (0.0, 100.0),
    ("accuracy", "points"): (-100.0, 100.0),
    ("score", ""): (-1.0, 1.0),
}


def bounded(relation, interval, claimed, margin):
    """The answer that an interval gives to «more», «less» or «similar»."""
    ends = [holds(relation, end, claimed, margin) for end in interval]
    if all(ends):
        return REPRODUCED
    around = interval[0] <= claimed - margin and claimed + margin <= interval[1]
    return INCONCLUSIVE if any(ends) or around else NOT_REPRODUCED


def half_of_mean(values, prior):
    """Half the 90 % interval of the mean of these seeds; None for one without prior."""
    if prior is None:
        return stats.mean_ci(values, 0.9)[1]
    variance, freedom = spread(values, prior)
    total = variance / len(values) + prior.known**2
    return quantile(freedom) * math.sqrt(total)


def decided(decision):
    """The answer of an equivalence test, as columns."""
    return {"verdict": decision.answer, "more_seeds": decision.more}


def lacking(decision):
    """How many seeds a decision lacks, in words; empty where it is decided."""
    if decision.answer != INCONCLUSIVE:
        return ""
    if decision.more is None:
        return "; no number of seeds would decide it against one published run"
    seeds = "seed" if decision.more == 1 else "seeds"
    return f"; about {decision.more} more {seeds} would decide it"


def clipped(low, high, claim):
    """An interval within what is possible for the claim's quantity."""
    of_all = (-math.inf, math.inf)
    lowest, highest = POSSIBLE.get((claim["kind"], claim["unit"]), of_all)
    return {"run_low": max(low, lowest), "run_high": min(high, highest)}


def count(n):
    """«3 seeds», «one seed»."""
    return f"{n} seeds" if n > 1 else "one seed"


def verdict(answer, basis):
    """An answer and what it rests on, as columns.

    answer: one of `claims.ANSWERS`.
    """
    return {"verdict": answer, "basis": basis}
