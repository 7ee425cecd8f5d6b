"""Archives made on the spot, in the official formats, for trying everything out."""

import io
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
    sample_events,
    sample_images,
    sensor,
    space,
)
from spikewatt.data.sample_packing import tar, zip_entry
from spikewatt.files import atomic
from spikewatt.files.progress_bar import progress_bar

BATCHES = len(cifar.TRAIN)


def make(dataset, file, output, train, test, seed):
    """Write the sample archive `file` of `dataset` to `output`, the same for a seed.

    `train`, `test`: how many samples. Recording k + 1 of nmnist shows image k of
    mnist, as in the originals. The checksum is recorded beside the archive.
    """
    known = catalogue.get(dataset)
    archive = known.archive(file)
    counts = {"train": train, "test": test}
    data = _maker(known)(known, archive.name, counts, seed)
    with (
        space.watched(Path(output).parent, len(data), f"writing {output}"),
        atomic.writing(output, "wb") as handle,
    ):
        handle.write(data)
    checksum.record(output)


def _idx(dataset, file, counts, seed):
    """One of the four files of a set in MNIST's format: images, labels, twice."""
    number = dataset.files.index(file)
    split = ("train", "test")[number // 2]
    if dataset.classes == catalogue.MNIST.classes and dataset.shape == (1, 28, 28):
        images, labels = sample_images.digits(split, counts[split], seed)
    else:
        sizes = dataset.shape, len(dataset.classes)
        images, labels = sample_images.patterns(split, counts[split], seed, *sizes)
        images = images[:, 0]
    if number % 2 == 0:
        return idx.pack(images)
    return idx.pack(_rows(labels) if "idx2" in file else labels)


def _rows(labels):
    """QMNIST's rows: the class, and seven numbers on where the digit comes from."""
    rows = np.zeros((len(labels), 8), np.int32)
    rows[:, 0], rows[:, 4] = labels, np.arange(len(labels))
    return rows


def _svhn(dataset, file, counts, seed):
    from scipy import io as matlab

    split = file.partition("_")[0]
    sizes = dataset.shape, len(dataset.classes)
    images, labels = sample_images.patterns(split, counts[split], seed, *sizes)
    numbers = np.where(labels == 0, 10, labels).astype(np.uint8)
    buffer = io.BytesIO()
    contents = {"X": images.transpose(2, 3, 1, 0), "y": numbers[:, None]}
    matlab.savemat(buffer, contents, do_compression=True)
    # The text in front holds the time of its making.
    text = b"MATLAB 5.0 MAT-file, sample data of spikewatt".ljust(116)
    return text + buffer.getvalue()[116:]


def _cifar10(_dataset, _file, counts, seed):
    files = {}
    images, labels = sample_images.colours("train", counts["train"], seed)
    parts = np.array_split(np.arange(counts["train"]), BATCHES)
    for name, part in zip(cifar.TRAIN, parts, strict=True):
        title = f"training batch {name[-1]} of {BATCHES}"
        files[name] = pickle_writer.batch(title, images[part], labels[part])
    images, labels = sample_images.colours("test", counts["test"], seed)
    files["test_batch"] = pickle_writer.batch("testing batch 1 of 1", images, labels)
    files[cifar.META] = pickle_writer.meta(sample_images.COLOUR_CLASSES, len(parts[0]))
    return tar({f"{cifar.FOLDER}/{name}": data for name, data in files.items()})


def _cifar100(dataset, _file, counts, seed):
    sizes = dataset.shape, len(dataset.classes)
    over = len(dataset.classes) // 20  # its 20 coarse classes
    files = {}
    for split, count in counts.items():
        images, labels = sample_images.patterns(split, count, seed, *sizes)
        title = f"{split}ing batch 1 of 1"
        files[split] = pickle_writer.fine_batch(title, images, labels, labels // over)
    names = [f"pattern {number}" for number in range(sizes[1])]
    files["meta"] = pickle_writer.fine_meta(names, [f"group {n}" for n in range(20)])
    return tar({f"cifar-100-python/{name}": data for name, data in files.items()})


def _nmnist(_dataset, file, counts, seed):
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
            archive.writestr(zip_entry(names[number]), data)
            bar.update()
    return buffer.getvalue()


_MAKERS = {
    "svhn": _svhn,
    "cifar10": _cifar10,
    "cifar100": _cifar100,
    "nmnist": _nmnist,
    "shd": sample_events.shd,
    "dvs_gesture": sample_events.gestures,
    "cifar10_dvs": sample_events.things,
}


def _maker(dataset):
    """The function that makes an archive of that set; MNIST's format needs no own."""
    if dataset.name in _MAKERS:
        return _MAKERS[dataset.name]
    if len(dataset.files) == 4 and all("-idx" in name for name in dataset.files):
        return _idx
    raise NotImplementedError(
        f"source: sample has nothing for {dataset.name}: data/sample.py needs a maker "
        "of stand-ins in its format"
    )
