"""A spiking layer whose weighted sums are dense, all time steps in one call.

Frames are T×b×N with channels innermost, which torch's channels-last convolutions
read and write in place.
"""

import numpy as np
import torch
from torch.nn import functional

from spikewatt.lif import parallel
from spikewatt.stack import fast_kernels
from spikewatt.stack.fast_spikes import joined
from spikewatt.stack.precision import rounded


class Dense:
    """Dense weighted sums, then the compiled pooling and neurons."""

    def __init__(self, layer, module, shape, constants, bits):
        self.layer, self.module = layer, module
        self.shape, self.constants, self.bits = shape, constants, bits
        self.window = (shape.pool, shape.cell_rows, shape.cell_columns)

    def forward(self, events, kept, blocks):
        """The layer's spikes; potentials and places go to `kept`."""
        potential, place = kept
        for start, stop in blocks:
            frames = self.currents(self.frames(events, start, stop))
            parallel.over(
                stop - start,
                lambda part, low, high, frames=frames, start=start: (
                    fast_kernels.frames_forward(
                        frames,
                        self.window,
                        start,
                        potential,
                        place,
                        *self.constants,
                        start + low,
                        start + high,
                    )
                ),
            )
        pieces = parallel.over(
            events.batch,
            lambda part, low, high: fast_kernels.spikes_of(
                potential, self.constants[1], low, high
            ),
        )
        return joined(pieces, events.steps, events.batch, self.shape.neurons)

    def frames(self, events, start, stop):
        """The samples start…stop of the layer's input; spikes need no rounding."""
        frames = events.dense(start, stop)
        return frames if events.mask is None else rounded(frames, self.bits)

    def currents(self, frames):
        """Currents T×b×Y×X×F before pooling of frames T×b×N, a numpy array."""
        with torch.no_grad():
            currents = self._weighted(frames).contiguous()
        return currents.view(*frames.shape[:2], *currents.shape[1:]).numpy()

    def _weighted(self, frames):
        g, module = self.shape, self.module
        if isinstance(module, torch.nn.Linear):
            flat = frames.reshape(-1, g.inputs)
            sums = functional.linear(flat, self._matrix(), module.bias)
            return sums[:, None, None]
        images = cropped(frames, g)
        out = functional.conv2d(images, self._kernels(), module.bias, padding=g.padding)
        return out.permute(0, 2, 3, 1)

    def frames_back(self, grad, start, place, offset):
        """∂L/∂current before pooling, as the dense operation gives it."""
        g = self.shape
        frames = np.empty((*grad.shape[:2], g.rows, g.columns, g.filters), np.float32)
        parallel.over(
            grad.shape[1],
            lambda part, low, high: fast_kernels.frames_back(
                grad,
                self.window,
                start,
                place,
                offset,
                frames,
                start + low,
                start + high,
            ),
        )
        return torch.from_numpy(frames).flatten(0, 1).permute(0, 3, 1, 2)

    def backward(self, frames, grad, inputs):
        """(∂L/∂frames or None, ∂L/∂weight) from `frames_back`; frames None: no weight.

        The weight's gradient has the shape of the module's weight.
        """
        if isinstance(self.module, torch.nn.Linear):
            return self._linear_back(frames, grad.flatten(1), inputs)
        g = self.shape
        grad, images = self._aligned(frames, grad)
        sent, gradient, _ = torch.ops.aten.convolution_backward(
            grad,
            images,
            self._kernels(),
            None,
            [1, 1],
            [g.padding] * 2,
            [1, 1],
            False,
            [0, 0],
            1,
            [inputs, frames is not None, False],
        )
        if inputs:
            missing = (0, g.width - sent.shape[3], 0, g.height - sent.shape[2])
            sent = functional.pad(sent, missing) if any(missing) else sent
            sent = sent.permute(0, 2, 3, 1).flatten(1)
        return sent, gradient

    def _aligned(self, frames, grad):
        """Gradient and input of matching sizes; without frames, an input of no use."""
        g = self.shape
        rows, columns = g.height, g.width
        if not g.padding:
            rows, columns = g.rows + g.kernel - 1, g.columns + g.kernel - 1
        excess = 2 * g.padding - g.kernel + 1
        missing = (0, columns + excess - g.columns, 0, rows + excess - g.rows)
        grad = functional.pad(grad, missing) if any(missing) else grad
        grad = grad.contiguous(memory_format=torch.channels_last)
        if frames is None:
            return grad, grad.new_empty(1).expand(len(grad), g.channels, rows, columns)
        return grad, cropped(frames, g)

    def _linear_back(self, frames, grad, inputs):
        sent = grad @ self._matrix() if inputs else None
        if frames is None:
            return sent, None
        gradient = grad.T @ frames.reshape(-1, self.shape.inputs)
        return sent, channel_first(gradient, self.layer.in_shape)

    def _matrix(self):
        weight = rounded(self.module.weight.detach(), self.bits)
        return channel_last(weight, self.layer.in_shape)

    def _kernels(self):
        weight = rounded(self.module.weight, self.bits)
        return weight.contiguous(memory_format=torch.channels_last)


def cropped(frames, g):
    """Frames T×b×N as images (T·b)×C×H×W in channels-last memory.

    Without padding, rows and columns that reach no pooling window are left out.
    """
    images = frames.reshape(-1, g.height, g.width, g.channels).permute(0, 3, 1, 2)
    if g.padding:
        return images
    return images[:, :, : g.rows + g.kernel - 1, : g.columns + g.kernel - 1]


def channel_last(matrix, in_shape):
    """A linear layer's F×(C·H·W) weights as F×(H·W·C); others as they are."""
    if len(in_shape) == 1:
        return matrix
    return matrix.view(-1, *in_shape).permute(0, 2, 3, 1).flatten(1)


def channel_first(matrix, in_shape):
    """The inverse of `channel_last`."""
    if len(in_shape) == 1:
        return matrix
    channels, height, width = in_shape
    return matrix.view(-1, height, width, channels).permute(0, 3, 1, 2).flatten(1)
