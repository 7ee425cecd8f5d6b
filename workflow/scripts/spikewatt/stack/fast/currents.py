"""Between whole numbers and float32, compiled: one neuron after the other.

Where nothing is whole, both give back what they got, so that float32's kernels are the
same code and copy nothing.
"""

import numpy as np
from numba import types
from numba.extending import overload


def to_currents(sums, operands, received):
    """A step's sums of weights, N, as float32 currents: `sums`, or `received`, written.

    Integers: quantum·sum + bias in double precision, which holds the product exactly,
    then rounded to float32. A sum is thus rounded once, whatever order it came from.
    For compiled functions alone.
    """
    raise NotImplementedError


@overload(to_currents)
def _to_currents(sums, operands, received):
    def as_they_are(sums, operands, received):
        return sums

    def converted(sums, operands, received):
        quantum, bias = operands.quantum, operands.bias
        for n in range(received.size):
            received[n] = np.float32(quantum[n] * sums[n] + bias[n])
        return received

    return as_they_are if sums.dtype == types.float32 else converted


def cut(values, per, whole):
    """float32 values N, times `per` and rounded to integers: in `whole`, or `values`.

    To the nearest, ties to even; float32 stays where `whole` is of float32. For
    compiled functions alone.
    """
    raise NotImplementedError


@overload(cut)
def _cut(values, per, whole):
    def as_they_are(values, per, whole):
        return values

    def rounded(values, per, whole):
        for n in range(whole.size):
            whole[n] = np.int32(np.rint(per[n] * values[n]))
        return whole

    return as_they_are if whole.dtype == types.float32 else rounded
