"""Are two quantities the same? An equivalence test with a margin declared before.

The paper printed one number of one run. Model: n runs here scatter with variance σ²
about their mean μ, the paper's one run with the same σ² about its own mean μ₀, and
what was scored is a sample of all that could be, which adds the known variance τ²
(binomial: p(1 − p)/samples). With d = x̄ − claimed,

    Var(d) = σ²·(1/n + 1) + τ²

σ² is estimated from the seeds together with a prior that counts as ν₀ further ones
(a scaled inverse χ² prior: the moderated variance of Smyth, Stat. Appl. Genet.
Mol. Biol. 3(1), 2004), so that one seed has a spread too and two don't pretend to know
it; t's degrees of freedom follow Welch and Satterthwaite.

Two one-sided tests at 5 % each (Schuirmann, J. Pharmacokinet. Biopharm. 15, 1987):
reproduced if the 90 % interval of d lies within ± the margin, not reproduced if it
lies beyond it, inconclusive otherwise.

Differences between two networks of one's own, seed by seed, are held against 0, which
scatters not: `scatter` is 0 then, and Var(d) = σ²/n + τ².
"""

import bisect
import math
from dataclasses import dataclass

import numpy as np
from scipy import special

REPRODUCED, NOT_REPRODUCED = "reproduced", "not reproduced"
INCONCLUSIVE = "inconclusive"
ALPHA = 0.05
# Nobody runs more seeds than this for a verdict.
MOST_SEEDS = 1000
# Between seeds, short trainings without augmentation scatter more than calibrated ones.
MORE_THAN_CALIBRATED = 1.25


@dataclass(frozen=True)
class Prior:
    """What is known of a quantity before it is measured here.

    margin: the largest difference that changes nothing for a reader; spread: expected
    standard deviation between seeds, which counts as `weight` measured seeds; known:
    standard deviation from the finite set that was scored (τ). All in the quantity's
    own unit.
    """

    margin: float
    spread: float
    weight: float
    known: float = 0.0


@dataclass(frozen=True)
class Decision:
    """answer; the 90 % interval (low, high) of measured − claimed; further seeds.

    more: how many more seeds like these would decide it; 0 where it is decided, None
    where no number of them would.
    """

    answer: str
    low: float
    high: float
    more: int | None


def decide(values, claimed, prior, rounding=0.0, scatter=1.0):
    """A `Decision` on whether the mean of `values` is `claimed` within the margin.

    values: one a seed, at least one; rounding: by how much the claimed value may be off
    as printed (half a unit of its last digit); scatter: variance of the claimed value
    over that of one run: 1 of the paper's one run, 0 of a number that scatters not.
    """
    values = np.asarray(values, float)
    difference = float(values.mean()) - claimed
    variance, freedom = spread(values, prior)
    half = half_width(variance, freedom, len(values), prior, scatter)
    answer = answered(difference, half, prior.margin, rounding)
    return Decision(
        answer,
        difference - half,
        difference + half,
        more_seeds(
            *(answer, difference, variance, len(values), prior, rounding, scatter)
        ),
    )


def share_errors(share, count):
    """(spread between seeds, sampling error) of a share of right answers among `count`.

    √(p(1 − p)/n) is how well the share is known, and between seeds it scatters by about
    √((1 − p)/(2n)) on one test set (Jordan, arXiv 2304.01910, for calibrated networks),
    here a quarter more.
    """
    between = MORE_THAN_CALIBRATED * math.sqrt((1 - share) / (2 * count))
    return between, math.sqrt(share * (1 - share) / count)


def spread(values, prior):
    """(variance between seeds, degrees of freedom), the prior's part included."""
    values = np.asarray(values, float)
    squares = float(((values - values.mean()) ** 2).sum())
    freedom = prior.weight + len(values) - 1
    return (prior.weight * prior.spread**2 + squares) / freedom, freedom


def half_width(variance, freedom, count, prior, scatter=1.0):
    """Half the 90 % interval of a mean of `count` seeds minus the claimed number."""
    sampled = variance * (1 / count + scatter)
    total = sampled + prior.known**2
    if total == 0:
        return 0.0
    effective = freedom * (total / sampled) ** 2 if sampled else math.inf
    return quantile(effective) * math.sqrt(total)


def quantile(freedom):
    """Student's t that one in twenty exceeds: half widths of 90 % intervals."""
    return float(special.stdtrit(min(freedom, 1e9), 1 - ALPHA))


def answered(difference, half, margin, rounding=0.0):
    """Which of the three answers an interval gives."""
    if abs(difference) + half + rounding < margin:
        return REPRODUCED
    if abs(difference) - half - rounding > margin:
        return NOT_REPRODUCED
    return INCONCLUSIVE


def more_seeds(answer, difference, variance, count, prior, rounding=0.0, scatter=1.0):
    """How many seeds with the same mean and spread are lacking for a decision."""
    if answer != INCONCLUSIVE:
        return 0

    def decided(number):
        freedom = prior.weight + number - 1
        half = half_width(variance, freedom, number, prior, scatter)
        return answered(difference, half, prior.margin, rounding) != INCONCLUSIVE

    if not decided(MOST_SEEDS):
        return None
    further = range(count + 1, MOST_SEEDS + 1)  # the interval narrows all the way
    return further[bisect.bisect_left(further, True, key=decided)] - count
