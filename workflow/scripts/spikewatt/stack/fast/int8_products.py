"""Dense sums of spikes and int8 weights, by oneDNN through torch.

torch keeps these operations for its quantised networks. Scales are 1 and zero points 0
here, and the output is float32: what comes back are the integer sums themselves. They
have no documentation of their own; `ways.exact` looks at what they give before a run
uses them.
"""

import torch

from spikewatt.stack.fast.products import products

NO_SCALE, NO_ZERO = 1.0, 0
PLAIN = ("none", [], "")  # nothing fused behind the sums


def int8_products(layer, shape):
    """`Int8Matrix` or `Int8Convolution`, where `products` takes the like."""
    made = products(layer, shape)
    return (Int8Matrix if shape.whole else Int8Convolution)(made, shape)


class Int8Matrix:
    """The sums of `products.Matrix`."""

    def __init__(self, products, shape):
        self.products, self.shape = products, shape

    def sums(self, weight, images):
        """A function of frames uint8 T×b×N that gives (T·b)×Y×X×F, float32.

        weight: int8 F×…; images: the T·b of the frames to come.
        """
        g = self.shape
        matrix = self.products.operand(weight).contiguous()
        packed = torch.ops.onednn.qlinear_prepack(matrix, [images, g.inputs])
        scales, zeros = _neutral(len(matrix))

        def made(frames):
            given = (frames.reshape(-1, g.inputs), NO_SCALE, NO_ZERO)
            weights = (packed, scales, zeros, None)
            output = (NO_SCALE, NO_ZERO, torch.float32)
            sums = torch.ops.onednn.qlinear_pointwise(*given, *weights, *output, *PLAIN)
            return sums.view(-1, g.rows, g.columns, len(weight))

        return made


class Int8Convolution:
    """The sums of `products.Convolution`."""

    def __init__(self, products, shape):
        self.products, self.shape = products, shape

    def sums(self, weight, images):
        """As `Int8Matrix.sums`."""
        g, scales = self.shape, _neutral(len(weight))
        place = (
            [1, 1],
            [g.padding] * 2,
            [1, 1],
            1,
        )  # stride, padding, dilation, groups
        rows, columns = self.products.edges
        size = [images, g.channels, rows, columns]
        packed = torch.ops.onednn.qconv_prepack(
            weight, scales[0], NO_SCALE, NO_ZERO, *place, size
        )

        def made(frames):
            given = (self.products.images(frames), NO_SCALE, NO_ZERO)
            output = (NO_SCALE, NO_ZERO, torch.float32)
            sums = torch.ops.onednn.qconv2d_pointwise(
                *given, packed, *scales, None, *place, *output, *PLAIN
            )
            return sums.permute(0, 2, 3, 1).contiguous()

        return made


def _neutral(filters):
    return torch.ones(filters), torch.zeros(filters, dtype=torch.int64)
