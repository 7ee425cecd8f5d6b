"""Event-driven convolutions on the CPU, compiled; see `geometry` for the layout.

The arguments are the records of `records`, `geometry.LayerGrid` and
`numba_kernels.Constants`. Every kernel works on the samples low…high of the batch and
releases the GIL.
"""

import numpy as np

from spikewatt.compute.numba_cache import compiled
from spikewatt.network.neuron.numba_kernels import step
from spikewatt.stack.fast.currents import to_currents
from spikewatt.stack.fast.emission import emit
from spikewatt.stack.fast.event_sums import frames_of, room
from spikewatt.stack.fast.pooling import pool


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
    rolling = np.empty((2, grid.size), np.float32)
    forgotten = np.empty(grid.size, np.uint8)
    rest = np.zeros(grid.size, np.float32)
    address = np.empty(1024, np.int32)
    ends = np.zeros((high - low) * steps + 1, np.int64)
    count, written = 0, 0
    for b in range(low, high):
        before, at = rest, b - kept.start
        for begin in range(0, steps, len(frames)):
            length = min(len(frames), steps - begin)
            row = b * steps + begin
            frames_of(events, row, length, operands, grid, frames, starts)
            for s in range(length):
                t = begin + s
                winner = kept.winner[t, at] if keep else forgotten
                after = kept.potential[t, at] if keep else rolling[t & 1]
                pool(frames[s], operands.members, pooled, winner)
                step(to_currents(pooled, operands, received), before, after, neuron)
                before = after
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
                after = kept.potential[t, at]
                step(to_currents(pooled, operands, received), before, after, neuron)
                before = after
