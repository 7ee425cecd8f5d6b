"""Means over phases of unequal length, and how uncertain the meter leaves them.

Arguments are equally long float arrays or Series, an epoch each, NaN where nothing was
measured; such epochs are left out with their time. Results are NaN where none is left.
"""

import math

import numpy as np


def mean(values, seconds):
    """Σ value · t / Σ t: the mean over time of what was held for `seconds` each."""
    values, seconds = _measured(values, seconds)
    return _over(float(np.sum(values * seconds)), float(np.sum(seconds)))


def power(joules, watts, seconds):
    """Mean power in W: energy over time of the same phases, so that P · t = E.

    joules, watts: of each phase; where a phase has no energy, its mean power times its
    time stands in.
    """
    spent, seconds = _measured(_spent(joules, watts, seconds), seconds)
    return _over(float(np.sum(spent)), float(np.sum(seconds)))


def power_uncertainty(joule_errors, watt_errors, seconds, joules, watts):
    """Standard uncertainty in W of `power`, of the same phases.

    joule_errors, watt_errors: standard uncertainties of `joules` and of `watts`. What
    the meter states is of readings and update periods, which are other ones in each
    phase: independent, so added in squares. NaN where a phase that counts has none.
    """
    seconds = np.asarray(seconds, float)
    of_watts = np.asarray(watt_errors, float) * seconds
    errors = np.where(np.isnan(np.asarray(joules, float)), of_watts, joule_errors)
    counted = ~np.isnan(_spent(joules, watts, seconds)) & ~np.isnan(seconds)
    total = float(np.sum(seconds[counted]))
    return _over(math.sqrt(float(np.sum(errors[counted] ** 2))), total)


def mean_uncertainty(errors, values):
    """Standard uncertainty of the plain mean of `values`, independent as there.

    NaN where a value that counts has no error, and where there is no value.
    """
    errors, values = np.asarray(errors, float), np.asarray(values, float)
    counted = ~np.isnan(values)
    return _over(math.sqrt(float(np.sum(errors[counted] ** 2))), int(counted.sum()))


def _spent(joules, watts, seconds):
    """Energy of each phase in J: as measured, or mean power times time."""
    joules, watts, seconds = (np.asarray(v, float) for v in (joules, watts, seconds))
    return np.where(np.isnan(joules), watts * seconds, joules)


def _measured(values, seconds):
    values, seconds = np.asarray(values, float), np.asarray(seconds, float)
    there = ~np.isnan(values) & ~np.isnan(seconds)
    return values[there], seconds[there]


def _over(total, divisor):
    return total / divisor if divisor > 0 else math.nan
