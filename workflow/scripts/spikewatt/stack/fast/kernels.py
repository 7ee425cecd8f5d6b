"""Event-driven layers on the CPU, compiled; see `geometry` for the layout.

Events of a batch: `indptr` int64 of B·T + 1 entries, sample after sample and step after
step, and `address` int32, (y·W + x)·C + c. Every kernel works on the samples
low…high and releases the GIL. Potentials, places and gradients are T×b×N arrays whose
first sample is sample `start` of the batch.
"""

import numpy as np

from spikewatt.compute.numba_cache import compiled
from spikewatt.network.neuron.numba_kernels import (
    ZERO,
    pool_frame,
    pool_planes,
    step,
    step_back,
    unpool_frame,
    unpool_planes,
)


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
def currents(frame, bias, weights, address, first, last, tables, pooled, place):
    """One step's currents from its events; the array that holds them, pooled."""
    frame[:] = bias
    add_events(frame, weights, address, first, last, tables)
    if tables.planes == 1:
        return frame
    pool_planes(frame.reshape((tables.planes, tables.size)), pooled, place)
    return pooled


@compiled
def grown(buffer, needed):
    """`buffer`, or a longer copy of it that holds `needed` entries."""
    if needed <= buffer.size:
        return buffer
    longer = np.empty(2 * needed, buffer.dtype)
    longer[: buffer.size] = buffer
    return longer


@compiled
def emit(potential, threshold, fired, found, count):
    """Append the numbers of the neurons above threshold; how many there are now.

    fired: scratch bytes, a multiple of 8 long and 0 beyond the neurons. Eight
    silent neurons are passed over at once.
    """
    for n in range(potential.size):
        fired[n] = potential[n] > threshold
    words = fired.view(np.uint64)
    for w in range(words.size):
        if words[w] != 0:
            for n in range(8 * w, 8 * w + 8):
                if fired[n]:
                    found[count] = n
                    count += 1
    return count


@compiled
def forward(
    indptr, address, weights, bias, tables, shape, beta, threshold, kept, low, high
):
    """A layer's spikes from its input events.

    shape: (steps, keep); kept: (potential, place), written where keep is set.
    Returns (indptr of the samples low…high, addresses of the spikes).
    """
    steps, keep = shape
    frame = np.empty(tables.planes * tables.size, np.float32)
    pooled = np.empty(tables.size, np.float32)
    rolling = np.zeros((2, tables.size), np.float32)
    place = np.empty(tables.size, np.uint8)
    fired = np.zeros((tables.size + 7) // 8 * 8, np.uint8)
    found = np.empty(1024, np.int32)
    ends = np.zeros((high - low) * steps + 1, np.int64)
    count, row = 0, 0
    for b in range(low, high):
        rolling[:] = ZERO
        for t in range(steps):
            first, last = indptr[b * steps + t], indptr[b * steps + t + 1]
            where = kept[1][t, b] if keep else place
            received = currents(
                frame, bias, weights, address, first, last, tables, pooled, where
            )
            after = rolling[t & 1]
            step(received, rolling[1 - (t & 1)], after, beta, threshold)
            if keep:
                kept[0][t, b, :] = after
            found = grown(found, count + tables.size)
            count = emit(after, threshold, fired, found, count)
            row += 1
            ends[row] = count
    return ends, found[:count].copy()


@compiled
def recompute(
    indptr, address, weights, bias, tables, beta, threshold, kept, start, low, high
):
    """The potentials and places of the samples low…high once more."""
    potential, place = kept
    steps = potential.shape[0]
    frame = np.empty(tables.planes * tables.size, np.float32)
    pooled = np.empty(tables.size, np.float32)
    rest = np.zeros(tables.size, np.float32)
    for b in range(low, high):
        before = rest
        for t in range(steps):
            first, last = indptr[b * steps + t], indptr[b * steps + t + 1]
            where = place[t, b - start]
            received = currents(
                frame, bias, weights, address, first, last, tables, pooled, where
            )
            after = potential[t, b - start]
            step(received, before, after, beta, threshold)
            before = after


@compiled
def neurons_back(potential, offset, grad, start, beta, threshold, low, high):
    """Through the neurons, in place: ∂L/∂S becomes ∂L/∂I in `grad`."""
    carry = np.empty(grad.shape[2], np.float32)
    for b in range(low, high):
        carry[:] = ZERO
        for t in range(grad.shape[0] - 1, -1, -1):
            us, gs = potential[t, b - offset], grad[t, b - start]
            step_back(us, gs, carry, beta, threshold)


@compiled
def weights_back(
    indptr, address, tables, grad, start, place, offset, gradient, low, high
):
    """Add the samples' share to the weights' gradient (flat, of this thread alone)."""
    steps = grad.shape[0]
    frame = np.empty(tables.planes * tables.size, np.float32)
    planes = frame.reshape((tables.planes, tables.size))
    for b in range(low, high):
        for t in range(steps):
            first, last = indptr[b * steps + t], indptr[b * steps + t + 1]
            if first == last:
                continue
            gs = grad[t, b - start]
            if tables.planes == 1:
                gather_events(gs, gradient, address, first, last, tables)
            else:
                unpool_planes(gs, place[t, b - offset], planes)
                gather_events(frame, gradient, address, first, last, tables)


@compiled
def bias_back(grad, start, gradient, low, high):
    """Add the samples' share to the bias' gradient (double precision)."""
    filters = gradient.size
    total = np.empty(grad.shape[2], np.float32)
    for b in range(low, high):
        total[:] = ZERO
        for t in range(grad.shape[0]):
            gs = grad[t, b - start]
            for n in range(total.size):
                total[n] += gs[n]
        for n in range(total.size):
            gradient[n % filters] += total[n]


@compiled
def spread(indptr, address, steps, frames, start, low, high):
    """Events as dense frames: adds 1 for each to `frames` (T×b×N, zero before)."""
    for b in range(low, high):
        for t in range(steps):
            frame = frames[t, b - start]
            for e in range(indptr[b * steps + t], indptr[b * steps + t + 1]):
                frame[address[e]] += 1


@compiled
def frames_forward(frames, window, start, potential, place, beta, threshold, low, high):
    """Pooling and neurons over currents that a dense operation made.

    frames: T×b×Y×X×F, before pooling (read); rows and columns beyond the last whole
    window reach nothing. window: (edge, rows of windows, columns of windows).
    potential and place of the samples low…high are written.
    """
    pooled = np.empty(potential.shape[2], np.float32)
    rest = np.zeros(potential.shape[2], np.float32)
    for b in range(low, high):
        before = rest
        for t in range(frames.shape[0]):
            pool_frame(frames[t, b - start], window, pooled, place[t, b])
            step(pooled, before, potential[t, b], beta, threshold)
            before = potential[t, b]


@compiled
def frames_back(grad, window, start, place, offset, frames, low, high):
    """The gradient of the pooling: T×b×Y×X×F of whole windows (written)."""
    for b in range(low, high):
        for t in range(grad.shape[0]):
            unpool_frame(
                grad[t, b - start], window, place[t, b - offset], frames[t, b - start]
            )


@compiled
def spikes_of(potential, threshold, low, high):
    """The spikes of kept potentials as events: (indptr, addresses)."""
    size = potential.shape[2]
    fired = np.zeros((size + 7) // 8 * 8, np.uint8)
    found = np.empty(1024, np.int32)
    ends = np.zeros((high - low) * potential.shape[0] + 1, np.int64)
    count, row = 0, 0
    for b in range(low, high):
        for t in range(potential.shape[0]):
            found = grown(found, count + size)
            count = emit(potential[t, b], threshold, fired, found, count)
            row += 1
            ends[row] = count
    return ends, found[:count].copy()
