"""What the paper published: its experiments, two tables and the claims of its text.

All of it is data, as text: numbers are kept as the paper printed them, since how far a
number was rounded shows only in its digits. The Snakefile imports this module, so that
it reads CSV without pandas.
"""

import csv
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
# «a single Nvidia RTX 3060 TI with 8 GB of video memory»
CARD = {"name": "RTX 3060 Ti", "memory_mib": 8192}
# Stage of a run → the table that the paper has of it; «t1», «t2» begin the names of
# cells in formulas.
TABLES = {"train": ("t1", "table1"), "test": ("t2", "table2")}


@cache
def rows(name):
    """The rows of the data file `name`.csv, each a dict of text."""
    path = FOLDER / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def claims():
    """The quantitative statements of the text, each a dict of text, in its order.

    Keys: id; place, the section, and quote; experiment; statement, in our words;
    claimed, as printed; unit; relation of what `formula` gives to the claimed value;
    formula (see `claims.formula`); alternative, a second convention to look at;
    judged_by, the ratio by which a run on another machine is judged, and target, what
    the claim makes of that ratio; tolerance that the claimed value's own rounding
    allows, and tolerance_basis; kind; scale, absolute or relative.
    """
    return [dict(row) for row in rows("claims")]


@cache
def networks():
    """The paper's networks, in its order: (experiment, network) → its row of data.

    A row has label and the numbers of the figures of its experiment; how the network
    is trained stands in `paper.protocol`.
    """
    return {(row["experiment"], row["network"]): row for row in rows("experiments")}


def has(experiment, network):
    """Whether the paper has numbers of a network of that name."""
    return (experiment, network) in networks()


def present(experiments):
    """Names of the paper's experiments that are among `experiments`, in its order.

    experiments: as in the config, name → setting with `networks`. One of the paper's
    is there if all its networks are; it may have more.
    """
    wanted = {}
    for experiment, network in networks():
        wanted.setdefault(experiment, set()).add(network)
    return [
        name
        for name, needed in wanted.items()
        if name in experiments and needed <= set(experiments[name]["networks"])
    ]


def figure(experiment, kind):
    """The number of the paper's figure of an experiment.

    kind: «architecture» or «result».
    """
    for (name, _), row in networks().items():
        if name == experiment:
            return int(row[f"{kind}_figure"])
    raise KeyError(f"the paper has no experiment {experiment}")


@cache
def margins():
    """What counts as the same: (experiment, quantity) → margin and spread, as numbers.

    Declared before anything is measured; margins.csv gives the reason of each. The
    experiment is «any» where it holds for all; a spread is None where it follows from
    the number of samples (see `claims.priors`).
    """
    return {
        (row["experiment"], row["quantity"]): {
            "margin": float(row["margin"]),
            "spread": float(row["spread"]) if row["spread"] else None,
        }
        for row in rows("margins")
    }


@cache
def cells():
    """Both tables as printed: «t1.exp1.ann.mean_epoch_time_s» → «9.39»."""
    return {
        f"{prefix}.{row['experiment']}.{row['network']}.{column}": printed
        for prefix, name in TABLES.values()
        for row in rows(name)
        for column, printed in row.items()
        if column not in ("experiment", "network")
    }


def cell(stage, experiment, network, column):
    """The name of a table's cell in formulas: «t1.exp1.ann.mean_epoch_time_s»."""
    return f"{TABLES[stage][0]}.{experiment}.{network}.{column}"


def printed(stage, experiment, network, column):
    """A published number as the paper printed it, or None where it has none.

    stage: «train» or «test»; column: as in the paper's CSV, or None.
    """
    return cells().get(cell(stage, experiment, network, column))


def value(stage, experiment, network, column):
    """A published number, or None where the paper has none; arguments of `printed`."""
    text = printed(stage, experiment, network, column)
    return None if text is None else float(text)
