"""Spike trains from the data as it lies in memory: compiled sources of events."""

from typing import NamedTuple

import numpy as np

from spikewatt.compute.numba_cache import compiled

GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@compiled
def mixed(state):
    """64 well-mixed bits of a counter (the finaliser of SplitMix64)."""
    z = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@compiled
def rate_events(images, steps, seed, low, high):
    """Rate coding of the images low…high: Bernoulli per pixel and step.

    images: uint8 B×C×(H·W); a pixel spikes with probability value/255, so that black
    ones are never looked at again. The draws depend on seed, sample, pixel and step
    alone, not on the number of threads. Returns (indptr, addresses).
    """
    channels, pixels = images.shape[1:]
    lit = np.empty(channels * pixels, np.int32)
    limit = np.empty(channels * pixels, np.uint64)
    ends = np.zeros((high - low) * steps + 1, np.int64)
    address = np.empty(1024, np.int32)
    count, row = 0, 0
    for b in range(low, high):
        used = 0
        for n in range(channels * pixels):
            pixel, channel = divmod(n, channels)
            value = images[b, channel, pixel]
            if value:
                lit[used] = n
                limit[used] = np.uint64(value) * np.uint64(2**32) // np.uint64(255)
                used += 1
        state = mixed(np.uint64(seed) + np.uint64(b) * GOLDEN)
        for _ in range(steps):
            if address.size < count + used:
                longer = np.empty(2 * (count + used), np.int32)
                longer[:count] = address[:count]
                address = longer
            for n in range(used):
                state += GOLDEN
                address[count] = lit[n]
                count += (mixed(state) >> np.uint64(32)) < limit[n]
            row += 1
            ends[row] = count
    return ends, address[:count].copy()


class RecordedRows(NamedTuple):
    """The recordings of a split as they lie in memory (`data.arrays.EventSplit`).

    indptr: where each recording's events start in the others; bin: the time step of
    each event; address: channel·pixels + pixel; channels and pixels: of the sensor.
    """

    indptr: np.ndarray
    bin: np.ndarray
    address: np.ndarray
    channels: int
    pixels: int


@compiled
def recorded_events(recorded, indices, steps, low, high):
    """The recordings indices[low…high] step by step, addresses channel-last.

    recorded: `RecordedRows`. Returns (indptr, addresses), which go up within a step. A
    counting sort by step, so that rows may stand in any order.
    """
    rows, bins = recorded.indptr, recorded.bin
    total = 0
    for i in range(low, high):
        total += rows[indices[i] + 1] - rows[indices[i]]
    ends = np.zeros((high - low) * steps + 1, np.int64)
    address = np.empty(total, np.int32)
    filled = np.empty(steps, np.int64)  # up to where each step has its events
    base = 0
    for i in range(low, high):
        first, last = rows[indices[i]], rows[indices[i] + 1]
        own = ends[(i - low) * steps + 1 : (i - low + 1) * steps + 1]
        for e in range(first, last):
            own[bins[e]] += 1
        for t in range(steps):
            filled[t] = base
            base += own[t]
            own[t] = base
        for e in range(first, last):
            where = np.int64(recorded.address[e])
            channel, pixel = divmod(where, recorded.pixels)
            address[filled[bins[e]]] = pixel * recorded.channels + channel
            filled[bins[e]] += 1
        for t in range(steps):
            address[ends[(i - low) * steps + t] : own[t]].sort()
    return ends, address
