"""This run against the paper: five answers, and what each rests on.

- Accuracies, scores, best epochs: an equivalence test with a margin that was declared
  before (`paper/margins.csv`), with the paper's own uncertainty in it: reproduced, not
  reproduced, or inconclusive, with the number of seeds that would decide it.
- «More» and «less» are judged by the interval of the mean; where it allows either:
  inconclusive.
- Times, memory and power belong to one machine. On another kind of device they are not
  comparable, ratios neither; on a GPU they are tested as ratios within an experiment.
- What a free choice (steps, channels, batch size) was fitted to can't be reproduced:
  such a claim is «fitted».
- Without a number: not measured.
"""

import math

from spikewatt import paper
from spikewatt.claims import formula, priors
from spikewatt.claims.equivalence import (
    INCONCLUSIVE,
    NOT_REPRODUCED,
    REPRODUCED,
    Prior,
    decide,
    quantile,
    spread,
)
from spikewatt.claims.selfcheck import holds
from spikewatt.results import stats

NOT_COMPARABLE, NOT_MEASURED = "not comparable here", "not measured"
FITTED = "fitted"
# Cells that belong to a machine, by a word in their name.
OF_A_MACHINE = ("time", "memory", "power", "energy")
RATIO_KINDS = ("time", "memory", "power")
# What can't be passed, by kind and unit of the claimed value.
POSSIBLE = {
    ("accuracy", "%"): (0.0, 100.0),
    ("accuracy", "points"): (-100.0, 100.0),
    ("score", ""): (-1.0, 1.0),
}


def judge(claim, definitions, seeds, numbers):
    """The verdict on one claim, as columns of claims.csv.

    definitions: id → formula of all claims; seeds: list of `Evidence`; numbers: of
    `selfcheck.published`. A `claim.<id>` in a formula means the run's own number here.
    """
    expanded = formula.expand(claim["formula"], definitions)
    known = [seed for seed in seeds if _value(expanded, seed) is not None]
    values = [_value(expanded, seed) for seed in known]
    told = {"run_value": stats.mean_ci(values)[0], "n": len(known), "more_seeds": None}
    told |= dict.fromkeys(("run_low", "run_high", "run_ratio", "claimed_ratio"))
    if not known:
        return told | _verdict(NOT_MEASURED, _why_missing(expanded, seeds))
    if of_a_machine(expanded) and any(seed.device != "gpu" for seed in known):
        return told | _verdict(
            NOT_COMPARABLE,
            "the paper measured a GPU; times, memory and power of a CPU, and their "
            "ratios, say nothing about it",
        )
    if claim["relation"] != "equal":
        judged = _by_bound(claim, expanded, values, numbers)
    elif claim["judged_by"]:
        judged = _by_ratio(claim, definitions, known, numbers)
    else:
        judged = _by_equivalence(claim, expanded, values, numbers)
    return told | _unless_fitted(claim, judged)


def of_a_machine(expanded):
    """Whether a formula has a number in it that another machine would change."""
    return any(
        word in name.split(".")[-1]
        for name in formula.names(expanded)
        for word in OF_A_MACHINE
    )


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


def _by_equivalence(claim, expanded, values, numbers):
    claimed = float(claim["claimed"])
    prior = priors.of_claim(claim, expanded, numbers)
    if prior is None:
        good = all(holds("equal", value, claimed) for value in values)
        answer = REPRODUCED if good else NOT_REPRODUCED
        return _verdict(answer, "a count, compared exactly")
    decision = decide(values, claimed, prior, float(claim["tolerance"]))
    low, high = claimed + decision.low, claimed + decision.high
    return _decided(decision) | {
        **_clipped(low, high, claim),
        "basis": _words(decision, prior, claim["unit"], len(values)),
    }


def _by_ratio(claim, definitions, known, numbers):
    """Ratios are compared as logarithms, so that a / b and b / a say the same."""
    expanded = formula.expand(claim["judged_by"], definitions)
    ratios = [_value(expanded, seed) for seed in known]
    target = formula.evaluate(claim["target"], numbers)
    if not target or not all(ratio and ratio > 0 for ratio in ratios):
        basis = "the ratio by which it is judged has no value in this run"
        return _verdict(NOT_MEASURED, basis)
    quantity = ratio_quantity(expanded)
    prior = ratio_prior(quantity)
    logs = [math.log(ratio) for ratio in ratios]
    decision = decide(logs, math.log(target), prior)
    names = [tuple(name.split(".")[1:3]) for name in formula.names(expanded)]
    words = " / ".join(paper.networks()[name]["label"] for name in names)
    middle = math.exp(sum(logs) / len(logs))
    return _decided(decision) | {
        "run_ratio": middle,
        "claimed_ratio": target,
        "basis": (
            f"ratio {words if quantity != 'steadiness' else 'longest / mean epoch'}: "
            f"{middle:.2f} against the claimed {target:.2f}; 90 % interval of their "
            f"quotient {math.exp(decision.low):.2f} … {math.exp(decision.high):.2f}, "
            f"margin a factor of {math.exp(prior.margin):.3g}{_lacking(decision)}"
        ),
    }


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


def _by_bound(claim, expanded, values, numbers):
    """«More», «less», «similar»: the 90 % interval of the mean decides."""
    claimed, n = float(claim["claimed"]), len(values)
    mean = sum(values) / n
    interval = _interval_of_mean(claim, expanded, values, numbers)
    if interval is None:
        return _verdict(INCONCLUSIVE, "one seed, and no spread was declared for it")
    answer = bounded(claim["relation"], interval, claimed, float(claim["tolerance"]))
    asked = f"{claim['relation'].replace('_', ' ')} {claim['claimed']}"
    if claim["relation"] == "similar":
        asked += f" ± {claim['tolerance']}"
    basis = (
        f"{_count(n)}: {mean:.4g}, 90 % interval {interval[0]:.4g} … "
        f"{interval[1]:.4g}, asked: {asked}"
    )
    return _verdict(answer, basis) | _clipped(*interval, claim)


def bounded(relation, interval, claimed, margin):
    """The answer that an interval gives to «more», «less» or «similar»."""
    ends = [holds(relation, end, claimed, margin) for end in interval]
    if all(ends):
        return REPRODUCED
    around = interval[0] <= claimed - margin and claimed + margin <= interval[1]
    return INCONCLUSIVE if any(ends) or around else NOT_REPRODUCED


def _interval_of_mean(claim, expanded, values, numbers):
    """The 90 % interval of the mean of these seeds; None for one without a prior.

    That of a ratio of two costs is taken on its logarithm.
    """
    if is_ratio(expanded) and min(values) > 0:
        logs = [math.log(value) for value in values]
        middle = sum(logs) / len(logs)
        half = _half_of_mean(logs, ratio_prior(ratio_quantity(expanded)))
        return math.exp(middle - half), math.exp(middle + half)
    half = _half_of_mean(values, priors.of_claim(claim, expanded, numbers))
    mean = sum(values) / len(values)
    return None if half is None else (mean - half, mean + half)


def is_ratio(expanded):
    """Whether a formula is one machine's cost over another's, and no more."""
    cells = formula.names(expanded)
    plain = expanded.replace(" ", "") == "/".join(cells)
    return len(cells) == 2 and plain and of_a_machine(expanded)


def _half_of_mean(values, prior):
    """Half the 90 % interval of the mean of these seeds; None for one without prior."""
    if prior is None:
        return stats.mean_ci(values, 0.9)[1]
    variance, freedom = spread(values, prior)
    total = variance / len(values) + prior.known**2
    return quantile(freedom) * math.sqrt(total)


def _unless_fitted(claim, judged):
    """What a choice was fitted to can't be reproduced; that it failed still counts."""
    if not claim["fitted"] or judged["verdict"] != REPRODUCED:
        return judged
    basis = f"{claim['fitted']} chosen from this number of the paper; {judged['basis']}"
    return judged | {"verdict": FITTED, "basis": basis}


def _decided(decision):
    return {"verdict": decision.answer, "more_seeds": decision.more}


def _words(decision, prior, unit, n):
    space = f" {unit}" if unit else ""
    return (
        f"{_count(n)}: measured − claimed, 90 % interval {decision.low:+.3g} … "
        f"{decision.high:+.3g}{space}, margin ± {prior.margin:g}{space}"
        f"{_lacking(decision)}"
    )


def _lacking(decision):
    if decision.answer != INCONCLUSIVE:
        return ""
    if decision.more is None:
        return "; no number of seeds would decide it against one published run"
    seeds = "seed" if decision.more == 1 else "seeds"
    return f"; about {decision.more} more {seeds} would decide it"


def _clipped(low, high, claim):
    """An interval within what is possible for the claim's quantity."""
    of_all = (-math.inf, math.inf)
    lowest, highest = POSSIBLE.get((claim["kind"], claim["unit"]), of_all)
    return {"run_low": max(low, lowest), "run_high": min(high, highest)}


def _count(n):
    return f"{n} seeds" if n > 1 else "one seed"


def _verdict(answer, basis):
    return {"verdict": answer, "basis": basis}
