"""Gradients of weighted sums as whole numbers, so that the weights' are exact sums.

A gradient ∂L/∂I is cut to whole multiples of a quantum, a power of two for each filter
and block of samples. ∂L/∂weight is the sum of those that meet a spike: an integer, the
same whatever adds it up. The quantum is at least the filter's largest |∂L/∂I| in the
block times 2⁻¹⁵; it is larger where sums would else run over, of a time step in
float32's exact integers or of the block in 32 bits. Each ∂L/∂I is off by half a quantum
at most, to either side, so that the errors of a sum cancel rather than add up.
"""

from dataclasses import dataclass

import numpy as np
import torch

from spikewatt.compute import parallel
from spikewatt.stack.fast import integer_kernels
from spikewatt.stack.fixed_point import EXACT, FINEST

FINE, ROOM = 2**15, 2**31
NARROW = 2.0**-FINEST


@dataclass(frozen=True)
class Cut:
    """How a block's ∂L/∂I is cut.

    quantum: float64 F; reach: float64 T×F, how many quanta the sums of each step's can
    reach; bias: float64 F, the sum of the uncut ∂L/∂I.
    """

    quantum: np.ndarray
    reach: np.ndarray
    bias: np.ndarray

    @staticmethod
    def of(values, filters, most):
        """The `Cut` of a block's gradients T×b×(cells·F).

        most: how often an input fires in a step at most.
        """
        shape = (len(values), filters)
        largest, size, total = (np.empty(shape) for _ in range(3))
        parallel.over(
            len(values),
            lambda part, low, high: integer_kernels.magnitudes(
                values, largest, size, total, low, high
            ),
        )
        size *= 2 * most  # to the nearest: at most twice as many quanta as there are
        steps, block = size.max(0) / EXACT, size.sum(0) / ROOM
        least = np.maximum(largest.max(0) / FINE, np.maximum(steps, block))
        power = np.ceil(np.log2(np.maximum(least, NARROW)))
        quantum = np.where(np.isfinite(total.sum(0)), 2.0**power, np.nan)
        return Cut(quantum, size / quantum, total.sum(0))

    @property
    def per(self):
        """1/quantum, float32 F: exact."""
        return (1 / self.quantum).astype(np.float32)

    def whole(self, values):
        """Values T×b×(cells·F) in quanta, to the nearest: whole numbers as float32."""
        flat = torch.from_numpy(values).view(-1, len(self.quantum))
        return (flat * torch.from_numpy(self.per)).round_().view(values.shape).numpy()

    def parts(self, steps):
        """Runs (low, high) of time steps whose sums float32 holds exactly."""
        edges, reached = [0], np.zeros_like(self.quantum)
        for t in range(steps):
            if (reached + self.reach[t] > EXACT).any() and t > edges[-1]:
                edges.append(t)
                reached[:] = 0
            reached += self.reach[t]
        return list(zip(edges, [*edges[1:], steps], strict=True))
