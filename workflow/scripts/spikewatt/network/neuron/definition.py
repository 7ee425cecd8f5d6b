"""The neuron in its plainest form, to read and to test against."""

import numpy as np


def lif(current, beta, threshold):
    """Leaky integrate-and-fire neurons, equations (5) and (6) of the paper.

    U[t] = β·U[t−1] + I[t] − S[t−1]·θ and S[t] = 1 where U[t] > θ, from U = 0: reset
    by subtraction, one step late. current: T×…, float. Returns (spikes, potential),
    both float32 and of the shape of `current`.
    """
    current = np.asarray(current, dtype=np.float32)
    beta, threshold = np.float32(beta), np.float32(threshold)
    potential = np.zeros_like(current)
    spikes = np.zeros_like(current)
    before = np.zeros(current.shape[1:], dtype=np.float32)
    for step, received in enumerate(current):
        reset = (before > threshold).astype(np.float32)
        before = (beta * before + received) - reset * threshold
        potential[step] = before
        spikes[step] = before > threshold
    return spikes, potential
