"""Joules, means and their uncertainty from readings: pure functions on arrays.

A missing reading is NaN on the way in and None on the way out.
"""

import math

import numpy as np


def present(times, values):
    """The readings that exist, as two arrays of equal length."""
    times, values = np.asarray(times, float), np.asarray(values, float)
    there = np.isfinite(values)
    return times[there], values[there]


def integral(times, values, begin, end):
    """∫ value dt from `begin` to `end` by trapezoids, or None with fewer than 2 points.

    times in s (rising), values in W give J. Values at the two edges are interpolated
    between their neighbours; beyond the first or last reading that reading is held.
    """
    times, values = present(times, values)
    if len(times) < 2 or end <= begin:
        return None
    inside = (times > begin) & (times < end)
    grid = np.concatenate([[begin], times[inside], [end]])
    return float(np.trapezoid(np.interp(grid, times, values), grid))


def counter_difference(begin, end, wrap=None, approximate=None):
    """What a counter grew by, or None where an edge is missing or it went back.

    wrap: where the counter starts again from 0, in its unit; None: never.
    approximate: about what is expected, for a counter that may have wrapped several
    times between its two readings.
    """
    if begin is None or end is None:
        return None
    grown = end - begin
    if wrap:
        if approximate is not None:
            return grown + wrap * round((approximate - grown) / wrap)
        if grown < 0:
            grown += wrap
    return grown if grown >= 0 else None


def standard_error(times, values, begin, end, period):
    """Standard error of the mean of a reading over a phase, or None.

    s / √n, where n counts readings that are news: a driver that renews its value every
    `period` seconds gives at most (end − begin) / period of them, however often it is
    asked. Slow changes within the phase count as scatter, so the error is an upper one.
    """
    times, values = present(times, values)
    values = values[(times >= begin) & (times <= end)]
    if len(values) < 2:
        return None
    count = len(values)
    if period:
        count = max(1.0, min(count, (end - begin) / period))
    return float(np.std(values, ddof=1) / math.sqrt(count))


def counter_uncertainty(power, period, step):
    """Standard uncertainty in J of a counter's difference over one phase.

    Each edge reads a value that is up to `period` seconds old and rounded to `step` J.
    Both are rectangular distributions (GUM 4.3.7), of width power · period and step,
    and the difference has two of them: u² = 2 · ((P·T)² + step²) / 12.
    """
    return math.sqrt(((power * period) ** 2 + step**2) / 6)


def combined(*parts):
    """Independent uncertainties added in squares; None if one is missing."""
    if any(part is None for part in parts):
        return None
    return math.sqrt(sum(part**2 for part in parts))


def spread(values):
    """(median, 95th percentile, max) of the readings that exist, or three None."""
    values = np.asarray(values, float)
    values = values[np.isfinite(values)]
    if not len(values):
        return None, None, None
    median, high = np.percentile(values, [50, 95])
    return float(median), float(high), float(values.max())
