"""A spiking layer in whole numbers: weights in fixed point, exact sums.

Currents, potentials and spikes have the same bits whichever way a sum is made, and so
have the weights' gradients: the way is chosen for speed alone (`ways`).
"""

from dataclasses import dataclass

import numpy as np
import torch

from spikewatt.compute import parallel
from spikewatt.stack.fast.integer_dense import IntegerDense
from spikewatt.stack.fast.integer_gradients import Cut
from spikewatt.stack.fast.integer_kernels import add_parts
from spikewatt.stack.fast.integer_sparse import IntegerSparse
from spikewatt.stack.fast.spiking_layer import Saved, SpikingLayer, blocks
from spikewatt.stack.fixed_point import FixedPoint


@dataclass
class IntegerSums:
    """A layer's growing gradients, float64: the exact sums of each block, added up.

    weights: in the module's shape, or flat as the way has them; way, operand, rows: see
    `spiking_layer.Sums`.
    """

    weights: torch.Tensor
    bias: np.ndarray
    way: object = None
    operand: torch.Tensor | None = None
    rows: np.ndarray | None = None


class IntegerLayer(SpikingLayer):
    """As `SpikingLayer`; digits: of 8 bits, of a weight (`fixed_point.DIGITS`)."""

    def __init__(self, layer, module, neuron, digits):
        super().__init__(layer, module, neuron, None)
        self.digits = digits
        self.sparse = IntegerSparse(layer, module, self.shape, neuron, None)
        self.dense = IntegerDense(layer, module, self.shape, neuron, digits)

    def forward(self, events, keep, output):
        """As `SpikingLayer.forward`; what dropout took is no event any more."""
        events = events.surviving()
        operands = self._operands(events, keep)
        dense = events.density > self.crossover
        kept = self._kept(events, keep, output, dense)
        if not dense:
            spikes = self.sparse.forward(events, kept, operands)
            return spikes, Saved(events, None, kept, operands)
        bytes_each = self.digits * 12 * events.steps * self.shape.pool**2
        cut = blocks(events.batch, bytes_each * self.shape.neurons)
        planes = self.dense.planes(events.steps * (cut[0][1] - cut[0][0]))
        spikes = self.dense.forward(events, operands, planes, kept, cut)
        return spikes, Saved(events, self.dense.operand(), kept)

    def _asked(self, events):
        return [*super()._asked(events), events.most, events.gain]

    def packed(self, events):
        """As `SpikingLayer.packed`, of weights that are rounded for it."""
        self.weigh(events)
        return self.sparse.operands()

    def weigh(self, events):
        """Round the weights as they are now, for the sums of `events`."""
        fixed = FixedPoint.of(self.module.weight, self.digits)
        self.sparse.fixed = self.dense.fixed = fixed
        self.sparse.most = self.dense.most = events.most
        self.sparse.gain = events.gain

    def sums(self, record):
        """Zeros to add the blocks' gradients to."""
        way = self.sparse.gradients(record.events)
        if record.dense and not self.sparse.pooled:
            way = None
        shape = way.size if way else self.module.weight.shape
        weights = torch.zeros(shape, dtype=torch.float64)
        return IntegerSums(weights, np.zeros(self.shape.filters), way, record.operand)

    def gradients(self, sums):
        """(∂L/∂weight, ∂L/∂bias) of the module; straight through the rounding."""
        weights = sums.weights.float()
        if sums.way:
            weights = self.sparse.unpacked(weights, sums.way)
        return weights, torch.from_numpy(sums.bias).float()

    def backward(self, record, grad, sums, inputs):
        """As `SpikingLayer.backward`; the gradient to the input stays float32."""
        events, kept = record.events, self._again(record, grad)
        self._through_neurons(kept, grad)
        cut = Cut.of(grad.values, self.shape.filters, events.most)
        sums.bias += cut.bias
        worth = cut.quantum * events.gain
        if sums.way:
            self._weights_back(events, grad, cut, kept, sums, worth)
            return self._sent(record, grad, sums, kept) if inputs else None
        if sums.operand is None:
            sums.operand = self.dense.operand()
        args = (events, grad, cut, kept, sums.operand)
        gradient, worth = self.dense.weights_back(*args), torch.from_numpy(worth)
        sums.weights += gradient * worth.view(-1, *[1] * (gradient.ndim - 1))
        return self._sent(record, grad, sums, kept) if inputs else None

    def _weights_back(self, events, grad, cut, kept, sums, worth):
        """Add a block's share of ∂L/∂weight, exact integers times `worth`."""
        way, threads = sums.way, len(parallel.parts(grad.values.shape[1]))
        parts = np.zeros((threads, way.size), np.int32)
        per = np.tile(cut.per, self.shape.neurons // self.shape.filters)
        self.sparse.weights_back(events, grad, kept, way, parts, per)
        rows, columns = way.scales(worth)
        total = sums.weights.numpy()
        parallel.over(
            len(rows),
            lambda part, low, high: add_parts(total, parts, rows, columns, low, high),
        )

    def _sent(self, record, grad, sums, kept):
        if self.sparse.pooled:
            sent = self._from_winners(grad, sums, kept)
        else:
            if sums.operand is None:
                sums.operand = self.dense.operand()
            sent, _ = self.dense.backward(None, sums.operand, grad, kept, True)
        return self._masked(record.events, sent, grad.start)
