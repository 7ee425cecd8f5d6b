"""A spiking layer that adds the weights of one event after the other."""

import numpy as np
import torch

from spikewatt.compute import parallel
from spikewatt.stack.fast import kernels, rows, winners
from spikewatt.stack.fast.geometry import tables, tap_order
from spikewatt.stack.fast.products import channel_first, channel_last
from spikewatt.stack.fast.records import NOTHING, UNCUT, Patches, floats
from spikewatt.stack.fast.spike_events import joined
from spikewatt.stack.precision import rounded

# Channels·filters up to which ∂L/∂S is made from the pooling winners alone: a quarter
# of the dense convolution's work, at a lower rate.
WINNERS_BELOW = 1024


class Sparse:
    """Event-driven weighted sums, pooling and neurons in one pass."""

    def __init__(self, layer, module, shape, neuron, bits):
        self.layer, self.module = layer, module
        self.shape, self.neuron, self.bits = shape, neuron, bits
        self.tables, self.order = tables(shape), tap_order(shape)
        self.kernels = rows if layer.kind == "linear" else kernels

    def operands(self):
        """The layer's `records.Operands`."""
        bias = self.module.bias.detach()
        cells = self.shape.rows * self.shape.columns
        weights = self.packed(self._weight())
        return floats(weights, bias.repeat(cells).numpy())

    def packed(self, weight):
        """Weights in the module's shape as `geometry.Tables` orders them, flat."""
        if self.layer.kind == "linear":
            packed = channel_last(weight, self.layer.in_shape).T
        else:
            packed = weight.permute(1, 2, 3, 0)[:, :, self.order]
        return packed.contiguous().flatten().numpy()

    def _weight(self):
        """The weights as products take them: float32, rounded."""
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

    def forward(self, events, kept, operands=None):
        """The layer's spikes; `kept` (a `records.Kept`) is written if not None.

        operands: `operands()`, where they are made already.
        """
        rows, kept = events.rows, kept or NOTHING
        operands = operands or self.operands()
        pieces = parallel.over(
            events.batch,
            lambda part, low, high: self.kernels.forward(
                rows, operands, self.tables, self.neuron, kept, low, high
            ),
        )
        return joined(pieces, events.steps, events.batch, self.shape.neurons)

    def recompute(self, events, kept):
        """Fill `kept` (a `records.Kept`) once more."""
        rows, operands, start = events.rows, self.operands(), kept.start
        parallel.over(
            kept.potential.shape[1],
            lambda part, low, high: self.kernels.recompute(
                rows,
                operands,
                self.tables,
                self.neuron,
                kept,
                start + low,
                start + high,
            ),
        )

    def weights_back(self, events, grad, kept, sums, per=UNCUT):
        """Add a block's share to `sums`, one flat array for each thread.

        per: see `kernels.weights_back`.
        """
        rows, start = events.rows, grad.start
        parallel.over(
            grad.values.shape[1],
            lambda part, low, high: self.kernels.weights_back(
                rows,
                self.tables,
                grad,
                per,
                kept,
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

    def inputs_back(self, grad, kept):
        """∂L/∂S of the layer before, T×b×N, from the winners of the pooling."""
        g, start = self.shape, grad.start
        weights = self._weight().permute(0, 2, 3, 1).flatten(1).contiguous().numpy()
        patches = Patches(
            g.height, g.width, g.channels, g.kernel, g.padding, g.cell_columns, g.pool
        )
        sent = np.empty((*grad.values.shape[:2], g.inputs), np.float32)
        parallel.over(
            grad.values.shape[1],
            lambda part, low, high: winners.inputs_back(
                weights, patches, grad, kept, sent, start + low, start + high
            ),
        )
        return sent
