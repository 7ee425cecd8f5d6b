"""Where the weights of an event go: tables for the event-driven layers.

A layer's currents before pooling are laid out as planes: plane k holds the k-th member
of every pooling window, and within a plane the values run over cell rows, cell columns
and channels. Then pooling is an element-wise maximum over planes, and an event still
adds whole runs of weights, each run contiguous in the frame and in the weights.
A linear layer is a convolution of a 1×1 image with as many channels as inputs.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class Tables(NamedTuple):
    """What the kernels need of a layer, as plain integers and int32 arrays.

    width, channels: of the input; planes: members of a pooling window; size: currents
    in a plane, one for each neuron; taps: weights of an input channel.
    columns: W×pool×3, for each input column and plane column the run's start in a plane
    row, its start in the weights of (channel, kernel row), its length (0: none).
    lines: H×K×2, for each input row and kernel row the start in the frame (−1: none)
    and the kernel row's start in the weights of the channel.
    """

    width: int
    channels: int
    planes: int
    size: int
    columns: np.ndarray
    lines: np.ndarray
    taps: int


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

    @property
    def inside(self):
        """The share of a dense convolution's products that do not meet padding."""
        return self._inside(self.height, self.rows) * self._inside(
            self.width, self.columns
        )

    def _inside(self, edge, outputs):
        first = [output - self.padding for output in range(outputs)]
        met = [min(x + self.kernel, edge) - max(x, 0) for x in first]
        return sum(met) / (outputs * self.kernel)


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


def tap_order(geometry):
    """The kernel columns in the order of the weights: by plane, then descending.

    Going right in a plane, the same input meets kernel columns in descending order,
    `pool` apart.
    """
    return [
        tap
        for residue in range(geometry.pool)
        for tap in sorted(range(residue, geometry.kernel, geometry.pool), reverse=True)
    ]


def tables(geometry):
    """The `Tables` for the kernels."""
    g = geometry
    return Tables(
        width=g.width,
        channels=g.channels,
        planes=g.pool**2,
        size=g.neurons,
        columns=_columns(g),
        lines=_lines(g),
        taps=g.kernel * g.kernel * g.filters,
    )


def _columns(g):
    position = {tap: number for number, tap in enumerate(tap_order(g))}
    table = np.zeros((g.width, g.pool, 3), dtype=np.int32)
    for x in range(g.width):
        for residue in range(g.pool):
            reached = [
                column
                for column in range(residue, g.columns, g.pool)
                if 0 <= x + g.padding - column < g.kernel
            ]
            if reached:
                first = reached[0]
                tap = position[x + g.padding - first]
                start = residue * g.neurons + first // g.pool * g.filters
                run = (start, tap * g.filters, len(reached) * g.filters)
                table[x, residue] = run
    return table


def _lines(g):
    table = np.full((g.height, g.kernel, 2), -1, dtype=np.int32)
    for y in range(g.height):
        for tap in range(g.kernel):
            row = y + g.padding - tap
            if 0 <= row < g.rows:
                plane = row % g.pool * g.pool * g.neurons
                start = plane + row // g.pool * g.cell_columns * g.filters
                table[y, tap] = (start, tap * g.kernel * g.filters)
    return table
