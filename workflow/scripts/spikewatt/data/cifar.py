"""CIFAR-10's format: a packed tar of six pickled batches and their class names."""

import numpy as np

from spikewatt.data import checksum, pickles, tars
from spikewatt.data.errors import ArchiveError

FOLDER = "cifar-10-batches-py"
TRAIN = tuple(f"data_batch_{number}" for number in range(1, 6))
TEST = ("test_batch",)
META = "batches.meta"
# An official entry takes 3,072 bytes for its pixels and about 31 for name and label.
BYTES_PER_ENTRY = 3200
SLACK = 2**20


def read(path, expected, dataset):
    """Read the archive whose checksum is `expected` (verified first, since it pickles).

    Returns a dict of split to (images uint8 N × 3 × 32 × 32, labels int64 N), and the
    class names that the archive gives. Raises ChecksumError or ArchiveError.
    """
    checksum.verify(path, expected)
    limit = (dataset.train + dataset.test) * BYTES_PER_ENTRY + SLACK
    members = tars.members(path, {*TRAIN, *TEST, META}, FOLDER, limit)
    splits = {}
    for split, names, limit in (
        ("train", TRAIN, dataset.train),
        ("test", TEST, dataset.test),
    ):
        batches = [
            _batch(f"{path}: {name}", members.pop(name), dataset) for name in names
        ]
        images, labels = (np.concatenate(parts) for parts in zip(*batches, strict=True))
        if len(labels) > limit:
            raise ArchiveError(
                path, f"it has {len(labels)} images to {split}, the dataset {limit}"
            )
        splits[split] = images.reshape(-1, *dataset.shape), labels
    return splits, _class_names(f"{path}: {META}", members[META], dataset)


def _batch(name, data, dataset):
    """Images (N × 3072) and labels of one batch."""
    batch = pickles.load(name, data)
    images, labels = batch.get(b"data"), batch.get(b"labels")
    pixels = int(np.prod(dataset.shape))
    if not isinstance(images, np.ndarray) or images.shape[1:] != (pixels,):
        raise ArchiveError(name, f"it has no array «data» of {pixels} bytes an image")
    if not isinstance(labels, list) or len(labels) != len(images):
        raise ArchiveError(name, f"it has no list of {len(images)} labels")
    for number, label in enumerate(labels):
        if type(label) is not int or not 0 <= label < len(dataset.classes):
            raise ArchiveError(
                name,
                f"the label of image {number} is not in 0…{len(dataset.classes) - 1}",
            )
    return images, np.array(labels, dtype=np.int64)


def _class_names(name, data, dataset):
    names = pickles.load(name, data).get(b"label_names")
    if (
        not isinstance(names, list)
        or len(names) != len(dataset.classes)
        or not all(isinstance(entry, bytes) for entry in names)
    ):
        raise ArchiveError(name, f"it does not name {len(dataset.classes)} classes")
    return [entry.decode("utf-8", errors="replace") for entry in names]
