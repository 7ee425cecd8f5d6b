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
        """Weights of 16 or 32 bits; sums of 32 bits where none can run over."""
        fixed = self.fixed
        narrow = fixed.integers.abs().max() < 2**15
        sums = np.int32 if fixed.reach * self.most < 2**31 else np.int64
        layout = self.layout(np.dtype(sums).itemsize)
        weights = layout.weights(fixed.integers).numpy()
        cells = self.shape.cell_rows * self.shape.cell_columns
        return Operands(
            weights.astype(np.int16) if narrow else weights,
            layout.frame(fixed.integers.new_zeros(self.shape.filters))
            .numpy()
            .astype(sums),
            (fixed.quantum * self.gain).repeat(cells).numpy(),
            self.module.bias.detach().double().repeat(cells).numpy(),
            layout.members,
        )

    def _weight(self):
        return self.fixed.values()
