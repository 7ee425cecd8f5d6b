"""How many events or values each place of a layer got: compiled, on the CPU.

A part of the samples a thread, where they are many. Places are counted channel-last, as
events are addressed and values lie in memory, and handed on channel-first.
"""

import numpy as np
import torch

from spikewatt.compute import parallel
from spikewatt.compute.numba_cache import compiled

# Values that one thread counts sooner than others are woken for: 50 µs.
FEW = 2**19


@compiled
def count_rows(rows, size, first, last):
    """Events of each place in the rows first…last, and rows in which it had any.

    rows: `records.EventRows`. Returns two int64 arrays of `size`.
    """
    events, active = np.zeros(size, np.int64), np.zeros(size, np.int64)
    latest = np.full(size, -1, np.int64)  # the row in which a place was seen last
    for row in range(first, last):
        for e in range(rows.indptr[row], rows.indptr[row + 1]):
            place = rows.address[e]
            events[place] += 1
            active[place] += latest[place] != row
            latest[place] = row
    return events, active


def by_place(spikes, shape):
    """(events, rows with any) of each place of a batch; int64 tensors of `shape`.

    spikes: a `SpikeEvents`; shape: of the layer, C×H×W or N.
    """
    rows, steps = spikes.rows, spikes.steps
    pieces = parallel.over(
        spikes.batch,
        lambda part, low, high: count_rows(
            rows, spikes.size, low * steps, high * steps
        ),
    )
    return tuple(
        channel_first(summed(counts), shape) for counts in zip(*pieces, strict=True)
    )


@compiled
def count_values(values, first, last):
    """How many of the values first…last (B×N, float32) at each place are not 0."""
    counts = np.zeros(values.shape[1], np.int32)  # as wide as a value: vectorised
    for b in range(first, last):
        row = values[b]
        for n in range(row.size):
            counts[n] += np.int32(row[n] != 0)
    return counts.astype(np.int64)


def active_by_place(values):
    """As `tally.active_by_place`, of values on the CPU; nothing is allocated for each.

    values: B×C×H×W, best channel-last in memory, or B×N; others than float32, which
    numpy may not know, are copied.
    """
    array, shape = values.float().numpy(), values.shape[1:]
    if len(shape) > 1:
        array = array.transpose(0, 2, 3, 1)
    rows = array.reshape(len(array), -1)
    if rows.size < FEW:
        return channel_first(count_values(rows, 0, len(rows)), shape)
    pieces = parallel.over(
        len(rows), lambda part, low, high: count_values(rows, low, high)
    )
    return channel_first(summed(pieces), shape)


def summed(pieces):
    """The sum of the threads' counts."""
    total, *others = pieces
    for counts in others:
        total += counts
    return total


def channel_first(counts, shape):
    """Counts by channel-last address as a tensor of `shape`."""
    if len(shape) > 1:
        channels, height, width = shape
        counts = counts.reshape(height, width, channels).transpose(2, 0, 1)
    return torch.from_numpy(counts)
