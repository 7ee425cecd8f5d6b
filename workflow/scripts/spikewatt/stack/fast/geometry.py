"""The shapes of a layer as a convolution, and what the compiled kernels need of them.

A linear layer is a convolution of a 1×1 image with as many channels as inputs.
"""

import functools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from spikewatt.stack.fast.vectors import padded

# Sums of one pooling window up to which they are made together: an event's row of
# weights then reaches all of them. Longer ones are made for each current apart.
TOGETHER = 128
# Events below one of so many currents are added one after the other: to look for them
# in every row of pixels that a current sees would take longer.
FEW = 16


class Inputs(NamedTuple):
    """Where the inputs of a layer stand, int32, one for each address.

    pixel: y·W + x; channel; line: channel·H + y; place: in `LayerGrid.tall` × `wide`;
    seen: in the input with its padding, `seen_wide` columns. Looked up, since to divide
    an address takes as long as to add its weights.
    """

    pixel: np.ndarray
    channel: np.ndarray
    line: np.ndarray
    place: np.ndarray
    seen: np.ndarray


class LayerGrid(NamedTuple):
    """A layer as the compiled kernels take it: integers, and where its inputs stand.

    height, width, channels: of the input; kernel, padding: of the convolution; rows,
    columns: of currents before pooling that pooling looks at; filters; pool: edge of a
    pooling window; edge: of the currents whose sums are made together (`pool` or 1);
    size: neurons; few: events of a time step that are too few to look for. tall, wide:
    of a frame of currents' gradients with a border of zeros, so wide that every input
    has a place in it for every place of the kernel; border: the first row and column
    that is a current's. seen_tall, seen_wide: of a frame of all that currents see of
    their inputs, with the padding.
    """

    height: int
    width: int
    channels: int
    kernel: int
    padding: int
    rows: int
    columns: int
    filters: int
    pool: int
    edge: int
    size: int
    few: int
    tall: int
    wide: int
    border: int
    seen_tall: int
    seen_wide: int
    inputs: Inputs


@dataclass(frozen=True)
class Geometry:
    """The shapes of one layer as a convolution, pooled windows only.

    rows and columns of currents that no whole pooling window covers do not exist here:
    they reach nothing.
    """

    height: int
    width: int
    channels: int
    kernel: int
    padding: int
    cell_rows: int
    cell_columns: int
    filters: int
    pool: int

    @property
    def neurons(self):
        return self.cell_rows * self.cell_columns * self.filters

    @property
    def inputs(self):
        return self.height * self.width * self.channels

    @property
    def rows(self):
        """Rows of currents before pooling that pooling looks at."""
        return self.cell_rows * self.pool

    @property
    def columns(self):
        return self.cell_columns * self.pool

    @property
    def fan_in(self):
        return self.channels * self.kernel**2

    @property
    def whole(self):
        """Whether every current before pooling sees every input."""
        return self._whole(self.height, self.rows) and self._whole(
            self.width, self.columns
        )

    def _whole(self, edge, outputs):
        return outputs <= self.padding + 1 and edge + self.padding <= self.kernel


def geometry(layer):
    """The `Geometry` of a `network.describe.Layer` of stride 1."""
    if layer.kind == "linear":
        inputs = int(np.prod(layer.in_shape))
        return Geometry(1, 1, inputs, 1, 0, 1, 1, layer.out_shape[0], 1)
    channels, height, width = layer.in_shape
    filters, rows, columns = layer.out_shape
    return Geometry(
        height,
        width,
        channels,
        layer.kernel,
        layer.padding,
        rows,
        columns,
        filters,
        layer.pool,
    )


def grid(geometry):
    """The `LayerGrid` for the kernels."""
    g = geometry
    edge = g.pool if g.pool**2 * g.filters <= TOGETHER else 1
    border = max(0, g.kernel - 1 - g.padding)
    tall = border + max(g.height + g.padding, g.rows)
    wide = border + max(g.width + g.padding, g.columns)
    seen_tall = max(g.rows + g.kernel - 1, g.height + g.padding)
    seen_wide = max(g.columns + g.kernel - 1, g.width + g.padding)
    pixel, channel = np.divmod(np.arange(g.inputs, dtype=np.int32), g.channels)
    y, x = np.divmod(pixel, g.width)
    inputs = Inputs(
        pixel,
        channel,
        channel * g.height + y,
        y * wide + x,
        (y + g.padding) * seen_wide + x + g.padding,
    )
    return LayerGrid(
        *(g.height, g.width, g.channels, g.kernel, g.padding, g.rows, g.columns),
        *(g.filters, g.pool, edge, g.neurons, g.rows * g.columns // FEW),
        *(tall, wide, border, seen_tall, seen_wide),
        Inputs(*(array.astype(np.int32) for array in inputs)),
    )


class Layout:
    """Where the sums of one time step lie in memory.

    sums, weights: bytes of each.

    Those that are made together follow each other, the members of a window row by row
    and each with all its filters, filled up to whole vectors: `lanes` values. Such
    groups go row by row: a frame of `size` values.
    """

    def __init__(self, grid, sums=4, weights=4):
        self.grid = grid
        self.lanes = padded(grid.edge**2 * grid.filters, sums, weights)
        self.groups = (grid.rows // grid.edge) * (grid.columns // grid.edge)
        self.size = self.groups * self.lanes

    def frame(self, bias):
        """A frame of a bias for each filter (a tensor F), flat."""
        frame = bias.new_zeros(self.groups, self.lanes)
        together = self.grid.edge**2 * self.grid.filters
        frame[:, :together] = bias.repeat(self.grid.edge**2)
        return frame.flatten()

    @functools.cached_property
    def members(self):
        """Where the members of each pooling window start, int32 windows × members."""
        g = self.grid
        y, x = np.mgrid[: g.rows, : g.columns]
        group = (y // g.edge) * (g.columns // g.edge) + x // g.edge
        within = (y % g.edge) * g.edge + x % g.edge
        return by_window(group * self.lanes + within * g.filters, g.pool)

    def weights(self, weight):
        """Weights F×C×K×K as rows that an event adds to a group, flat.

        A row for each place of the inputs that a group sees and each channel; 0 where a
        member of the group does not see the place.
        """
        g, kernel = self.grid, self.grid.kernel
        seen = kernel + g.edge - 1
        rows = weight.new_zeros(seen, seen, g.channels, self.lanes)
        for number in range(g.edge**2):
            y, x = divmod(number, g.edge)
            first = number * g.filters
            part = rows[y : y + kernel, x : x + kernel, :, first : first + g.filters]
            part.copy_(weight.permute(2, 3, 1, 0))
        return rows.flatten()


def by_window(places, pool):
    """Y×X numbers as int32 windows × members, both row by row."""
    rows, columns = places.shape
    cut = places.reshape(rows // pool, pool, columns // pool, pool)
    return cut.swapaxes(1, 2).reshape(-1, pool**2).astype(np.int32)
