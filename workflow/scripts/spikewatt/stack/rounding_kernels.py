"""Weights to whole numbers, compiled: in one pass each.

As a dozen of torch's operations this takes longer than a batch of a small network: each
wakes torch's threads for some microseconds of work.
"""

import math

import numpy as np

from spikewatt.compute.numba_cache import compiled


@compiled
def round_filters(weight, largest, finest, integers, quantum, low, high):
    """Filters low…high of float32 weights F×M as integers times a power of two.

    largest: that an integer may be; finest: the largest exponent of 1/quantum;
    integers: int32 F×M, to the nearest, ties to even; quantum: float64 F, NaN where a
    weight is no finite number. Both are written.
    """
    for f in range(low, high):
        row, whole = weight[f], integers[f]
        top, finite = np.float32(0), True
        for n in range(row.size):
            top = max(top, abs(row[n]))
            finite = finite and math.isfinite(row[n])
        if not finite:
            whole[:] = 0
            quantum[f] = np.nan
            continue
        # frexp: ratio = m·2^e with ½ ≤ m < 1; 2^(e−1) is the power of two below it
        exponent = math.frexp(largest / max(np.float64(top), 1e-300))[1]
        power = min(exponent - 1, finest)
        quantum[f] = math.ldexp(1.0, -power)
        per = np.float32(math.ldexp(1.0, power))  # both are powers of two: exact
        for n in range(row.size):
            whole[n] = np.int32(np.rint(row[n] * per))


@compiled
def spans(integers, found, low, high):
    """What sums of the filters low…high of integers F×C×K×K can reach.

    found: int64 F×3, written: the largest |integer|, the largest |sum| over any of a
    filter's integers, and over any of one row of its kernel.
    """
    channels, rows, columns = integers.shape[1:]
    below, above = np.empty(rows, np.int64), np.empty(rows, np.int64)
    for f in range(low, high):
        most = np.int64(0)
        below[:], above[:] = 0, 0
        for c in range(channels):
            for y in range(rows):
                for x in range(columns):
                    value = np.int64(integers[f, c, y, x])
                    most = max(most, abs(value))
                    above[y] += max(value, 0)
                    below[y] -= min(value, 0)
        found[f, 0] = most
        found[f, 1] = max(above.sum(), below.sum())
        found[f, 2] = max(above.max(), below.max())
