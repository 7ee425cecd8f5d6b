"""Reading telemetry.csv back, while it is still being written or later."""

import csv
import io

import numpy as np

from spikewatt.meter.telemetry import TEXT

MOMENT = "monotonic_s"


def read(path, begin=0):
    """The rows of a telemetry file from byte `begin` on: {column: array or texts}.

    Missing numbers are NaN; columns of text are lists of str. An offset within a line
    skips that line, and so does a last line that is not whole yet.
    """
    with open(path, "rb") as handle:
        columns = handle.readline().decode().rstrip("\n").split(",")
        if begin > handle.tell():
            handle.seek(begin - 1)
            handle.readline()
        body = handle.read()
    whole = body[: body.rfind(b"\n") + 1].decode()
    rows = list(csv.reader(io.StringIO(whole)))
    cells = zip(*rows, strict=True) if rows else [()] * len(columns)
    return {
        name: list(column) if name in TEXT else _numbers(column)
        for name, column in zip(columns, cells, strict=True)
    }


def between(samples, begin, end):
    """The rows taken from `begin` to `end`, in monotonic seconds, edges included."""
    moments = samples[MOMENT]
    there = np.flatnonzero((moments >= begin) & (moments <= end))
    return {
        name: [column[k] for k in there] if isinstance(column, list) else column[there]
        for name, column in samples.items()
    }


def _numbers(cells):
    return np.array([float(cell) if cell else np.nan for cell in cells], float)
