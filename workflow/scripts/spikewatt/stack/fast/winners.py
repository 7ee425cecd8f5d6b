"""Gradients of pooled convolutions from the winners of the pooling alone, compiled.

∂L/∂I is 0 for all other currents: three quarters of the sums of a dense convolution are
of zeros. The arguments are those of `kernels`.
"""

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from spikewatt.compute.numba_cache import compiled
from spikewatt.network.neuron.numba_kernels import ZERO
from spikewatt.stack.fast.currents import cut
from spikewatt.stack.fast.event_sums import DEEP, DEEP_FRAMES
from spikewatt.stack.fast.row_sums import add_freely
from spikewatt.stack.fast.vectors import (
    BYTE,
    I32,
    VECTOR,
    Vectors,
    aligned,
    data,
    vectors_of,
)

NAMES = ("values", "winner", "number", "first", "left", "base", "address", "scale")
NAMES += ("count",)
# Pooling windows of a filter whose gradients are gathered together.
TOGETHER = 256


@intrinsic
def append(context, values, winner, number, first, left, base, address, scale, count):
    """Append those of a vector of neurons whose winner has a number; how many now.

    values, winner: N, the vector starts at `first` and has `left` neurons or more than
    a vector holds; address: base, base + 1, … of the chosen; scale: their values; both
    are written from `count` on, a whole vector.
    """
    given = (values, winner, number, first, left, base, address, scale, count)
    return types.int64(*given), _appending


def _appending(context, builder, signature, args):
    kinds = dict(zip(NAMES, signature.args, strict=True))
    given = dict(zip(NAMES, args, strict=True))
    arrays = {
        name: data(context, builder, kinds[name], given[name])
        for name in ("values", "winner", "address", "scale")
    }
    scales, addresses = Vectors(builder, ir.FloatType()), Vectors(builder, I32)
    numbers = Vectors(builder, BYTE, VECTOR)
    within = numbers.mask = scales.first_of(given["left"])
    value = scales.load(builder.gep(arrays["values"], [given["first"]]))
    found = numbers.load(builder.gep(arrays["winner"], [given["first"]]))
    wanted = numbers.spread(builder.trunc(given["number"], BYTE))
    chosen = builder.and_(builder.icmp_signed("==", found, wanted), within)
    base = addresses.spread(builder.trunc(given["base"], I32))
    address = builder.add(base, addresses.counted())
    scales.mask = None
    scales.append(value, chosen, arrays["scale"], given["count"])
    addresses.append(address, chosen, arrays["address"], given["count"])
    return builder.add(given["count"], scales.chosen(chosen))


@compiled
def lists(steps, grid):
    """Room for the lists of `winners_of`, a vector longer than they can get.

    Of so many steps: address, scale and starts.
    """
    size, places = grid.size + VECTOR, grid.rows * grid.columns
    address = np.empty((steps, size), np.int32)
    scale = np.empty((steps, size), np.float32)
    return address, scale, np.empty((steps, places + 1), np.int64)


@compiled
def winners_of(values, winner, grid, address, scale, starts):
    """The winners of the pooling with their ∂L/∂I, by place of the current.

    values, winner: N; address: (place·F + filter) of each, scale: its gradient, starts
    (places + 1): where those of a current's place begin.
    """
    filters, edge, count = grid.filters, grid.pool, 0
    for y in range(grid.rows):
        for x in range(grid.columns):
            place = y * grid.columns + x
            starts[place] = count
            window = (y // edge) * (grid.columns // edge) + x // edge
            number = (y % edge) * edge + x % edge
            for at in range(0, filters, VECTOR):
                count = append(
                    values,
                    winner,
                    number,
                    window * filters + at,
                    filters - at,
                    place * filters + at,
                    address,
                    scale,
                    count,
                )
    starts[grid.rows * grid.columns] = count


@compiled
def send(frame, weights, address, scale, starts, grid):
    """Add what a time step's winners send back to a frame of inputs, H·W × lanes."""
    kernel = grid.kernel
    lanes = frame.size // (grid.height * grid.width)
    vectors = vectors_of(lanes, frame, weights)
    for y in range(grid.height):
        for tap in range(kernel):
            row = y + grid.padding - tap
            if row < 0 or row >= grid.rows:
                continue
            line = row * grid.columns
            for x in range(grid.width):
                left = x + grid.padding - kernel + 1
                lo = starts[line + min(grid.columns, max(0, left))]
                hi = starts[line + max(0, min(grid.columns, left + kernel))]
                if lo < hi:
                    at = (y * grid.width + x) * lanes
                    shift = (line + left - tap * kernel) * grid.filters
                    add_freely(
                        *(frame, at, lanes, vectors, weights),
                        *(address, scale, lo, hi, shift),
                    )


@compiled
def send_deep(frames, weights, address, scale, starts, grid):
    """As `send`, of some time steps, one place of the kernel after the other."""
    kernel = grid.kernel
    lanes = frames.shape[1] // (grid.height * grid.width)
    vectors = vectors_of(lanes, frames, weights)
    for tap in range(kernel):
        top = max(0, tap - grid.padding)
        bottom = min(grid.height, grid.rows + tap - grid.padding)
        for place in range(kernel):
            offset = grid.padding - kernel + 1 + place
            left = max(0, -offset)
            right = min(grid.width, grid.columns - offset)
            for s in range(len(frames)):
                for y in range(top, bottom):
                    line = (y + grid.padding - tap) * grid.columns + offset
                    for x in range(left, right):
                        lo, hi = starts[s, line + x], starts[s, line + x + 1]
                        if lo < hi:
                            at = (y * grid.width + x) * lanes
                            shift = line + x - tap * kernel - place
                            add_freely(
                                *(frames[s], at, lanes, vectors, weights),
                                *(address[s], scale[s], lo, hi),
                                shift * grid.filters,
                            )


@compiled
def inputs_back(weights, grid, grad, kept, out, low, high):
    """∂L/∂S of the layer before, from the winners of the pooling windows alone.

    weights: of `geometry.rows_of_inputs`; grad: a `Block` of ∂L/∂I after pooling; out:
    T×b×(H·W·C) of the same samples, written.
    """
    steps, pixels = grad.values.shape[0], grid.height * grid.width
    channels = grid.channels
    lanes = weights.size // (grid.kernel**2 * grid.filters)
    deep = weights.size * weights.itemsize > DEEP * grid.kernel
    together = DEEP_FRAMES // (pixels * lanes * 4) if deep else 1
    together = max(1, min(together, steps))
    frames = aligned(together * pixels * lanes, weights).reshape((together, -1))
    address, scale, starts = lists(together, grid)
    for b in range(low, high):
        for begin in range(0, steps, together):
            count = min(together, steps - begin)
            frames[:] = ZERO
            for s in range(count):
                values = grad.values[begin + s, b - grad.start]
                winner = kept.winner[begin + s, b - kept.start]
                winners_of(values, winner, grid, address[s], scale[s], starts[s])
            if deep:
                send_deep(frames[:count], weights, address, scale, starts, grid)
            else:
                send(frames[0], weights, address[0], scale[0], starts[0], grid)
            for s in range(count):
                to, frame = out[begin + s, b - grad.start], frames[s]
                for pixel in range(pixels):
                    first, at = pixel * channels, pixel * lanes
                    for c in range(channels):
                        to[first + c] = frame[at + c]


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
def by_filter(values, winner, number, count, words, grid, address, scale):
    """A time step's winners and their gradients, filter by filter.

    number: of the step, of `count` that are taken together; address, scale: F×count×
    windows, flat, the step's are written: words of `spread`, and gradients.
    """
    filters, edge, wide = grid.filters, grid.pool, grid.seen_wide
    across = grid.columns // edge
    windows = values.size // filters
    member = np.empty(edge * edge, np.int32)
    for k in range(edge * edge):
        member[k] = ((k // edge) * wide + k % edge) * words
    for window in range(windows):
        y, x = divmod(window, across)
        corner = ((number * grid.seen_tall + y * edge) * wide + x * edge) * words
        first, to = window * filters, number * windows + window
        for f in range(filters):
            address[to] = corner + member[winner[first + f]]
            scale[to] = values[first + f]
            to += count * windows


@compiled
def weights_back(events, grid, members, grad, per, kept, gradient, low, high):
    """As `kernels.weights_back`, from the winners: `gradient` F×K×K×lanes, flat.

    The places of a row of the kernel lie side by side, in the gradient as in the input:
    they are gathered together.

    An input fires once a step at most. `members` is of no use here.
    """
    steps, kernel, filters = events.steps, grid.kernel, grid.filters
    lanes = gradient.size // (filters * kernel**2)
    words = vectors_of(lanes, gradient, gradient)
    wide = grid.seen_wide
    area = grid.seen_tall * wide * words
    together = max(1, min(steps, TOGETHER // (grid.size // filters)))
    frames = np.empty(together * area, np.uint16)
    whole = np.empty(grid.size, gradient.dtype)
    address = np.empty(together * grid.size, np.int32)
    scale = np.empty(together * grid.size, gradient.dtype)
    for b in range(low, high):
        for begin in range(0, steps, together):
            count = min(together, steps - begin)
            row = b * steps + begin
            if events.indptr[row] == events.indptr[row + count]:
                continue
            inputs = frames[: count * area]
            inputs[:] = 0
            spread(events, row, count, grid, inputs)
            for s in range(count):
                t = begin + s
                cut(grad.values[t, b - grad.start], per, whole)
                winner = kept.winner[t, b - kept.start]
                by_filter(whole, winner, s, count, words, grid, address, scale)
            number = count * (grid.size // filters)
            for f in range(filters):
                for tap in range(kernel):
                    add_freely(
                        *(gradient, (f * kernel + tap) * kernel * lanes),
                        *(1, kernel * words, inputs, address, scale),
                        *(f * number, (f + 1) * number, -tap * wide * words),
                    )
