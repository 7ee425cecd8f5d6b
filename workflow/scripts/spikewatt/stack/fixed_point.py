"""Weights as whole numbers: the precisions whose sums of spikes are exact.

A filter's weights are whole multiples of a power of two of its own, its quantum, so
that a sum of them chosen by spikes is a sum of integers: exact, and the same in any
order, in any way and with any number of threads.

| precision | digits of 8 bits | largest integer |
|---|---|---|
| int8 | 1 | 127 |
| fixed16 | 2 | 32 639 |
| fixed24 | 3 | 8 355 711 |

The quantum is the smallest that keeps a filter's integers below the largest: a weight
is off by half a quantum at most, less than its filter's largest weight divided by the
largest integer (2⁻⁷, 2⁻¹⁵, 2⁻²³), and by half of that where the largest weight lies
just below a power of two. n bits with a sign and a power of two cannot promise more.
"""

import functools
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from spikewatt.compute import parallel
from spikewatt.stack.rounding_kernels import round_filters, spans

DIGITS = {"int8": 1, "fixed16": 2, "fixed24": 3}
BITS = 8
# float32 holds every integer up to here, and so all partial sums of a sum within it.
EXACT = 2**24
# Exponents of quanta stay where quantum, weight and current are normal float32 numbers.
FINEST = 120
# Weights that one thread rounds sooner than another is woken.
FEW = 2**18


def largest_integer(digits):
    """The largest number of so many 8-bit digits, each from −128 to 127."""
    return sum(127 * 2 ** (BITS * place) for place in range(digits))


@dataclass(frozen=True)
class FixedPoint:
    """Weights F×…: integers (int32, of that shape) times a quantum (float64, F)."""

    integers: torch.Tensor
    quantum: torch.Tensor

    @staticmethod
    def of(weight, digits):
        """float32 weights F×… to the nearest, ties to even.

        A filter with a weight that is no finite number gets a quantum of NaN, so that
        its currents are none either.
        """
        weight = weight.detach()
        integers = torch.empty(weight.shape, dtype=torch.int32)
        quantum = torch.empty(len(weight), dtype=torch.float64)
        rows = weight.flatten(1).contiguous().numpy(), largest_integer(digits), FINEST
        made = integers.view(len(weight), -1).numpy(), quantum.numpy()
        _over_filters(weight, partial(round_filters, *rows, *made))
        return FixedPoint(integers, quantum)

    def values(self):
        """The rounded weights: float32, exactly."""
        return self.integers.float() * _beside(self.quantum, self.integers).float()

    @functools.cached_property
    def spans(self):
        """The largest integer, |sum| of a filter's, |sum| of a row of its kernel's.

        Of any selection of them, the largest of all filters.
        """
        integers = self.integers
        if integers.ndim < 4:
            integers = integers.flatten(1)[:, :, None, None]
        found = np.empty((len(integers), 3), np.int64)
        _over_filters(integers, partial(spans, integers.numpy(), found))
        return tuple(int(most) for most in found.max(0))

    @property
    def reach(self):
        """The largest size that a sum of any of a filter's integers can have."""
        return self.spans[1]

    def planes(self, most=1):
        """The integers as the fewest float32 planes whose sums are exact.

        most: how often an input may count in a sum. Returns (planes n·F×…, the bits
        of a digit): first all filters' highest digits, …, last their lowest.
        """
        if self.reach * most <= EXACT:
            return self.integers.float(), BITS
        halves = digits_of(self.integers, 2, 3 * BITS // 2)
        if reach(halves) * most <= EXACT:
            return halves.float(), 3 * BITS // 2
        return digits_of(self.integers, 3).float(), BITS


def reach(integers):
    """The largest |sum| over any selection of one filter's integers (F×…)."""
    flat = integers.flatten(1)  # its sums are of 64 bits
    below = flat.clamp_max(0).sum(1)
    return int(torch.maximum(flat.sum(1) - below, -below).max())


def digits_of(integers, count, bits=BITS):
    """Integers F×… as `count` digits of `bits` bits each, (count·F)×…, highest first.

    A digit lies in −2^(bits−1) … 2^(bits−1) − 1; what is beyond carries on into the
    next, the highest takes what is left.
    """
    base, digits = 2**bits, []
    for _ in range(count - 1):
        low = ((integers + base // 2) & (base - 1)) - base // 2
        digits.append(low)
        integers = (integers - low) >> bits
    return torch.cat([integers, *reversed(digits)])


def _over_filters(weights, work):
    """`work(low, high)` on all filters, by several threads where it is worth it."""
    if weights.numel() < FEW:
        work(0, len(weights))
    else:
        parallel.over(len(weights), lambda part, low, high: work(low, high))


def _beside(per_filter, values):
    """F values as F×1×… beside F×…."""
    return per_filter.view(-1, *[1] * (values.ndim - 1))
