"""Event-driven layers on the CPU, compiled; see `geometry` for the layout.

The arguments are the records of `records`, `geometry.Tables` and
`numba_kernels.Constants`. Every kernel works on the samples low…high of the batch and
releases the GIL.
"""

import numpy as np

from spikewatt.compute.numba_cache import compiled
from spikewatt.network.neuron.numba_kernels import ZERO, step
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
def currents(events, row, operands, tables, frame, pooled, winner):
    """One step's currents from the events of a row; the array that holds them, pooled.

    frame: scratch, all currents before pooling; pooled and winner: N, written where
    the layer pools.
    """
    frame[:] = operands.bias
    first, last = events.indptr[row], events.indptr[row + 1]
    add_events(frame, operands.weights, events.address, first, last, tables)
    if tables.planes == 1:
        return frame
    pool_planes(frame.reshape((tables.planes, tables.size)), pooled, winner)
    return pooled


@compiled
def forward(events, operands, tables, neuron, kept, low, high):
    """A layer's spikes from its input events.

    kept: a `Kept` of the batch, written for the samples low…high; `records.NOTHING`
    where nothing is to be kept. Returns (indptr of the samples low…high, int64
    (high − low)·T + 1 from 0, addresses of their spikes, int32).
    """
    steps, keep = events.steps, kept.potential.size > 0
    frame = np.empty(tables.planes * tables.size, np.float32)
    pooled = np.empty(tables.size, np.float32)
    rolling = np.zeros((2, tables.size), np.float32)
    forgotten = np.empty(tables.size, np.uint8)
    fired = np.zeros((tables.size + 7) // 8 * 8, np.uint8)
    address = np.empty(1024, np.int32)
    ends = np.zeros((high - low) * steps + 1, np.int64)
    count, row = 0, 0
    for b in range(low, high):
        rolling[:] = ZERO
        for t in range(steps):
            winner = kept.winner[t, b - kept.start] if keep else forgotten
            received = currents(
                events, b * steps + t, operands, tables, frame, pooled, winner
            )
            after = rolling[t & 1]
            step(received, rolling[1 - (t & 1)], after, neuron)
            if keep:
                kept.potential[t, b - kept.start, :] = after
            address = grown(address, count + tables.size)
            count = emit(after, neuron.threshold, fired, address, count)
            row += 1
            ends[row] = count
    return ends, address[:count].copy()


@compiled
def recompute(events, operands, tables, neuron, kept, low, high):
    """The potentials and winners of the samples low…high once more, into `kept`."""
    frame = np.empty(tables.planes * tables.size, np.float32)
    pooled = np.empty(tables.size, np.float32)
    rest = np.zeros(tables.size, np.float32)
    for b in range(low, high):
        before, at = rest, b - kept.start
        for t in range(events.steps):
            row, winner = b * events.steps + t, kept.winner[t, at]
            received = currents(events, row, operands, tables, frame, pooled, winner)
            after = kept.potential[t, at]
            step(received, before, after, neuron)
            before = after


@compiled
def weights_back(events, tables, grad, kept, gradient, low, high):
    """Add the samples' share to the weights' gradient (flat, of this thread alone).

    events: the layer's input; grad: a `Block` of ∂L/∂I after pooling.
    """
    steps = events.steps
    frame = np.empty(tables.planes * tables.size, np.float32)
    planes = frame.reshape((tables.planes, tables.size))
    for b in range(low, high):
        for t in range(steps):
            row = b * steps + t
            first, last = events.indptr[row], events.indptr[row + 1]
            if first == last:
                continue
            values = grad.values[t, b - grad.start]
            if tables.planes > 1:
                unpool_planes(values, kept.winner[t, b - kept.start], planes)
                values = frame
            gather_events(values, gradient, events.address, first, last, tables)
