"""A spiking layer whose weighted sums are dense, all time steps in one call.

Frames are T×b×N with channels innermost, which torch's channels-last convolutions
read and write in place.
"""

import functools

import numpy as np
import torch

from spikewatt.compute import parallel
from spikewatt.stack.fast import emission, frame_kernels
from spikewatt.stack.fast.geometry import by_window
from spikewatt.stack.fast.products import products
from spikewatt.stack.fast.records import Block, empty
from spikewatt.stack.fast.spike_events import joined
from spikewatt.stack.precision import rounded


class Dense:
    """Dense weighted sums, then the compiled pooling and neurons.

    native: whether the gradients' products are bfloat16's (`fast.native`).
    """

    native = False

    def __init__(self, layer, module, shape, neuron, bits):
        self.module, self.products = module, products(layer, shape)
        self.shape, self.neuron, self.bits = shape, neuron, bits
        self.members = functools.cache(self._members)

    def _members(self, columns):
        """`pooling.pool`'s members in a frame Y×columns×F."""
        g = self.shape
        y, x = np.mgrid[: g.rows, : g.columns]
        return by_window((y * columns + x) * g.filters, g.pool)

    def operand(self):
        """The rounded weights as `products` takes them, for the other methods."""
        return self.products.operand(rounded(self.module.weight.detach(), self.bits))

    def forward(self, events, operand, kept, blocks):
        """The layer's spikes; `kept` (a batch's `records.Kept`) is written if not None.

        Spikes are taken from a block's potentials before the next block is made.
        """
        return self._by_blocks(
            events,
            kept,
            blocks,
            lambda frames: self.currents(frames, operand),
            lambda sums, kept, low, high: frame_kernels.pool_and_fire(
                sums,
                self.members(sums.values.shape[3]),
                kept,
                self.neuron,
                low,
                high,
            ),
        )

    def _by_blocks(self, events, kept, blocks, sums_of, fire):
        """Spikes of the sums that `sums_of` makes of a block's frames.

        fire: writes a `Kept` from a `Block` of them, of the samples low…high.
        """
        pieces, threshold = [], self.neuron.threshold
        for start, stop in blocks:
            frames = self.frames(events, start, stop)
            sums = Block(sums_of(frames), start)
            block = kept or self.room(events.steps, stop - start, start)

            def work(part, low, high, sums=sums, block=block):
                low, high = sums.start + low, sums.start + high
                fire(sums, block, low, high)
                return emission.spikes_of(block, threshold, low, high)

            pieces += parallel.over(stop - start, work)
        return joined(pieces, events.steps, events.batch, self.shape.neurons)

    def room(self, steps, batch, start=0):
        """Room for a `Kept` of so many samples from `start` on."""
        shape = self.shape
        return empty(steps, batch, shape.neurons, start, pools=shape.pool > 1)

    def frames(self, events, start, stop):
        """The samples start…stop of the layer's input; spikes need no rounding."""
        frames = events.dense(start, stop)
        return frames if events.mask is None else rounded(frames, self.bits)

    def currents(self, frames, operand):
        """Currents T×b×Y×X×F before pooling of frames T×b×N, a numpy array."""
        with torch.no_grad():
            currents = self.products.forward(frames, operand, self.module.bias)
        return currents.view(*frames.shape[:2], *currents.shape[1:]).numpy()

    def backward(self, frames, operand, grad, kept, inputs):
        """(∂L/∂frames T×b×N or None, ∂L/∂operand or None).

        grad: a `Block` of ∂L/∂I after pooling; inputs: whether the first is wanted; the
        second is where there are frames.
        """
        steps, batch = grad.values.shape[:2]
        received = torch.from_numpy(self.unpooled(grad, kept)).flatten(0, 1)
        operands = frames, received, operand
        if self.native:
            operands = [None if one is None else one.bfloat16() for one in operands]
        sent, gradient = self.products.backward(*operands, inputs)
        if self.native:
            sent, gradient = (g if g is None else g.float() for g in (sent, gradient))
        if inputs:
            sent = sent.reshape(steps, batch, -1).contiguous().numpy()
        return sent, gradient

    def unpooled(self, grad, kept):
        """∂L/∂currents T×b×Y×X×F before pooling of `grad`, a `Block` behind it."""
        g, (steps, batch) = self.shape, grad.values.shape[:2]
        if g.pool == 1:
            return grad.values.reshape(steps, batch, g.rows, g.columns, g.filters)
        currents = np.empty((steps, batch, g.rows, g.columns, g.filters), np.float32)
        start = grad.start
        parallel.over(
            batch,
            lambda part, low, high: frame_kernels.unpool_frames(
                grad, self.members(g.columns), kept, currents, start + low, start + high
            ),
        )
        return currents
