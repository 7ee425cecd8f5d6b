"""The gradient to a pooled convolution's input, from the pooling's winners alone.

Sums may use fused multiply-add (contract): their order is free.
"""

import numpy as np

from spikewatt.compute.numba_cache import compiled
from spikewatt.network.neuron.numba_kernels import ZERO


@compiled(fastmath={"contract"})
def add_scaled(patch, weights, scales, chosen, count):
    """patch += Σ scales[f]·weights[f] over the first `count` of `chosen`.

    Four at a time, so that the patch is read and written a quarter as often.
    """
    for i in range(0, count - 3, 4):
        a, b, c, d = chosen[i], chosen[i + 1], chosen[i + 2], chosen[i + 3]
        ga, gb, gc, gd = scales[a], scales[b], scales[c], scales[d]
        wa, wb, wc, wd = weights[a], weights[b], weights[c], weights[d]
        for n in range(patch.size):
            patch[n] += ga * wa[n] + gb * wb[n] + gc * wc[n] + gd * wd[n]
    for i in range(count - count % 4, count):
        g, w = scales[chosen[i]], weights[chosen[i]]
        for n in range(patch.size):
            patch[n] += g * w[n]


@compiled
def add_patch(out, patch, top, left, shape):
    """Add a K×K×C patch to an H×W×C frame, where it lies inside."""
    height, width, channels, kernel = shape
    cut = max(0, -left)
    length = (min(left + kernel, width) - left - cut) * channels
    for tap in range(max(0, -top), min(kernel, height - top)):
        of = (tap * kernel + cut) * channels
        at = ((top + tap) * width + left + cut) * channels
        target, source = out[at : at + length], patch[of : of + length]
        for i in range(length):
            target[i] += source[i]


@compiled
def inputs_back(weights, shape, window, grad, start, place, offset, out, low, high):
    """∂L/∂S of the layer before, from the winners of the pooling windows alone.

    weights: F×(K·K·C); shape: (height, width, channels, kernel); window: (padding,
    cell columns, pool); out: T×b×(H·W·C), written. The winners of a window are taken
    together by their place in it, since they share the patch of inputs they reach.
    """
    padding, columns, pool = window
    filters = weights.shape[0]
    chosen = np.empty((pool * pool, filters), np.int64)
    counts = np.empty(pool * pool, np.int64)
    patch = np.empty(weights.shape[1], np.float32)
    for row in range((high - low) * grad.shape[0]):
        b, t = low + row // grad.shape[0], row % grad.shape[0]
        to = out[t, b - start]
        to[:] = ZERO
        for cell in range(grad.shape[2] // filters):
            here = slice(cell * filters, (cell + 1) * filters)
            gs, where = grad[t, b - start][here], place[t, b - offset][here]
            counts[:] = 0
            for f in range(filters):
                k = np.int64(where[f])
                chosen[k, counts[k]] = f
                counts[k] += 1
            for k in range(pool * pool):
                patch[:] = ZERO
                add_scaled(patch, weights, gs, chosen[k], counts[k])
                top = (cell // columns) * pool + k // pool - padding
                left = (cell % columns) * pool + k % pool - padding
                add_patch(to, patch, top, left, shape)
