"""Gradients of a convolution's weights, gathered at the events of its input, compiled.

The arguments are those of `kernels`.
"""

import numpy as np

from spikewatt.compute.numba_cache import compiled
from spikewatt.stack.fast.currents import cut
from spikewatt.stack.fast.emission import grown
from spikewatt.stack.fast.pooling import unpool
from spikewatt.stack.fast.row_sums import add_freely
from spikewatt.stack.fast.vectors import VECTOR, aligned, vectors_of
from spikewatt.stack.fast.winners import add_won

# Bytes of gradients that weights' gradients are gathered from together: they stay in
# the second-level cache.
CACHE_BYTES = 384 * 1024


@compiled
def by_channel(events, row, steps, grid, starts, order):
    """Sort the events of `steps` rows from `row` on by channel, then by row of pixels.

    starts (channels·H + 1): where the events of each begin in `order`, which is
    returned (longer where it was too short) with the places in the gradients' frames.
    """
    indptr, address = events.indptr, events.address
    line, place, area = grid.inputs.line, grid.inputs.place, grid.tall * grid.wide
    begin, end = indptr[row], indptr[row + steps]
    order = grown(order, end - begin)
    starts[:] = 0
    for e in range(begin, end):
        starts[line[address[e]]] += 1
    total = 0
    for i in range(starts.size):
        starts[i], total = total, total + starts[i]
    for s in range(steps):
        for e in range(indptr[row + s], indptr[row + s + 1]):
            i = line[address[e]]
            order[starts[i]] = s * area + place[address[e]]
            starts[i] += 1
    for i in range(starts.size - 1, 0, -1):
        starts[i] = starts[i - 1]
    starts[0] = 0
    return order


@compiled
def gather_events(frames, gradient, starts, order, grid):
    """The gradient of `add_events` for the weights, added to `gradient` C×K×K×lanes.

    frames: of gradients with their border, one a time step; starts, order: of
    `by_channel`. The columns of the kernel go from the last to the first in `gradient`:
    a row of it is gathered from neighbours, all at once.
    """
    kernel, height = grid.kernel, grid.height
    lanes = gradient.size // (grid.channels * kernel**2)
    vectors, first = vectors_of(lanes, gradient, gradient), grid.padding + grid.border
    for channel in range(grid.channels):
        for tap in range(kernel):
            # the rows of pixels whose events reach a current by this row of the kernel
            top = min(height, max(0, tap - grid.padding))
            bottom = min(height, grid.rows + tap - grid.padding)
            lo = starts[channel * height + top]
            hi = starts[channel * height + max(top, bottom)]
            if lo == hi:
                continue
            at = (channel * kernel + tap) * kernel * lanes
            shift = (tap - first) * grid.wide + kernel - 1 - first
            add_freely(
                *(gradient, at, lanes, kernel * vectors, frames),
                *(order, None, lo, hi, shift),
            )


@compiled
def gather_few(events, row, grad, winner, gradient, grid):
    """As `gather_events`, of one time step, one event after the other.

    events: their row `row`; grad, winner: N, of the currents that won. Less work than
    to spread the gradients over all currents, where next to nothing fires.
    """
    kernel, edge, filters = grid.kernel, grid.pool, grid.filters
    lanes = gradient.size // (grid.channels * kernel**2)
    across = grid.columns // edge
    for e in range(events.indptr[row], events.indptr[row + 1]):
        i = events.address[e]
        y, x = divmod(grid.inputs.pixel[i], grid.width)
        y, x = y + grid.padding, x + grid.padding
        first = grid.inputs.channel[i] * kernel
        for r in range(max(0, y - kernel + 1), min(grid.rows, y + 1)):
            line = (first + y - r) * kernel + kernel - 1 - x
            for c in range(max(0, x - kernel + 1), min(grid.columns, x + 1)):
                window = (r // edge) * across + c // edge
                number = (r % edge) * edge + c % edge
                for at in range(0, filters, VECTOR):
                    add_won(
                        *(grad, winner, number, window * filters + at, filters - at),
                        *(gradient, (line + c) * lanes + at),
                    )


@compiled
def weights_back(events, grid, members, grad, per, kept, gradient, low, high):
    """Add the samples' share to the weights' gradient (flat, of this thread alone).

    events: the layer's input; members: of `gradient_layouts.EventGradients`; grad: a
    `Block` of ∂L/∂I after pooling; per: float64 N, what each neuron's is multiplied by
    before it is rounded to an integer, where the gradient is one of integers, or
    `records.UNCUT`.
    """
    steps = events.steps
    lanes = gradient.size // (grid.channels * grid.kernel**2)
    area = grid.tall * grid.wide * lanes
    together = CACHE_BYTES // (area * gradient.itemsize)
    together = max(1, min(together, (high - low) * steps))
    frames = aligned(together * area, gradient)
    frames[:] = 0
    whole = np.empty(grid.size, gradient.dtype)
    starts = np.empty(grid.channels * grid.height + 1, np.int64)
    order = np.empty(1024, np.int32)
    for row in range(low * steps, high * steps, together):
        length = min(together, high * steps - row)
        count = events.indptr[row + length] - events.indptr[row]
        if count == 0:
            continue
        few = count < grid.few * length
        for s in range(length):
            b, t = divmod(row + s, steps)
            values = cut(grad.values[t, b - grad.start], per, whole)
            winner = kept.winner[t, b - kept.start]
            if few:
                gather_few(events, row + s, values, winner, gradient, grid)
            else:
                unpool(values, members, winner, frames[s * area : (s + 1) * area])
        if not few:
            order = by_channel(events, row, length, grid, starts, order)
            gather_events(frames, gradient, starts, order, grid)
