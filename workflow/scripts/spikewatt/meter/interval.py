"""One phase with its readings: two edges, and the samples between them."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from spikewatt.meter import energy
from spikewatt.meter.samples import MOMENT, between


@dataclass
class Interval:
    """Readings of one phase.

    begin, end: monotonic seconds of its edges. first, last: {column: value} read at
    the edges. samples: {column: array} of telemetry with «monotonic_s» rising; some
    may lie outside the edges. wraps: {column: value at which a counter starts again}.
    """

    begin: float
    end: float
    first: dict
    last: dict
    samples: dict = field(default_factory=dict)
    wraps: dict = field(default_factory=dict)

    @property
    def seconds(self):
        return self.end - self.begin

    @cached_property
    def inside(self):
        """The samples between the edges."""
        if MOMENT not in self.samples:
            return {MOMENT: np.array([])}
        return between(self.samples, self.begin, self.end)

    @property
    def count(self):
        """How many samples were taken between the edges."""
        return len(self.inside[MOMENT])

    def sampled(self, column):
        """Readings of the samples between the edges, NaN where there is none."""
        return self.inside.get(column, np.full(self.count, np.nan))

    def times(self):
        """Moments of both edges and the samples between, in s."""
        return np.array([self.begin, *self.inside[MOMENT], self.end])

    def values(self, column):
        """Readings of a column at `times()`, NaN where there is none."""
        first, last = (_number(edge.get(column)) for edge in (self.first, self.last))
        return np.array([first, *self.sampled(column), last])

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
        if not np.isfinite(self.sampled(column)).any():
            return None
        return energy.integral(self.times(), self.values(column), self.begin, self.end)

    def _grown_by_samples(self, column):
        if column not in self.samples:
            return None
        times, values = energy.present(self.samples[MOMENT], self.samples[column])
        if len(times) < 2:
            return None
        first, last = np.interp([self.begin, self.end], times, values)
        return float(last - first)


def total(intervals, function):
    """Sum of function(interval); None as soon as one is None."""
    parts = [function(interval) for interval in intervals]
    return None if not parts or any(part is None for part in parts) else sum(parts)


def _number(value):
    return np.nan if value is None else value
