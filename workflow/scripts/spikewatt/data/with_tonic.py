"""What is done by tonic itself: preparing, and loading as the paper's field does.

tonic is licensed GPL-3.0-only. This is the only module of spikewatt that imports it.
`preparation: tonic` loads it, and so does `loading: library` for recordings, which is
the default of the reference stack: whoever redistributes spikewatt together with tonic
has to follow the GPL for the combination.
"""

from pathlib import Path

import numpy as np
from tonic import DiskCachedDataset, datasets
from tonic.cached_dataset import save_to_disk_cache
from tonic.collation import PadTensors
from tonic.transforms import Compose, Denoise, Downsample, ToFrame

from spikewatt.data import events
from spikewatt.data.dataset import joined
from spikewatt.data.errors import ArchiveError
from spikewatt.data.nmnist import FOLDERS

__all__ = ["PadTensors", "cached", "frames_bytes", "recordings", "to_rows", "unpack"]

DTYPE = np.dtype([("x", int), ("y", int), ("t", int), ("p", int)])  # as tonic's NMNIST


def to_rows(where, recording, sensor, settings):
    """As `events.to_rows`, by tonic's `Denoise`, `Downsample` and `ToFrame`."""
    made = np.empty(len(recording.x), DTYPE)
    for name, part in zip("xypt", recording, strict=True):
        made[name] = part
    bin_us = settings["bin_us"]
    frames = to_frames(sensor, settings)(made)
    events.require_bins(where, len(frames), bin_us)
    flat = frames.reshape(len(frames), np.prod(frames.shape[1:], dtype=int))
    bins, addresses = np.nonzero(flat)
    counts = flat[bins, addresses].astype(np.int64)
    return (
        np.repeat(bins, counts).astype(np.uint16),
        np.repeat(addresses, counts).astype(np.uint16),
        len(frames),
    )


def to_frames(sensor, settings):
    """tonic's transform from a recording to frames of event counts, int16 T×P×H×W.

    sensor: (polarities, height, width), of which H and W are what is left once pixels
    are joined; settings: see `events.to_rows`.
    """
    polarities, height, width = sensor
    time, factor = settings["filter_time_us"], settings.get("spatial_factor", 1)
    steps = [] if time is None else [Denoise(filter_time=time)]
    if factor > 1:
        steps.append(Downsample(spatial_factor=1 / factor))
    height, width = joined(height, width, factor)
    frames = ToFrame((width, height, polarities), time_window=settings["bin_us"])
    return InTurn([*steps, frames])


class InTurn(Compose):
    """As tonic's, which stops where no event is left and so gives no frames of none."""

    def __call__(self, events):
        for transform in self.transforms:
            events = transform(events)
        return events


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
        (label / f"{index:06}.bin").write_bytes(archive.raw(index))


def recordings(folder, split, sensor, settings):
    """tonic's N-MNIST of the recordings in `folder`, as frames; see `to_frames`.

    sensor: what the prepared data have, pixels joined.
    """
    found = NMNIST(folder, train=split == "train")
    width, height, polarities = found.sensor_size
    left = joined(height, width, settings.get("spatial_factor", 1))
    if (polarities, *left) != tuple(sensor):
        raise ArchiveError(folder, f"tonic's sensor is {found.sensor_size}")
    found.transform = to_frames((polarities, height, width), settings)
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
