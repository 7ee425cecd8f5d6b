"""A spiking layer that adds the weights of one event after the other."""

import functools

import numpy as np

from spikewatt.compute import parallel
from spikewatt.stack.fast import (
    event_weights,
    kernels,
    winner_inputs,
    winner_weights,
)
from spikewatt.stack.fast.geometry import Layout, grid
from spikewatt.stack.fast.gradient_layouts import (
    EventGradients,
    InputGradients,
    WinnerGradients,
)
from spikewatt.stack.fast.products import channel_first, channel_last
from spikewatt.stack.fast.records import NOTHING, UNCUT, Operands
from spikewatt.stack.fast.spike_events import joined
from spikewatt.stack.fast.vectors import padded
from spikewatt.stack.precision import rounded


class Sparse:
    """Event-driven weighted sums, pooling and neurons in one pass."""

    def __init__(self, layer, module, shape, neuron, bits):
        self.layer, self.module = layer, module
        self.shape, self.neuron, self.bits = shape, neuron, bits
        self.grid = grid(shape)
        self.by_events = EventGradients(self.grid)
        self.by_winners = WinnerGradients(self.grid)
        self.to_inputs = InputGradients.of(self.grid)
        self.layout = functools.cache(functools.partial(Layout, self.grid))

    def operands(self):
        """The layer's `records.Operands`."""
        layout, nothing = self.layout(4, 4), np.empty(0)
        bias = layout.frame(self.module.bias.detach())
        weights = layout.weights(self.as_kernels(self._weight())).numpy()
        return Operands(weights, bias.numpy(), nothing, nothing, layout.members)

    def as_kernels(self, weight):
        """Weights in the module's shape as those of a convolution F×C×K×K."""
        if self.layer.kind == "linear":
            return channel_last(weight, self.layer.in_shape)[:, :, None, None]
        return weight

    def unpacked(self, gradient, way):
        """A flat gradient as `way` (of `gradients`) lays it, in the module's shape."""
        gradient = way.unpacked(gradient)
        if self.layer.kind == "linear":
            return channel_first(gradient[:, :, 0, 0], self.layer.in_shape)
        return gradient

    def _weight(self):
        """The weights as products take them: float32, rounded."""
        return rounded(self.module.weight.detach(), self.bits)

    def gradients(self, events):
        """How the weights' gradient for these is gathered: where it is less work."""
        at_events = events.density * self.shape.inputs * padded(self.shape.filters, 4)
        at_winners = self.shape.neurons * padded(self.shape.channels, 4)
        fewer = self.pooled and events.most == 1 and at_winners < at_events
        return self.by_winners if fewer else self.by_events

    def forward(self, events, kept, operands):
        """The layer's spikes; `kept` (a `records.Kept`) is written if not None.

        operands: `operands()`.
        """
        given, kept = events.rows, kept or NOTHING
        pieces = parallel.over(
            events.batch,
            lambda part, low, high: kernels.forward(
                given, operands, self.grid, self.neuron, kept, low, high
            ),
        )
        return joined(pieces, events.steps, events.batch, self.shape.neurons)

    def recompute(self, events, kept, operands):
        """Fill `kept` (a `records.Kept`) once more."""
        rows, start = events.rows, kept.start
        parallel.over(
            kept.potential.shape[1],
            lambda part, low, high: kernels.recompute(
                rows,
                operands,
                self.grid,
                self.neuron,
                kept,
                start + low,
                start + high,
            ),
        )

    def weights_back(self, events, grad, kept, gradients, sums, per=UNCUT):
        """Add a block's share to `sums`, one flat array for each thread.

        gradients: see `gradients`; per: see `event_weights.weights_back`.
        """
        rows, start = events.rows, grad.start
        kind, where = event_weights, self.by_events.members
        if gradients is self.by_winners:
            kind, where = winner_weights, self.by_winners.sights
        parallel.over(
            grad.values.shape[1],
            lambda part, low, high: kind.weights_back(
                rows,
                self.grid,
                where,
                grad,
                per,
                kept,
                sums[part],
                start + low,
                start + high,
            ),
        )

    @property
    def pooled(self):
        """Whether gradients may be made from the winners of a pooling alone."""
        return self.shape.pool > 1

    def rows_of_inputs(self):
        """The weights as `inputs_back` takes them."""
        return self.to_inputs.rows(self._weight()).numpy()

    def inputs_back(self, grad, kept, weights):
        """∂L/∂S of the layer before, T×b×N, from the winners of the pooling.

        weights: `rows_of_inputs`.
        """
        start = grad.start
        sent = np.empty((*grad.values.shape[:2], self.shape.inputs), np.float32)
        parallel.over(
            grad.values.shape[1],
            lambda part, low, high: winner_inputs.inputs_back(
                weights,
                self.grid,
                self.to_inputs,
                grad,
                kept,
                sent,
                start + low,
                start + high,
            ),
        )
        return sent
