"""A spiking layer that adds one event after the other, in whole numbers."""

import numpy as np

from spikewatt.stack.fast.records import Operands
from spikewatt.stack.fast.sparse import Sparse


class IntegerSparse(Sparse):
    """As `Sparse`, of weights in fixed point.

    fixed: the layer's `FixedPoint`; most: how often an input fires in a step at most;
    gain: what a spike that dropout kept is worth. The layer sets them for each batch.
    """

    fixed, most, gain = None, 1, 1.0

    def operands(self):
        """Weights and sums of as few bits as hold them."""
        fixed = self.fixed
        sums, weights = self.types()
        layout = self.layout(np.dtype(sums).itemsize, np.dtype(weights).itemsize)
        cells = self.shape.cell_rows * self.shape.cell_columns
        bias = fixed.integers.new_zeros(self.shape.filters)
        return Operands(
            layout.weights(self.as_kernels(fixed.integers)).numpy().astype(weights),
            layout.frame(bias).numpy().astype(sums),
            (fixed.quantum * self.gain).repeat(cells).numpy(),
            self.module.bias.detach().double().repeat(cells).numpy(),
            layout.members,
        )

    def types(self):
        """numpy's types of sums and weights, so narrow that no sum runs over."""
        largest, reach, of_run = self.fixed.spans
        of_sums = next(
            kind
            for bits, kind in ((15, np.int16), (31, np.int32), (63, np.int64))
            if reach * self.most < 2**bits
        )
        if largest < 2**7 and of_run * self.most < 2**15:
            return of_sums, np.int8
        of_sums = np.int32 if of_sums == np.int16 else of_sums
        return of_sums, np.int16 if largest < 2**15 else np.int32

    def _weight(self):
        return self.fixed.values()
