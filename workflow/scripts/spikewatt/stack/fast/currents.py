"""Between whole numbers and float32, compiled: one neuron after the other.

Both copy where nothing is whole, so that float32's kernels are the same code.
"""

import numpy as np

from spikewatt.compute.numba_cache import compiled


@compiled
def to_currents(sums, operands, received):
    """A step's sums of weights, N, as float32 currents.

    Integers: quantum·sum + bias in double precision, which holds the product exactly,
    then rounded to float32. A sum is thus rounded once, whatever order it came from.
    """
    if operands.quantum.size == 0:
        for n in range(received.size):
            received[n] = np.float32(sums[n])
    else:
        quantum, bias = operands.quantum, operands.bias
        for n in range(received.size):
            received[n] = np.float32(quantum[n] * sums[n] + bias[n])


@compiled
def cut(values, per, whole):
    """float32 values N, times `per` and rounded to integers, into `whole`.

    To the nearest, ties to even; copied where `per` is empty.
    """
    if per.size == 0:
        for n in range(whole.size):
            whole[n] = values[n]
    else:
        for n in range(whole.size):
            whole[n] = np.int32(np.rint(per[n] * values[n]))
