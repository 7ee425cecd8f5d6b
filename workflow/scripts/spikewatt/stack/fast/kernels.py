"""Event-driven convolutions on the CPU, compiled; see `geometry` for the layout.

The arguments are the records of `records`, `geometry.LayerGrid` and
`numba_kernels.Constants`. Every kernel works on the samples low…high of the batch and
releases the GIL.
"""

import numpy as np

from spikewatt.compute.numba_cache import compiled
from spikewatt.network.neuron.numba_kernels import ZERO, step
from spikewatt.stack.fast.currents import cut, to_currents
from spikewatt.stack.fast.emission import emit, grown
from spikewatt.stack.fast.event_sums import frames_of, room
from spikewatt.stack.fast.pooling import pool, unpool
from spikewatt.stack.fast.row_sums import add_freely
from spikewatt.stack.fast.vectors import aligned, vectors_of

# Bytes of gradients that weights' gradients are gathered from together: they stay in
# the second-level cache.
CACHE_BYTES = 384 * 1024


@compiled
def forward(events, operands, grid, neuron, kept, low, high):
    """A layer's spikes from its input events.

    kept: a `Kept` of the batch, written for the samples low…high; `records.NOTHING`
    where nothing is to be kept. Returns (indptr of the samples low…high, int64
    (high − low)·T + 1 from 0, addresses of their spikes, int32).
    """
    steps, keep = events.steps, kept.potential.size > 0
    frames, starts = room(steps, operands, grid)
    pooled = np.empty(grid.size, operands.start.dtype)
    received = np.empty(grid.size, np.float32)
    rolling = np.zeros((2, grid.size), np.float32)
    forgotten = np.empty(grid.size, np.uint8)
    address = np.empty(1024, np.int32)
    ends = np.zeros((high - low) * steps + 1, np.int64)
    count, written = 0, 0
    for b in range(low, high):
        rolling[:] = ZERO
        for begin in range(0, steps, len(frames)):
            length = min(len(frames), steps - begin)
            row = b * steps + begin
            frames_of(events, row, length, operands, grid, frames, starts)
            for s in range(length):
                t = begin + s
                winner = kept.winner[t, b - kept.start] if keep else forgotten
                pool(frames[s], operands.members, pooled, winner)
                to_currents(pooled, operands, received)
                after = rolling[t & 1]
                step(received, rolling[1 - (t & 1)], after, neuron)
                if keep:
                    kept.potential[t, b - kept.start, :] = after
                address, count = emit(after, neuron.threshold, address, count)
                written += 1
                ends[written] = count
    return ends, address[:count].copy()


@compiled
def recompute(events, operands, grid, neuron, kept, low, high):
    """The potentials and winners of the samples low…high once more, into `kept`."""
    steps = events.steps
    frames, starts = room(steps, operands, grid)
    pooled = np.empty(grid.size, operands.start.dtype)
    received = np.empty(grid.size, np.float32)
    rest = np.zeros(grid.size, np.float32)
    for b in range(low, high):
        before, at = rest, b - kept.start
        for begin in range(0, steps, len(frames)):
            length = min(len(frames), steps - begin)
            row = b * steps + begin
            frames_of(events, row, length, operands, grid, frames, starts)
            for s in range(length):
                t = begin + s
                pool(frames[s], operands.members, pooled, kept.winner[t, at])
                to_currents(pooled, operands, received)
                after = kept.potential[t, at]
                step(received, before, after, neuron)
                before = after


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
def weights_back(events, grid, members, grad, per, kept, gradient, low, high):
    """Add the samples' share to the weights' gradient (flat, of this thread alone).

    events: the layer's input; members: of `geometry.EventGradients`; grad: a `Block` of
    ∂L/∂I after pooling; per: float64 N, what each neuron's is multiplied by before it
    is rounded to an integer, where the gradient is one of integers, or `records.UNCUT`.
    """
    steps = events.steps
    lanes = gradient.size // (grid.channels * grid.kernel**2)
    area = grid.tall * grid.wide * lanes
    together = max(1, min(steps, CACHE_BYTES // (area * gradient.itemsize)))
    frames = aligned(together * area, gradient)
    frames[:] = 0
    whole = np.empty(grid.size, gradient.dtype)
    starts = np.empty(grid.channels * grid.height + 1, np.int64)
    order = np.empty(1024, np.int32)
    for b in range(low, high):
        for begin in range(0, steps, together):
            length = min(together, steps - begin)
            row = b * steps + begin
            if events.indptr[row] == events.indptr[row + length]:
                continue
            for s in range(length):
                t, frame = begin + s, frames[s * area : (s + 1) * area]
                cut(grad.values[t, b - grad.start], per, whole)
                unpool(whole, members, kept.winner[t, b - kept.start], frame)
            order = by_channel(events, row, length, grid, starts, order)
            gather_events(frames, gradient, starts, order, grid)
