"""Event-driven layers on the CPU, compiled; see `geometry` for the layout.

The arguments are the records of `records`, `geometry.Tables` and
`numba_kernels.Constants`. Every kernel works on the samples low…high of the batch and
releases the GIL.
"""

import numpy as np

from spikewatt.compute.numba_cache import compiled
from spikewatt.network.neuron.numba_kernels import ZERO, step
from spikewatt.stack.fast.currents import cut, to_currents
from spikewatt.stack.fast.emission import emit, grown
from spikewatt.stack.fast.pooling import pool_planes, unpool_planes


@compiled
def add_events(frame, weights, address, first, last, tables):
    """Add the weights of the events first…last to a frame of currents."""
    for e in range(first, last):
        pixel, channel = divmod(address[e], tables.channels)
        y, x = divmod(pixel, tables.width)
        base = channel * tables.taps
        for tap in range(tables.lines.shape[1]):
            line = tables.lines[y, tap, 0]
            if line < 0:
                continue
            row = base + tables.lines[y, tap, 1]
            for run in range(tables.columns.shape[1]):
                length = tables.columns[x, run, 2]
                to = line + tables.columns[x, run, 0]
                of = row + tables.columns[x, run, 1]
                target, source = frame[to : to + length], weights[of : of + length]
                for n in range(length):
                    target[n] += source[n]


@compiled
def gather_events(frame, gradient, address, first, last, tables):
    """The gradient of `add_events` for the weights: add the frame's to theirs."""
    for e in range(first, last):
        pixel, channel = divmod(address[e], tables.channels)
        y, x = divmod(pixel, tables.width)
        base = channel * tables.taps
        for tap in range(tables.lines.shape[1]):
            line = tables.lines[y, tap, 0]
            if line < 0:
                continue
            row = base + tables.lines[y, tap, 1]
            for run in range(tables.columns.shape[1]):
                length = tables.columns[x, run, 2]
                of = line + tables.columns[x, run, 0]
                to = row + tables.columns[x, run, 1]
                target, source = gradient[to : to + length], frame[of : of + length]
                for n in range(length):
                    target[n] += source[n]


@compiled
def currents(events, row, operands, tables, frame, pooled, winner, received):
    """One step's currents, pooled, from the events of a row, into `received`.

    frame: scratch, all sums before pooling; pooled: scratch, N of the same type; winner
    and received: N, the first is written where the layer pools.
    """
    frame[:] = operands.start
    first, last = events.indptr[row], events.indptr[row + 1]
    add_events(frame, operands.weights, events.address, first, last, tables)
    if tables.planes == 1:
        to_currents(frame, operands, received)
        return
    pool_planes(frame.reshape((tables.planes, tables.size)), pooled, winner)
    to_currents(pooled, operands, received)


@compiled
def forward(events, operands, tables, neuron, kept, low, high):
    """A layer's spikes from its input events.

    kept: a `Kept` of the batch, written for the samples low…high; `records.NOTHING`
    where nothing is to be kept. Returns (indptr of the samples low…high, int64
    (high − low)·T + 1 from 0, addresses of their spikes, int32).
    """
    steps, keep = events.steps, kept.potential.size > 0
    frame = np.empty_like(operands.start)
    pooled = np.empty_like(operands.start[: tables.size])
    received = np.empty(tables.size, np.float32)
    rolling = np.zeros((2, tables.size), np.float32)
    forgotten = np.empty(tables.size, np.uint8)
    fired = np.zeros((tables.size + 7) // 8 * 8, np.uint8)
    address = np.empty(1024, np.int32)
    ends = np.zeros((high - low) * steps + 1, np.int64)
    count, written = 0, 0
    for b in range(low, high):
        rolling[:] = ZERO
        for t in range(steps):
            winner = kept.winner[t, b - kept.start] if keep else forgotten
            row = b * steps + t
            currents(events, row, operands, tables, frame, pooled, winner, received)
            after = rolling[t & 1]
            step(received, rolling[1 - (t & 1)], after, neuron)
            if keep:
                kept.potential[t, b - kept.start, :] = after
            address = grown(address, count + tables.size)
            count = emit(after, neuron.threshold, fired, address, count)
            written += 1
            ends[written] = count
    return ends, address[:count].copy()


@compiled
def recompute(events, operands, tables, neuron, kept, low, high):
    """The potentials and winners of the samples low…high once more, into `kept`."""
    frame = np.empty_like(operands.start)
    pooled = np.empty_like(operands.start[: tables.size])
    received = np.empty(tables.size, np.float32)
    rest = np.zeros(tables.size, np.float32)
    for b in range(low, high):
        before, at = rest, b - kept.start
        for t in range(events.steps):
            row, winner = b * events.steps + t, kept.winner[t, at]
            currents(events, row, operands, tables, frame, pooled, winner, received)
            after = kept.potential[t, at]
            step(received, before, after, neuron)
            before = after


@compiled
def weights_back(events, tables, grad, per, kept, gradient, low, high):
    """Add the samples' share to the weights' gradient (flat, of this thread alone).

    events: the layer's input; grad: a `Block` of ∂L/∂I after pooling; per: float64 N,
    what each neuron's is multiplied by before it is rounded to an integer, where the
    gradient is one of integers, or `records.UNCUT`.
    """
    steps = events.steps
    frame = np.empty(tables.planes * tables.size, gradient.dtype)
    planes = frame.reshape((tables.planes, tables.size))
    pooled = np.empty(tables.size, gradient.dtype)
    for b in range(low, high):
        for t in range(steps):
            row = b * steps + t
            first, last = events.indptr[row], events.indptr[row + 1]
            if first == last:
                continue
            cut(grad.values[t, b - grad.start], per, pooled)
            values = pooled
            if tables.planes > 1:
                unpool_planes(pooled, kept.winner[t, b - kept.start], planes)
                values = frame
            gather_events(values, gradient, events.address, first, last, tables)
