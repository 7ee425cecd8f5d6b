"""The same preparation by tonic itself, for whoever wants to compare.

tonic is licensed GPL-3.0-only. This is the only module of spikewatt that imports it,
and only `preparation: tonic` loads this module: whoever redistributes spikewatt
together with tonic has to follow the GPL for the combination.
"""

import numpy as np
from tonic.transforms import Denoise, Downsample, ToFrame

from spikewatt.data import events
from spikewatt.data.dataset import joined

DTYPE = np.dtype([("x", int), ("y", int), ("t", int), ("p", int)])  # as tonic's NMNIST


def to_rows(where, recording, sensor, settings):
    """As `events.to_rows`, by tonic's `Denoise`, `Downsample` and `ToFrame`."""
    made = np.empty(len(recording.x), DTYPE)
    for name, part in zip("xypt", recording, strict=True):
        made[name] = part
    polarities, height, width = sensor
    if settings["filter_time_us"] is not None:
        made = Denoise(filter_time=settings["filter_time_us"])(made)
    factor, bin_us = settings.get("spatial_factor", 1), settings["bin_us"]
    if factor > 1:
        made = Downsample(spatial_factor=1 / factor)(made)
    height, width = joined(height, width, factor)
    size = (width, height, polarities)
    frames = ToFrame(sensor_size=size, time_window=bin_us)(made)
    events.require_bins(where, len(frames), bin_us)
    flat = frames.reshape(len(frames), -1)
    bins, addresses = np.nonzero(flat)
    counts = flat[bins, addresses].astype(np.int64)
    return (
        np.repeat(bins, counts).astype(np.uint16),
        np.repeat(addresses, counts).astype(np.uint16),
        len(frames),
    )
