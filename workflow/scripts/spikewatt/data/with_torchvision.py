"""Sets that torchvision's own classes read, from archives that were verified.

Its classes trust what they read, and look for unpacked files. So each archive is
looked through first, as those of MNIST and CIFAR-10 are (sizes, labels, no pickle that
does anything), and laid down in a scratch folder as torchvision keeps it. This is the
only module of `data` that imports torchvision, and with it torch.
"""

from pathlib import Path

import numpy as np
from torchvision import datasets

from spikewatt.data import checksum, idx, pickles, tars
from spikewatt.data.errors import ArchiveError, hostile

SPLITS = ("train", "test")
QMNIST_COLUMNS = 8  # of its labels: class, series, writer, …
CIFAR100 = "cifar-100-python"
# An entry takes 3,072 bytes for its pixels and about 40 for name and two labels.
CIFAR_ENTRY_BYTES, CIFAR_SLACK = 3200, 2**20


def read(dataset, paths, sums, scratch):
    """Read `dataset` (from the catalogue) with its class of torchvision's.

    paths, sums: the archives and their checksums by official name; scratch: an empty
    folder. Returns a dict of split to (images uint8 N × C × H × W, labels int64 N), and
    the class names. Raises ChecksumError or ArchiveError.
    """
    return _READERS[dataset.library](dataset, paths, sums, Path(scratch))


def _idx(dataset, paths, _sums, scratch):
    """Fashion-MNIST, KMNIST, QMNIST: four files, images and labels, train and test."""
    channels, height, width = dataset.shape
    made, files = getattr(datasets, dataset.library), list(paths.values())
    raw = scratch / dataset.library / "raw"
    raw.mkdir(parents=True)
    splits = {}
    for split, images, labels in zip(SPLITS, files[::2], files[1::2], strict=True):
        most, classes = dataset.most(split), len(dataset.classes)
        count = len(idx.read_images(images, most, height, width))
        found = (
            idx.read_label_rows(labels, most, QMNIST_COLUMNS, classes)
            if dataset.library == "QMNIST"
            else idx.read_labels(labels, most, classes)
        )
        if len(found) != count:
            raise ArchiveError(
                labels, f"it has {len(found)} labels for {count} images", 4
            )
        for file in (images, labels):
            idx.unpack(file, raw / file.name.removesuffix(".gz"))
    for split, file in zip(SPLITS, files[::2], strict=True):
        with hostile(file):
            loaded = made(scratch, train=split == "train")
            targets = loaded.targets
            targets = targets[:, 0] if targets.ndim == 2 else targets
            pictures = loaded.data.numpy().reshape(-1, channels, height, width)
            splits[split] = pictures, targets.numpy().astype(np.int64)
    return splits, dataset.classes


class _SVHN(datasets.SVHN):
    """Without torchvision's own checksums: ours were compared before."""

    def _check_integrity(self):
        return True


def _svhn(dataset, paths, _sums, scratch):
    """Two files of MATLAB's: X (32 × 32 × 3 × N) and y (1…10, of which 10 is 0)."""
    splits = {}
    for split, path in zip(SPLITS, paths.values(), strict=True):
        _require_matlab(path, dataset, split)
        (scratch / f"{split}_32x32.mat").symlink_to(path.resolve())
        with hostile(path):
            loaded = _SVHN(scratch, split)
        labels = np.atleast_1d(loaded.labels)
        _require_classes(path, labels, len(dataset.classes))
        splits[split] = np.ascontiguousarray(loaded.data), labels
    return splits, dataset.classes


def _require_matlab(path, dataset, split):
    """Refuse a file with other variables than the two, before any is read."""
    from scipy import io

    with hostile(path):
        found = {name: (shape, kind) for name, shape, kind in io.whosmat(path)}
    channels, height, width = dataset.shape
    images, labels = found.get("X", ((), "")), found.get("y", ((), ""))
    numbers = ("uint8", "uint16", "int32", "double")
    if set(found) != {"X", "y"} or images[1] != "uint8" or labels[1] not in numbers:
        told = ", ".join(f"{name} ({kind})" for name, (_, kind) in found.items())
        raise ArchiveError(
            path, f"it holds {told or 'nothing'}, not X (uint8) and y (numbers)"
        )
    if images[0][:3] != (height, width, channels) or len(images[0]) not in (3, 4):
        raise ArchiveError(
            path, f"X is {images[0]}, not {height} × {width} × {channels} × N"
        )
    count = images[0][3] if len(images[0]) == 4 else 1
    if labels[0] != (count, 1):
        raise ArchiveError(path, f"it has labels {labels[0]} for {count} images")
    if count > dataset.most(split):
        raise ArchiveError(
            path, f"it has {count} images to {split}, the dataset {dataset.most(split)}"
        )


def _require_classes(path, labels, classes):
    wrong = np.flatnonzero((labels < 0) | (labels >= classes))
    if wrong.size:
        where = int(wrong[0])
        raise ArchiveError(
            path, f"label {labels[where]} of image {where} is not in 0…{classes - 1}"
        )


class _CIFAR100(datasets.CIFAR100):
    """Without torchvision's own checksums: ours were compared before."""

    train_list, test_list = [["train", None]], [["test", None]]
    meta = datasets.CIFAR100.meta | {"md5": None}


def _cifar100(dataset, paths, sums, scratch):
    """A packed tar of two pickled batches and the names of the classes."""
    ((name, path),) = paths.items()
    checksum.verify(path, sums[name])  # before anything is unpickled
    limit = (dataset.train + dataset.test) * CIFAR_ENTRY_BYTES + CIFAR_SLACK
    found = tars.members(path, {*SPLITS, "meta"}, CIFAR100, limit)
    folder = scratch / CIFAR100
    folder.mkdir()
    for member, data in found.items():
        # Twice looked through and never run: then it is torchvision's to unpickle.
        most = pickles.PER_ENTRY * dataset.train
        content = pickles.load(f"{path}: {member}", data, most)
        (_require_names if member == "meta" else _require_batch)(
            f"{path}: {member}", content, dataset, member
        )
        (folder / member).write_bytes(data)
    splits = {}
    for split in SPLITS:
        with hostile(path):
            loaded = _CIFAR100(scratch, train=split == "train")
        images = np.ascontiguousarray(loaded.data.transpose(0, 3, 1, 2))
        splits[split] = images, np.array(loaded.targets, dtype=np.int64)
    return splits, loaded.classes


def _require_batch(where, batch, dataset, split):
    images, labels = batch.get(b"data"), batch.get(b"fine_labels")
    pixels = int(np.prod(dataset.shape))
    if not isinstance(images, np.ndarray) or images.shape[1:] != (pixels,):
        raise ArchiveError(where, f"it has no array «data» of {pixels} bytes an image")
    if not isinstance(labels, list) or len(labels) != len(images):
        raise ArchiveError(where, f"it has no list of {len(images)} fine labels")
    if b"labels" in batch:
        raise ArchiveError(where, "it has «labels», which CIFAR-100 has not")
    if len(images) > dataset.most(split):
        raise ArchiveError(
            where, f"it has {len(images)} images, the dataset {dataset.most(split)}"
        )
    classes = len(dataset.classes)
    for number, label in enumerate(labels):
        if type(label) is not int or not 0 <= label < classes:
            raise ArchiveError(
                where, f"label {label} of image {number} is not in 0…{classes - 1}"
            )


def _require_names(where, meta, dataset, _member):
    names = meta.get(b"fine_label_names")
    if (
        not isinstance(names, list)
        or len(names) != len(dataset.classes)
        or not all(isinstance(name, bytes) and name.isascii() for name in names)
    ):
        raise ArchiveError(where, f"it does not name {len(dataset.classes)} classes")


_READERS = {
    "FashionMNIST": _idx,
    "KMNIST": _idx,
    "QMNIST": _idx,
    "SVHN": _svhn,
    "CIFAR100": _cifar100,
}
