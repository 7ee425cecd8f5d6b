"""Reading MNIST's and CIFAR-10's formats: right values, and clear refusals."""

import gzip
import io
import os
import pickle
import struct
import tarfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from made_archives import (
    CIFAR10,
    batch_members,
    idx_bytes,
    write_gzip,
    write_tar,
)
from spikewatt.data import catalogue, checksum, cifar, idx, pickles, tars
from spikewatt.data.errors import ArchiveError

IMAGES = np.arange(3 * 28 * 28, dtype=np.uint32).astype(np.uint8).reshape(3, 28, 28)
LABELS = np.array([3, 0, 9], dtype=np.uint8)
REAL = os.environ.get("SPIKEWATT_TEST_DATA")
needs_data = pytest.mark.skipif(not REAL, reason="SPIKEWATT_TEST_DATA is not set")


def images(path, limit=10):
    return idx.read_images(path, limit, 28, 28)


def test_idx_images_and_labels(tmp_path):
    path = write_gzip(tmp_path / "images.gz", idx_bytes(IMAGES))
    assert np.array_equal(images(path), IMAGES)
    path = write_gzip(tmp_path / "labels.gz", idx_bytes(LABELS))
    labels = idx.read_labels(path, 10, 10)
    assert labels.dtype == np.int64
    assert labels.tolist() == [3, 0, 9]


def test_packed_idx_is_the_official_form(tmp_path):
    packed = idx.pack(IMAGES)
    assert gzip.decompress(packed) == idx_bytes(IMAGES)
    assert packed == idx.pack(IMAGES)


@pytest.mark.parametrize(
    "data, place, problem",
    [
        (idx_bytes(IMAGES, magic=0x0802), 0, "0x00000802, not 0x00000803"),
        (idx_bytes(IMAGES, count=11), 4, "announces 11 entries"),
        (idx_bytes(IMAGES, count=2**32 - 1), 4, "announces 4294967295"),
        (idx_bytes(IMAGES, count=4), 16 + 3 * 784, "ends early"),
        (idx_bytes(IMAGES, count=2), 16 + 2 * 784, "data follows"),
        (idx_bytes(IMAGES[:, :, :27].copy()), 8, r"\[28, 27\], not \[28, 28\]"),
        (idx_bytes(IMAGES)[:9], 9, "within its header"),
        (b"", 0, "within its header"),
    ],
)
def test_false_idx_is_refused_with_file_and_offset(tmp_path, data, place, problem):
    path = write_gzip(tmp_path / "images.gz", data)
    with pytest.raises(ArchiveError, match=f"images.gz, byte {place}: .*{problem}"):
        images(path)


def test_label_out_of_range_is_refused_with_its_place(tmp_path):
    path = write_gzip(tmp_path / "labels.gz", idx_bytes(np.array([1, 10], np.uint8)))
    with pytest.raises(ArchiveError, match="byte 9: label 10 is not in 0…9"):
        idx.read_labels(path, 10, 10)


@pytest.mark.parametrize("cut", [5, 30, -3])
def test_truncated_or_foreign_gzip_is_refused(tmp_path, cut):
    path = tmp_path / "images.gz"
    path.write_bytes(idx.pack(IMAGES)[:cut])
    with pytest.raises(ArchiveError, match="images.gz"):
        images(path)


def test_gzip_bomb_takes_no_memory(tmp_path):
    bomb = idx_bytes(IMAGES) + bytes(200 * 2**20)
    path = write_gzip(tmp_path / "images.gz", bomb)
    del bomb
    tracemalloc.start()
    with pytest.raises(ArchiveError, match="data follows"):
        images(path)
    assert tracemalloc.get_traced_memory()[1] < 10 * 2**20
    tracemalloc.stop()


def read_cifar(path):
    return cifar.read(path, checksum.of(path), CIFAR10)


def test_cifar_batches_come_in_order(tmp_path):
    members, truth = batch_members()
    backwards = dict(reversed(members.items()))
    splits, classes = read_cifar(write_tar(tmp_path / "a.tar.gz", backwards))
    train = [truth[f"data_batch_{number}"] for number in range(1, 6)]
    assert np.array_equal(splits["train"][0], np.concatenate([b[0] for b in train]))
    assert np.array_equal(splits["train"][1], np.concatenate([b[1] for b in train]))
    assert np.array_equal(splits["test"][0], truth["test_batch"][0])
    assert classes == list("abcdefghij")


def test_written_batch_is_what_python_itself_unpickles():
    members, truth = batch_members()
    found = pickle.loads(members["test_batch"], encoding="bytes")
    expected_images, expected_labels = truth["test_batch"]
    assert np.array_equal(found[b"data"], expected_images.reshape(4, -1))
    assert found[b"labels"] == expected_labels.tolist()


def test_nothing_is_unpickled_before_the_checksum_matched(tmp_path, monkeypatch):
    path = write_tar(tmp_path / "a.tar.gz", batch_members()[0])
    monkeypatch.setattr(tars, "members", lambda *_: pytest.fail("it was opened"))
    with pytest.raises(checksum.ChecksumError, match="not md5:0000"):
        cifar.read(path, "md5:" + "0" * 32, CIFAR10)


class _Evil:
    def __reduce__(self):
        return os.system, ("true",)


@pytest.mark.parametrize(
    "data, problem",
    [
        (b"\x80\x02cos\nsystem\nU\x04true\x85R.", "the name os.system is not allowed"),
        (b"\x80\x02cbuiltins\neval\nU\x011\x85R.", "builtins.eval is not allowed"),
        (pickle.dumps(_Evil(), protocol=4), "byte 2: pickle operation FRAME"),
        (b"\x80\x02r\xff\xff\xff\x7f.", "byte 2: it has too many pickle operations"),
        (b"\x80\x02" + b"]" * 200_000 + b".", "byte 100001: it has too many"),
        (b"\x80\x02T\xff\xff\xff\x7f.", "cannot be read"),
        (b"\x80\x02].", "does not hold a dictionary"),
        (b"", "cannot be read"),
        (b"not a pickle", "cannot be read|not allowed"),
    ],
)
def test_hostile_pickles_are_refused(data, problem):
    with pytest.raises(ArchiveError, match=f"some member.*{problem}"):
        pickles.load("some member", data)


@pytest.mark.parametrize(
    "old, new, problem",
    [
        (b"U\x04data", b"U\x04dato", "no array «data»"),
        (b"U\x06labels", b"U\x06lapels", "no list of 4 labels"),
        (b"U\x02u1", b"U\x02O8", "not made of unsigned bytes"),
        (b"J\x00\x0c\x00\x00", b"J\x01\x0c\x00\x00", "cannot reshape"),
        (b"J\x00\x0c\x00\x00", b"J\xff\xff\xff\xff", "has the shape"),
        (b"labels](J", b"labels](JZ\x00\x00\x00J", "no list of 4 labels"),
    ],
)
def test_false_batches_are_refused(tmp_path, old, new, problem):
    members, _ = batch_members()
    assert old in members["test_batch"]
    members["test_batch"] = members["test_batch"].replace(old, new, 1)
    path = write_tar(tmp_path / "a.tar.gz", members)
    with pytest.raises(ArchiveError, match=f"a.tar.gz: test_batch: .*{problem}"):
        read_cifar(path)


def test_label_outside_the_classes_is_refused(tmp_path):
    members, truth = batch_members()
    number = struct.pack("<i", truth["test_batch"][1][0])
    spoilt = members["test_batch"].replace(
        b"labels](J" + number, b"labels](J\x0a\x00\x00\x00", 1
    )
    members["test_batch"] = spoilt
    with pytest.raises(ArchiveError, match="the label of image 0 is not in 0…9"):
        read_cifar(write_tar(tmp_path / "a.tar.gz", members))


def special(name, kind=tarfile.REGTYPE, link="", size=0):
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.size = kind, link, size
    return member


@pytest.mark.parametrize(
    "member, problem",
    [
        (special("../outside"), "outside"),
        (special("/etc/passwd"), "/etc/passwd"),
        (special("a/../../b"), "a/../../b"),
        (special("c:\\windows"), "windows"),
        (special("link", tarfile.SYMTYPE, "/etc"), "link is neither file nor folder"),
        (special("hard", tarfile.LNKTYPE, "x"), "hard is neither file nor folder"),
        (special("pipe", tarfile.FIFOTYPE), "pipe is neither file nor folder"),
        (special("bomb", size=2 * 2**20), "unpacks to more than the dataset has"),
        (special("cifar-10-batches-py/test_batch"), "test_batch occurs twice"),
    ],
)
def test_unsafe_members_are_refused(tmp_path, member, problem):
    path = write_tar(tmp_path / "a.tar.gz", batch_members()[0], extra=[member])
    with pytest.raises(ArchiveError, match=f"a.tar.gz.*{problem}"):
        read_cifar(path)


def test_missing_member_is_named(tmp_path):
    members, _ = batch_members()
    del members["data_batch_3"]
    with pytest.raises(ArchiveError, match="it lacks data_batch_3"):
        read_cifar(write_tar(tmp_path / "a.tar.gz", members))


def test_more_images_than_the_dataset_has_are_refused(tmp_path):
    members, _ = batch_members(per_batch=11)
    with pytest.raises(ArchiveError, match="55 images to train, the dataset 50"):
        read_cifar(write_tar(tmp_path / "a.tar.gz", members))


def test_truncated_tar_is_refused(tmp_path):
    whole = write_tar(tmp_path / "a.tar.gz", batch_members()[0]).read_bytes()
    unpacked = gzip.decompress(whole)
    for data in (whole[:-20], gzip.compress(unpacked[:9_000]), whole[:50], b"", b"no"):
        path = tmp_path / "b.tar.gz"
        path.write_bytes(data)
        with pytest.raises(ArchiveError, match="b.tar.gz"):
            read_cifar(path)


@needs_data
def test_real_mnist_as_scikit_learn_would_see_it():
    folder = Path(REAL) / "mnist"
    found = idx.read_images(folder / "t10k-images-idx3-ubyte.gz", 10_000, 28, 28)
    labels = idx.read_labels(folder / "t10k-labels-idx1-ubyte.gz", 10_000, 10)
    # Published facts: 980 zeros and 1,135 ones; the first test image is a seven.
    assert found.shape == (10_000, 28, 28)
    assert np.bincount(labels)[:2].tolist() == [980, 1135]
    assert labels[0] == 7


@needs_data
def test_real_cifar_equals_plain_unpickling():
    path = Path(REAL) / "cifar10" / "cifar-10-python.tar.gz"
    splits, classes = cifar.read(path, checksum.of(path), catalogue.CIFAR10)
    with tarfile.open(path) as archive:
        raw = archive.extractfile("cifar-10-batches-py/test_batch").read()
    # The checksum of this file stands in the README of the test data.
    expected = pickle.load(io.BytesIO(raw), encoding="bytes")
    assert np.array_equal(splits["test"][0].reshape(-1, 3072), expected[b"data"])
    assert splits["test"][1].tolist() == expected[b"labels"]
    assert classes[0] == "airplane"
