"""Tables I and II: this run's numbers, the paper's beside them, and the difference.

The paper's numbers, rows and columns stand where networks of the paper do.
"""

import math

import pandas as pd

from spikewatt import paper
from spikewatt.results import devices, measured, missing, notes, stats, undisturbed
from spikewatt.results.columns import COLUMNS, NAMES, TITLES
from spikewatt.results.converted import source_notes
from spikewatt.results.notes import Note
from spikewatt.results.protocol import deviations_of, settings_notes
from spikewatt.results.table import EMPTY, Table, signed, spread
from spikewatt.results.useful import no_interval, note_on, useful

FORMULA_NOTE = Note(
    "reading",
    "The paper's F1 stands beside macro F1. It states formula (15), with accuracy in "
    "the place of precision, but for four of its six networks its own accuracy and "
    "recall give another number than it printed (0.9780 against 0.977, 0.6977 against "
    "0.696, 0.6789 against 0.677, 0.9751 against 0.9765); macro F1 fits as well or "
    "better.",
)
METER_INTERVAL = Note(
    "interval",
    "± of a power with one seed is twice the standard uncertainty that the meter "
    "states (its readings and update periods, independent between epochs and so added "
    "in squares). What all readings of a card share is not in it: the gain error of "
    "its sensor, up to about 10 % between cards.",
)
INTERVAL = "± is the 95 % confidence interval of the mean over n seeds (Student t)"


def table1(runs, plans=None):
    """Table I; see `table`."""
    return table("train", runs, plans)


def table2(runs, plans=None):
    """Table II; see `table`."""
    return table("test", runs, plans)


def table(stage, runs, plans=None):
    """Table I (stage «train») or II («test») of the given runs, a network each.

    runs: of one stack, as `spikewatt.results.runs.read_all` gives them; plans: see
    `spikewatt.results.mismatches`. Runs with gaps are used as far as they go, and notes
    say what is missing.
    """
    header = ["Experiment", "Network", "", *(c.header for c in COLUMNS[stage])]
    made = Table(NAMES[stage], TITLES[stage], header, pd.DataFrame(), keys=3)
    groups, rows = devices.networks(runs), measured.Rows()
    published = any(_of_paper(group) for group in groups)
    records = []
    for group in groups:
        record = _record(stage, group, rows, published)
        made.add(_lines(made, stage, group, record))
        told = _notes(stage, group, rows, plans or {})
        told += undisturbed.note(stage, group, record)
        for note in told:
            made.note(note)
        leaving = [one.words for one in deviations_of(group[0], plans)]
        texts = [*leaving, *(note.text for note in told)]
        records.append(record | {"notes": " | ".join(texts)})
    made.data = pd.DataFrame(records)
    for note in (
        *settings_notes(runs, plans),
        *(source_notes(runs) if stage == "train" else []),
        *notes.flags(runs, stage),
        *_interval_notes(groups, published),
        *notes.conditions(runs),
    ):
        made.note(note)
    note_on(made)
    return made


def _of_paper(group):
    return paper.has(group[0].experiment, group[0].network)


def _interval_notes(groups, published):
    if all(len(group) == 1 for group in groups):
        return []
    end = "; the paper has one run." if published else "."
    return [Note("interval", f"{INTERVAL}{end}")]


def _record(stage, group, rows, published):
    """A network's row of the CSV."""
    first = group[0]
    record = {
        "experiment": first.experiment,
        "network": first.network,
        "label": first.label,
        "stack": first.stack,
        "device": devices.device(first) or "",
        "seeds": len(group),
    }
    for column in COLUMNS[stage]:
        mean, half, n = stats.mean_ci(
            [rows.value(run, stage, column.name) for run in group]
        )
        record |= {column.name: mean, f"{column.name}_ci": half, f"{column.name}_n": n}
        if column.name in measured.POWERS:
            error = rows.mean_uncertainty(group, stage, column.name)
            record[f"{column.name}_uncertainty"] = error
        if published:
            names = (first.experiment, first.network, column.paper)
            stated = paper.value(stage, *names)
            unknown = mean is None or stated is None
            record[f"{column.name}_paper"] = stated
            record[f"{column.name}_difference"] = None if unknown else mean - stated
    record |= _beside(stage, group, rows) | undisturbed.means(stage, group, rows)
    record = {key: math.nan if v is None else v for key, v in record.items()}
    return record | {"flags": " ".join(measured.flag_words(group, stage))}


def _beside(stage, group, rows):
    """What the paper's table has no column for, for the CSV: CPU power, energies."""
    record = {}
    for name in ("mean_cpu_power_w", *measured.ENERGIES[stage]):
        mean, half, n = stats.mean_ci([rows.value(run, stage, name) for run in group])
        record |= {name: mean, f"{name}_ci": half, f"{name}_n": n}
        record[f"{name}_uncertainty"] = rows.mean_uncertainty(group, stage, name)
    return record


def _lines(made, stage, group, record):
    """A network's lines for people: this run; where it has it, the paper, and both."""
    first, columns = group[0], COLUMNS[stage]
    most = max(record[f"{column.name}_n"] for column in columns)
    this = "this run" if most < 2 else f"this run, n = {most}"
    label = f"{first.label} †" if record["flags"] else first.label
    cells = [_measured(made, stage, group, record, column, most) for column in columns]
    lines = [[first.experiment, label, this, *cells]]
    if _of_paper(group):
        stated = [_stated(made, stage, first, column) for column in columns]
        differences = [
            signed(record[f"{c.name}_difference"], _digits(c, record)) for c in columns
        ]
        lines += [["", "", "the paper", *stated], ["", "", "difference", *differences]]
    return lines


def _measured(made, stage, group, record, column, most):
    """The cell of this run's number, with its interval or with why it is empty."""
    half, n = record[f"{column.name}_ci"], record[f"{column.name}_n"]
    says = useful(column.name, half, record[column.name])
    half = None if math.isnan(half) or not says else half
    error = record.get(f"{column.name}_uncertainty", math.nan)
    if n == 1 and not math.isnan(error):
        half = 2 * error
        made.note(METER_INTERVAL)
    cell = spread(record[column.name], half, _digits(column, record))
    if cell == EMPTY:
        reasons = [missing.why_empty(run, stage, column.name) for run in group]
        return " ".join([cell, *dict.fromkeys(map(made.note, reasons))])
    if not says:
        return f"{cell} ({no_interval(n)})"
    return cell if n == most else f"{cell} (n = {n})"


def _stated(made, stage, run, column):
    """The paper's number as the paper printed it."""
    if column.paper is None:
        return f"{EMPTY} {made.note(FORMULA_NOTE)}"
    return paper.printed(stage, run.experiment, run.network, column.paper) or EMPTY


def _digits(column, record):
    """A mean of counts has a decimal; a single count has none."""
    several = record[f"{column.name}_n"] > 1
    return max(column.digits, 1) if several else column.digits


def _notes(stage, group, rows, plans):
    """What a reader must know of a network's runs: what they lack, and why."""
    told = []
    for run in group:
        plan = plans.get(f"{run.experiment}/{run.network}")
        for column in COLUMNS[stage]:
            if not stats.present([rows.value(run, stage, column.name)]).size:
                told.append(missing.why_empty(run, stage, column.name))
        told += missing.of_run(run, stage, plan)
    return notes.unique(told)
