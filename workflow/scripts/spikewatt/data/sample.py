"""Archives made on the spot, in the official formats, for trying everything out."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np

from spikewatt.data import (
    catalogue,
    checksum,
    cifar,
    idx,
    nmnist,
    pickle_writer,
    sample_images,
    sensor,
    space,
)
from spikewatt.files import atomic
from spikewatt.files.progress_bar import progress_bar

BATCHES = len(cifar.TRAIN)


def make(dataset, file, output, train, test, seed):
    """Write the sample archive `file` of `dataset` to `output`, the same for a seed.

    `train`, `test`: how many samples. Recording k + 1 of nmnist shows image k of
    mnist, as in the originals. The checksum is recorded beside the archive.
    """
    archive = catalogue.get(dataset).archive(file)
    counts = {"train": train, "test": test}
    data = _MAKERS[dataset](archive.name, counts, seed)
    with (
        space.watched(Path(output).parent, len(data), f"writing {output}"),
        atomic.writing(output, "wb") as handle,
    ):
        handle.write(data)
    checksum.record(output)


def _mnist(file, counts, seed):
    split = "train" if file.startswith("train") else "test"
    images, labels = sample_images.digits(split, counts[split], seed)
    return idx.pack(images if "images" in file else labels)


def _cifar10(_file, counts, seed):
    files = {}
    images, labels = sample_images.colours("train", counts["train"], seed)
    parts = np.array_split(np.arange(counts["train"]), BATCHES)
    for name, part in zip(cifar.TRAIN, parts, strict=True):
        title = f"training batch {name[-1]} of {BATCHES}"
        files[name] = pickle_writer.batch(title, images[part], labels[part])
    images, labels = sample_images.colours("test", counts["test"], seed)
    files["test_batch"] = pickle_writer.batch("testing batch 1 of 1", images, labels)
    files[cifar.META] = pickle_writer.meta(sample_images.COLOUR_CLASSES, len(parts[0]))
    return _tar(files)


def _tar(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(f"{cifar.FOLDER}/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return gzip.compress(buffer.getvalue(), compresslevel=1, mtime=0)


def _nmnist(file, counts, seed):
    split = file.removesuffix(".zip")
    images, labels = sample_images.digits(split, counts[split], seed)
    thresholds = sensor.thresholds(np.random.default_rng([seed, 3]))
    names = [
        f"{nmnist.FOLDERS[split]}/{label}/{number:05d}.bin"
        for number, label in enumerate(labels, start=1)
    ]
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
        progress_bar(f"recording {file}", len(images), "digits") as bar,
    ):
        for number in sorted(range(len(names)), key=names.__getitem__):
            generator = np.random.default_rng([seed, 4, split == "test", number])
            data = sensor.record(images[number], generator, thresholds)
            archive.writestr(_entry(names[number]), data)
            bar.update()
    return buffer.getvalue()


def _entry(name):
    entry = zipfile.ZipInfo(name, date_time=(2015, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


_MAKERS = {"mnist": _mnist, "cifar10": _cifar10, "nmnist": _nmnist}
