"""Dense weighted sums of frames, and their gradients: one matrix, or convolutions.

Frames are T×b×N with channels innermost. Both classes have the same methods; `operand`
is what a layer's weights are to the others, made once for many calls. Weights come in
the shape of the layer's module, or with more filters than it has.
"""

from itertools import product

import torch
from torch.nn import functional

# Whether torch was built with this operation, which its own compiler uses.
ONEDNN = torch.backends.mkldnn.is_available() and hasattr(
    torch.ops.mkldnn, "_linear_pointwise"
)


def products(layer, shape):
    """`Matrix` where every current sees every input, `Convolution` elsewhere."""
    return (Matrix if shape.whole else Convolution)(layer, shape)


class Matrix:
    """The sums of a linear layer, or of a convolution of an image within its kernel.

    The latter's currents all see the whole image. As a matrix they meet no padding,
    which a convolution of a 2×2 image by 5×5 kernels does in 84 % of its products.
    """

    def __init__(self, layer, shape):
        self.layer, self.shape = layer, shape

    def operand(self, weight):
        """The weights as currents (y, x, filter) × inputs (y, x, channel)."""
        g = self.shape
        if self.layer.kind == "linear":
            return channel_last(weight, self.layer.in_shape)
        matrix = weight.new_empty(g.rows, g.columns, len(weight), *self._image)
        for row, column, y, x, tap in self._taps():
            matrix[row, column, :, y, x] = weight[:, :, *tap]
        return matrix.view(-1, g.inputs)

    def forward(self, frames, matrix, bias=None):
        """Currents (T·b)×Y×X×F before pooling, of a bias F or without."""
        g = self.shape
        if bias is not None:
            bias = bias.repeat(g.rows * g.columns)
        sums = functional.linear(frames.reshape(-1, g.inputs), matrix, bias)
        return sums.view(-1, g.rows, g.columns, len(matrix) // (g.rows * g.columns))

    def backward(self, frames, grad, matrix, inputs):
        """(∂L/∂frames or None, ∂L/∂operand or None) for ∂L/∂currents (T·b)×Y×X×F.

        inputs: whether the first is wanted; the second is where there are frames.
        """
        grad = grad.flatten(1)
        sent = product_of(grad, matrix) if inputs else None
        if frames is None:
            return sent, None
        return sent, grad.T @ frames.reshape(-1, self.shape.inputs)

    def unpacked(self, gradient):
        """∂L/∂operand as ∂L/∂weight of the module."""
        g = self.shape
        if self.layer.kind == "linear":
            return channel_first(gradient, self.layer.in_shape)
        gradient = gradient.view(g.rows, g.columns, g.filters, *self._image)
        weight = gradient.new_zeros(g.filters, g.channels, g.kernel, g.kernel)
        for row, column, y, x, tap in self._taps():
            weight[:, :, *tap] += gradient[row, column, :, y, x]
        return weight

    @property
    def _image(self):
        return self.shape.height, self.shape.width, self.shape.channels

    def _taps(self):
        """(row, column of a current, y, x of an input, kernel's (row, column))."""
        g = self.shape
        places = map(range, (g.rows, g.columns, g.height, g.width))
        for row, column, y, x in product(*places):
            yield row, column, y, x, (y + g.padding - row, x + g.padding - column)


class Convolution:
    """The sums of a convolution of stride 1, by torch, in channels-last memory."""

    def __init__(self, _layer, shape):
        self.shape = shape

    def operand(self, weight):
        """The kernels F×C×K×K, channels innermost in memory."""
        return weight.contiguous(memory_format=torch.channels_last)

    def forward(self, frames, kernels, bias=None):
        """As `Matrix.forward`; where nothing is padded, of whole windows alone."""
        images = self.images(frames)
        sums = functional.conv2d(images, kernels, bias, padding=self.shape.padding)
        return sums.permute(0, 2, 3, 1).contiguous()

    def backward(self, frames, grad, kernels, inputs):
        """As `Matrix.backward`."""
        g = self.shape
        grad, images = self._aligned(frames, grad.permute(0, 3, 1, 2))
        sent, gradient, _ = torch.ops.aten.convolution_backward(
            grad,
            images,
            kernels,
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

    def unpacked(self, gradient):
        """As `Matrix.unpacked`."""
        return gradient.contiguous()

    def _aligned(self, frames, grad):
        """Gradient and input of matching sizes; without frames, an input of no use."""
        g = self.shape
        rows, columns = self.edges
        excess = 2 * g.padding - g.kernel + 1
        missing = (0, columns + excess - g.columns, 0, rows + excess - g.rows)
        grad = functional.pad(grad, missing) if any(missing) else grad
        grad = grad.contiguous(memory_format=torch.channels_last)
        if frames is None:
            return grad, grad.new_empty(1).expand(len(grad), g.channels, rows, columns)
        return grad, self.images(frames)

    @property
    def edges(self):
        """Rows and columns of the images that the convolution gets."""
        g = self.shape
        if g.padding:
            return g.height, g.width
        return g.rows + g.kernel - 1, g.columns + g.kernel - 1

    def images(self, frames):
        """Frames T×b×N as images (T·b)×C×H×W in channels-last memory.

        Without padding, rows and columns that reach no pooling window are left out.
        """
        g = self.shape
        images = frames.reshape(-1, g.height, g.width, g.channels).permute(0, 3, 1, 2)
        rows, columns = self.edges
        return images[:, :, :rows, :columns]


def product_of(rows, matrix):
    """N×K times K×M, by oneDNN where torch has it.

    `@` is MKL's, which takes 2.4 times as long on AMD's processors.
    """
    if rows.dtype != torch.float32 or not ONEDNN:
        return rows @ matrix
    transposed = matrix.T.contiguous()
    return torch.ops.mkldnn._linear_pointwise(rows, transposed, None, "none", [], "")


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
