"""One phase with its readings: two edges, and the samples between them."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from spikewatt.meter import energy


@dataclass
class Stretch:
    """Readings of one phase.

    begin, end: monotonic seconds of its edges. first, last: {column: value} read at
    the edges. samples: rows of telemetry with «monotonic_s», some of them outside the
    edges. wraps: {column: value at which a counter starts again}.
    """

    begin: float
    end: float
    first: dict
    last: dict
    samples: list = field(default_factory=list)
    wraps: dict = field(default_factory=dict)

    @property
    def seconds(self):
        return self.end - self.begin

    @cached_property
    def inside(self):
        """The samples between the edges."""
        return [
            row for row in self.samples if self.begin <= row["monotonic_s"] <= self.end
        ]

    def times(self):
        """Moments of both edges and the samples between, in s."""
        return np.array([self.begin, *_column(self.inside, "monotonic_s"), self.end])

    def values(self, column):
        """Readings of a column at `times()`; NaN where there is none."""
        return np.array(
            [
                _number(self.first.get(column)),
                *_column(self.inside, column),
                _number(self.last.get(column)),
            ]
        )

    def grown(self, column):
        """What a counter grew by over the phase, from its readings at the edges."""
        return energy.counter_difference(
            self.first.get(column),
            self.last.get(column),
            self.wraps.get(column),
            self._grown_by_samples(column) if column in self.wraps else None,
        )

    def integral(self, column):
        """∫ column dt over the phase; None without a sample inside it."""
        if not np.isfinite(_column(self.inside, column)).any():
            return None
        return energy.integral(self.times(), self.values(column), self.begin, self.end)

    def _grown_by_samples(self, column):
        times, values = energy.present(
            _column(self.samples, "monotonic_s"), _column(self.samples, column)
        )
        if len(times) < 2:
            return None
        first, last = np.interp([self.begin, self.end], times, values)
        return float(last - first)


def total(stretches, function):
    """Sum of function(stretch); None as soon as one is None."""
    parts = [function(stretch) for stretch in stretches]
    return None if not parts or any(part is None for part in parts) else sum(parts)


def _column(rows, column):
    return np.array([_number(row.get(column)) for row in rows], float)


def _number(value):
    return np.nan if value is None else value
