"""Recordings to sparse frames: what tonic's Denoise and then ToFrame give, exactly.

An event is five bytes: x, y, then the polarity (highest bit) and 23 bits of time in
microseconds. As in tonic's reader, an event with y = 240 is no event but says that the
clock overflowed: 2^13 microseconds are added to all later times.

The denoising (tonic's `denoise_numpy`): an event stays if one of its four neighbours
fired less than `filter_time` before it. Two properties of tonic's are kept: neighbours
count only up to the largest x and y of the recording, and one that has not fired yet
counts as having fired at time 0, so everything passes in the first `filter_time`.

With a `filter_time` of None nothing is denoised.

The binning (tonic's `SliceByTime`): windows start at the first event that stayed; an
event exactly at an edge belongs to the later window; the last window is dropped unless
it is complete, yet there is always one. A recording of which nothing stays has one
empty bin.

A recording without any event, with an event outside the sensor or with time running
backwards is an error: none of 860 official recordings has one.
"""

import numpy as np

from spikewatt.compute.numba_cache import compiled
from spikewatt.data.errors import ArchiveError

EVENT_BYTES = 5
OVERFLOW_Y = 240
OVERFLOW_US = 2**13
MOST_BINS = 2**16  # the bin of an event is stored as uint16

FINE, OUTSIDE, BACKWARDS = range(3)
PROBLEMS = {
    OUTSIDE: "an event lies outside the {width}×{height} sensor",
    BACKWARDS: "time runs backwards",
}


def to_rows(where, data, sensor, filter_time_us, bin_us):
    """Denoise and bin one recording.

    `data`: its bytes. `sensor`: (polarities, height, width). Returns (bin, address,
    number of bins): uint16 arrays sorted by bin, then address, one entry per event, so
    that n events in one cell are n equal entries; address is polarity·H·W + y·W + x.
    Raises ArchiveError naming `where` and the byte.
    """
    x, y, polarity, time = decode(where, data, sensor)
    kept = np.arange(len(x))
    if filter_time_us is not None:
        kept = _denoise(x, y, time, filter_time_us)
    keys, bins = _bin(x, y, polarity, time, kept, sensor[1], sensor[2], bin_us)
    require_bins(where, bins, bin_us)
    keys = keys.astype(np.uint32)  # 16 bits each suffice now, and sort faster
    keys.sort()
    return (keys >> 16).astype(np.uint16), (keys & 0xFFFF).astype(np.uint16), bins


def decode(where, data, sensor):
    """The events in `data` as arrays (x, y, polarity, time in µs), checked."""
    if not data or len(data) % EVENT_BYTES:
        raise ArchiveError(
            where, f"it has {len(data)} bytes; a recording has some events of 5", 0
        )
    _, height, width = sensor
    raw = np.frombuffer(data, dtype=np.uint8)
    *events, count, status, position = _decode(raw, width, height)
    if status != FINE:
        problem = PROBLEMS[status].format(width=width, height=height)
        raise ArchiveError(where, problem, position * EVENT_BYTES)
    if not count:
        raise ArchiveError(where, "it has clock overflows and no event", 0)
    return tuple(array[:count] for array in events)


def require_bins(where, bins, bin_us):
    """Refuse a recording with more bins than can be stored."""
    if bins > MOST_BINS:
        raise ValueError(
            f"{where}: it has {bins} bins of {bin_us} µs, more than {MOST_BINS}. "
            "Choose a larger bin: events: bin_us in the config"
        )


@compiled
def _decode(raw, width, height):
    number = len(raw) // 5
    x = np.empty(number, np.uint8)
    y = np.empty(number, np.uint8)
    polarity = np.empty(number, np.uint8)
    time = np.empty(number, np.int64)
    count, added, last = 0, 0, -1
    for event in range(number):
        byte = 5 * event
        now = (np.int64(raw[byte + 2] & 127) << 16) | (np.int64(raw[byte + 3]) << 8)
        now |= np.int64(raw[byte + 4])
        if raw[byte + 1] == OVERFLOW_Y:
            added += OVERFLOW_US
            continue
        now += added
        if raw[byte] >= width or raw[byte + 1] >= height:
            return x, y, polarity, time, count, OUTSIDE, event
        if now < last:
            return x, y, polarity, time, count, BACKWARDS, event
        x[count], y[count] = raw[byte], raw[byte + 1]
        polarity[count], time[count] = raw[byte + 2] >> 7, now
        last = now
        count += 1
    return x, y, polarity, time, count, FINE, 0


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
