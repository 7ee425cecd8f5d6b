"""A layer of a spiking network on the CPU: how its sums are made, and backwards."""

from dataclasses import dataclass

import numpy as np
import torch

from spikewatt.compute import parallel
from spikewatt.stack.fast import frame_kernels
from spikewatt.stack.fast.dense import Dense
from spikewatt.stack.fast.geometry import geometry
from spikewatt.stack.fast.records import Block, Kept, Operands
from spikewatt.stack.fast.sparse import Sparse
from spikewatt.stack.fast.spike_events import SpikeEvents
from spikewatt.stack.precision import rounded

# Input density up to which adding events beats dense sums: for convolutions, those of
# images within their kernel, and dense layers (docs/FAST.md has the measurement).
CROSSOVER = {"conv": 0.6, "whole": 0.5, "linear": 0.5}
# Sums of weights per neuron and step from which reading kept potentials (5 bytes)
# is cheaper than working them out again in backward.
RECOMPUTE_BELOW = 8
# Bytes that the gradients of one block of samples may take: small ones stay in caches,
# between large ones threads wait for each other less often.
BLOCK_BYTES = 43 * 10**6


def blocks(count, bytes_each, least=None):
    """Cut range(count) so that a block stays below `BLOCK_BYTES`.

    least: samples that a block has anyway, and a multiple of; None: one for each
    thread, so that all have as much to do.
    """
    least = least or torch.get_num_threads()
    size = max(1, BLOCK_BYTES // max(1, bytes_each) // least) * least
    return [(low, min(low + size, count)) for low in range(0, count, size)]


@dataclass
class Saved:
    """What a layer's backward needs of its forward.

    events: its input; operand: of `products`, None where events were added; kept: of
    the whole batch, None where backward works it out again, with `operands`.
    """

    events: SpikeEvents
    operand: torch.Tensor | None
    kept: Kept | None
    operands: Operands | None = None

    @property
    def dense(self):
        return self.operand is not None


@dataclass
class Sums:
    """A layer's growing gradients: one array for each thread.

    way: how the weights' are gathered (`Sparse.gradients`); None: by dense sums;
    operand: of `products`, rows: of `Sparse.rows_of_inputs`, for all blocks; made when
    the first needs it.
    """

    weights: list | torch.Tensor
    bias: list
    operand: torch.Tensor | None
    way: object = None
    rows: np.ndarray | None = None


class SpikingLayer:
    """Weights → pooling → neurons for all steps: event-driven or dense."""

    def __init__(self, layer, module, neuron, bits):
        self.layer, self.module, self.neuron = layer, module, neuron
        self.bits, self.asked, self.made = bits, None, None
        self.shape = geometry(layer)
        self.crossover = crossover(layer, self.shape)
        self.sparse = Sparse(layer, module, self.shape, neuron, bits)
        self.dense = Dense(layer, module, self.shape, neuron, bits)

    def forward(self, events, keep, output):
        """(spikes as `SpikeEvents`, `Saved`); an output layer's potentials are kept."""
        shape = self.shape
        dense = events.mask is not None or events.density > self.crossover
        kept = self._kept(events, keep, output, dense)
        if dense:
            bytes_each = 12 * events.steps * shape.pool**2 * shape.neurons
            cut = blocks(events.batch, bytes_each)
            operand = self.dense.operand()
            spikes = self.dense.forward(events, operand, kept, cut)
            return spikes, Saved(events, operand, kept)
        operands = self._operands(events, keep)
        spikes = self.sparse.forward(events, kept, operands)
        return spikes, Saved(events, None, kept, operands)

    def _operands(self, events, keep):
        """The sums' operands; those of the batch before, where nothing has changed.

        Where no gradient is wanted, that is: an evaluation packs its weights once.
        """
        asked = self._asked(events)
        if keep or asked != self.asked:
            self.made = self.packed(events)
        self.asked = None if keep else asked
        return self.made

    def _asked(self, events):
        """What the operands depend on."""
        return [(one.data_ptr(), one._version) for one in self.module.parameters()]

    def packed(self, events):
        """The operands that add these events, from the weights as they are now."""
        return self.sparse.operands()

    def _kept(self, events, keep, output, dense):
        """Room for what forward keeps; None where backward works it out again."""
        work = events.density * self.shape.fan_in * self.shape.pool**2
        if output or (keep and (dense or work > RECOMPUTE_BELOW)):
            return self.dense.room(events.steps, events.batch)
        return None

    def sums(self, record):
        """Zeros to add the blocks' gradients to."""
        threads = len(parallel.parts(record.events.batch))
        bias = [np.zeros(self.shape.filters) for _ in range(threads)]
        if self._densely_back(record):
            return Sums(torch.zeros_like(record.operand), bias, record.operand)
        way = self.sparse.gradients(record.events)
        weights = [np.zeros(way.size, np.float32) for _ in range(threads)]
        return Sums(weights, bias, None, way)

    def _densely_back(self, record):
        """Whether dense sums make the weights' gradient.

        Behind a pooling its winners do, which are fewer; not of values, as dropout
        leaves them.
        """
        pooled = self.sparse.pooled and record.events.mask is None
        return record.dense and not pooled

    def gradients(self, sums):
        """(∂L/∂weight, ∂L/∂bias) of the module."""
        bias = torch.from_numpy(sum(sums.bias)).float()
        if torch.is_tensor(sums.weights):
            return self.dense.products.unpacked(sums.weights), bias
        total = sums.weights[0]
        for other in sums.weights[1:]:
            total += other
        return self.sparse.unpacked(torch.from_numpy(total), sums.way), bias

    def backward(self, record, grad, sums, inputs):
        """Take ∂L/∂S of a `Block` (changed in place) to ∂L/∂S of the layer before.

        record: the layer's `Saved`; inputs: whether the layer before wants it.
        Returns T×b×N of the same samples, or None.
        """
        events, kept = record.events, self._again(record, grad)
        self._through_neurons(kept, grad, sums.bias)
        if self.bits:
            values = rounded(torch.from_numpy(grad.values), self.bits).numpy()
            grad = Block(values, grad.start)
        winners = inputs and self.sparse.pooled
        if sums.way:
            self.sparse.weights_back(events, grad, kept, sums.way, sums.weights)
        sent = self._dense_back(record, grad, kept, sums, inputs and not winners)
        if winners:
            sent = self._from_winners(grad, sums, kept)
        return self._masked(events, sent, grad.start) if inputs else None

    def _from_winners(self, grad, sums, kept):
        if sums.rows is None:
            sums.rows = self.sparse.rows_of_inputs()
        return self.sparse.inputs_back(grad, kept, sums.rows)

    def _again(self, record, grad):
        """What forward kept; worked out for the block of `grad` where it did not."""
        if record.kept is not None:
            return record.kept
        kept = self.dense.room(record.events.steps, grad.values.shape[1], grad.start)
        self.sparse.recompute(record.events, kept, record.operands)
        return kept

    def _dense_back(self, record, grad, kept, sums, inputs):
        """What is left to dense sums: weights' gradient, ∂L/∂S of the layer before."""
        if sums.way and not inputs:
            return None
        frames, start = None, grad.start
        if not sums.way:
            stop = start + grad.values.shape[1]
            frames = self.dense.frames(record.events, start, stop)
        if sums.operand is None:
            sums.operand = self.dense.operand()
        sent, gradient = self.dense.backward(frames, sums.operand, grad, kept, inputs)
        if not sums.way:
            sums.weights += gradient
        return sent

    def _masked(self, events, sent, start):
        if events.mask is None:
            return sent
        return sent * events.mask[:, start : start + sent.shape[1]].numpy()

    def _through_neurons(self, kept, grad, bias=None):
        def work(part, low, high):
            low, high = grad.start + low, grad.start + high
            frame_kernels.neurons_back(kept, grad, self.neuron, low, high)
            if bias:
                frame_kernels.bias_back(grad, bias[part], low, high)

        parallel.over(grad.values.shape[1], work)


def crossover(layer, shape):
    """Input density up to which events beat dense sums in a layer."""
    if layer.kind == "linear":
        return CROSSOVER["linear"]
    return CROSSOVER["whole" if shape.whole else "conv"]
