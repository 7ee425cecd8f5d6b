"""This run against the paper: reproduced, not reproduced, or not measured.

A verdict's basis is what decided it, and stands beside it:

- Accuracies, scores and counts of epochs: with several seeds, the claimed value must
  lie where one more run like these would fall (95 % prediction interval, as the paper's
  value is that of a single run). With one seed, it must lie in the binomial interval
  (Wilson, 95 %) of the samples that were scored. The best epoch of one seed may be any
  epoch whose validation accuracy can't be told from the best one.
- Times, memory and power belong to one machine. They are judged as ratios within an
  experiment, against the ratio that the claim makes with the paper's other numbers.
- Claims of «more» and «less» must hold for the mean over seeds.
"""

import math

from spikewatt import paper
from spikewatt.claims import formula
from spikewatt.claims.selfcheck import holds
from spikewatt.results import stats

REPRODUCED, NOT_REPRODUCED = "reproduced", "not reproduced"
NOT_MEASURED = "not measured"
# Readings of the same load differ by −6 to +11 % between cards of one type
# (arXiv 2312.02741), so two honest ratios may differ by 1.11 / 0.94 = 1.18. A ratio
# closer than that to the paper's can't be told from it; one further away can.
RATIO_MARGIN = 1.2
# The longest epoch against the mean one: one clock, one network, one machine. None of
# the above can excuse a difference there, only chance.
STEADINESS_MARGIN = 1.05
# Room for the rounding of floating-point numbers, in parts of a claimed value.
DUST = 1e-9


def judge(claim, definitions, seeds, numbers):
    """The verdict on one claim, as columns of claims.csv.

    definitions: id → formula of all claims; seeds: list of `Evidence`; numbers: of
    `selfcheck.published`. A `claim.<id>` in a formula means the run's own number here.
    """
    expanded = formula.expand(claim["formula"], definitions)
    known = [seed for seed in seeds if _value(expanded, seed) is not None]
    values = [_value(expanded, seed) for seed in known]
    judged = {"run_value": stats.mean_ci(values)[0], "n": len(known)}
    judged |= dict.fromkeys(("run_low", "run_high", "run_ratio", "claimed_ratio"))
    if not known:
        basis = _why_missing(expanded, seeds)
        return judged | {"verdict": NOT_MEASURED, "basis": basis}
    interval = _interval(expanded, known, values)
    if interval:
        judged |= {"run_low": interval[0], "run_high": interval[1]}
    if claim["relation"] != "equal":
        return judged | _by_bound(claim, judged["run_value"], interval, len(known))
    if claim["judged_by"]:
        return judged | _by_ratio(claim, definitions, known, numbers)
    return judged | _by_interval(claim, expanded, judged["run_value"], interval, known)


def _value(expanded, seed):
    return formula.evaluate(expanded, seed.cells)


def _why_missing(expanded, seeds):
    """Why no seed has a number, as a sentence."""
    for name in formula.names(expanded):
        reasons = [seed.reasons[name] for seed in seeds if name in seed.reasons]
        if reasons:
            return reasons[0]
        if not any(name in seed.cells for seed in seeds):
            return f"{'/'.join(name.split('.')[1:3])} is not among the runs"
    return "the numbers it needs are not defined for this run (a division by 0)"


def _interval(expanded, known, values):
    """Where the claimed value may lie: (low, high), or None for exact numbers."""
    if len(known) > 1:
        return stats.prediction_interval(values)
    return combined(expanded, known[0])


def combined(expanded, seed):
    """The interval of a formula from those of its cells; None if none has one.

    The recovered variance of each cell is scaled by its partial derivative and added
    (MOVER: Zou and Donner, Statistics in Medicine 27, 2008); for the difference of two
    proportions this is Newcombe's interval, for a single cell its own.
    """
    below = above = 0.0
    for name, slope in formula.gradient(expanded, seed.cells).items():
        value = seed.cells[name]
        low, high = seed.bounds.get(name, (value, value))
        ends = slope * (low - value), slope * (high - value)
        below, above = below + min(ends) ** 2, above + max(ends) ** 2
    if below == above == 0:
        return None
    middle = _value(expanded, seed)
    return middle - math.sqrt(below), middle + math.sqrt(above)


def _by_bound(claim, value, interval, n):
    claimed = float(claim["claimed"])
    good = holds(claim["relation"], value, claimed)
    words = claim["relation"].replace("_", " ")
    basis = f"{'mean of ' + str(n) + ' seeds' if n > 1 else 'one seed'}: {value:.4g} "
    basis += f"is {'' if good else 'not '}{words} {claim['claimed']}"
    if interval and interval[0] < claimed < interval[1]:
        basis += f", but its interval {_range(interval)} allows either"
    return _verdict(good, basis)


def _by_ratio(claim, definitions, known, numbers):
    expanded = formula.expand(claim["judged_by"], definitions)
    ratios = [_value(expanded, seed) for seed in known]
    ratio = stats.paired_ratio(ratios, [1.0] * len(ratios))[0]
    target = formula.evaluate(claim["target"], numbers)
    compared = {"run_ratio": ratio, "claimed_ratio": target}
    if ratio is None or not target:
        basis = "the ratio by which it is judged has no value in this run"
        return compared | {"verdict": NOT_MEASURED, "basis": basis}
    words, margin = _ratio_words(claim)
    good = 1 / margin <= ratio / target <= margin
    basis = (
        f"ratio {words}: {ratio:.2f} against the claimed {target:.2f}; "
        f"reproduced within a factor of {margin}"
    )
    if claim["scale"] == "absolute":
        basis += "; the absolute figure belongs to one machine"
    return compared | _verdict(good, basis)


def _ratio_words(claim):
    """What the ratio is between, «SNN / ANN», and the margin it has."""
    if "max_time" in claim["judged_by"]:
        return "longest / mean epoch", STEADINESS_MARGIN
    names = [tuple(name.split(".")[1:3]) for name in formula.names(claim["judged_by"])]
    labels = [paper.networks()[name]["label"] for name in names]
    return " / ".join(labels), RATIO_MARGIN


def _by_interval(claim, expanded, value, interval, known):
    claimed = float(claim["claimed"])
    tolerance = float(claim["tolerance"]) + DUST * max(1.0, abs(claimed))
    if interval is None:
        return _verdict(holds("equal", value, claimed), "a count, compared exactly")
    low, high = interval
    good = low <= claimed + tolerance and claimed - tolerance <= high
    return _verdict(
        good, f"{_interval_words(claim, expanded, known)} {_range(interval)}"
    )


def _interval_words(claim, expanded, known):
    if len(known) > 1:
        return f"95 % prediction interval for one more run, from {len(known)} seeds:"
    if claim["kind"] == "epochs":
        return "one seed: epochs with a validation accuracy as good as the best:"
    if claim["kind"] == "score":
        return (
            "one seed: 95 % binomial interval, the score taken as a share of samples:"
        )
    if len(formula.names(expanded)) > 1:
        return "one seed: 95 % binomial intervals of its accuracies combined:"
    return "one seed: 95 % binomial interval (Wilson) of the samples scored:"


def _range(interval):
    return f"{interval[0]:.4g} … {interval[1]:.4g}"


def _verdict(good, basis):
    return {"verdict": REPRODUCED if good else NOT_REPRODUCED, "basis": basis}
