"""The gradient to a pooled convolution's inputs from the pooling's winners, compiled.

∂L/∂I is 0 for all other currents: three quarters of the sums of a dense convolution are
of zeros. The arguments are those of `kernels`.
"""

from spikewatt.compute.numba_cache import compiled
from spikewatt.network.neuron.numba_kernels import ZERO
from spikewatt.stack.fast.event_sums import DEEP_FRAMES
from spikewatt.stack.fast.row_sums import add_freely
from spikewatt.stack.fast.vectors import VECTOR, aligned
from spikewatt.stack.fast.winners import lists, winners_of


@compiled
def send(frame, weights, address, scale, starts, grid, layout):
    """Add what a time step's winners send back to a frame of inputs.

    All filters that won at a place send to the same row of pixels: their weights for it
    are added in registers. Places below each other follow, which share no pixel of a
    row with what was just written.
    """
    vectors = layout.lanes // VECTOR
    for tap in range(grid.kernel):
        top = max(0, grid.padding - tap)
        bottom = min(grid.rows, grid.height + grid.padding - tap)
        for x in range(grid.columns):
            for y in range(top, bottom):
                place = x * grid.rows + y
                lo, hi = starts[place], starts[place + 1]
                if lo < hi:
                    at = (y + tap) * layout.pitch + x * layout.pixel
                    add_freely(
                        *(frame, at, layout.lanes, vectors, weights),
                        *(address, scale, lo, hi, -tap * grid.filters),
                    )


@compiled
def send_deep(frames, weights, address, scale, starts, grid, layout):
    """As `send`, of some time steps, one place of the kernel after the other."""
    vectors = layout.pixel // VECTOR
    for tap in range(grid.kernel):
        top = max(0, grid.padding - tap)
        bottom = min(grid.rows, grid.height + grid.padding - tap)
        for place in range(grid.kernel):
            left = max(0, grid.padding - place)
            right = min(grid.columns, grid.width + grid.padding - place)
            rows = weights[place * layout.pixel :]
            for s in range(len(frames)):
                for x in range(left, right):
                    for y in range(top, bottom):
                        row, column = y + tap - grid.padding, x + place - grid.padding
                        at = row * layout.pitch + column * layout.pixel
                        number = x * grid.rows + y
                        add_freely(
                            *(frames[s], at, layout.lanes, vectors, rows),
                            *(address[s], scale[s]),
                            *(starts[s, number], starts[s, number + 1]),
                            -tap * grid.filters,
                        )


@compiled
def inputs_back(weights, grid, layout, grad, kept, out, low, high):
    """∂L/∂S of the layer before, from the winners of the pooling windows alone.

    layout: `gradient_layouts.InputGradients`, weights: its `rows`; grad: a `Block` of
    ∂L/∂I after pooling; out: T×b×(H·W·C) of the same samples, written.
    """
    steps = grad.values.shape[0]
    together = DEEP_FRAMES // (4 * layout.size) if layout.deep else 1
    together = max(1, min(together, steps))
    frames = aligned(together * layout.size, weights).reshape((together, -1))
    address, scale, starts = lists(together, grid)
    for b in range(low, high):
        for begin in range(0, steps, together):
            count = min(together, steps - begin)
            frames[:] = ZERO
            for s in range(count):
                values = grad.values[begin + s, b - grad.start]
                winner = kept.winner[begin + s, b - kept.start]
                winners_of(values, winner, grid, address[s], scale[s], starts[s])
            if layout.deep:
                send_deep(frames[:count], weights, address, scale, starts, grid, layout)
            else:
                send(frames[0], weights, address[0], scale[0], starts[0], grid, layout)
            for s in range(count):
                inner(frames[s], grid, layout, out[begin + s, b - grad.start])


@compiled
def inner(frame, grid, layout, out):
    """A frame without its border, into `out`, H·W·C."""
    channels, wide = grid.channels, grid.width * grid.channels
    for y in range(grid.height):
        first = (y + layout.border) * layout.pitch + layout.border * layout.pixel
        to = out[y * wide : (y + 1) * wide]
        if layout.pixel == channels:
            to[:] = frame[first : first + wide]
            continue
        for x in range(grid.width):
            at = first + x * layout.pixel
            to[x * channels : (x + 1) * channels] = frame[at : at + channels]
