"""The claims as files: CSV for programs, Markdown for people."""

import itertools
import math

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


def shown(judged, notes, tally=None):
    """What `judge` returned as a `Table`.

    notes: of `results.protocol.settings_notes`; tally: the counts, as a sentence.
    """
    made = Table("claims", TITLE, HEADER, judged)
    for note in [*notes, *(Note("judging", text) for text in NOTES)]:
        made.note(note)
    if tally:
        made.note(Note("tally", tally))
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


def _row(claim, start=""):
    unit = f" {claim['unit']}" if claim["unit"] else ""
    return [
        f"{start}{claim['statement']}",
        f"{RELATIONS.get(claim['relation'], '')}{claim['claimed']:g}{unit}",
        _number(claim["table_value"], unit),
        claim["self_check"],
        _measured(claim, unit),
        claim["verdict"],
        basis(claim),
    ]


def basis(claim):
    """What the verdict rests on; of a repeated test, which it repeats."""
    if not claim["same_as"]:
        return claim["basis"]
    return f"{claim['basis']} (the same test as {claim['same_as']})"


def _measured(claim, unit):
    """This run's number; † marks flagged epochs, which it is without if it can be."""
    text = _number(claim["run_value"], unit)
    if not claim["flags"] or text == EMPTY:
        return text
    every = _number(claim["run_value_all"], unit)
    return f"{text} †" if every in (EMPTY, text) else f"{text} † (with all: {every})"


def _number(value, unit):
    if value is None or math.isnan(value):
        return EMPTY
    return f"{number(value)}{unit}"


def number(value):
    """Four digits of a number, or all of a large one: «0.8», «60000»."""
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:.0f}"
