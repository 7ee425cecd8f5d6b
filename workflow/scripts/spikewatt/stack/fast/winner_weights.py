"""Gradients of a pooled convolution's weights from the pooling's winners, compiled.

The spikes are the bits that choose which sums a winner's gradient is added to. The
arguments are those of `kernels`.
"""

import numpy as np

from spikewatt.compute.numba_cache import compiled
from spikewatt.stack.fast.currents import cut
from spikewatt.stack.fast.row_sums import add_freely
from spikewatt.stack.fast.vectors import vectors_of

# Pooling windows of a filter whose gradients are gathered together.
TOGETHER = 400


@compiled
def spread(events, row, steps, grid, frames):
    """The spikes of `steps` rows from `row` on as bits of words, 16 channels each.

    frames: zeros before, seen_tall × seen_wide × words for each step, flat.
    """
    area = grid.seen_tall * grid.seen_wide
    words = frames.size // (steps * area)
    seen, channel = grid.inputs.seen, grid.inputs.channel
    for s in range(steps):
        for e in range(events.indptr[row + s], events.indptr[row + s + 1]):
            i = events.address[e]
            place = (s * area + seen[i]) * words + (channel[i] >> 4)
            frames[place] |= np.uint16(1 << (channel[i] & 15))


@compiled
def first_of(sights, together):
    """Where the lists of each kind of sight start for a filter, and their room."""
    first = np.zeros(len(sights.windows) + 1, np.int64)
    for kind in range(len(sights.windows)):
        first[kind + 1] = first[kind] + together * sights.windows[kind]
    return first


@compiled
def by_filter(values, winner, number, words, grid, sights, first, ends, lists):
    """Append a time step's winners and their gradients, filter by filter.

    number: of the step; words: of `spread`, of a pixel; first: of `first_of`; ends:
    F×kinds, of the lists; lists: (address, scale), flat, for each filter and kind:
    words of `spread`, and gradients.
    """
    address, scale = lists
    filters, edge, wide = grid.filters, grid.pool, grid.seen_wide
    across, kinds = grid.columns // edge, len(sights.windows)
    member = np.empty(edge * edge, np.int32)
    for k in range(edge * edge):
        member[k] = ((k // edge) * wide + k % edge) * words
    for window in range(len(sights.kind)):
        y, x = divmod(window, across)
        corner = ((number * grid.seen_tall + y * edge) * wide + x * edge) * words
        kind, at = sights.kind[window], window * filters
        for f in range(filters):
            k = winner[at + f]
            place = f * kinds + kind[k]
            end = ends[place]
            ends[place] = end + 1
            address[end] = corner + member[k]
            scale[end] = values[at + f]


@compiled
def gather(gradient, inputs, lists, first, ends, words, grid, sights):
    """Add what the winners gather at the spikes, `inputs` of `spread`.

    The places of a row of the kernel lie side by side, in the gradient as in the input:
    they are gathered together.
    """
    address, scale = lists
    kernel, wide, kinds = grid.kernel, grid.seen_wide, len(sights.windows)
    lanes = gradient.size // (grid.filters * kernel**2)
    for f in range(grid.filters):
        for k in range(kinds):
            lo, hi = f * first[kinds] + first[k], ends[f * kinds + k]
            if lo == hi:
                continue
            left, vectors = sights.left[k], (sights.right[k] - sights.left[k]) * words
            for tap in range(sights.top[k], sights.bottom[k]):
                at = ((f * kernel + tap) * kernel + left) * lanes
                shift = -(tap * wide + left) * words
                add_freely(
                    *(gradient, at, 1, vectors, inputs, address, scale),
                    *(lo, hi, shift),
                )


@compiled
def weights_back(events, grid, sights, grad, per, kept, gradient, low, high):
    """As `event_weights.weights_back`, from the winners: `gradient` F×K×K×lanes, flat.

    An input fires once a step at most. sights: of `gradient_layouts`.
    """
    steps, filters, kinds = events.steps, grid.filters, len(sights.windows)
    words = vectors_of(gradient.size // (filters * grid.kernel**2), gradient, gradient)
    area = grid.seen_tall * grid.seen_wide * words
    together = max(1, min(steps, TOGETHER // len(sights.kind)))
    frames = np.empty(together * area, np.uint16)
    whole = np.empty(grid.size, gradient.dtype)
    first = first_of(sights, together)
    room = filters * first[kinds]
    lists = np.empty(room, np.int32), np.empty(room, gradient.dtype)
    ends = np.empty(filters * kinds, np.int64)
    for b in range(low, high):
        for begin in range(0, steps, together):
            count = min(together, steps - begin)
            row = b * steps + begin
            if events.indptr[row] == events.indptr[row + count]:
                continue
            inputs = frames[: count * area]
            inputs[:] = 0
            spread(events, row, count, grid, inputs)
            for f in range(filters):
                for k in range(kinds):
                    ends[f * kinds + k] = f * first[kinds] + first[k]
            for s in range(count):
                values = cut(grad.values[begin + s, b - grad.start], per, whole)
                winner = kept.winner[begin + s, b - kept.start]
                by_filter(values, winner, s, words, grid, sights, first, ends, lists)
            gather(gradient, inputs, lists, first, ends, words, grid, sights)
