"""Every quantitative statement of the paper's text, checked and judged.

Each claim of `paper/claims.csv` is held against the paper's own tables (self-check) and
against the runs at hand (verdict).
"""

import math

import pandas as pd

from spikewatt import paper
from spikewatt.claims import distinct, evidence, selfcheck, verdicts
from spikewatt.claims.selfcheck import CONSISTENT, INCONSISTENT, NO_VALUE
from spikewatt.claims.settings import SettingsTold
from spikewatt.claims.show import shown, write
from spikewatt.claims.verdicts import FITTED, NOT_COMPARABLE, NOT_MEASURED
from spikewatt.results.equivalence import INCONCLUSIVE, NOT_REPRODUCED, REPRODUCED
from spikewatt.results.protocol import made_up, protocol_notes, settings_notes

__all__ = [
    "ANSWERS",
    "counts",
    "distinct_tests",
    "settings_met",
    "judge",
    "protocol_notes",
    "table",
    "without_verdicts",
    "write",
]

ANSWERS = {
    "self_check": (CONSISTENT, INCONSISTENT, NO_VALUE),
    "verdict": (
        REPRODUCED,
        NOT_REPRODUCED,
        INCONCLUSIVE,
        NOT_COMPARABLE,
        FITTED,
        NOT_MEASURED,
    ),
}
MADE_UP = "the data were made up (source: sample), which says nothing about the paper"
NUMBERS = (
    "claimed",
    "tolerance",
    "table_value",
    "table_rounding",
    "table_alternative",
    "run_value",
    "run_value_all",
    "run_low",
    "run_high",
    "run_ratio",
    "claimed_ratio",
    "more_seeds",
)


def table(runs, plans, source):
    """The claims as a `Table`; arguments as of `judge` and `protocol_notes`."""
    judged = judge(runs, plans)
    if made_up(runs, source):
        judged = without_verdicts(judged)
    return shown(judged, settings_notes(runs, plans, source), tally(judged))


def judge(runs, plans=None):
    """Claims with self-check and verdict, a row each, as a DataFrame.

    runs: of one stack, as `results.runs.read_all` gives them; may be empty, when
    nothing is measured. The columns are those of `paper.claims`, then table_value,
    table_rounding (what the rounding of the cells makes of it), table_alternative,
    self_check, run_value (mean over seeds), run_low, run_high (its interval), n,
    run_ratio and claimed_ratio (where judged as a ratio), flags of what it rests on,
    run_value_all (with the flagged epochs, which run_value is without), verdict and
    basis, same_as, the first claim that is the same test, and notes: how the networks
    of the claim leave the protocol, and where they differ in more than is compared.
    plans: as of `protocol_notes`.
    """
    claims = paper.claims()
    numbers = selfcheck.published(claims)
    rounding = selfcheck.roundings(claims)
    definitions = {claim["id"]: claim["formula"] for claim in claims}
    seeds, told = evidence.by_seed(runs), SettingsTold(runs, plans)
    repeated = distinct.same_as(claims, definitions, numbers)
    judged = pd.DataFrame(
        {
            **claim,
            **selfcheck.check(claim, numbers, rounding),
            **verdicts.judge(claim, definitions, seeds, numbers),
            "same_as": repeated[claim["id"]],
            "notes": told.of_claim(claim, definitions),
        }
        for claim in claims
    )
    for column in NUMBERS:
        judged[column] = pd.to_numeric(judged[column])
    return judged


def without_verdicts(claims):
    """The claims of runs on made-up data: nothing can be said of the paper there."""
    return claims.assign(verdict=NOT_COMPARABLE, basis=MADE_UP, more_seeds=math.nan)


def counts(claims):
    """How often each answer was given: column → answer → number, 0 included.

    claims: what `judge` returns, or claims.csv read back. What the paper says more than
    once is counted once (see `distinct`).
    """
    rows = {
        "self_check": distinct.of_self_checks(claims),
        "verdict": distinct.of_verdicts(claims),
    }
    return {
        column: {
            answer: int((rows[column][column] == answer).sum()) for answer in answers
        }
        for column, answers in ANSWERS.items()
    }


def tally(claims):
    """The counts in a sentence or two, for people."""
    counted, (tests, settings) = counts(claims), distinct_tests(claims)
    parts = [
        ", ".join(f"{n} {answer}" for answer, n in answers.items())
        for answers in counted.values()
    ]
    return (
        f"The {len(claims)} statements are {tests} distinct tests, {settings} of them "
        f"of settings. Against the paper's own tables: {parts[0]}; in this run: "
        f"{parts[1]}; {settings_met(claims)} were reproduced for being set so."
    )


def distinct_tests(claims):
    """(how many tests of their own the claims are, how many of those are settings)."""
    own = distinct.of_verdicts(claims)
    return len(own), int((own["kind"] == "setting").sum())


def settings_met(claims):
    """How many of the «reproduced» are settings that the runs have, no results."""
    own = distinct.of_verdicts(claims)
    met = (own["kind"] == "setting") & (own["verdict"] == REPRODUCED)
    return int(met.sum())
