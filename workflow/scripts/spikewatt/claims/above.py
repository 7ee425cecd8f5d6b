"""Memory and power on another card than the paper's: above what it showed when idle."""

import math

from spikewatt import paper
from spikewatt.claims import answers, formula, hardware
from spikewatt.claims.hardware import NotComparable, is_ratio, ratio_prior

NO_RATIO = "the ratio by which it is judged has no value in this run"


def ratio_to_take(claim, definitions, expanded, known):
    """The ratio to take above the idle device, expanded, where another card needs it.

    «More» and «less» hold above a baseline as they do with it.
    """
    if hardware.foreign_card(known) is None:
        return None
    ratio = formula.expand(claim["judged_by"] or claim["formula"], definitions)
    wanted = claim["relation"] in ("equal", "similar") and is_ratio(ratio)
    return ratio if wanted and hardware.kind_above_baseline(ratio) else None


def judge(claim, ratio, known, numbers):
    """Memory as a difference, power as a ratio, above what the idle device showed."""
    kind, card = hardware.kind_above_baseline(ratio), hardware.foreign_card(known)
    known = [s for s in known if formula.evaluate(ratio, s.cells) is not None]
    if not known:
        return answers.verdict("not measured", NO_RATIO)
    asked = claim["target"] or claim["claimed"]
    target = formula.evaluate(asked, numbers)
    start = f"on {card}, above the idle device, {_pair(ratio)}"
    try:
        if kind == "memory":
            return _by_memory(claim, ratio, known, target, numbers, start)
        if claim["relation"] == "similar":
            return _by_similar_power(claim, ratio, known, start)
        return _by_power(ratio, known, target, numbers, start)
    except NotComparable as reason:
        raise NotComparable(
            f"on another card ({card}) than the paper's {kind} is compared above the "
            f"idle device; {reason}"
        ) from None


def _by_memory(claim, ratio, known, target, numbers, start):
    decision, here, claimed = hardware.decide_memory(ratio, known, target, numbers)
    margin = hardware.memory_prior().margin
    return answers.decided(decision) | {
        "basis": (
            f"{start}: {here:.0f} MiB more, against the claimed {claimed:.0f} MiB; "
            f"90 % interval of measured − claimed {decision.low:+.0f} … "
            f"{decision.high:+.0f} MiB, margin ± {margin:g} MiB"
            f"{answers.lacking(decision)}"
        )
    }


def _by_power(ratio, known, target, numbers, start):
    decision, here, limits = hardware.decide_power(ratio, known, target, numbers)
    margin = math.exp(ratio_prior("power_ratio").margin)
    return answers.decided(decision) | {
        "run_ratio": here,
        "claimed_ratio": math.sqrt(limits[0] * limits[1]),
        "basis": (
            f"{start}: {here:.2f} times the power, against {limits[0]:.2f} … "
            f"{limits[1]:.2f} in the paper, whose idle power is not stated; 90 % "
            f"interval of the quotient with their middle "
            f"{math.exp(decision.low):.2f} … {math.exp(decision.high):.2f}, margin a "
            f"factor of {margin:.3g}"
            f"{answers.lacking(decision)}"
        ),
    }


def _by_similar_power(claim, ratio, known, start):
    logs = [math.log(hardware.power_ratio_above(ratio, seed)) for seed in known]
    middle = sum(logs) / len(logs)
    half = answers.half_of_mean(logs, ratio_prior("power_ratio"))
    ends = math.exp(middle - half), math.exp(middle + half)
    claimed, margin = float(claim["claimed"]), float(claim["tolerance"])
    basis = (
        f"{start}: {math.exp(middle):.2f} times the power, 90 % interval {ends[0]:.2f} "
        f"… {ends[1]:.2f}, asked: similar {claim['claimed']} ± {claim['tolerance']}"
    )
    answer = answers.bounded("similar", ends, claimed, margin)
    return answers.verdict(answer, basis) | {"run_ratio": math.exp(middle)}


def _pair(ratio):
    names = [tuple(name.split(".")[1:3]) for name in formula.names(ratio)]
    return " / ".join(paper.networks()[name]["label"] for name in names)
