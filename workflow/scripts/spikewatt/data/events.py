"""Recordings to sparse frames: what tonic's Denoise, Downsample and ToFrame give.

The denoising (tonic's `denoise_numpy`): an event stays if one of its four neighbours
fired less than `filter_time` before it. Two properties of tonic's are kept: neighbours
count only up to the largest x and y of the recording, and one that has not fired yet
counts as having fired at time 0, so everything passes in the first `filter_time`.

With a `filter_time` of None nothing is denoised.

Then `spatial_factor` × `spatial_factor` pixels become one, which has the events of all
(tonic's `Downsample`).

The binning (tonic's `SliceByTime`): windows start at the first event that stayed; an
event exactly at an edge belongs to the later window; the last window is dropped unless
it is complete, yet there is always one. A recording of which nothing stays has one
empty bin.
"""

import numpy as np

from spikewatt.compute.numba_cache import compiled
from spikewatt.data.dataset import joined

MOST_BINS = 2**16  # the bin of an event is stored as uint16


def to_rows(where, recording, sensor, settings):
    """Denoise, join pixels and bin one `recording.Recording`.

    `sensor`: (polarities, height, width). `settings`: filter_time_us (None: no
    filter), bin_us and, where it is not 1, spatial_factor. Returns (bin, address,
    number of bins): uint16 arrays sorted by bin, then address, one entry per event, so
    that n events in one cell are n equal entries; address is polarity·H·W + y·W + x on
    the joined pixels. Raises ValueError naming `where` for too many bins.
    """
    x, y, polarity, time = recording
    kept = np.arange(len(x))
    if settings["filter_time_us"] is not None:
        kept = _denoise(x, y, time, settings["filter_time_us"])
    factor, bin_us = settings.get("spatial_factor", 1), settings["bin_us"]
    height, width = joined(*sensor[1:], factor)
    if factor > 1:
        x, y = x // np.uint16(factor), y // np.uint16(factor)
    keys, bins = _bin(x, y, polarity, time, kept, height, width, bin_us)
    require_bins(where, bins, bin_us)
    keys = keys.astype(np.uint32)  # 16 bits each suffice now, and sort faster
    keys.sort()
    return (keys >> 16).astype(np.uint16), (keys & 0xFFFF).astype(np.uint16), bins


def require_bins(where, bins, bin_us):
    """Refuse a recording with more bins than can be stored."""
    if bins > MOST_BINS:
        raise ValueError(
            f"{where}: it has {bins} bins of {bin_us} µs, more than {MOST_BINS}. "
            "Choose a larger bin: events: bin_us in the config"
        )


@compiled
def _denoise(x, y, time, filter_time):
    """Indices of the events that stay."""
    width, height = np.int64(x.max()) + 1, np.int64(y.max()) + 1
    # A border that no time lies below stands for the missing neighbours.
    until = np.full((width + 2, height + 2), np.iinfo(np.int64).min)
    until[1:-1, 1:-1] = filter_time
    kept = np.empty(len(x), np.int64)
    count = 0
    for event in range(len(x)):
        column, row, now = np.int64(x[event]) + 1, np.int64(y[event]) + 1, time[event]
        until[column, row] = now + filter_time
        if (
            until[column - 1, row] > now
            or until[column + 1, row] > now
            or until[column, row - 1] > now
            or until[column, row + 1] > now
        ):
            kept[count] = event
            count += 1
    return kept[:count]


@compiled
def _bin(x, y, polarity, time, kept, height, width, bin_us):
    """Keys bin·2^16 + address of the events in complete windows; number of bins."""
    if len(kept) == 0:
        return np.empty(0, np.uint64), 1
    start = time[kept[0]]
    bins = max((time[kept[-1]] - start) // bin_us, 1)
    keys = np.empty(len(kept), np.uint64)
    count = 0
    for event in kept:
        window = (time[event] - start) // bin_us
        if window >= bins:
            break
        cell = (np.int64(polarity[event]) * height + y[event]) * width + x[event]
        keys[count] = (window << 16) | cell
        count += 1
    return keys[:count], bins
