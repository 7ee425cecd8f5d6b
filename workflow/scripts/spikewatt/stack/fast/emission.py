"""From membrane potentials to spikes as events, compiled."""

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from spikewatt.compute.numba_cache import compiled
from spikewatt.stack.fast.vectors import I32, VECTOR, Vectors, data

NAMES = ("potential", "first", "left", "threshold", "address", "count")


@intrinsic
def _append(context, potential, first, left, threshold, address, count):
    """Append the numbers of a vector's neurons above threshold; how many now.

    The vector starts at `first` and has `left` neurons or more than a vector holds; a
    whole vector of `address` is written from `count` on.
    """
    given = (potential, first, left, threshold, address, count)
    return types.int64(*given), _appending


def _appending(context, builder, signature, args):
    kinds = dict(zip(NAMES, signature.args, strict=True))
    given = dict(zip(NAMES, args, strict=True))
    potentials, numbers = Vectors(builder, ir.FloatType()), Vectors(builder, I32)
    within = potentials.first_of(given["left"])
    array = data(context, builder, kinds["potential"], given["potential"])
    potential = potentials.load(builder.gep(array, [given["first"]]))
    threshold = potentials.spread(given["threshold"])
    fired = builder.and_(potentials.larger(potential, threshold), within)
    first = numbers.spread(builder.trunc(given["first"], I32))
    array = data(context, builder, kinds["address"], given["address"])
    number = builder.add(first, numbers.counted())
    numbers.append(number, fired, array, given["count"])
    return builder.add(given["count"], numbers.chosen(fired))


@compiled
def grown(buffer, needed):
    """`buffer`, or a longer copy of it that holds `needed` entries."""
    if needed <= buffer.size:
        return buffer
    longer = np.empty(2 * needed, buffer.dtype)
    longer[: buffer.size] = buffer
    return longer


@compiled
def emit(potential, threshold, address, count):
    """Append the numbers of the neurons above threshold: (`address`, how many now).

    potential: N float32; address: int32, returned longer where it was too short.
    """
    size = potential.size
    address = grown(address, count + size + VECTOR)
    for first in range(0, size, VECTOR):
        left = size - first
        count = _append(potential, first, left, threshold, address, count)
    return address, count


@compiled
def spikes_of(kept, threshold, low, high):
    """The spikes of a `Kept`'s samples low…high as events: (indptr, address)."""
    potential = kept.potential
    address = np.empty(1024, np.int32)
    ends = np.zeros((high - low) * potential.shape[0] + 1, np.int64)
    count, row = 0, 0
    for b in range(low, high):
        for t in range(potential.shape[0]):
            after = potential[t, b - kept.start]
            address, count = emit(after, threshold, address, count)
            row += 1
            ends[row] = count
    return ends, address[:count].copy()
