"""Frames on the CPU, compiled: events spread out, and what follows dense sums."""

import numpy as np

from spikewatt.compute.numba_cache import compiled
from spikewatt.network.neuron.numba_kernels import ZERO, step, step_back
from spikewatt.stack.fast.pooling import pool, unpool


@compiled
def spread(events, frames, start, low, high):
    """Events as dense frames: adds 1 for each to `frames` (T×b×N, zero before)."""
    steps = events.steps
    for b in range(low, high):
        for t in range(steps):
            frame, row = frames[t, b - start], b * steps + t
            for e in range(events.indptr[row], events.indptr[row + 1]):
                frame[events.address[e]] += 1


@compiled
def most(events, size):
    """How often an address stands in one row, at most; 1 where there are no events."""
    found, counts = 1, np.zeros(size, np.int64)
    for row in range(events.indptr.size - 1):
        low, high = events.indptr[row], events.indptr[row + 1]
        for e in range(low, high):
            counts[events.address[e]] += 1
            found = max(found, counts[events.address[e]])
        for e in range(low, high):
            counts[events.address[e]] = 0
    return found


@compiled
def pool_and_fire(currents, members, kept, neuron, low, high):
    """Pooling and neurons over currents that a dense operation made.

    currents: a `Block` T×b×Y×X×F before pooling; members: see `pooling.pool`; rows and
    columns beyond the last whole window reach nothing. kept: a `Kept`, written for the
    samples low…high.
    """
    potential, winner = kept.potential, kept.winner
    pooled = np.empty(potential.shape[2], np.float32)
    rest = np.zeros(potential.shape[2], np.float32)
    for b in range(low, high):
        before, at = rest, b - kept.start
        for t in range(potential.shape[0]):
            frame = currents.values[t, b - currents.start]
            pool(frame.reshape(-1), members, pooled, winner[t, at])
            step(pooled, before, potential[t, at], neuron)
            before = potential[t, at]


@compiled
def unpool_frames(grad, members, kept, frames, low, high):
    """The gradient of the pooling: `frames` T×b×Y×X×F of whole windows, written.

    grad: a `Block` of ∂L/∂I after pooling; `frames` has the same samples.
    """
    values, winner = grad.values, kept.winner
    for b in range(low, high):
        at = b - grad.start
        for t in range(values.shape[0]):
            frame = frames[t, at].reshape(-1)
            unpool(values[t, at], members, winner[t, b - kept.start], frame)


@compiled
def neurons_back(kept, grad, neuron, low, high):
    """Through the neurons, in place: ∂L/∂S becomes ∂L/∂I in `grad`, a `Block`."""
    values, potential = grad.values, kept.potential
    carry = np.empty(values.shape[2], np.float32)
    rest = np.zeros(values.shape[2], np.float32)
    for b in range(low, high):
        carry[:] = ZERO
        at = b - kept.start
        for t in range(values.shape[0] - 1, -1, -1):
            before = potential[t - 1, at] if t else rest
            step_back(
                potential[t, at], before, values[t, b - grad.start], carry, neuron
            )


@compiled
def bias_back(grad, gradient, low, high):
    """Add the samples' share to the bias' gradient (F, double precision).

    grad: a `Block` of ∂L/∂I, T×b×(cells·F).
    """
    values, filters = grad.values, gradient.size
    total = np.empty(values.shape[2], np.float32)
    for b in range(low, high):
        total[:] = ZERO
        for t in range(values.shape[0]):
            now = values[t, b - grad.start]
            for n in range(total.size):
                total[n] += now[n]
        for n in range(total.size):
            gradient[n % filters] += total[n]
