"""The same preparation by tonic itself, for whoever wants to compare.

tonic is licensed GPL-3.0-only. This is the only module of spikewatt that imports it,
and only `preparation: tonic` loads this module: whoever redistributes spikewatt
together with tonic has to follow the GPL for the combination.
"""

import io

import numpy as np
from tonic.io import read_mnist_file
from tonic.transforms import Denoise, ToFrame

from spikewatt.data import events

DTYPE = np.dtype([("x", int), ("y", int), ("t", int), ("p", int)])  # as tonic's NMNIST


def to_rows(where, data, sensor, filter_time_us, bin_us):
    """As `events.to_rows`, by tonic's reader, `Denoise` and `ToFrame`.

    The recording is checked by `events.decode` first: tonic itself checks nothing.
    """
    events.decode(where, data, sensor)
    recording = read_mnist_file(io.BytesIO(data), dtype=DTYPE, is_stream=True)
    polarities, height, width = sensor
    if filter_time_us is not None:
        recording = Denoise(filter_time=filter_time_us)(recording)
    frames = ToFrame(sensor_size=(width, height, polarities), time_window=bin_us)(
        recording
    )
    events.require_bins(where, len(frames), bin_us)
    flat = frames.reshape(len(frames), -1)
    bins, addresses = np.nonzero(flat)
    counts = flat[bins, addresses].astype(np.int64)
    return (
        np.repeat(bins, counts).astype(np.uint16),
        np.repeat(addresses, counts).astype(np.uint16),
        len(frames),
    )
