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
        g, fixed = self.shape, self.fixed
        narrow = fixed.integers.abs().max() < 2**15
        weights = self.packed(fixed.integers)
        sums = np.int32 if fixed.reach * self.most < 2**31 else np.int64
        cells = g.cell_rows * g.cell_columns
        return Operands(
            weights.astype(np.int16) if narrow else weights,
            np.zeros(g.rows * g.columns * g.filters, sums),
            (fixed.quantum * self.gain).repeat(cells).numpy(),
            self.module.bias.detach().double().repeat(cells).numpy(),
        )

    def _weight(self):
        return self.fixed.values()
