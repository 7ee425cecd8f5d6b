"""Dense layers event by event, an input's weights read once for many time steps.

The same inputs fire again and again, in rate-coded images above all. So the events of
some time steps of a sample are sorted by input; an input's weights then meet all steps
in which it fired, while those steps' currents (or gradients) stay in the first-level
cache. A current adds its weights in the order of the inputs, as in `kernels`:
the spikes are the same. The arguments are those of `kernels`.
"""

import numpy as np

from spikewatt.compute.numba_cache import compiled
from spikewatt.network.neuron.numba_kernels import ZERO, step
from spikewatt.stack.fast.currents import cut, to_currents
from spikewatt.stack.fast.emission import emit, grown

# Bytes of currents that are worked on together, for a first-level cache of 32 KiB.
CACHE_BYTES = 26 * 1024


@compiled
def scratch(steps, grid, like):
    """Room for the time steps that are worked on together, as many as fit the cache.

    Their sums or gradients s×F, of the type of the array `like`, and `starts` and
    `order` of `by_input`.
    """
    together = max(1, min(steps, CACHE_BYTES // (like.itemsize * grid.size)))
    frames = np.empty((together, grid.size), like.dtype)
    return frames, np.empty(grid.channels + 1, np.int64), np.empty(1024, np.int32)


@compiled
def by_input(events, row, steps, starts, order):
    """Sort the events of `steps` rows from `row` on by input, then by step.

    starts (inputs + 1): where each input's events start in `order`, which is returned
    (longer where it was too short) with the number of each event's step.
    """
    indptr, address = events.indptr, events.address
    begin, end = indptr[row], indptr[row + steps]
    order = grown(order, end - begin)
    starts[:] = 0
    for e in range(begin, end):
        starts[address[e]] += 1
    total = 0
    for i in range(starts.size):
        starts[i], total = total, total + starts[i]
    for s in range(steps):
        for e in range(indptr[row + s], indptr[row + s + 1]):
            i = address[e]
            order[starts[i]] = s
            starts[i] += 1
    for i in range(starts.size - 1, 0, -1):
        starts[i] = starts[i - 1]
    starts[0] = 0
    return order


@compiled
def add_rows(frames, weights, starts, order):
    """Add each input's weights to the currents (s×F) of the steps in which it fired."""
    filters = frames.shape[1]
    for i in range(starts.size - 1):
        k, end = starts[i], starts[i + 1]
        row = weights[i * filters : (i + 1) * filters]
        while k + 4 <= end:
            a, b = frames[order[k]], frames[order[k + 1]]
            c, d = frames[order[k + 2]], frames[order[k + 3]]
            for n in range(filters):
                a[n] += row[n]
                b[n] += row[n]
                c[n] += row[n]
                d[n] += row[n]
            k += 4
        while k < end:
            a = frames[order[k]]
            for n in range(filters):
                a[n] += row[n]
            k += 1


@compiled
def sums(frames, operands, starts, order):
    """The sums of weights in the steps whose events `by_input` sorted."""
    frames[:] = operands.start
    add_rows(frames, operands.weights, starts, order)


@compiled
def gather_rows(frames, gradient, starts, order):
    """The gradient of `add_rows` for the weights, added to `gradient`."""
    filters = frames.shape[1]
    for i in range(starts.size - 1):
        k, end = starts[i], starts[i + 1]
        row = gradient[i * filters : (i + 1) * filters]
        while k + 4 <= end:
            a, b = frames[order[k]], frames[order[k + 1]]
            c, d = frames[order[k + 2]], frames[order[k + 3]]
            for n in range(filters):
                row[n] += ((a[n] + b[n]) + c[n]) + d[n]
            k += 4
        while k < end:
            a = frames[order[k]]
            for n in range(filters):
                row[n] += a[n]
            k += 1


@compiled
def forward(events, operands, grid, neuron, kept, low, high):
    """A layer's spikes from its input events, as `kernels.forward`."""
    steps, keep = events.steps, kept.potential.size > 0
    frames, starts, order = scratch(steps, grid, operands.start)
    together, received = len(frames), np.empty(grid.size, np.float32)
    rolling = np.zeros((2, grid.size), np.float32)
    fired = np.zeros((grid.size + 7) // 8 * 8, np.uint8)
    address = np.empty(1024, np.int32)
    ends = np.zeros((high - low) * steps + 1, np.int64)
    count, row = 0, 0
    for b in range(low, high):
        rolling[:] = ZERO
        for begin in range(0, steps, together):
            length = min(together, steps - begin)
            order = by_input(events, b * steps + begin, length, starts, order)
            sums(frames, operands, starts, order)
            for s in range(length):
                t = begin + s
                after = rolling[t & 1]
                to_currents(frames[s], operands, received)
                step(received, rolling[1 - (t & 1)], after, neuron)
                if keep:
                    kept.potential[t, b - kept.start, :] = after
                address = grown(address, count + grid.size)
                count = emit(after, neuron.threshold, fired, address, count)
                row += 1
                ends[row] = count
    return ends, address[:count].copy()


@compiled
def recompute(events, operands, grid, neuron, kept, low, high):
    """The potentials of the samples low…high once more, into `kept`."""
    steps = events.steps
    frames, starts, order = scratch(steps, grid, operands.start)
    together, received = len(frames), np.empty(grid.size, np.float32)
    rest = np.zeros(grid.size, np.float32)
    for b in range(low, high):
        before = rest
        for begin in range(0, steps, together):
            length = min(together, steps - begin)
            order = by_input(events, b * steps + begin, length, starts, order)
            sums(frames, operands, starts, order)
            for s in range(length):
                after = kept.potential[begin + s, b - kept.start]
                to_currents(frames[s], operands, received)
                step(received, before, after, neuron)
                before = after


@compiled
def weights_back(events, grid, members, grad, per, kept, gradient, low, high):
    """Add the samples' share to the weights' gradient, as `kernels.weights_back`.

    `members` and `kept` are of no use here: nothing pools.
    """
    steps = events.steps
    frames, starts, order = scratch(steps, grid, gradient)
    together = len(frames)
    for b in range(low, high):
        for begin in range(0, steps, together):
            length = min(together, steps - begin)
            order = by_input(events, b * steps + begin, length, starts, order)
            for s in range(length):  # side by side: apart they share cache lines' sets
                cut(grad.values[begin + s, b - grad.start], per, frames[s])
            gather_rows(frames, gradient, starts, order)
