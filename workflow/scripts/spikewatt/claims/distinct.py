"""Which claims are one test: the paper says many of its numbers more than once.

Two claims are the same test where the same formula is held against the same number; of
those judged by a ratio, where the ratio is the same and what they make of it agrees
within the paper's rounding (9.39 s, 26.38 s and «181 % more» are one ratio).
"""

import math

from spikewatt.claims import formula

# 100 / (100 − 39) and 10.61 / 6.42 differ by 0.8 %, as 39 % is rounded.
ROUNDED = 0.01


def same_as(claims, definitions, numbers):
    """id → id of the first claim that is the same test; empty for that one itself.

    definitions: id → formula of all claims; numbers: of `selfcheck.published`.
    """
    first, found = {}, {}
    for claim in claims:
        key, target = _test(claim, definitions, numbers)
        earlier = first.setdefault(key, [])
        match = next((name for name, other in earlier if _near(target, other)), "")
        if not match:
            earlier.append((claim["id"], target))
        found[claim["id"]] = match
    return found


def of_verdicts(table):
    """The rows of claims.csv that are tests of their own, as a DataFrame."""
    return table[table["same_as"].fillna("") == ""]


def of_self_checks(table):
    """The rows whose self-check is not that of an earlier one."""
    return table.drop_duplicates(["formula", "relation", "claimed"])


def _test(claim, definitions, numbers):
    """(what is computed and how it is held against the claim, the claimed number)."""
    if claim["judged_by"]:
        target = formula.evaluate(claim["target"], numbers)
        return (formula.expand(claim["judged_by"], definitions), "ratio"), target
    expanded = formula.expand(claim["formula"], definitions)
    asked = (claim["relation"], claim["claimed"], claim["tolerance"])
    return (expanded, *asked), None


def _near(one, other):
    """Whether two ratios agree within rounding; both None where none is compared."""
    if one is None or other is None:
        return one is other
    return abs(math.log(one / other)) < ROUNDED
