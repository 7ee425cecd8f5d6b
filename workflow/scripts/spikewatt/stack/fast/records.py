"""What the compiled kernels of the fast stack take: small records of arrays.

T: time steps of a batch, B: its samples, b: some samples of it that follow each other,
N: neurons (or inputs) of a layer. A record of b samples has a field `start`, the number
in the batch of its first sample: sample `s` of the batch stands at `s − start`. Every
kernel works on the samples low…high of the batch, of which each thread has its own.
Records of one call may start at different samples: a `Kept` of the whole batch starts
at 0, the gradient of a block of it further on.
"""

from typing import NamedTuple

import numpy as np


class EventRows(NamedTuple):
    """The spikes of a batch as compressed rows, sample after sample, step after step.

    indptr: int64, B·T + 1, row b·T + t is step t of sample b; address: int32, the
    neuron of each spike, (y·W + x)·C + c for an image, going up within a row; steps: T.
    """

    indptr: np.ndarray
    address: np.ndarray
    steps: int


class Operands(NamedTuple):
    """A layer's parameters as the events add them; see `geometry.Layout`.

    float32: weights are float32, a frame of sums starts from the bias (`start`) and is
    the currents. Fixed point: weights and frames are integers, `start` is 0, and a sum
    becomes a current by `currents.to_currents`, with quantum and bias of each
    neuron, both float64 N; both are empty for float32. members: of the pooling windows
    in a frame.
    """

    weights: np.ndarray
    start: np.ndarray
    quantum: np.ndarray
    bias: np.ndarray
    members: np.ndarray


class Kept(NamedTuple):
    """What forward keeps of a layer for backward, both T×b×N.

    potential: float32, U after each step; winner: uint8, which member of its pooling
    window each current came from (row by row), 0 where nothing pools.
    """

    potential: np.ndarray
    winner: np.ndarray
    start: int


class Block(NamedTuple):
    """float32 values of some samples: T×b×N, or T×b×Y×X×F of currents before pooling.

    In backward ∂L/∂S of a layer's spikes, and once through its neurons ∂L/∂I.
    """

    values: np.ndarray
    start: int


# What weight gradients are cut by where they are not: see `event_weights.weights_back`.
UNCUT = np.empty(0)


def empty(steps, batch, neurons, start=0, pools=True):
    """Room for the `Kept` of `batch` samples; without pooling the winners are 0."""
    size = (steps, batch, neurons)
    winner = (np.empty if pools else np.zeros)(size, np.uint8)
    return Kept(np.empty(size, np.float32), winner, start)


# For a forward pass that keeps nothing.
NOTHING = Kept(np.empty((0, 0, 0), np.float32), np.empty((0, 0, 0), np.uint8), 0)
