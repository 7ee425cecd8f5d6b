"""What follows dense sums of whole numbers, compiled; and how large gradients are."""

import numpy as np

from spikewatt.compute.numba_cache import compiled
from spikewatt.network.neuron.numba_kernels import step
from spikewatt.stack.fast.currents import to_currents
from spikewatt.stack.fast.pooling import pool


@compiled
def combine(planes, bits, sums):
    """Put a frame's digits together: Y×X×(P·F) float32 to integers Y×X×F.

    planes: whole numbers, of the highest digits first; rows and columns beyond those of
    `sums` are left out.
    """
    filters = sums.shape[2]
    base = sums.dtype.type(1 << bits)
    for y in range(sums.shape[0]):
        for x in range(sums.shape[1]):
            total, digits = sums[y, x], planes[y, x]
            for n in range(filters):
                total[n] = sums.dtype.type(digits[n])
            for first in range(filters, digits.size, filters):
                lower = digits[first : first + filters]
                for n in range(filters):
                    total[n] = total[n] * base + sums.dtype.type(lower[n])


@compiled
def pool_and_fire(planes, bits, grid, members, operands, kept, neuron, low, high):
    """Digits, pooling, bias and neurons of a frame while it is in the cache.

    planes: a `Block` T×b×Y×X×(P·F) of float32; grid: the layer's; members: of
    `pooling.pool`, in a frame of whole windows; operands: `IntegerSparse.operands`;
    kept: a `Kept`, written for the samples low…high.
    """
    potential, winner = kept.potential, kept.winner
    neurons, kind = potential.shape[2], operands.start.dtype
    sums = np.empty((grid.rows, grid.columns, grid.filters), kind)
    pooled = np.empty(neurons, kind)
    received = np.empty(neurons, np.float32)
    rest = np.zeros(neurons, np.float32)
    for b in range(low, high):
        before, at = rest, b - kept.start
        for t in range(potential.shape[0]):
            combine(planes.values[t, b - planes.start], bits, sums)
            pool(sums.reshape(-1), members, pooled, winner[t, at])
            currents = to_currents(pooled, operands, received)
            step(currents, before, potential[t, at], neuron)
            before = potential[t, at]


@compiled
def add_parts(total, parts, rows, columns, low, high):
    """Add the sums of integer parts, each times its factor, to `total`, float64.

    parts: one int32 array for each thread, as long as `total`, both flat; rows and
    columns: the factors of `gradient_layouts.EventGradients.scales`; the rows low…high.
    """
    for row in range(low, high):
        first = row * columns.size
        for n in range(columns.size):
            whole = np.int64(0)
            for part in range(len(parts)):
                whole += parts[part, first + n]
            total[first + n] += whole * (rows[row] * columns[n])


@compiled
def magnitudes(values, largest, size, total, low, high):
    """How large a block's gradients are, of each step low…high and filter.

    values: T×b×(cells·F); largest, size and total: float64 T×F, the largest |value|,
    the sum of |values| and that of the values, written. Threads share the steps, not
    the samples, so that sums have the same order for any number of threads.
    """
    filters = largest.shape[1]
    for t in range(low, high):
        top, sizes, totals = largest[t], size[t], total[t]
        top[:], sizes[:], totals[:] = 0.0, 0.0, 0.0
        for b in range(values.shape[1]):
            for first in range(0, values.shape[2], filters):
                now = values[t, b, first : first + filters]
                for f in range(filters):
                    value = np.float64(now[f])
                    top[f] = max(top[f], abs(value))
                    sizes[f] += abs(value)
                    totals[f] += value
