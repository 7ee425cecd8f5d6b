"""Tables I and II: this run's numbers, the paper's beside them, and the difference."""

import math

import pandas as pd

from spikewatt import paper
from spikewatt.results import gaps, measured, remarks, stats
from spikewatt.results.columns import COLUMNS, NAMES, TITLES
from spikewatt.results.table import EMPTY, Table, signed, spread

MACRO_NOTE = (
    "The paper states its F1 by formula (15) alone, with accuracy in the place of "
    "precision; macro F1 is the usual one."
)
INTERVAL_NOTE = (
    "± is the 95 % confidence interval of the mean over n seeds (Student t); "
    "the paper has one run."
)


def table(stage, runs, plans=None):
    """Table I (stage «t1») or Table II («t2») of the given runs, a network a row.

    runs: of one stack, as `spikewatt.results.runs.read_all` gives them; plans: see
    `spikewatt.results.mismatches`. Runs with gaps are used as far as they go, and notes
    say what is missing.
    """
    header = ["Experiment", "Network", "", *(c.header for c in COLUMNS[stage])]
    made = Table(NAMES[stage], TITLES[stage], header, pd.DataFrame())
    records = []
    groups = measured.by_network(runs).values()
    for group in groups:
        record = _record(stage, group)
        _add_rows(made, stage, group, record)
        notes = _notes(stage, group, plans or {})
        for text in notes:
            made.note(text)
        records.append(record | {"notes": " | ".join(notes)})
    made.data = pd.DataFrame(records)
    for text in remarks.flags(runs, stage):
        made.note(text)
    if any(len(group) > 1 for group in groups):
        made.note(INTERVAL_NOTE)
    for text in remarks.machines(runs):
        made.note(text)
    return made


def _record(stage, group):
    """A network's row of the CSV."""
    first, rows = group[0], [measured.ROW_OF[stage](run) for run in group]
    record = {
        "experiment": first.experiment,
        "network": first.network,
        "label": first.label,
        "stack": first.stack,
        "seeds": len(group),
    }
    for column in COLUMNS[stage]:
        mean, half, n = stats.mean_ci([row.get(column.name) for row in rows])
        place = (stage, first.experiment, first.network, column.paper)
        stated = paper.value(*place)
        gap = None if mean is None or stated is None else mean - stated
        record |= {
            column.name: mean,
            f"{column.name}_ci": half,
            f"{column.name}_n": n,
            f"{column.name}_paper": stated,
            f"{column.name}_difference": gap,
        }
    words = {word for run in group for word in measured.flags(run, stage)}
    record = {key: math.nan if v is None else v for key, v in record.items()}
    return record | {"flags": " ".join(sorted(words))}


def _add_rows(made, stage, group, record):
    """A network's three lines for people: this run, the paper, the difference."""
    first, columns = group[0], COLUMNS[stage]
    most = max(record[f"{column.name}_n"] for column in columns)
    this = "this run" if most < 2 else f"this run, n = {most}"
    mark = " †" if record["flags"] else ""
    differences = [
        signed(record[f"{c.name}_difference"], _digits(c, record)) for c in columns
    ]
    made.groups.append(len(made.rows))
    made.rows += [
        [
            first.experiment,
            f"{first.label}{mark}",
            this,
            *(_measured(made, stage, group, record, c, most) for c in columns),
        ],
        ["", "", "the paper", *(_stated(made, stage, first, c) for c in columns)],
        ["", "", "difference", *differences],
    ]


def _measured(made, stage, group, record, column, most):
    """The cell of this run's number, with its interval or with why it is empty."""
    half = record[f"{column.name}_ci"]
    half = None if math.isnan(half) else half
    cell = spread(record[column.name], half, _digits(column, record))
    if cell == EMPTY:
        reasons = [gaps.why_empty(run, stage, column.name) for run in group]
        return " ".join([cell, *dict.fromkeys(map(made.note, reasons))])
    n = record[f"{column.name}_n"]
    return cell if n == most else f"{cell} (n = {n})"


def _stated(made, stage, run, column):
    """The paper's number as the paper printed it."""
    if column.paper is None:
        return f"{EMPTY} {made.note(MACRO_NOTE)}"
    key = f"{stage}.{run.experiment}.{run.network}.{column.paper}"
    return paper.cells().get(key, EMPTY)


def _digits(column, record):
    """A mean of counts has a decimal; a single count has none."""
    several = record[f"{column.name}_n"] > 1
    return max(column.digits, 1) if several else column.digits


def _notes(stage, group, plans):
    """What a reader must know of a network's runs: gaps, reasons, flags."""
    found = []
    for run in group:
        plan = plans.get(f"{run.experiment}/{run.network}")
        row = measured.ROW_OF[stage](run)
        empty = [
            c.name for c in COLUMNS[stage] if stats.present([row.get(c.name)]).size == 0
        ]
        found += [gaps.why_empty(run, stage, name) for name in empty]
        found += gaps.of_run(run, stage, plan)
    return list(dict.fromkeys(found))
