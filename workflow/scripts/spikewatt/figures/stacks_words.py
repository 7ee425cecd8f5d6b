"""What is said of the figure of the stacks: its numbers, caption and alt text."""

from spikewatt.figures import series
from spikewatt.figures.saving import Caption
from spikewatt.results import by_stack, notes, stack_notes
from spikewatt.results.table import EMPTY, number

TITLE = "What is spiking, what is software"
ROLES = ("time", "memory", "energy")
# A ratio from here on needs no second decimal.
LARGE = 10
# By how many stacks were run.
CAPTIONS = {
    1: "Above: what training costs each network. Below: networks over those that they "
    "are compared with.",
    2: "Above: what training costs each network in both stacks; fast over reference is "
    "written at the right. Below: networks over those that they are compared with, in "
    "both stacks, both written at the right.",
}


def factor(row):
    """Fast over reference: «× 0.22»; «—» where one of them is missing."""
    return f"× {number(row.change.value, 2)}" if row.change.n else EMPTY


def both(row):
    """Both stacks' values: «2.74 → 1.30», with «—» for a missing one."""
    return " → ".join(_value(row, part) for part in row.stacks.values())


def only(row):
    """The value of the only stack."""
    value = next(_value(row, part) for part in row.stacks.values() if part.n)
    return f"× {value}" if row.against else value


def _value(row, part):
    if row.against and part.n and part.value < LARGE:
        return number(part.value, 2)
    return series.number(part.value) if part.n else EMPTY


# Where what the loop waited for its samples was measured.
PARTS = (
    "Of times, a bar marks the reference without the time in which its loop waited for "
    "samples: from the open mark to the bar lies loading, from the bar to the filled "
    "mark software."
)


def caption(runs, rows, every):
    """Title, caption and alt text of the figure of these rows.

    every: these and those of other quantities.
    """
    present = {run.stack for run in runs}
    parts = stack_notes.three_parts(every)
    headlines = [note.text for note in [*stack_notes.headlines(rows), *parts]]
    told = stack_notes.one_stack(runs)
    if any(run.epochs is not None for run in runs):
        told += stack_notes.stand_ins(runs)
    told += [*notes.flags(runs, "train"), *notes.conditions(runs)]
    words = [CAPTIONS[max(1, len(present))], *([PARTS] if parts else []), *headlines]
    intervals = series.interval_note([row.seeds for row in rows])
    words += [*intervals, "One that leaves its panel is cut."] if intervals else []
    spoken = [_spoken(rows, role, len(present)) for role in ROLES]
    alt = " ".join([*filter(None, spoken), *headlines])
    said = *_texts(told), *_not_drawn(runs, rows)
    return Caption(TITLE, " ".join(words), alt or "No network was run.", notes=said)


def _texts(told):
    return [note.text for note in told]


def _not_drawn(runs, rows):
    """What is not drawn, and what is drawn of fewer epochs than it should be."""
    lost = [run.name for run in runs if run.epochs is None]
    told = [f"Without a whole {series.EPOCHS_FILE}: {', '.join(lost)}."] if lost else []
    for run in runs:
        if run.epochs is not None:
            told += series.incomplete(run)
    for row in rows:
        for stack, part in row.stacks.items():
            trained = [r for r in row.runs if r.stack == stack and r.epochs is not None]
            if trained and not part.n and not row.against:
                why = "; ".join(_texts(by_stack.why_empty(trained, row.quantity)))
                what = f"{row.experiment} {row.label}, {stack}, {row.quantity.words}"
                told.append(f"{what}: {why}.")
    return told


def _spoken(rows, role, stacks):
    """«Time per epoch, reference → fast: exp1 ANN 9.39 → 2.01 s; …»."""
    costs = [row for row in rows if row.quantity.role == role and not row.against]
    if not costs:
        return None
    listed = []
    for row in costs:
        known = any(part.n for part in row.stacks.values())
        value = (both if stacks > 1 else only)(row) if known else None
        unit = f"{value} {row.quantity.unit}" if known else "not measured"
        listed.append(f"{row.experiment} {row.label} {unit}")
    order = ", reference → fast" if stacks > 1 else ""
    return f"{capital(costs[0].quantity.words)}{order}: {'; '.join(listed)}."


def capital(words):
    """The words with their first letter large."""
    return words[0].upper() + words[1:]
