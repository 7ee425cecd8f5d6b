"""Intervals and ratios of few repeated measurements.

Everywhere: NaN and None mean «not measured» and are left out, and the number of values
that remained is returned or can be seen. With fewer than two values there is no spread,
so that a half width is None, never 0.
"""

import math

import numpy as np
from scipy import special

CONFIDENCE = 0.95


def present(values):
    """The measured ones of `values` as a float array: without NaN and None."""
    array = np.array([math.nan if v is None else v for v in values], dtype=float)
    return array[~np.isnan(array)]


def mean_ci(values, confidence=CONFIDENCE):
    """Mean, half width of its confidence interval (Student t) and number of values.

    Returns (None, None, 0) without values and (value, None, 1) with one.
    """
    measured = present(values)
    if measured.size == 0:
        return None, None, 0
    mean = float(measured.mean())
    if measured.size == 1:
        return mean, None, 1
    return mean, _quantile(measured.size, confidence) * _error(measured), measured.size


def paired_difference(a, b, confidence=CONFIDENCE):
    """`mean_ci` of a − b, value by value; a pair with a gap on either side is left out.

    a and b: equally long, one value per seed in the same order. Raises ValueError
    where their lengths differ.
    """
    return mean_ci([x - y for x, y in _pairs(a, b)], confidence)


def ratio(a, b):
    """a / b, or None where either is not measured or b is 0."""
    measured = present([a, b])
    return (
        float(measured[0] / measured[1]) if measured.size == 2 and measured[1] else None
    )


def paired_ratio(a, b, confidence=CONFIDENCE):
    """Geometric mean of a / b over the pairs, its interval, and how many there were.

    Returns (ratio, low, high, n). The interval is Student's on logarithms, so that
    a / b and b / a say the same; low and high are None below two pairs. Pairs with a
    gap, and values of 0 or less, which have no logarithm, are left out.
    """
    pairs = [(x, y) for x, y in _pairs(a, b) if x > 0 and y > 0]
    mean, half, n = mean_ci([math.log(x / y) for x, y in pairs], confidence)
    if n == 0:
        return None, None, None, 0
    if half is None:
        return math.exp(mean), None, None, n
    return math.exp(mean), math.exp(mean - half), math.exp(mean + half), n


def _pairs(a, b):
    if len(a) != len(b):
        raise ValueError(f"{len(a)} and {len(b)} values cannot be paired")
    pairs = zip(a, b, strict=True)
    return [tuple(pair) for pair in map(present, pairs) if len(pair) == 2]


def _error(values):
    """The standard error of the mean."""
    return float(values.std(ddof=1)) / math.sqrt(values.size)


def _quantile(size, confidence):
    return float(special.stdtrit(size - 1, (1 + confidence) / 2))
