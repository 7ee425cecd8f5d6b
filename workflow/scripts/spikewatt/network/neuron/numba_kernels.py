"""The neuron on the CPU: compiled loops over time, vectorised over neurons.

Arrays are float32 and C-contiguous unless said otherwise, time first, so that the
innermost loops run over neighbouring memory. The kernels release the GIL:
`compute.parallel.over` gives each thread its own neurons or samples. Multiplication and
addition stay separate instructions (no fastmath), which makes the spikes equal to
snnTorch's bit for bit.
"""

import numpy as np

from spikewatt.compute import parallel
from spikewatt.compute.numba_cache import compiled

ZERO, ONE, PI = np.float32(0.0), np.float32(1.0), np.float32(np.pi)
# Neurons taken through time together: their potentials stay in the first-level cache.
BLOCK = 2048


def forward(current, state, beta, threshold):
    """Potentials and spikes (T×M arrays) of currents T×M from potentials M."""
    potential, spikes = np.empty_like(current), np.empty_like(current)
    beta, threshold = np.float32(beta), np.float32(threshold)
    parallel.over(
        current.shape[1],
        lambda part, low, high: _forward(
            current, state, beta, threshold, potential, spikes, low, high
        ),
    )
    return potential, spikes


def backward(potential, grad, carry, beta, threshold):
    """∂L/∂I (T×M) and ∂L/∂state (M) from ∂L/∂S (T×M) and ∂L/∂U[T−1] (M)."""
    grad, carry = grad.copy(), carry.copy()
    beta, threshold = np.float32(beta), np.float32(threshold)
    parallel.over(
        grad.shape[1],
        lambda part, low, high: _backward(
            potential, grad, carry, beta, threshold, low, high
        ),
    )
    return grad, carry


@compiled
def step(current, before, after, beta, threshold):
    """One time step of N neurons: U = (β·U + I) − S·θ with S = U > θ of before."""
    for n in range(after.size):
        u = before[n]
        reset = threshold if u > threshold else ZERO
        after[n] = (beta * u + current[n]) - reset


@compiled(error_model="numpy")  # a check of divisors costs 5×
def step_back(potential, grad, carry, beta, threshold):
    """One time step backwards, in place: grad ∂L/∂S → ∂L/∂I, carry → β·∂L/∂I."""
    for n in range(carry.size):
        x = PI * (potential[n] - threshold)
        g = grad[n] / (ONE + x * x) + carry[n]
        grad[n] = g
        carry[n] = beta * g


@compiled
def _forward(current, state, beta, threshold, potential, spikes, low, high):
    for start in range(low, high, BLOCK):
        stop = min(start + BLOCK, high)
        before = state[start:stop]
        for t in range(current.shape[0]):
            after, fired = potential[t, start:stop], spikes[t, start:stop]
            step(current[t, start:stop], before, after, beta, threshold)
            for n in range(after.size):
                fired[n] = ONE if after[n] > threshold else ZERO
            before = after


@compiled
def _backward(potential, grad, carry, beta, threshold, low, high):
    for start in range(low, high, BLOCK):
        stop = min(start + BLOCK, high)
        for t in range(grad.shape[0] - 1, -1, -1):
            step_back(
                potential[t, start:stop],
                grad[t, start:stop],
                carry[start:stop],
                beta,
                threshold,
            )


@compiled
def pool_planes(planes, pooled, place):
    """Max-pool one frame of currents and remember which plane each maximum was in.

    planes: P×N, the P members of every pooling window in P planes, in the windows'
    row-by-row order, so that neighbours in memory belong to different windows;
    pooled: N; place: N bytes, the winner's plane, the first of equals as in torch.
    """
    if planes.shape[0] == 4:
        return _pool_four(planes[0], planes[1], planes[2], planes[3], pooled, place)
    first = planes[0]
    for n in range(pooled.size):
        pooled[n] = first[n]
        place[n] = 0
    for k in range(1, planes.shape[0]):
        rival = planes[k]
        for n in range(pooled.size):
            better = rival[n] > pooled[n]
            place[n] = np.uint8(k) if better else place[n]
            pooled[n] = rival[n] if better else pooled[n]
    return None


@compiled
def _pool_four(a, b, c, d, pooled, place):
    """The usual 2×2 window in one pass: six times the speed of plane after plane."""
    for n in range(pooled.size):
        best, winner = a[n], np.int32(0)
        winner = np.int32(1) if b[n] > best else winner
        best = b[n] if b[n] > best else best
        winner = np.int32(2) if c[n] > best else winner
        best = c[n] if c[n] > best else best
        winner = np.int32(3) if d[n] > best else winner
        best = d[n] if d[n] > best else best
        pooled[n] = best
        place[n] = np.uint8(winner)


@compiled
def unpool_planes(pooled, place, planes):
    """The gradient of `pool_planes`: each value goes to its winner, the rest is 0."""
    for k in range(planes.shape[0]):
        plane = planes[k]
        for n in range(pooled.size):
            plane[n] = pooled[n] if place[n] == k else ZERO


@compiled
def pool_frame(frame, window, pooled, place):
    """As `pool_planes`, for currents Y×X×F with channels innermost.

    window: (edge, rows of windows, columns of windows).
    """
    edge, rows, columns = window
    filters = frame.shape[2]
    for row in range(rows):
        for column in range(columns):
            first = (row * columns + column) * filters
            best = pooled[first : first + filters]
            winner = place[first : first + filters]
            y, x = row * edge, column * edge
            if edge == 2:
                _pool_four(
                    frame[y, x],
                    frame[y, x + 1],
                    frame[y + 1, x],
                    frame[y + 1, x + 1],
                    best,
                    winner,
                )
                continue
            best[:] = frame[y, x]
            winner[:] = 0
            for k in range(1, edge * edge):
                rival = frame[y + k // edge, x + k % edge]
                for n in range(filters):
                    better = rival[n] > best[n]
                    winner[n] = np.uint8(k) if better else winner[n]
                    best[n] = rival[n] if better else best[n]


@compiled
def unpool_frame(pooled, window, place, frame):
    """The gradient of `pool_frame`, for a frame of whole windows."""
    edge, rows, columns = window
    filters = frame.shape[2]
    for row in range(rows):
        for column in range(columns):
            first = (row * columns + column) * filters
            values = pooled[first : first + filters]
            winner = place[first : first + filters]
            for k in range(edge * edge):
                target = frame[row * edge + k // edge, column * edge + k % edge]
                for n in range(filters):
                    target[n] = values[n] if winner[n] == k else ZERO
