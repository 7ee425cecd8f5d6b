"""How a convolution's gradients lie in memory while they are gathered.

Of the weights at the layer's input events or at the winners of its pooling, of the
inputs from those winners. For shapes see `geometry`.
"""

from typing import NamedTuple

import numpy as np
from torch.nn import functional

from spikewatt.stack.fast.event_sums import DEEP
from spikewatt.stack.fast.geometry import by_window
from spikewatt.stack.fast.vectors import VECTOR, padded

# Pooling windows up to which winners are told apart by the columns of the kernel that
# see inputs, too: with more, few of them would see less than all.
FEW_WINDOWS = 4


class Sights(NamedTuple):
    """What currents see of their inputs: all places of the kernel but in the padding.

    Those that see the same are of one kind. kind: int32 windows × members of the
    pooling; windows: how many have members of each kind; top, bottom, left, right: the
    rows and columns of the kernel that each kind sees inputs with, to the ends
    exclusive.
    """

    kind: np.ndarray
    windows: np.ndarray
    top: np.ndarray
    bottom: np.ndarray
    left: np.ndarray
    right: np.ndarray


def sights(grid):
    """The `Sights` of a `geometry.LayerGrid`."""
    g = grid
    rows, columns = _seen(g, g.rows, g.height), _seen(g, g.columns, g.width)
    if g.rows * g.columns > FEW_WINDOWS * g.pool**2:
        columns[:] = 0, g.kernel
    y, x = np.mgrid[: g.rows, : g.columns]
    bounds = np.concatenate([rows[y.ravel()], columns[x.ravel()]], axis=1)
    kinds, kind = np.unique(bounds, axis=0, return_inverse=True)
    kind = by_window(kind.reshape(y.shape), g.pool)
    windows = [(kind == k).any(axis=1).sum() for k in range(len(kinds))]
    return Sights(kind, np.array(windows), *np.ascontiguousarray(kinds.T))


def _seen(grid, currents, inputs):
    """The first and last + 1 place of the kernel with an input, of each current."""
    first = grid.padding - np.arange(currents)
    bounds = np.stack([first, inputs + first], axis=1)
    return bounds.clip(0, grid.kernel)


class EventGradients:
    """How a convolution's gradients lie where its weights' are gathered at events."""

    def __init__(self, grid):
        self.grid, self.lanes = grid, padded(grid.filters, 4)
        y, x = np.mgrid[: grid.rows, : grid.columns] + grid.border
        # `Layout.members`, in a frame of `LayerGrid.tall` × `wide` × lanes
        self.members = by_window((y * grid.wide + x) * self.lanes, grid.pool)

    @property
    def size(self):
        """Values of the weights' gradient, as the kernels make it: C×K×K×lanes."""
        return self.grid.channels * self.grid.kernel**2 * self.lanes

    def scales(self, each):
        """Factors of the values' rows and columns: together `each` filter's own."""
        row = np.zeros(self.lanes)
        row[: len(each)] = each
        return np.ones(self.size // self.lanes), row

    def unpacked(self, gradient):
        """A flat gradient of so many values in the shape F×C×K×K of the weights."""
        g = self.grid
        taps = gradient.view(g.channels, g.kernel, g.kernel, self.lanes).flip(2)
        return taps[..., : g.filters].permute(3, 0, 1, 2).contiguous()


class WinnerGradients:
    """As `EventGradients`, where they are gathered at the winners of the pooling."""

    def __init__(self, grid):
        self.grid, self.lanes = grid, padded(grid.channels, 4)
        self.sights = sights(grid)

    @property
    def size(self):
        """As of `EventGradients`: F×K×K×lanes."""
        return self.grid.filters * self.grid.kernel**2 * self.lanes

    def scales(self, each):
        """As `EventGradients.scales`."""
        return each, np.ones(self.size // len(each))

    def unpacked(self, gradient):
        """As `EventGradients.unpacked`."""
        g = self.grid
        taps = gradient.view(g.filters, g.kernel, g.kernel, self.lanes)
        return taps[..., : g.channels].permute(0, 3, 1, 2).contiguous()


class InputGradients(NamedTuple):
    """How the gradient to a layer's inputs lies while it is made from winners.

    deep: whether the weights are many, so that each place of the kernel is taken for
    itself; pixel: values of a pixel, with its channels first; border: pixels around the
    inputs; pitch: values of a row of pixels; size: of a frame, a vector longer than its
    rows; lanes: of a row of weights, the `kernel` pixels that a current sends to.
    """

    deep: bool
    pixel: int
    border: int
    pitch: int
    size: int
    lanes: int

    @classmethod
    def of(cls, grid):
        """Of a `geometry.LayerGrid`."""
        apart = padded(grid.channels, 4)
        deep = 4 * grid.kernel * grid.filters * apart > DEEP
        pixel = apart if deep else grid.channels
        border = 0 if deep else grid.padding
        tall, wide = (
            (grid.height, grid.width) if deep else (grid.seen_tall, grid.seen_wide)
        )
        pitch, lanes = wide * pixel, padded(grid.kernel * pixel, 4)
        return cls(deep, pixel, border, pitch, tall * pitch + VECTOR, lanes)

    def rows(self, weight):
        """Weights F×C×K×K as rows K×F×lanes, one for each row of the kernel, flat."""
        rows = weight.permute(2, 0, 3, 1)
        rows = functional.pad(rows, (0, self.pixel - rows.shape[3])).flatten(2)
        rows = functional.pad(rows, (0, self.lanes - rows.shape[2]))
        return rows.contiguous().flatten()
