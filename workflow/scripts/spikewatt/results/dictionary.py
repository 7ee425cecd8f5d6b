"""columns.csv: every column of every CSV, with its unit, its meaning and its origin.

The names are those of the code that writes the files; a test has every file made and
looks for a column that has no entry here.
"""

import re

import pandas as pd

from spikewatt.results import (
    words_meter,
    words_operations,
    words_rivals,
    words_runs,
    words_tables,
)

# By the ending of a name, as they are tried: the longest that fits counts.
UNITS = {
    "_pct": "%",
    "_points": "points",
    "_ms": "ms",
    "_s": "s",
    "_js": "J s",
    "_j": "J",
    "joules": "J",
    "_w": "W",
    "_mib": "MiB",
    "_mhz": "MHz",
    "_c": "°C",
}
# What follows a unit in a name and leaves it as it is.
SAME_UNIT = (
    *("_ci", "_paper", "_difference", "_uncertainty", "_undisturbed"),
    "_per_sample",
)
RUN, TABLES = "runs/…/", "tables/"
METER = words_meter.ROW
NAMES = words_runs.NAMES


def _named(*columns):
    """The entries of these columns that say which run or network it is."""
    return {words_runs.RUN: {name: NAMES[words_runs.RUN][name] for name in columns}}


OF_NETWORK = _named("experiment", "network", "label", "stack")
OF_RUN = _named("experiment", "network", "stack", "seed")
# File → parts, each origin → column → meaning; of two entries the later one counts.
FILES = {
    "summary.csv": (NAMES, words_runs.SUMMARY),
    "columns.csv": (words_runs.DICTIONARY,),
    f"{RUN}epochs.csv": (OF_RUN, METER, words_runs.EPOCH),
    f"{RUN}test.csv": (OF_RUN, METER, words_runs.TEST),
    f"{RUN}predictions.csv": (words_runs.PREDICTION,),
    f"{RUN}firing_rates.csv": (words_runs.FIRING,),
    f"{RUN}anytime.csv": (words_runs.ANYTIME,),
    f"{RUN}early_exit.csv": (words_runs.EARLY_EXIT,),
    f"{RUN}operations.csv": (words_operations.RUN,),
    f"{RUN}inference.csv": (OF_RUN, words_runs.INFERENCE),
    f"{RUN}telemetry.csv": (words_meter.SAMPLE,),
    f"{RUN}test_telemetry.csv": (words_meter.SAMPLE,),
    f"{TABLES}table1.csv": (OF_NETWORK, words_tables.published("train")),
    f"{TABLES}table2.csv": (OF_NETWORK, words_tables.published("test")),
    f"{TABLES}ratios.csv": (_named("experiment"), words_tables.RATIOS),
    f"{TABLES}paired.csv": (_named("experiment"), words_tables.PAIRED),
    f"{TABLES}stacks.csv": (_named("experiment", "network"), words_tables.STACKS),
    f"{TABLES}firing.csv": (_named("experiment", "network"), words_tables.FIRING),
    f"{TABLES}operations.csv": (
        _named("experiment", "network"),
        words_operations.TABLE,
    ),
    f"{TABLES}estimates.csv": (
        _named("experiment", "network", "label"),
        words_operations.ESTIMATES,
    ),
    f"{TABLES}rivals.csv": (_named("experiment", "network"), words_rivals.RIVALS),
    f"{TABLES}claims.csv": (words_tables.CLAIM,),
}


def table():
    """All entries as a DataFrame: file, column, unit, meaning, origin."""
    return pd.DataFrame(
        {
            "file": file,
            "column": column,
            "unit": unit(column),
            "meaning": meaning,
            "origin": origin,
        }
        for file in FILES
        for column, (meaning, origin) in entries(file).items()
    )


def entries(file):
    """Column → (meaning, origin) of a file, by its name in FILES."""
    of_tables = (words_tables.ORIGIN,) if file.startswith(TABLES) else ()
    return {
        column: (meaning, origin)
        for part in (*FILES[file], *of_tables)
        for origin, words in part.items()
        for column, meaning in words.items()
    }


def unknown(file, columns):
    """Those of a file's columns that have no entry.

    Numbers of CPU packages stand as N in the entries: rapl_package_0_j is
    rapl_package_N_j.
    """
    known = entries(file)
    return [name for name in columns if re.sub(r"_\d+_", "_N_", name) not in known]


def unit(column):
    """The unit that a column's name says: «W» of mean_gpu_power_w_ci; else empty."""
    for ending in SAME_UNIT:
        column = column.removesuffix(ending)
    fitting = [ending for ending in UNITS if column.endswith(ending)]
    return UNITS[max(fitting, key=len)] if fitting else ""
