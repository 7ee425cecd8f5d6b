"""A spiking layer that adds the weights of one event after the other."""

import numpy as np
import torch

from spikewatt.compute import parallel
from spikewatt.stack.fast import kernels, rows, winners
from spikewatt.stack.fast.geometry import tables, tap_order
from spikewatt.stack.fast.products import channel_first, channel_last
from spikewatt.stack.fast.spike_events import joined
from spikewatt.stack.precision import rounded

# Channels·filters up to which ∂L/∂S is made from the pooling winners alone: a quarter
# of the dense convolution's work, at a lower rate.
WINNERS_BELOW = 1024


class Sparse:
    """Event-driven weighted sums, pooling and neurons in one pass."""

    def __init__(self, layer, module, shape, constants, bits):
        self.layer, self.module = layer, module
        self.shape, self.constants, self.bits = shape, constants, bits
        self.tables, self.order = tables(shape), tap_order(shape)
        self.kernels = rows if layer.kind == "linear" else kernels

    def operands(self):
        """(weights as the events add them, a frame of the bias), flat arrays."""
        weight, bias = self._weight(), self.module.bias.detach()
        if self.layer.kind == "linear":
            packed = channel_last(weight, self.layer.in_shape).T
        else:
            packed = weight.permute(1, 2, 3, 0)[:, :, self.order]
        cells = self.shape.rows * self.shape.columns
        return packed.contiguous().flatten().numpy(), bias.repeat(cells).numpy()

    def _weight(self):
        return rounded(self.module.weight.detach(), self.bits)

    def unpacked(self, gradient):
        """A flat gradient of the packed weights in the shape of the module's."""
        shape, kernel = self.shape, self.shape.kernel
        if self.layer.kind == "linear":
            matrix = gradient.view(shape.inputs, shape.filters).T
            return channel_first(matrix, self.layer.in_shape).contiguous()
        taps = gradient.view(shape.channels, kernel, kernel, shape.filters)
        original = torch.empty_like(taps)
        original[:, :, self.order] = taps
        return original.permute(3, 0, 1, 2).contiguous()

    def forward(self, events, kept):
        """The layer's spikes; `kept` (potentials, places) is filled if not None."""
        weights, bias = self.operands()
        empty = (np.empty((0, 0, 0), np.float32), np.empty((0, 0, 0), np.uint8))
        pieces = parallel.over(
            events.batch,
            lambda part, low, high: self.kernels.forward(
                events.indptr,
                events.address,
                weights,
                bias,
                self.tables,
                (events.steps, kept is not None),
                *self.constants,
                kept or empty,
                low,
                high,
            ),
        )
        return joined(pieces, events.steps, events.batch, self.shape.neurons)

    def recompute(self, events, kept, start):
        """Fill `kept` (potentials, places) of the samples from `start` on."""
        operands = self.operands()
        parallel.over(
            kept[0].shape[1],
            lambda part, low, high: self.kernels.recompute(
                events.indptr,
                events.address,
                *operands,
                self.tables,
                *self.constants,
                kept,
                start,
                start + low,
                start + high,
            ),
        )

    def weights_back(self, events, grad, start, place, offset, sums):
        """Add a block's share to `sums`, one flat array for each thread."""
        parallel.over(
            grad.shape[1],
            lambda part, low, high: self.kernels.weights_back(
                events.indptr,
                events.address,
                self.tables,
                grad,
                start,
                place,
                offset,
                sums[part],
                start + low,
                start + high,
            ),
        )

    @property
    def winners_only(self):
        """Whether `inputs_back` beats the dense gradient."""
        shape = self.shape
        return shape.pool > 1 and shape.channels * shape.filters <= WINNERS_BELOW

    def inputs_back(self, grad, start, place, offset):
        """∂L/∂S of the layer before, T×b×N, from the winners of the pooling."""
        g = self.shape
        weights = self._weight().permute(0, 2, 3, 1).flatten(1).contiguous().numpy()
        shape = (g.height, g.width, g.channels, g.kernel)
        window = (g.padding, g.cell_columns, g.pool)
        sent = np.empty((*grad.shape[:2], g.inputs), np.float32)

        def work(part, low, high):
            low, high = start + low, start + high
            winners.inputs_back(
                weights, shape, window, grad, start, place, offset, sent, low, high
            )

        parallel.over(grad.shape[1], work)
        return sent
