"""Prepared data made up for tests, with the interface of `spikewatt.data.arrays`."""

from types import SimpleNamespace

import numpy as np


class Made:
    """What prepared data tell of themselves."""

    digest, origin = "made up", {"dataset": "made up", "checksums": {}}


class MadeImages(Made):
    """Classes of images: a bright square whose place is the class, and noise."""

    def __init__(self, count=60, shape=(1, 28, 28), seed=0, classes=10):
        self.shape, self.classes = shape, classes
        generator = np.random.default_rng(seed)
        self.parts = {
            split: self._part(generator, count) for split in ("train", "test")
        }

    def _part(self, generator, count):
        labels = np.arange(count, dtype=np.int64) % self.classes
        images = generator.integers(0, 60, (count, *self.shape), dtype=np.uint8)
        for image, label in zip(images, labels, strict=True):
            row, column = 12 * (label // 5), 5 * (label % 5)
            image[:, row : row + 12, column : column + 5] = 250
        return SimpleNamespace(images=images, labels=labels)

    def split(self, name):
        return self.parts[name]


class MadeEvents(Made):
    """Recordings whose events crowd in a place that is the class."""

    shape = sensor = (2, 34, 34)

    def __init__(self, count=20, bins=8, seed=0, classes=10):
        self.classes = classes
        generator = np.random.default_rng(seed)
        self.parts = {
            split: self._part(generator, count, bins) for split in ("train", "test")
        }

    def _part(self, generator, count, bins):
        labels = np.arange(count, dtype=np.int64) % self.classes
        num_bins = generator.integers(bins // 2, bins + 1, count).astype(np.int32)
        rows = [
            self._recording(generator, label, length)
            for label, length in zip(labels, num_bins, strict=True)
        ]
        sizes = [len(times) for times, _ in rows]
        return SimpleNamespace(
            labels=labels,
            num_bins=num_bins,
            sensor=self.sensor,
            indptr=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            bin=np.concatenate([times for times, _ in rows]).astype(np.uint16),
            address=np.concatenate([places for _, places in rows]).astype(np.uint16),
        )

    def _recording(self, generator, label, length):
        events = 60 * length
        times = np.sort(generator.integers(0, length, events))
        y = 14 * (label // 5) + generator.integers(0, 14, events)
        x = 6 * (label % 5) + generator.integers(0, 6, events)
        polarity = generator.integers(0, 2, events)
        address = polarity * 34 * 34 + y * 34 + x
        order = np.lexsort((address, times))
        return times[order], address[order]

    def split(self, name):
        return self.parts[name]
