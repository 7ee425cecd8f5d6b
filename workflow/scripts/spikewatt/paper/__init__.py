"""What the paper published: its two tables and the claims of its text, as data.

Numbers are kept as the paper printed them, since how far a number was rounded shows
only in its digits.
"""

from functools import cache
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).parent


def table1():
    """Table I, a row per network: training and validation."""
    return pd.read_csv(FOLDER / "table1.csv")


def table2():
    """Table II, a row per network: testing."""
    return pd.read_csv(FOLDER / "table2.csv")


def claims():
    """The quantitative statements of the text, every cell as text, in its order.

    Columns: id; place, the section, and quote; experiment; statement, in our words;
    claimed, as printed; unit; relation of what `formula` gives to the claimed value;
    formula (see `claims.formula`); alternative, a second convention to look at;
    judged_by, the ratio by which a run on another machine is judged, and target, what
    the claim makes of that ratio; tolerance that the claimed value's own rounding
    allows, and tolerance_basis; kind; scale, absolute or relative.
    """
    return pd.read_csv(FOLDER / "claims.csv", dtype=str, keep_default_na=False)


@cache
def margins():
    """What counts as the same: (experiment, quantity) → margin and spread, as numbers.

    Declared before anything is measured; margins.csv gives the reason of each. The
    experiment is «any» where it holds for all; a spread is None where it follows from
    the number of samples (see `claims.priors`).
    """
    table = pd.read_csv(FOLDER / "margins.csv")
    return {
        (row["experiment"], row["quantity"]): {
            "margin": float(row["margin"]),
            "spread": None if pd.isna(row["spread"]) else float(row["spread"]),
        }
        for row in table.to_dict("records")
    }


@cache
def cells():
    """Both tables as printed: «t1.exp1.ann.mean_epoch_time_s» → «9.39»."""
    return {
        f"{table}.{row['experiment']}.{row['network']}.{column}": row[column]
        for table, name in (("t1", "table1.csv"), ("t2", "table2.csv"))
        for _, row in pd.read_csv(FOLDER / name, dtype=str).iterrows()
        for column in row.index[2:]
    }


def value(table, experiment, network, column):
    """A published number, or None where the paper has none.

    table: «t1» or «t2»; column: as in the paper's CSV, or None.
    """
    printed = cells().get(f"{table}.{experiment}.{network}.{column}")
    return None if printed is None else float(printed)
