"""Rounding in numpy, to test the stack's against."""

import numpy as np


def by_arithmetic(values, bits):
    """Rounding from its definition: numpy's round-half-even in double precision."""
    with np.errstate(over="ignore", invalid="ignore"):
        values = np.asarray(values, np.float64)
        exponent = np.maximum(np.frexp(values)[1] - 1, -126)  # subnormals: fixed steps
        last = np.ldexp(1.0, exponent - bits)
        rounded = np.where(np.isfinite(values), np.rint(values / last) * last, values)
        return rounded.astype(np.float32)
