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
def add_patch(out, patch, top, left, patches):
    """Add a K×K×C patch to an H×W×C frame, where it lies inside; both flat.

    top, left: the frame's row and column of the patch's first, negative outside.
    """
    width, channels, kernel = patches.width, patches.channels, patches.kernel
    cut = max(0, -left)
    length = (min(left + kernel, width) - left - cut) * channels
    for tap in range(max(0, -top), min(kernel, patches.height - top)):
        of = (tap * kernel + cut) * channels
        at = ((top + tap) * width + left + cut) * channels
        target, source = out[at : at + length], patch[of : of + length]
        for i in range(length):
            target[i] += source[i]


@compiled
def inputs_back(weights, patches, grad, kept, out, low, high):
    """∂L/∂S of the layer before, from the winners of the pooling windows alone.

    weights: F×(K·K·C); grad: a `Block` of ∂L/∂I after pooling; out: T×b×(H·W·C) of the
    same samples, written. The winners of a window are taken together by their place
    in it, since they share the patch of inputs they reach.
    """
    edge, filters = patches.edge, weights.shape[0]
    steps = grad.values.shape[0]
    chosen = np.empty((edge * edge, filters), np.int64)
    counts = np.empty(edge * edge, np.int64)
    patch = np.empty(weights.shape[1], np.float32)
    for number in range((high - low) * steps):
        b, t = low + number // steps, number % steps
        to = out[t, b - grad.start]
        to[:] = ZERO
        for cell in range(grad.values.shape[2] // filters):
            here = slice(cell * filters, (cell + 1) * filters)
            scales = grad.values[t, b - grad.start][here]
            winner = kept.winner[t, b - kept.start][here]
            counts[:] = 0
            for f in range(filters):
                k = np.int64(winner[f])
                chosen[k, counts[k]] = f
                counts[k] += 1
            for k in range(edge * edge):
                patch[:] = ZERO
                add_scaled(patch, weights, scales, chosen[k], counts[k])
                top = (cell // patches.columns) * edge + k // edge - patches.padding
                left = (cell % patches.columns) * edge + k % edge - patches.padding
                add_patch(to, patch, top, left, patches)
