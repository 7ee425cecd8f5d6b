"""This run against the paper: five answers, and what each rests on.

- Accuracies, scores, best epochs: an equivalence test with a margin that was declared
  before (`paper/margins.csv`), with the paper's own uncertainty in it: reproduced, not
  reproduced, or inconclusive, with the number of seeds that would decide it.
- «More» and «less» are judged by the interval of the mean; where it allows either:
  inconclusive.
- Times, memory and power belong to one machine. On another kind of device they are not
  comparable, ratios neither; on a GPU they are tested as ratios within an experiment,
  on another card than the paper's above the idle device (see `hardware`).
- Numbers of unlike devices are compared with none: neither where the networks of a
  claim ran on unlike ones nor where its seeds did.
- A first or longest epoch is compared where no batch ran before the first and samples
  came as the paper's did; elsewhere it is not comparable.
- What rests on flagged epochs alone is inconclusive at best, and says so.
- What a free choice (steps, channels, batch size) was fitted to can't be reproduced:
  such a claim is «fitted».
- A setting that the paper states is reproduced if every run has it.
- Without a number: not measured.
"""

import math

from spikewatt import paper
from spikewatt.claims import above, answers, flagged, formula, hardware, priors
from spikewatt.claims.hardware import NotComparable, is_ratio, ratio_prior
from spikewatt.claims.selfcheck import holds
from spikewatt.results import stats
from spikewatt.results.equivalence import (
    INCONCLUSIVE,
    NOT_REPRODUCED,
    REPRODUCED,
    decide,
)

NOT_COMPARABLE, NOT_MEASURED = "not comparable here", "not measured"
FITTED = "fitted"


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
    cells = formula.names(expanded)
    if claim["judged_by"]:
        cells += formula.names(formula.expand(claim["judged_by"], definitions))
    told |= flagged.columns(expanded, cells, known)
    if not known:
        return told | answers.verdict(NOT_MEASURED, _why_missing(expanded, seeds))
    try:
        judged = _compared(claim, definitions, expanded, known, numbers)
    except NotComparable as reason:
        return told | answers.verdict(NOT_COMPARABLE, str(reason))
    judged = flagged.said(judged, told, cells, known, claim["unit"])
    return told | _unless_fitted(claim, judged)


def _compared(claim, definitions, expanded, known, numbers):
    """The verdict of the test that fits claim and machine. Raises NotComparable."""
    values = [_value(expanded, seed) for seed in known]
    if claim["kind"] == "setting":
        return _by_setting(claim, expanded, known)
    machine = hardware.of_a_machine(expanded)
    if machine and any(seed.device != "gpu" for seed in known):
        raise NotComparable(
            "the paper measured a GPU; times, memory and power of a CPU, and their "
            "ratios, say nothing about it"
        )
    judged = formula.expand(claim["judged_by"] or claim["formula"], definitions)
    names = [*formula.names(expanded), *formula.names(judged)]
    if machine and (apart := hardware.apart(names, known)):
        raise NotComparable(apart)
    for seed in known:
        for reason in map(seed.unlike.get, formula.names(expanded)):
            if reason:
                raise NotComparable(reason)
    if machine and (ratio := above.ratio_to_take(claim, definitions, expanded, known)):
        return above.judge(claim, ratio, known, numbers)
    if claim["relation"] != "equal":
        return _by_bound(claim, expanded, values, numbers)
    if claim["judged_by"]:
        return _by_ratio(claim, definitions, known, numbers)
    return _by_equivalence(claim, expanded, values, numbers)


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


def _by_setting(claim, expanded, known):
    """A setting is reproduced where every network and seed has it, not their mean."""
    claimed, cells = float(claim["claimed"]), formula.names(expanded)
    others = {
        f"{seed.cells[name]:g} in {'/'.join(name.split('.')[1:3])}": None
        for seed in known
        for name in cells
        if not holds("equal", seed.cells[name], claimed)
    }
    if others:
        return answers.verdict(NOT_REPRODUCED, f"a setting: {', '.join(others)}")
    return answers.verdict(REPRODUCED, "a setting that the runs have")


def _by_equivalence(claim, expanded, values, numbers):
    claimed = float(claim["claimed"])
    prior = priors.of_claim(claim, expanded, numbers)
    if prior is None:
        good = all(holds("equal", value, claimed) for value in values)
        answer = REPRODUCED if good else NOT_REPRODUCED
        return answers.verdict(answer, "a count, compared exactly")
    decision = decide(values, claimed, prior, float(claim["tolerance"]))
    low, high = claimed + decision.low, claimed + decision.high
    return answers.decided(decision) | {
        **answers.clipped(low, high, claim),
        "basis": _words(decision, prior, claim["unit"], len(values)),
    }


def _by_ratio(claim, definitions, known, numbers):
    """Ratios are compared as logarithms, so that a / b and b / a say the same."""
    expanded = formula.expand(claim["judged_by"], definitions)
    ratios = [_value(expanded, seed) for seed in known]
    target = formula.evaluate(claim["target"], numbers)
    if not target or not all(ratio and ratio > 0 for ratio in ratios):
        basis = "the ratio by which it is judged has no value in this run"
        return answers.verdict(NOT_MEASURED, basis)
    quantity = hardware.ratio_quantity(expanded)
    prior = ratio_prior(quantity)
    logs = [math.log(ratio) for ratio in ratios]
    decision = decide(logs, math.log(target), prior)
    names = [tuple(name.split(".")[1:3]) for name in formula.names(expanded)]
    words = " / ".join(paper.networks()[name]["label"] for name in names)
    middle = math.exp(sum(logs) / len(logs))
    return answers.decided(decision) | {
        "run_ratio": middle,
        "claimed_ratio": target,
        "basis": (
            f"ratio {words if quantity != 'steadiness' else 'longest / mean epoch'}: "
            f"{middle:.2f} against the claimed {target:.2f}; 90 % interval of their "
            f"quotient {math.exp(decision.low):.2f} … {math.exp(decision.high):.2f}, "
            f"margin a factor of {math.exp(prior.margin):.3g}"
            f"{answers.lacking(decision)}"
        ),
    }


def _by_bound(claim, expanded, values, numbers):
    """«More», «less», «similar»: the 90 % interval of the mean decides."""
    claimed, n = float(claim["claimed"]), len(values)
    mean = sum(values) / n
    interval = _interval_of_mean(claim, expanded, values, numbers)
    if interval is None:
        return answers.verdict(
            INCONCLUSIVE, "one seed, and no spread was declared for it"
        )
    answer = answers.bounded(
        claim["relation"], interval, claimed, float(claim["tolerance"])
    )
    asked = f"{claim['relation'].replace('_', ' ')} {claim['claimed']}"
    if claim["relation"] == "similar":
        asked += f" ± {claim['tolerance']}"
    basis = (
        f"{answers.count(n)}: {mean:.4g}, 90 % interval {interval[0]:.4g} … "
        f"{interval[1]:.4g}, asked: {asked}"
    )
    return answers.verdict(answer, basis) | answers.clipped(*interval, claim)


def _interval_of_mean(claim, expanded, values, numbers):
    """The 90 % interval of the mean of these seeds; None for one without a prior.

    That of a ratio of two costs is taken on its logarithm.
    """
    if is_ratio(expanded) and min(values) > 0:
        logs = [math.log(value) for value in values]
        middle = sum(logs) / len(logs)
        half = answers.half_of_mean(
            logs, ratio_prior(hardware.ratio_quantity(expanded))
        )
        return math.exp(middle - half), math.exp(middle + half)
    half = answers.half_of_mean(values, priors.of_claim(claim, expanded, numbers))
    mean = sum(values) / len(values)
    return None if half is None else (mean - half, mean + half)


def _unless_fitted(claim, judged):
    """What a choice was fitted to can't be reproduced; that it failed still counts."""
    if not claim["fitted"] or judged["verdict"] != REPRODUCED:
        return judged
    basis = f"{claim['fitted']} chosen from this number of the paper; {judged['basis']}"
    return judged | {"verdict": FITTED, "basis": basis}


def _words(decision, prior, unit, n):
    space = f" {unit}" if unit else ""
    return (
        f"{answers.count(n)}: measured − claimed, 90 % interval {decision.low:+.3g} … "
        f"{decision.high:+.3g}{space}, margin ± {prior.margin:g}{space}"
        f"{answers.lacking(decision)}"
    )
