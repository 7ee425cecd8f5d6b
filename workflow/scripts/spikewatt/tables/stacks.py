"""«What is spiking, what is software»: the same networks on two stacks."""

from spikewatt.results import by_stack, measured, stack_notes
from spikewatt.results.by_stack import STACKS
from spikewatt.results.table import EMPTY, Table, frame, number, signed, spread
from spikewatt.tables.comparisons import interval_text

TITLE = "What is spiking, what is software: the same networks on two stacks"
HEADER = [
    "Experiment",
    "Network",
    "Quantity",
    "Reference",
    "Fast",
    "Fast against reference",
    "n",
    "The paper",
]


def stacks(runs, plans=None):
    """Each network on both stacks, and what it costs against its experiment's first.

    runs: of one stack or both; plans: see `spikewatt.results.mismatches`. CSV columns:
    experiment, network, against (the first network where the row is a ratio to it),
    label, quantity; for each stack its mean or ratio over its own seeds, with _low,
    _high (95 %) and _n; comparison (difference or ratio, fast against reference, over
    the seeds that both have), value, low, high, n; paper; flags.
    """
    rows = by_stack.rows(runs)
    made = Table("stacks", TITLE, HEADER, frame([_record(row) for row in rows]))
    before = None
    for row in rows:
        group = (row.experiment, row.network, row.against)
        names = (
            [row.experiment, stack_notes.marked(row, "t1", "t2")]
            if group != before
            else ["", ""]
        )
        if group != before:
            made.groups.append(len(made.rows))
        made.rows.append([*names, *_cells(made, row)])
        before = group
    for text in stack_notes.of_table(runs, rows, plans):
        made.note(text)
    return made


def _record(row):
    """A row of the CSV."""
    record = {
        "experiment": row.experiment,
        "network": row.network,
        "against": row.against or "",
        "label": row.label,
        "quantity": row.quantity.name,
    }
    for stack, part in row.stacks.items():
        record |= {
            stack: part.value,
            f"{stack}_low": part.low,
            f"{stack}_high": part.high,
            f"{stack}_n": part.n,
        }
    words = {
        word for run in row.runs for word in measured.flags(run, row.quantity.stage)
    }
    return record | {
        "comparison": "ratio" if row.quantity.cost else "difference",
        "value": row.change.value,
        "low": row.change.low,
        "high": row.change.high,
        "n": row.change.n,
        "paper": row.paper,
        "flags": " ".join(sorted(words)),
    }


def _cells(made, row):
    """The text of a row, from its quantity on."""
    what = row.quantity.words
    if not row.against:
        what = f"{what} / {row.quantity.unit}"
    parts = [_of_stack(made, row, stack) for stack in STACKS]
    change = _number(row.change, row, compared=True)
    digits = 2 if row.against else row.quantity.digits
    return [what, *parts, change, str(row.seeds), number(row.paper, digits)]


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
        text = interval_text({"ratio": part.value, "low": part.low, "high": part.high})
        text = f"× {text}"
    else:
        half = None if part.low is None else (part.high - part.low) / 2
        show = signed if compared else number
        text = spread(part.value, half, row.quantity.digits, show)
    return text if part.n == row.seeds else f"{text} (n = {part.n})"
