"""Noise of the shape of a prepared data set: for timing what is not there yet."""

import json
import math
from dataclasses import dataclass

import numpy as np
from safetensors.numpy import save_file

from spikewatt.data.arrays import FORMAT, METADATA_KEY, SPLITS

# Of an event recording: microseconds, and events that are left after denoising. Means
# of N-MNIST's first training recordings as they are; of the others about what their
# papers say. Where a set is prepared, `like` knows better.
RECORDINGS = {
    "nmnist": (310_000, 4_200),
    "shd": (1_000_000, 8_000),
    "dvs_gesture": (6_500_000, 300_000),
    "cifar10_dvs": (1_280_000, 200_000),
}
# Of a data set that is not among them.
UNKNOWN = (1_000_000, 10_000)
MOST_BINS = 2**16 - 1  # a bin is stored as uint16
# Part of the pixels that are not black: of drawings, which have one channel, and else.
INK, COLOUR = 0.2, 1.0


@dataclass(frozen=True)
class Size:
    """How large prepared data are: samples of each split; of recordings, each one's.

    bins: time steps; events: of one recording. Both None for images.
    """

    train: int
    test: int
    bins: int | None = None
    events: int | None = None

    def bytes(self, dataset):
        """What the prepared file takes: pixels, or a bin and an address an event."""
        samples = self.train + self.test
        return samples * (4 * self.events if self.events else math.prod(dataset.shape))


def published(dataset, events, train=None, test=None):
    """The `Size` of a `Dataset` by what is known of it before anything is opened.

    events: its event settings, or None for images; train, test: samples where they are
    not the official ones.
    """
    counts = train or dataset.train, test or dataset.test
    if events is None:
        return Size(*counts)
    duration, fired = RECORDINGS.get(dataset.name, UNKNOWN)
    bins = min(MOST_BINS, max(1, round(duration / events["bin_us"])))
    return Size(*counts, bins, fired)


def like(data):
    """The `Size` of prepared data that is there, as `arrays.load` gives it."""
    splits = [data.split(name) for name in SPLITS]
    counts = [len(split) for split in splits]
    if not hasattr(splits[0], "num_bins"):
        return Size(*counts)
    first = splits[0]
    events = len(first.address) / max(1, len(first))
    return Size(*counts, max(1, round(first.num_bins.mean())), round(events))


def write(path, dataset, settings, size, count, seed=0):
    """Write prepared data of noise to `path`: `count` samples in each split.

    dataset: a `Dataset`; settings: of its events, or None for images; size: a `Size`,
    which says how long recordings are. The same bytes for a seed.
    """
    generator = np.random.default_rng(seed)
    arrays = {}
    for split in SPLITS:
        if settings is None:
            made = {"images": _images(generator, dataset, count)}
        else:
            sensor = dataset.input_shape(events=settings)
            made = _recordings(generator, sensor, size, count)
        made["labels"] = np.arange(count, dtype=np.int64) % len(dataset.classes)
        arrays |= {f"{split}_{name}": array for name, array in made.items()}
    save_file(arrays, path, metadata={METADATA_KEY: _metadata(dataset, settings)})


def _images(generator, dataset, count):
    shape = (count, *dataset.shape)
    images = generator.integers(0, 256, shape, dtype=np.uint8)
    share = INK if dataset.shape[0] == 1 else COLOUR
    return images * (generator.random(shape) < share).astype(np.uint8)


def _recordings(generator, sensor, size, count):
    """Events at random places and times, in order of time and address."""
    shape, places = (count, size.events), math.prod(sensor)
    key = generator.integers(0, size.bins * places, shape, dtype=np.int64)
    key.sort(axis=1)
    bins, address = np.divmod(key.reshape(-1), places)
    return {
        "indptr": np.arange(count + 1, dtype=np.int64) * size.events,
        "bin": bins.astype(np.uint16),
        "address": address.astype(np.uint16),
        "num_bins": np.full(count, size.bins, np.int32),
    }


def _metadata(dataset, settings):
    metadata = {
        "format": FORMAT,
        "dataset": dataset.name,
        "kind": dataset.kind,
        "classes": list(dataset.classes),
        "checksums": {},
        "digest": "made up",
    }
    if settings is not None:
        metadata["sensor"] = list(dataset.input_shape(events=settings))
    return json.dumps(metadata, ensure_ascii=False)
