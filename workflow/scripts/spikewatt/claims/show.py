"""The claims as files: CSV for programs, Markdown for people."""

import math

from spikewatt.claims.verdicts import RATIO_MARGIN, STEADINESS_MARGIN
from spikewatt.results.table import EMPTY, Table

TITLE = "What the paper states, what its own tables give, and what this run gives"
HEADER = [
    "Statement",
    "Claimed",
    "The paper's tables",
    "Self-check",
    "This run",
    "Verdict",
    "Basis",
]
RELATIONS = {"more_than": "> ", "less_than": "< ", "at_least": "≥ ", "at_most": "≤ "}
NOTES = (
    "Accuracies, scores and epochs are judged by the interval from seeds, or for one "
    "seed by the binomial interval; times, memory and power belong to one machine and "
    f"are judged as ratios within an experiment, within a factor of {RATIO_MARGIN} "
    f"({STEADINESS_MARGIN} for the longest epoch against the mean one).",
)


def write(judged, notes, *paths):
    """Write what `judge` returned, with `protocol_notes`, to .csv and .md paths."""
    made = Table("claims", TITLE, HEADER, judged, notes=[*notes, *NOTES])
    experiment = None
    for claim in judged.to_dict("records"):
        start = f"{claim['experiment']}: " if claim["experiment"] != experiment else ""
        experiment = claim["experiment"]
        made.rows.append(_row(claim, start))
    made.write(*paths)


def _row(claim, start):
    unit = f" {claim['unit']}" if claim["unit"] else ""
    return [
        f"{start}{claim['statement']}",
        f"{RELATIONS.get(claim['relation'], '')}{claim['claimed']:g}{unit}",
        _number(claim["table_value"], unit),
        claim["self_check"],
        _number(claim["run_value"], unit),
        claim["verdict"],
        claim["basis"],
    ]


def _number(value, unit):
    return EMPTY if value is None or math.isnan(value) else f"{value:.4g}{unit}"
