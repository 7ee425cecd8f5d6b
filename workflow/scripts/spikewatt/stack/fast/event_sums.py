"""The sums of a convolution from events, compiled: three orders, the same bits.

The events of a time step go up by address, so that those of a row of pixels that a sum
sees follow each other, and so do those of a pixel. Each sum adds its events in the
order of their addresses, whichever way is taken; the ways differ in what they find in
the cache, and in how much they look around. The arguments are those of `kernels`.
"""

import numpy as np

from spikewatt.compute.numba_cache import compiled
from spikewatt.stack.fast.row_sums import add_rows
from spikewatt.stack.fast.vectors import aligned, vectors_of

# Bytes of weights of a row of the kernel from which each place of it is taken for
# itself, for some time steps: the first-level cache holds no more.
DEEP = 48 * 1024
# Bytes of sums of those time steps, which stay in the second-level cache; and of the
# time steps that are worked on together elsewhere, in the first.
DEEP_FRAMES, FRAMES = 256 * 1024, 16 * 1024


@compiled
def is_deep(operands, grid):
    """Whether sums are made by `add_deep`."""
    row = operands.weights.size // (grid.kernel + grid.edge - 1)
    return grid.edge == 1 and row * operands.weights.itemsize > DEEP


@compiled
def room(steps, operands, grid):
    """Scratch for the sums of the steps that are worked on together.

    Returns (frames s × size, pixel starts s × (pixels + 1)).
    """
    size = operands.start.size
    most = DEEP_FRAMES if is_deep(operands, grid) else FRAMES
    together = max(1, min(most // (size * operands.start.itemsize), steps))
    frames = aligned(together * size, operands.start).reshape((together, size))
    return frames, np.empty((together, grid.height * grid.width + 1), np.int64)


@compiled
def frames_of(events, row, steps, operands, grid, frames, starts):
    """The sums of `steps` rows from `row` on, into `frames`; see `room`."""
    indptr, address = events.indptr, events.address
    for s in range(steps):
        frame = frames[s]
        for n in range(frame.size):
            frame[n] = operands.start[n]
    if is_deep(operands, grid):
        for s in range(steps):
            first, last = indptr[row + s], indptr[row + s + 1]
            pixel_starts(address, first, last, grid.inputs.pixel, starts[s])
        add_deep(frames[:steps], operands.weights, address, starts, grid)
        return
    for s in range(steps):
        first, last = indptr[row + s], indptr[row + s + 1]
        if last - first < grid.few:
            add_few(frames[s], operands.weights, address, first, last, grid)
        else:
            pixel_starts(address, first, last, grid.inputs.pixel, starts[s])
            add_events(frames[s], operands.weights, address, starts[s], grid)


@compiled(forceinline=True)
def pixel_starts(address, first, last, pixel, starts):
    """Where the events of each pixel start, of first…last.

    pixel: of each address; starts: pixels + 1, written.
    """
    if starts.size == 2:  # a linear layer's only one
        starts[0], starts[1] = first, last
        return
    starts[:] = first
    for e in range(first, last):
        starts[pixel[address[e]] + 1] = e + 1
    for p in range(1, starts.size):
        starts[p] = max(starts[p], starts[p - 1])


@compiled(forceinline=True)
def add_few(frame, weights, address, first, last, grid):
    """As `add_events`, one event after the other to all groups that see it."""
    edge, seen = grid.edge, grid.kernel + grid.edge - 1
    rows, columns = grid.rows // edge, grid.columns // edge
    lanes = frame.size // (rows * columns)
    vectors = vectors_of(lanes, frame, weights)
    for e in range(first, last):
        y, x = divmod(grid.inputs.pixel[address[e]], grid.width)
        y, x = y + grid.padding, x + grid.padding
        left = max(0, (x - seen) // edge + 1)
        for row in range(max(0, (y - seen) // edge + 1), min(rows, y // edge + 1)):
            tap = y - row * edge
            line = (y - grid.padding) * grid.width - grid.padding - tap * seen
            for column in range(left, min(columns, x // edge + 1)):
                at = (row * columns + column) * lanes
                shift = (line + column * edge) * grid.channels
                add_rows(frame, at, lanes, vectors, weights, address, e, e + 1, shift)


@compiled(forceinline=True)
def add_events(frame, weights, address, starts, grid):
    """Add the weights of a time step's events to a frame of sums."""
    edge, seen = grid.edge, grid.kernel + grid.edge - 1
    rows, columns = grid.rows // edge, grid.columns // edge
    lanes = frame.size // (rows * columns)
    vectors = vectors_of(lanes, frame, weights)
    for tap in range(seen):  # outside: its weights stay in the cache
        for row in range(rows):
            y = row * edge - grid.padding + tap
            if y < 0 or y >= grid.height:
                continue
            line = y * grid.width
            for column in range(columns):
                x = column * edge - grid.padding
                lo = starts[line + min(grid.width, max(0, x))]
                hi = starts[line + max(0, min(grid.width, x + seen))]
                if lo < hi:
                    at = (row * columns + column) * lanes
                    shift = (line + x - tap * seen) * grid.channels
                    add_rows(frame, at, lanes, vectors, weights, address, lo, hi, shift)


@compiled(forceinline=True)
def add_deep(frames, weights, address, starts, grid):
    """As `add_events`, of some time steps, one place of the kernel after the other.

    frames: steps × size; starts: of each step.
    """
    steps, kernel, channels = len(frames), grid.kernel, grid.channels
    lanes = frames.shape[1] // (grid.rows * grid.columns)
    vectors = vectors_of(lanes, frames, weights)
    for tap in range(kernel):
        top = max(0, grid.padding - tap)
        bottom = min(grid.rows, grid.height + grid.padding - tap)
        for place in range(kernel):
            left = max(0, grid.padding - place)
            right = min(grid.columns, grid.width + grid.padding - place)
            for s in range(steps):
                for row in range(top, bottom):
                    line = (row - grid.padding + tap) * grid.width
                    for column in range(left, right):
                        pixel = line + column - grid.padding + place
                        lo, hi = starts[s, pixel], starts[s, pixel + 1]
                        if lo < hi:
                            at = (row * grid.columns + column) * lanes
                            shift = (pixel - tap * kernel - place) * channels
                            add_rows(
                                frames[s],
                                at,
                                lanes,
                                vectors,
                                weights,
                                address,
                                lo,
                                hi,
                                shift,
                            )
