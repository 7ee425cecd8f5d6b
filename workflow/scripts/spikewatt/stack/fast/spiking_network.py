"""A whole spiking network on the CPU, all time steps together, layer by layer.

One autograd function for the network rather than one for each operation: between
layers only events pass, gradients exist for a block of samples at a time, and each
layer chooses at each batch how its sums are made.
"""

from dataclasses import dataclass

import numpy as np
import torch

from spikewatt.compute import parallel
from spikewatt.network.weights import dropout_mask
from spikewatt.stack.fast import kernels, spike_events
from spikewatt.stack.fast.dense import Dense
from spikewatt.stack.fast.geometry import geometry
from spikewatt.stack.fast.sparse import Sparse
from spikewatt.stack.precision import rounded

# Input density up to which adding events beats dense sums: for convolutions where they
# meet no padding, for those of images within their kernel, for dense layers, and for
# dense layers of few filters (docs/FAST.md has the measurement).
CROSSOVER = {"conv": 0.15, "whole": 0.2, "linear": 0.3, "narrow": 0.05}
NARROW = 32
# Sums of weights per neuron and step from which reading kept potentials (5 bytes)
# is cheaper than working them out again in backward.
RECOMPUTE_BELOW = 8
# Bytes that the gradients of one block of samples may take.
BLOCK_BYTES = 48 * 2**20


class SpikingNetwork:
    """Runs `network` (of layers with stride 1) on `Events`.

    bits: what the operands of products are rounded to, see `precision`.
    """

    def __init__(self, network, beta, threshold, dropout, bits=None):
        self.network, self.dropout = network, dropout
        self.observer = None
        constants = (np.float32(beta), np.float32(threshold))
        pairs = zip(network.layers, network.weights, strict=True)
        self.layers = [SpikingLayer(*pair, constants, bits) for pair in pairs]

    def __call__(self, events):
        """Output spikes T×B×N, differentiable in the network's parameters."""
        return _Run.apply(self, events, *self.network.parameters())

    def forward(self, events, keep):
        """(output spikes, what backward needs: one `Saved` a layer)."""
        saved = []
        for number, layer in enumerate(self.layers):
            last = number == len(self.layers) - 1
            spikes, record = layer.forward(events, keep, last)
            if self.observer:
                self._observe(number, spikes)
            events = self._dropped(layer.layer, spikes)
            saved.append(record)
        potential = torch.from_numpy(saved[-1].kept[0])
        threshold = float(self.layers[-1].constants[1])
        return (potential > threshold).float(), saved

    def _dropped(self, layer, spikes):
        if layer.dropout and self.network.training:
            shape = (spikes.steps, spikes.batch, *layer.out_shape)
            mask = dropout_mask(shape, layer.dropout, self.dropout)
            spikes.mask = spike_events.channel_last(mask)
        return spikes

    def _observe(self, number, spikes):
        for start, stop in blocks(spikes.batch, 4 * spikes.steps * spikes.size):
            self.observer(number, spikes.dense(start, stop))

    def backward(self, saved, grad):
        """The gradients of the parameters, in their order, for ∂L/∂output."""
        sums = [layer.sums(record) for layer, record in zip(
            self.layers, saved, strict=True
        )]  # fmt: skip
        for start, stop in self.blocks(saved[0].events):
            block = np.array(grad[:, start:stop].numpy(), np.float32, order="C")
            for number in range(len(self.layers) - 1, -1, -1):
                block = self.layers[number].backward(
                    saved[number], block, start, sums[number], number > 0
                )
        return [
            gradient
            for layer, total in zip(self.layers, sums, strict=True)
            for gradient in layer.gradients(total)
        ]

    def blocks(self, events):
        """The blocks of samples that go backward together."""
        largest = max(layer.shape.neurons for layer in self.layers)
        return blocks(events.batch, 13 * events.steps * largest)


def blocks(count, bytes_each):
    """Cut range(count) so that a block stays below `BLOCK_BYTES`."""
    size = max(torch.get_num_threads(), BLOCK_BYTES // max(1, bytes_each))
    return [(low, min(low + size, count)) for low in range(0, count, size)]


class _Run(torch.autograd.Function):
    """`SpikingNetwork` for autograd; the neuron's gradient is `function.Lif`'s."""

    @staticmethod
    def forward(ctx, runner, events, *parameters):
        ctx.runner = runner
        output, saved = runner.forward(events, any(ctx.needs_input_grad))
        ctx.saved = saved
        return output

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad):
        return None, None, *ctx.runner.backward(ctx.saved, grad)


@dataclass
class Saved:
    """What a layer's backward needs of its forward."""

    events: spike_events.Events  # its input
    operand: torch.Tensor | None  # of `products`; None where events were added
    kept: tuple | None  # potentials T×B×N float32 and places T×B×N uint8

    @property
    def dense(self):
        return self.operand is not None


@dataclass
class Sums:
    """A layer's growing gradients: one array for each thread.

    operand: of `products`, for all blocks; made when the first needs it.
    """

    weights: list | torch.Tensor
    bias: list
    operand: torch.Tensor | None


class SpikingLayer:
    """Weights → pooling → neurons for all steps: event-driven or dense."""

    def __init__(self, layer, module, constants, bits):
        self.layer, self.module, self.constants = layer, module, constants
        self.bits = bits
        self.shape = geometry(layer)
        self.crossover = crossover(layer, self.shape)
        self.sparse = Sparse(layer, module, self.shape, constants, bits)
        self.dense = Dense(layer, module, self.shape, constants, bits)

    def forward(self, events, keep, output):
        """(spikes as `Events`, `Saved`); an output layer's potentials are kept."""
        shape = self.shape
        dense = events.mask is not None or events.density > self.crossover
        work = events.density * shape.fan_in * shape.pool**2
        kept = None
        if output or dense or (keep and work > RECOMPUTE_BELOW):
            kept = empty(events.steps, events.batch, shape)
        if dense:
            bytes_each = 12 * events.steps * shape.pool**2 * shape.neurons
            cut = blocks(events.batch, bytes_each)
            operand = self.dense.products.operand()
            spikes = self.dense.forward(events, operand, kept, cut)
            return spikes, Saved(events, operand, kept)
        return self.sparse.forward(events, kept), Saved(events, None, kept)

    def sums(self, record):
        """Zeros to add the blocks' gradients to."""
        threads = len(parallel.parts(record.events.batch))
        bias = [np.zeros(self.shape.filters) for _ in range(threads)]
        if record.dense:
            return Sums(torch.zeros_like(record.operand), bias, record.operand)
        size = self.module.weight.numel()
        weights = [np.zeros(size, np.float32) for _ in range(threads)]
        return Sums(weights, bias, None)

    def gradients(self, sums):
        """(∂L/∂weight, ∂L/∂bias) of the module."""
        bias = torch.from_numpy(sum(sums.bias)).float()
        if torch.is_tensor(sums.weights):
            return self.dense.products.unpacked(sums.weights), bias
        total = sums.weights[0]
        for other in sums.weights[1:]:
            total += other
        return self.sparse.unpacked(torch.from_numpy(total)), bias

    def backward(self, record, grad, start, sums, inputs):
        """Take ∂L/∂S of a block (changed in place) to ∂L/∂S of the layer before."""
        events, steps = record.events, record.events.steps
        kept, offset = record.kept, 0
        if kept is None:
            kept, offset = empty(steps, grad.shape[1], self.shape), start
            self.sparse.recompute(events, kept, start)
        place = kept[1]
        self._through_neurons(kept[0], offset, grad, start, sums.bias)
        if self.bits:
            grad = rounded(torch.from_numpy(grad), self.bits).numpy()
        winners = inputs and self.sparse.winners_only
        if not record.dense:
            self.sparse.weights_back(events, grad, start, place, offset, sums.weights)
        sent = self._dense_back(
            record, grad, start, place, offset, sums, inputs and not winners
        )
        if winners:
            sent = self.sparse.inputs_back(grad, start, place, offset)
        return self._masked(events, sent, start) if inputs else None

    def _dense_back(self, record, grad, start, place, offset, sums, inputs):
        """What is left to dense sums: weights' gradient, ∂L/∂S of the layer before."""
        if not (record.dense or inputs):
            return None
        frames = None
        if record.dense:
            frames = self.dense.frames(record.events, start, start + grad.shape[1])
        if sums.operand is None:
            sums.operand = self.dense.products.operand()
        sent, gradient = self.dense.backward(
            frames, sums.operand, grad, start, place, offset, inputs
        )
        if record.dense:
            sums.weights += gradient
        return sent

    def _masked(self, events, sent, start):
        if events.mask is None:
            return sent
        return sent * events.mask[:, start : start + sent.shape[1]].numpy()

    def _through_neurons(self, potential, offset, grad, start, bias):
        def work(part, low, high):
            low, high = start + low, start + high
            kernels.neurons_back(
                potential, offset, grad, start, *self.constants, low, high
            )
            kernels.bias_back(grad, start, bias[part], low, high)

        parallel.over(grad.shape[1], work)


def crossover(layer, shape):
    """Input density up to which events beat dense sums in a layer."""
    if layer.kind == "linear":
        return CROSSOVER["narrow" if shape.filters < NARROW else "linear"]
    if shape.whole:
        return CROSSOVER["whole"]
    # events have no work where a dense convolution meets padding
    return CROSSOVER["conv"] / shape.inside


def empty(steps, batch, shape):
    """Room for potentials and places, T×B×N; places are 0 where nothing pools."""
    place = np.zeros if shape.pool == 1 else np.empty
    size = (steps, batch, shape.neurons)
    return np.empty(size, np.float32), place(size, np.uint8)
