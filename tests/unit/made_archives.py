"""Archives made up for tests: small, valid, and easy to spoil."""

import dataclasses
import functools
import gzip
import io
import struct
import tarfile
import zipfile

import numpy as np

from spikewatt.data import catalogue, checksum, pickle_writer, sample
from spikewatt.data.sensor import pack

# As the real ones, with fewer samples allowed.
MNIST = dataclasses.replace(catalogue.MNIST, train=60, test=20)
CIFAR10 = dataclasses.replace(catalogue.CIFAR10, train=50, test=20)
NMNIST = dataclasses.replace(catalogue.NMNIST, train=60, test=20)


def idx_bytes(array, magic=None, count=None):
    """The unpacked bytes of an idx file; `magic` and `count` may lie."""
    magic = magic or (0x0801 if array.ndim == 1 else 0x0803)
    sides = (len(array) if count is None else count, *array.shape[1:])
    return struct.pack(f">I{len(sides)}I", magic, *sides) + array.tobytes()


def write_gzip(path, data):
    path.write_bytes(gzip.compress(data, mtime=0))
    return path


def batch_members(per_batch=4, seed=0):
    """Members of a CIFAR-10 archive by name, and the (images, labels) of each."""
    generator = np.random.default_rng(seed)
    members, truth = {}, {}
    for name in (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"):
        images = generator.integers(0, 256, (per_batch, 3, 32, 32), dtype=np.uint8)
        labels = generator.integers(0, 10, per_batch)
        truth[name] = images, labels
        members[name] = pickle_writer.batch(name, images, labels)
    members["batches.meta"] = pickle_writer.meta("abcdefghij", per_batch)
    return members, truth


def write_tar(path, members, folder="cifar-10-batches-py/", extra=()):
    """Write a packed tar of `members` (name to bytes) and `extra` TarInfo members.

    Its bytes do not depend on the clock.
    """
    with (
        gzip.GzipFile(path, "wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for member in extra:
            archive.addfile(member, io.BytesIO(bytes(member.size)))
        for name, data in members.items():
            member = tarfile.TarInfo(folder + name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def recording(count=40, seed=0, duration=30_000):
    """The bytes of a recording of `count` events on the 34 × 34 sensor."""
    generator = np.random.default_rng(seed)
    x, y = generator.integers(0, 34, (2, count))
    time = np.sort(generator.integers(0, duration, count))
    return pack(x, y, generator.integers(0, 2, count), time)


def write_zip(path, members):
    """Write a zip of `members` (name, or a ZipInfo, to bytes)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            # Without a date of its own a member has that of its making, and an
            # archive that is made twice other bytes.
            known = name if isinstance(name, zipfile.ZipInfo) else _dated(name)
            archive.writestr(known, data)
    return path


def _dated(name):
    member = zipfile.ZipInfo(name)
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


def recordings(split="Train", count=3):
    return {
        f"{split}/{number % 10}/{number:05d}.bin": recording(seed=number)
        for number in range(1, count + 1)
    }


def write_dataset(folder, name, count=20):
    """Write all archives of a dataset with checksums recorded, as the rules do."""
    folder.mkdir(parents=True, exist_ok=True)
    own = {"mnist": _mnist, "cifar10": _cifar10, "nmnist": _nmnist}
    own.get(name, functools.partial(_sample, name))(folder, count)
    for file in catalogue.get(name).files:
        checksum.record(folder / file)
    return folder


def _mnist(folder, count):
    generator = np.random.default_rng(0)
    for start in ("train", "t10k"):
        images = generator.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        labels = (np.arange(count) % 10).astype(np.uint8)
        write_gzip(folder / f"{start}-images-idx3-ubyte.gz", idx_bytes(images))
        write_gzip(folder / f"{start}-labels-idx1-ubyte.gz", idx_bytes(labels))


def _sample(name, folder, count):
    for file in catalogue.get(name).files:
        sample.make(name, file, folder / file, count, count // 2, seed=0)


def _cifar10(folder, _count):
    write_tar(folder / "cifar-10-python.tar.gz", batch_members()[0])


def _nmnist(folder, count):
    write_zip(folder / "train.zip", recordings("Train", count))
    write_zip(folder / "test.zip", recordings("Test", count // 2))
