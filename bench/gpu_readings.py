"""What a card's NVML offers: each reading, what a call costs, how often it is news.

    python bench/gpu_readings.py --out results/gpu

Writes readings.csv and card.json (name, driver, limits, what is published of its power
readings). A reading that the driver refuses has the reason. Update periods are those
of a busy card, and of an idle one where the value changes there; a value that does not
change within --seconds has none.
"""

import argparse
import json
import os
import statistics
import time
from functools import partial
from pathlib import Path

import gpu_load
import pandas as pd
from paired import write_csv

from spikewatt.files import atomic
from spikewatt.meter import periods
from spikewatt.meter.backends.nvml import Nvml
from spikewatt.meter.backends.nvml_readings import READINGS
from spikewatt.meter.target import ProcessTree, Target

CALLS = 50


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="results/gpu")
    parser.add_argument("--seconds", type=float, default=2.5, help="a reading, at most")
    args = parser.parse_args()
    out = Path(args.out)
    target = Target(os.getpid(), device="cuda:0")
    nvml = Nvml(target, ProcessTree(target))
    rows = [row for reading in READINGS for row in offered(nvml, reading)]
    columns = [row["reading"] for row in rows if row["offered"]]
    quiet = news(nvml, columns, args.seconds)
    with gpu_load.beside():
        loaded = news(nvml, columns, args.seconds)
    for row in rows:
        row["period_idle_s"] = quiet.get(row["reading"])
        row["period_busy_s"] = loaded.get(row["reading"])
    write_csv(out / "readings.csv", pd.DataFrame(rows))
    facts = {key: value for key, value in nvml.facts().items() if key != "refused"}
    atomic.write_text(out / "card.json", json.dumps(facts, indent=2))


def offered(nvml, reading):
    """A row for each column of a reading: its value, or why there is none."""
    values, why = asked(nvml, reading)
    cost = call_us(nvml, reading) if values else None
    for column in reading.columns:
        yield {
            "reading": column,
            "offered": column in values,
            "value": values.get(column),
            "call_us": cost,
            "why_not": "" if column in values else nvml.refused.get(column) or why,
        }


def asked(nvml, reading):
    """(the values of one call of NVML, why there are none). Under MIG too."""
    try:
        return reading.function(nvml.nvml, nvml.handle), "the driver leaves it out"
    except nvml.nvml.NVMLError as error:
        return {}, str(error)


def call_us(nvml, reading):
    """The median of what a call takes, in µs."""
    taken = []
    for _ in range(CALLS):
        begin = time.perf_counter()
        asked(nvml, reading)
        taken.append(1e6 * (time.perf_counter() - begin))
    return round(statistics.median(taken), 1)


def news(nvml, columns, seconds):
    """{column: update period in s}, each polled by itself; None where it stays."""
    of_column = {column: r for r in READINGS for column in r.columns}

    def value(column):
        return asked(nvml, of_column[column])[0].get(column)

    found = {}
    for column in columns:
        found |= periods.find({column: partial(value, column)}, seconds)
    return found


if __name__ == "__main__":
    main()
