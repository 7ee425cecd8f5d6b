"""A whole spiking network on the CPU, all time steps together, layer by layer.

One autograd function for the network rather than one for each operation: between
layers only events pass, gradients exist for a block of samples at a time, and each
layer chooses at each batch how its sums are made.
"""

import numpy as np
import torch

from spikewatt.network.neuron.numba_kernels import constants
from spikewatt.network.weights import dropout_mask, mask_steps
from spikewatt.stack import padding
from spikewatt.stack.fast import native, spike_events, ways
from spikewatt.stack.fast.integer_layer import IntegerLayer
from spikewatt.stack.fast.places import by_place
from spikewatt.stack.fast.records import Block
from spikewatt.stack.fast.spiking_layer import SpikingLayer, blocks
from spikewatt.stack.fixed_point import DIGITS
from spikewatt.stack.precision import BITS

# Samples that at least go backward together in whole numbers, whose blocks must not
# depend on the threads: up to so many have work.
TOGETHER = 8


class SpikingNetwork:
    """Runs `network` (of layers with stride 1) on `SpikeEvents`.

    neuron: a `settings.Neuron` that `numba_kernels` supports; dropout: a generator;
    precision: one of `precision.NAMES`; plan: the run's, which says how often dropout
    is drawn.
    """

    def __init__(self, network, neuron, dropout, precision="float32", plan=None):
        self.network, self.dropout, self.plan = network, dropout, plan or {}
        self.observer = self.counter = self.pace = self.tally = None
        self.neuron = constants(neuron)
        pairs = zip(network.layers, network.weights, strict=True)
        self.whole = precision in DIGITS
        self.halved = precision == "bfloat16"
        # How whole numbers are summed, or gradients in bfloat16 are made: measured at
        # the first batch that needs it.
        self.ways = None
        kind, rounding = (
            (IntegerLayer, DIGITS[precision])
            if self.whole
            else (SpikingLayer, BITS[precision])
        )
        self.layers = [kind(*pair, self.neuron, rounding) for pair in pairs]

    def __call__(self, events, lengths=None):
        """Output spikes T×B×N, differentiable in the network's parameters.

        lengths: of the samples, past which none fires; None lets all run on.
        """
        output = _Run.apply(self, events, lengths, *self.network.parameters())
        if lengths is None:
            return output
        return output * padding.own_steps(lengths, events.steps)[:, :, None]

    def forward(self, events, keep, lengths=None):
        """(output spikes, what backward needs: one `Saved` a layer).

        Of the output, spikes past a sample's length are left to the caller: with none
        of its gradient coming from there, none comes to the layers before.
        """
        saved = []
        if self.tally:
            shape = self.network.layers[0].in_shape
            self.tally.input_events(*by_place(events, shape))
        if self.whole:
            events = events.counted()
            self.ways = self.ways or ways.choose(self.layers)
        for number, layer in enumerate(self.layers):
            last = number == len(self.layers) - 1
            spikes, record = layer.forward(events, keep, last)
            if lengths is not None:
                spikes = spike_events.within(spikes, lengths.numpy())
            if self.observer:
                self._observe(number, spikes)
            if self.counter:
                self.counter(number, len(spikes.address))
            if self.pace:
                self.pace(number, torch.from_numpy(spike_events.by_step(spikes)))
            if self.tally:
                fired, _ = by_place(spikes, layer.layer.out_shape)
                self.tally.layer(number, fired)
            events = self._dropped(layer.layer, spikes)
            saved.append(record)
        potential = torch.from_numpy(saved[-1].kept.potential)
        return (potential > float(self.neuron.threshold)).float(), saved

    def _dropped(self, layer, spikes):
        if layer.dropout and self.network.training:
            drawn = mask_steps(self.plan, spikes.steps)
            shape = (drawn, spikes.batch, *layer.out_shape)
            mask = dropout_mask(shape, layer.dropout, self.dropout)
            spikes.mask = spike_events.channel_last(mask)
        return spikes

    def _observe(self, number, spikes):
        for start, stop in blocks(spikes.batch, 4 * spikes.steps * spikes.size):
            self.observer(number, spikes.dense(start, stop))

    def backward(self, saved, grad):
        """The gradients of the parameters, in their order, for ∂L/∂output."""
        if self.halved:
            self.ways = self.ways or native.choose_gradients(self.layers)
        sums = [layer.sums(record) for layer, record in zip(
            self.layers, saved, strict=True
        )]  # fmt: skip
        for start, stop in self.blocks(saved[0].events):
            values = np.array(grad[:, start:stop].numpy(), np.float32, order="C")
            for number in range(len(self.layers) - 1, -1, -1):
                values = self.layers[number].backward(
                    saved[number], Block(values, start), sums[number], number > 0
                )
        return [
            gradient
            for layer, total in zip(self.layers, sums, strict=True)
            for gradient in layer.gradients(total)
        ]

    def blocks(self, events):
        """The blocks of samples that go backward together."""
        largest = max(layer.shape.neurons for layer in self.layers)
        least = TOGETHER if self.whole else None
        return blocks(events.batch, 13 * events.steps * largest, least)


class _Run(torch.autograd.Function):
    """`SpikingNetwork` for autograd; the neuron's gradient is `function.Lif`'s."""

    @staticmethod
    def forward(ctx, runner, events, lengths, *parameters):
        ctx.runner = runner
        output, saved = runner.forward(events, any(ctx.needs_input_grad), lengths)
        ctx.saved = saved
        return output

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad):
        return None, None, None, *ctx.runner.backward(ctx.saved, grad)
