"""«What is spiking, what is software»: the same networks on two stacks."""

import itertools

from spikewatt.results import by_stack, devices, measured, stack_notes
from spikewatt.results.by_stack import STACKS
from spikewatt.results.table import (
    EMPTY,
    Table,
    frame,
    interval,
    number,
    signed,
    spread,
)
from spikewatt.results.useful import no_interval, note_on, useful, useful_ratio

TITLE = "What is spiking, what is software: the same networks on two stacks"
HEADER = [
    "Experiment",
    "Network",
    "Quantity",
    "Reference",
    "Fast",
    "Fast against reference",
    "n",
]
PAPERS = "The paper"


def stacks(runs, plans=None):
    """Each network on both stacks, and what it costs against its partner.

    runs: of one stack or both; plans: see `spikewatt.results.mismatches`. CSV columns:
    experiment, network, against (the other network where the row is a ratio to it),
    label, device, quantity; for each stack its mean or ratio over its own seeds, with
    _low, _high (95 %), _n and _uncertainty (standard, of the meter alone, where the row
    is a power or an energy of one network); comparison (difference or ratio, fast
    against reference, over the seeds that both have), value, low, high, n; paper,
    where the paper has one of the networks; flags.
    """
    numbers = measured.Rows()
    rows = by_stack.rows(runs, numbers)
    published = any(row.paper is not None for row in rows)
    records = [_record(row, published, numbers) for row in rows]
    header = [*HEADER, PAPERS] if published else HEADER
    made = Table("stacks", TITLE, header, frame(records), keys=3)
    for _, group in itertools.groupby(rows, key=_names):
        group = list(group)
        lines = [["", "", *_cells(made, row, published)] for row in group]
        label = stack_notes.marked(group[0], "train", "test")
        lines[0][:2] = [group[0].experiment, label]
        made.add(lines)
    for note in stack_notes.of_table(runs, rows, plans):
        made.note(note)
    note_on(made)
    return made


def _names(row):
    return row.experiment, row.network, row.against, row.label


def _record(row, published, numbers):
    """A row of the CSV."""
    record = {
        "experiment": row.experiment,
        "network": row.network,
        "against": row.against or "",
        "label": row.label,
        "device": devices.device(row.runs[0]) or "",
        "quantity": row.quantity.name,
    }
    for stack, part in row.stacks.items():
        record |= {
            stack: part.value,
            f"{stack}_low": part.low,
            f"{stack}_high": part.high,
            f"{stack}_n": part.n,
            f"{stack}_uncertainty": _uncertainty(row, stack, numbers),
        }
    return record | {
        "comparison": "ratio" if row.quantity.cost else "difference",
        "value": row.change.value,
        "low": row.change.low,
        "high": row.change.high,
        "n": row.change.n,
        **({"paper": row.paper} if published else {}),
        "flags": " ".join(measured.flag_words(row.runs, row.quantity.stage)),
    }


def _uncertainty(row, stack, numbers):
    """Standard uncertainty of a stack's mean by the meter alone; ratios have none."""
    runs = [run for run in row.runs if run.stack == stack and not row.against]
    return numbers.mean_uncertainty(runs, row.quantity.stage, row.quantity.name)


def _cells(made, row, published):
    """The text of a row, from its quantity on."""
    what = row.quantity.words
    if not row.against:
        what = f"{what} / {row.quantity.unit}"
    parts = [_of_stack(made, row, stack) for stack in STACKS]
    change = _number(row.change, row, compared=True)
    digits = 2 if row.against else row.quantity.digits
    stated = [number(row.paper, digits)] if published else []
    return [what, *parts, change, str(row.seeds), *stated]


def _of_stack(made, row, stack):
    """A stack's cell, with the reason where its runs have no number."""
    cell = _number(row.stacks[stack], row)
    if cell != EMPTY or row.against:
        return cell
    runs = [run for run in row.runs if run.stack == stack]
    marks = map(made.note, by_stack.why_empty(runs, row.quantity))
    return " ".join([cell, *dict.fromkeys(marks)])


def _number(part, row, compared=False):
    """An estimate for people; says its number of seeds where the row has more."""
    if part.value is None:
        return EMPTY
    if row.against or (compared and row.quantity.cost):
        says = useful_ratio(part.low, part.high)
        text = f"× {interval(part.value, part.low if says else None, part.high)}"
    else:
        half = None if part.low is None else (part.high - part.low) / 2
        says = useful(row.quantity.name, half, part.value)
        show = signed if compared else number
        text = spread(part.value, half if says else None, row.quantity.digits, show)
    if not says:
        return f"{text} ({no_interval(part.n)})"
    return text if part.n == row.seeds else f"{text} (n = {part.n})"
