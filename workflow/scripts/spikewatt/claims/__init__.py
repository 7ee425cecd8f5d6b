"""Every quantitative statement of the paper's text, checked and judged.

Each claim of `paper/claims.csv` is held against the paper's own tables (self-check) and
against the runs at hand (verdict).
"""

import math

import pandas as pd

from spikewatt import paper
from spikewatt.claims import evidence, selfcheck, verdicts
from spikewatt.claims.equivalence import INCONCLUSIVE, NOT_REPRODUCED, REPRODUCED
from spikewatt.claims.protocol import protocol_notes
from spikewatt.claims.selfcheck import CONSISTENT, INCONSISTENT, NO_VALUE
from spikewatt.claims.show import shown, write
from spikewatt.claims.verdicts import FITTED, NOT_COMPARABLE, NOT_MEASURED

__all__ = [
    "ANSWERS",
    "counts",
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
    "run_low",
    "run_high",
    "run_ratio",
    "claimed_ratio",
    "more_seeds",
)


def table(runs, plans, source):
    """The claims as a `Table`; arguments as of `judge` and `protocol_notes`."""
    judged = judge(runs)
    if source == "sample":
        judged = without_verdicts(judged)
    return shown(judged, protocol_notes(runs, plans, source), counts(judged))


def judge(runs):
    """Claims with self-check and verdict, a row each, as a DataFrame.

    runs: of one stack, as `results.runs.read_all` gives them; may be empty, when
    nothing is measured. The columns are those of `paper.claims`, then table_value,
    table_rounding (what the rounding of the cells makes of it), table_alternative,
    self_check, run_value (mean over seeds), run_low, run_high (its interval), n,
    run_ratio and claimed_ratio (where judged as a ratio), verdict and basis.
    """
    claims = paper.claims()
    numbers = selfcheck.published(claims)
    rounding = selfcheck.roundings(claims)
    definitions = {claim["id"]: claim["formula"] for claim in claims}
    seeds = evidence.by_seed(runs)
    judged = pd.DataFrame(
        {
            **claim,
            **selfcheck.check(claim, numbers, rounding),
            **verdicts.judge(claim, definitions, seeds, numbers),
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

    claims: what `judge` returns, or claims.csv read back.
    """
    return {
        column: {answer: int((claims[column] == answer).sum()) for answer in answers}
        for column, answers in ANSWERS.items()
    }
