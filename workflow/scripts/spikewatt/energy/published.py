"""Published energies by name, as energies.csv has them."""

import csv
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("energies.csv")
TO_JOULES = {"pJ": 1e-12, "pJ/bit": 1e-12}


@cache
def rows():
    """All rows, name → dict of text."""
    with FILE.open(encoding="utf-8", newline="") as handle:
        return {row["id"]: row for row in csv.DictReader(handle)}


def number(name):
    """A value as it was published, in its own unit."""
    return float(rows()[name]["value"])


def joules(name):
    """An energy in J, or J a bit; KeyError for what is no energy."""
    return number(name) * TO_JOULES[rows()[name]["unit"]]


def source(name):
    """«C. Frenkel et al.: …», with who reports it where it was not read there."""
    row = rows()[name]
    by = row["reported_by"]
    return f"{row['source']}; reported by {by}" if by else row["source"]
