"""The claims as files: CSV for programs, Markdown for people."""

import itertools
import math

from spikewatt.claims.verdicts import RATIO_MARGIN, STEADINESS_MARGIN
from spikewatt.results.notes import Note
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


def shown(judged, notes, counted=None):
    """What `judge` returned as a `Table`; notes: of `protocol_notes`."""
    made = Table("claims", TITLE, HEADER, judged)
    for note in [*notes, *(Note("judging", text) for text in NOTES)]:
        made.note(note)
    if counted:
        made.note(_tally(counted))
    of_experiment = itertools.groupby(
        judged.to_dict("records"), key=lambda claim: claim["experiment"]
    )
    for experiment, claims in of_experiment:
        first, *others = claims
        rows = [_row(first, f"{experiment}: "), *(_row(claim) for claim in others)]
        made.add(rows)
    return made


def write(judged, notes, *paths):
    """Write what `judge` returned, with `protocol_notes`, to .csv, .md, .json paths."""
    shown(judged, notes).write(*paths)


def _tally(counted):
    parts = [
        ", ".join(f"{n} {answer}" for answer, n in answers.items())
        for answers in counted.values()
    ]
    text = (
        f"In all, against the paper's own tables: {parts[0]}; in this run: {parts[1]}."
    )
    return Note("tally", text)


def _row(claim, start=""):
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
