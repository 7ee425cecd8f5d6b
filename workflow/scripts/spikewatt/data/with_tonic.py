"""What is done by tonic itself: preparing, and loading as the paper's field does.

tonic is licensed GPL-3.0-only. This is the only module of spikewatt that imports it.
`preparation: tonic` loads it, and so does `loading: library` for recordings, which is
the default of the reference stack: whoever redistributes spikewatt together with tonic
has to follow the GPL for the combination.
"""

import io
from pathlib import Path

import numpy as np
from tonic import DiskCachedDataset, datasets
from tonic.cached_dataset import save_to_disk_cache
from tonic.collation import PadTensors
from tonic.io import read_mnist_file
from tonic.transforms import Compose, Denoise, ToFrame

from spikewatt.data import events
from spikewatt.data.errors import ArchiveError
from spikewatt.data.nmnist import FOLDERS

__all__ = ["PadTensors", "cached", "frames_bytes", "recordings", "to_rows", "unpack"]

DTYPE = np.dtype([("x", int), ("y", int), ("t", int), ("p", int)])  # as tonic's NMNIST


def to_rows(where, data, sensor, filter_time_us, bin_us):
    """As `events.to_rows`, by tonic's reader, `Denoise` and `ToFrame`.

    The recording is checked by `events.decode` first: tonic itself checks nothing.
    """
    events.decode(where, data, sensor)
    recording = read_mnist_file(io.BytesIO(data), dtype=DTYPE, is_stream=True)
    settings = {"filter_time_us": filter_time_us, "bin_us": bin_us}
    frames = to_frames(sensor, settings)(recording)
    events.require_bins(where, len(frames), bin_us)
    flat = frames.reshape(len(frames), -1)
    bins, addresses = np.nonzero(flat)
    counts = flat[bins, addresses].astype(np.int64)
    return (
        np.repeat(bins, counts).astype(np.uint16),
        np.repeat(addresses, counts).astype(np.uint16),
        len(frames),
    )


def to_frames(sensor, settings):
    """tonic's transform from a recording to frames of event counts, int16 T×P×H×W.

    sensor: (polarities, height, width); settings: `filter_time_us`, None for no filter,
    and `bin_us`.
    """
    polarities, height, width = sensor
    size, time = (width, height, polarities), settings["filter_time_us"]
    denoise = [] if time is None else [Denoise(filter_time=time)]
    return Compose([*denoise, ToFrame(size, time_window=settings["bin_us"])])


class NMNIST(datasets.NMNIST):
    """tonic's N-MNIST of recordings that are there: nothing is counted or fetched."""

    def _check_exists(self):
        return True


def unpack(archive, split, folder, wanted):
    """Unpack the recordings that `wanted` numbers to where tonic's N-MNIST looks.

    archive: a `nmnist.Recordings`; folder: the `save_to` of tonic. The files are called
    by their numbers in the archive, so that tonic lists them in the same order.
    """
    place = Path(folder, NMNIST.__name__, FOLDERS[split])
    for index in wanted:
        label = place / str(archive.entries[index].label)
        label.mkdir(parents=True, exist_ok=True)
        (label / f"{index:06}.bin").write_bytes(archive.read(index))


def recordings(folder, split, sensor, settings):
    """tonic's N-MNIST of the recordings in `folder`, as frames; see `to_frames`."""
    found = NMNIST(folder, train=split == "train")
    if found.sensor_size != (sensor[2], sensor[1], sensor[0]):
        raise ArchiveError(folder, f"tonic's sensor is {found.sensor_size}")
    found.transform = to_frames(sensor, settings)
    return found


def cached(dataset, folder):
    """`dataset` with tonic's cache on disk: a file for each sample asked for."""
    return DiskCachedDataset(dataset, cache_path=str(folder))


def frames_bytes(frames, folder):
    """Bytes that the cache takes for a sample's `frames` (int16 T×P×H×W): one is made.

    folder: a writable one; nothing stays in it.
    """
    path = Path(folder, "probe.hdf5")
    try:
        save_to_disk_cache(frames, np.int64(0), file_path=path)
        return path.stat().st_size
    finally:
        path.unlink(missing_ok=True)
