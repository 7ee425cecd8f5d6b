"""Sample archives of SHD, DVS-Gesture and CIFAR10-DVS, in their official formats."""

import io
from zipfile import ZIP_STORED

import numpy as np

from spikewatt.data import aedat4, cifar10_dvs, dvs_gesture, sample_scenes, sample_words
from spikewatt.data.sample_packing import tar, zipped
from spikewatt.files.progress_bar import progress_bar

LIGHTS = ("fluorescent", "fluorescent_led", "lab", "led", "natural")


def shd(dataset, file, counts, seed):
    """A zip of one HDF5 file: lists of times and units, labels, names of the words."""
    import h5py

    split = file.removeprefix("shd_").removesuffix(".h5.zip")
    classes = len(dataset.classes)
    times, units, labels = sample_words.words(split, counts[split], seed, classes)
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as made:
        spikes = made.create_group("spikes")
        for name, lists, kind in (("times", times, "<f2"), ("units", units, "<u2")):
            column = spikes.create_dataset(
                name, (len(lists),), h5py.vlen_dtype(np.dtype(kind))
            )
            for number, values in enumerate(lists):
                column[number] = values
        made["labels"] = labels.astype("<u2")
        extra = made.create_group("extra")
        extra["keys"] = np.array([f"word {n}".encode() for n in range(classes)])
        extra["speaker"] = np.zeros(len(labels), "<u2")
    return zipped({file.removesuffix(".zip"): buffer.getvalue()})


def gestures(dataset, file, counts, seed):
    """A packed tar of gestures: of each user and light, at most one a class."""
    split = "train" if "Train" in file else "test"
    generator = np.random.default_rng([seed, 9, split == "test"])
    thresholds = sample_scenes.thresholds(np.random.default_rng([seed, 10]))
    files = {}
    with progress_bar(f"recording {file}", counts[split], "gestures") as bar:
        for number in range(counts[split]):
            round_, label = divmod(number, len(dataset.classes))
            user, light = divmod(round_, len(LIGHTS))
            folder = f"user{user + 1:02d}_{LIGHTS[light]}"
            columns = sample_scenes.gesture(label, generator, thresholds)
            columns[3] //= 1000  # the official files have milliseconds
            name = f"{dvs_gesture.FOLDERS[split]}/{folder}/{label}.npy"
            files[name] = _npy(columns.T)
            bar.update()
    return tar(files)


def things(dataset, file, counts, seed):
    """A zip of a zip per class; those from number 900 on test."""
    thresholds = sample_scenes.thresholds(np.random.default_rng([seed, 10]))
    files = {name: {} for name in dataset.classes}
    with progress_bar(f"recording {file}", sum(counts.values()), "things") as bar:
        for split, count in counts.items():
            images, labels = sample_scenes.things(split, count, seed, len(files))
            generator = np.random.default_rng([seed, 11, split == "test"])
            for image, label in zip(images, labels, strict=True):
                of = dataset.classes[label]
                number = _next_number(files[of], split)
                columns = sample_scenes.thing(image, generator, thresholds)
                name = f"{of}/cifar10_{of}_{number}.aedat4"
                side = sample_scenes.SIDE
                files[of][name] = aedat4.pack(*columns, side, side)
                bar.update()
    stored = {of: zipped(members, ZIP_STORED) for of, members in files.items()}
    return zipped({f"{of}.zip": data for of, data in stored.items()})


def _next_number(members, split):
    """The number of the next recording of a class; the first 900 train."""
    first = cifar10_dvs.FIRST_TO_TEST if split == "test" else 0
    numbers = {int(name.rpartition("_")[2].removesuffix(".aedat4")) for name in members}
    while first in numbers:
        first += 1
    return first


def _npy(rows):
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(rows, dtype=np.int32))
    return buffer.getvalue()
