"""The claims as files: CSV for programs, Markdown for people."""

import math

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
RELATIONS = {
    "similar": "≈ ",
    "more_than": "> ",
    "less_than": "< ",
    "at_least": "≥ ",
    "at_most": "≤ ",
}
NOTES = (
    "Verdicts are equivalence tests (two one-sided tests, 5 % each) of this run's mean "
    "against the paper's one run, with margins declared before in paper/margins.csv, "
    "the spread between seeds and the size of the paper's sets: reproduced if the 90 % "
    "interval of the difference lies within the margin, not reproduced if beyond it, "
    "else inconclusive. Times, memory and power belong to one machine: on a GPU they "
    "are tested as ratios within an experiment, on a CPU they are not comparable. "
    "«Fitted» is what agrees because a free choice was made to agree with it.",
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
