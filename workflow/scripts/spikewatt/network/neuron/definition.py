"""The neuron in its plainest form, to read and to test against."""

import numpy as np


def lif(current, beta, threshold, reset="subtract"):
    """Leaky integrate-and-fire neurons: the equations of `settings`, word for word.

    current: T×…, float; reset: one of `settings.RESETS`. Returns (spikes, potential),
    both float32 and of the shape of `current`.
    """
    current = np.asarray(current, dtype=np.float32)
    beta, threshold = np.float32(beta), np.float32(threshold)
    potential = np.zeros_like(current)
    spikes = np.zeros_like(current)
    before = np.zeros(current.shape[1:], dtype=np.float32)
    for step, received in enumerate(current):
        fired = (before > threshold).astype(np.float32)
        if reset == "subtract":
            before = (beta * before + received) - fired * threshold
        elif reset == "zero":
            before = beta * ((1 - fired) * before) + received
        else:
            before = beta * before + received
        potential[step] = before
        spikes[step] = before > threshold
    return spikes, potential
