"""A spiking layer whose sums are dense and of whole numbers.

Weights become planes of digits, so small that a sum of them is exact in the arithmetic
that makes it; the compiled kernels put the planes together. There are two such ways:
`float32`, whose sums are exact below 2²⁴ (as `Dense`, of integers), and `int8`, the
quantised convolutions and linear layers of oneDNN. Both give the same integers.
"""

import numpy as np
import torch

from spikewatt.stack.fast import integer_kernels
from spikewatt.stack.fast.dense import Dense
from spikewatt.stack.fast.geometry import grid
from spikewatt.stack.fast.int8_products import int8_products
from spikewatt.stack.fast.records import Block
from spikewatt.stack.fixed_point import BITS, EXACT, digits_of

# Beyond it AVX2's sums of two products, 16 bits wide, run over; 128·fan_in·most must
# stay in float32's integers too, as which oneDNN hands sums on.
MOST = 127


class IntegerDense(Dense):
    """As `Dense`, of weights in fixed point.

    fixed, most: as of `IntegerSparse`; way: «int8» or «float32», which is taken too
    where int8 cannot be exact.
    """

    fixed, most, way = None, 1, "float32"

    def __init__(self, layer, module, shape, neuron, digits):
        super().__init__(layer, module, shape, neuron, None)
        self.digits, self.by_int8 = digits, int8_products(layer, shape)
        self.grid = grid(shape)

    def operand(self):
        """The rounded weights, for the gradient to the input."""
        return self.products.operand(self.fixed.values())

    def planes(self, images):
        """(function of uint8 frames that gives the planes' sums, the bits of a digit).

        images: how many frames the function will get at once.
        """
        within = 128 * self.shape.fan_in * self.most <= EXACT
        if self.way == "int8" and self.most <= MOST and within:
            weight = digits_of(self.fixed.integers, self.digits).to(torch.int8)
            return self.by_int8.sums(weight, images), BITS
        weight, bits = self.fixed.planes(self.most)
        operand = self.products.operand(weight)
        return lambda frames: self.products.forward(frames.float(), operand), bits

    def forward(self, events, operands, planes, kept, blocks):
        """As `Dense.forward`.

        operands: of `IntegerSparse`, for what follows the sums; planes: `planes`.
        """
        made, bits = planes

        def sums_of(frames):
            with torch.no_grad():
                sums = made(frames)
            return sums.view(*frames.shape[:2], *sums.shape[1:]).numpy()

        return self._by_blocks(
            events,
            kept,
            blocks,
            sums_of,
            lambda sums, kept, low, high: integer_kernels.pool_and_fire(
                sums,
                bits,
                self.grid,
                self.members(self.shape.columns),
                operands,
                kept,
                self.neuron,
                low,
                high,
            ),
        )

    def frames(self, events, start, stop):
        """The samples start…stop of the layer's input: counts, uint8 or float32."""
        return events.counts(start, stop, np.uint8 if self.most <= 255 else np.float32)

    def weights_back(self, events, grad, cut, kept, operand):
        """A block's share of ∂L/∂weight in quanta of `cut`, float64, exact.

        grad: a `Block` of ∂L/∂I; cut: its `integer_gradients.Cut`; operand: `operand`.
        """
        start, (steps, batch) = grad.start, grad.values.shape[:2]
        whole = Block(cut.whole(grad.values), start)
        frames = self.frames(events, start, start + batch).float()
        received = torch.from_numpy(self.unpooled(whole, kept))
        total = 0
        for low, high in cut.parts(steps):
            _, part = self.products.backward(
                frames[low:high], received[low:high].flatten(0, 1), operand, False
            )
            total = total + part.double()
        return self.products.unpacked(total)
