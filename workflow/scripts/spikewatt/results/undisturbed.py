"""Table I and II without what something disturbed: the second figure of the two shown.

The rows of the tables keep the means of all epochs, with the mark †; what is left
without the flagged ones stands in a note and in columns of its own.
"""

from spikewatt.results import measured, stats
from spikewatt.results.columns import COLUMNS
from spikewatt.results.notes import about
from spikewatt.results.table import number

# Words in the names of columns that belong to a machine: accuracies do not change
# because another program ran beside them.
OF_A_MACHINE = ("time", "memory", "power", "energy")
SUFFIX = "_undisturbed"


def of_a_machine(name):
    """Whether a column's number would be another on another, or a busier, machine."""
    return any(word in name for word in OF_A_MACHINE)


def columns(stage):
    """The columns of a table that a disturbance can change."""
    return [column for column in COLUMNS[stage] if of_a_machine(column.name)]


def means(stage, group, rows):
    """Means over a network's seeds without disturbed epochs: name_undisturbed → number.

    None where none is left. Without flags they are those of the table. rows: a
    `measured.Rows`.
    """
    names = [column.name for column in columns(stage)]
    values = {
        name: [rows.undisturbed(run, stage, name) for run in group] for name in names
    }
    return {f"{name}{SUFFIX}": stats.mean_ci(values[name])[0] for name in names}


def note(stage, group, record):
    """The note that shows both figures of a network, in a list; else an empty one.

    record: the network's row of the CSV, with `means` in it.
    """
    words = measured.disturbing_words(group, stage)
    if not words:
        return []
    flags = ", ".join(f"«{word}»" for word in words)
    both = list(filter(None, (_both(column, record) for column in columns(stage))))
    told = f"† without what is flagged {flags}: {'; '.join(both)}."
    if not both:
        told = f"† all of it is flagged {flags}: no figure is undisturbed."
    name = f"{group[0].experiment}/{group[0].network}"
    return [about("undisturbed", name, told)]


def _both(column, record):
    """«Average power consumption / W 58.5 (with it 61.2)»; None without a number."""
    left, every = (record[f"{column.name}{end}"] for end in (SUFFIX, ""))
    shown = [number(value, column.digits) for value in (left, every)]
    if not stats.present([left]).size:
        return None
    return f"{column.header} {shown[0]} (with it {shown[1]})"
