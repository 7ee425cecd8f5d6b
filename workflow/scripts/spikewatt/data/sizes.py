"""How large data are, by what is known before anything is opened.

Imported by the Snakefile, and by `make doctor` before anything is installed: Python's
own library alone.
"""

import math
from dataclasses import dataclass

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


def disk(dataset):
    """Bytes of disk that a `Dataset` takes: its archives, and what is made of them.

    About, for recordings: while they are prepared, their rows lie there twice.
    """
    archives = sum(archive.size for archive in dataset.archives)
    if dataset.kind == "images":
        return archives + published(dataset, None).bytes(dataset)
    settings = {"bin_us": MOST_BINS, **dataset.events}
    return archives + 2 * published(dataset, settings).bytes(dataset)
