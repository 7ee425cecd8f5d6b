"""Sets that torchvision reads: right values, and refusals before it reads any."""

import gzip
import io
import pickle
import struct
import tarfile

import numpy as np
import pytest
from scipy import io as matlab

from spikewatt.data import catalogue, checksum, pickle_writer, sample, with_torchvision
from spikewatt.data.errors import ArchiveError
from spikewatt.data.sample_packing import tar

SETS = ("fashion_mnist", "kmnist", "qmnist", "svhn", "cifar100")
COUNTS = {"train": 30, "test": 12}


def made(folder, name):
    """The sample archives of a set in `folder`: paths by official name."""
    paths = {file: folder / file for file in catalogue.get(name).files}
    for file, path in paths.items():
        sample.make(name, file, path, seed=0, **COUNTS)
    return paths


def read(name, paths, scratch):
    scratch.mkdir(exist_ok=True)
    sums = {file: checksum.of(path) for file, path in paths.items()}
    return with_torchvision.read(catalogue.get(name), paths, sums, scratch)


def by_hand(name, paths, split):
    """Images N × C × H × W and labels, by numpy, scipy and pickle alone."""
    number = list(COUNTS).index(split)
    files = [path.read_bytes() for path in paths.values()]
    if name == "svhn":
        loaded = matlab.loadmat(io.BytesIO(files[number]))
        return loaded["X"].transpose(3, 2, 0, 1), loaded["y"][:, 0].astype(int) % 10
    if name == "cifar100":
        with tarfile.open(*paths.values()) as archive:
            member = archive.extractfile(f"cifar-100-python/{split}")
            loaded = pickle.load(member, encoding="latin1")
        return loaded["data"].reshape(-1, 3, 32, 32), np.array(loaded["fine_labels"])
    images, labels = (gzip.decompress(data) for data in files[2 * number :][:2])
    pixels = np.frombuffer(images, np.uint8, offset=16).reshape(-1, 1, 28, 28)
    if name == "qmnist":
        return pixels, np.frombuffer(labels, ">i4", offset=12).reshape(-1, 8)[:, 0]
    return pixels, np.frombuffer(labels, np.uint8, offset=8)


@pytest.mark.parametrize("name", SETS)
def test_every_image_and_label_is_the_archives(tmp_path, name):
    paths = made(tmp_path, name)
    splits, classes = read(name, paths, tmp_path / "scratch")
    assert len(classes) == len(catalogue.get(name).classes)
    for split, count in COUNTS.items():
        images, labels = splits[split]
        assert images.shape == (count, *catalogue.get(name).shape)
        assert images.dtype == np.uint8 and labels.dtype == np.int64
        expected = by_hand(name, paths, split)
        assert np.array_equal(images, expected[0])
        assert np.array_equal(labels, expected[1])


def spoil_idx(path, place, data):
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[place : place + len(data)] = data
    path.write_bytes(gzip.compress(bytes(content)))


@pytest.mark.parametrize(
    ("name", "file", "place", "data", "problem"),
    [
        ("kmnist", 1, 8 + 3, b"\x0a", "byte 11: label 10 is not in 0…9"),
        ("qmnist", 3, 12 + 32 * 2, b"\0\0\0\x0a", "byte 76: label 10 is not in 0…9"),
        ("qmnist", 3, 12, b"\xff\xff\xff\xff", "byte 12: label -1 is not in 0…9"),
        ("qmnist", 3, 8, b"\0\0\0\x07", r"entries are \[7\], not \[8\]"),
        ("fashion_mnist", 0, 4, struct.pack(">I", 70_000), "announces 70000 entries"),
        ("fashion_mnist", 2, 8, struct.pack(">I", 32), r"entries are \[32, 28\]"),
    ],
)
def test_a_false_idx_file_is_refused_with_its_place(
    tmp_path, name, file, place, data, problem
):
    paths = made(tmp_path, name)
    path = list(paths.values())[file]
    spoil_idx(path, place, data)
    with pytest.raises(ArchiveError, match=f"{path.name}.*{problem}"):
        read(name, paths, tmp_path / "scratch")


def test_half_of_the_labels_is_refused(tmp_path):
    paths = made(tmp_path, "kmnist")
    labels = paths["t10k-labels-idx1-ubyte.gz"]
    content = gzip.decompress(labels.read_bytes())
    half = struct.pack(">II", 0x0801, 6) + content[8:14]
    labels.write_bytes(gzip.compress(half))
    with pytest.raises(ArchiveError, match="it has 6 labels for 12 images"):
        read("kmnist", paths, tmp_path / "scratch")


def mat(**variables):
    buffer = io.BytesIO()
    matlab.savemat(buffer, variables)
    return buffer.getvalue()


X, Y = np.zeros((32, 32, 3, 2), np.uint8), np.array([[10], [9]], np.uint8)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (mat(X=X, y=Y + 1), "label 11 of image 0 is not in 0…9"),
        (mat(X=X), r"it holds X \(uint8\), not X \(uint8\) and y"),
        (mat(X=X, y=Y, z=Y), "not X"),
        (mat(X=X.astype(float), y=Y), r"X \(double\)"),
        (mat(X=np.array([{}, {}], object), y=Y), r"X \(cell\)"),
        (mat(X=X[:28], y=Y), r"X is \(28, 32, 3, 2\), not 32 × 32 × 3 × N"),
        (mat(X=X, y=Y[:1]), r"it has labels \(1, 1\) for 2 images"),
        (mat(X=X, y=Y)[:300], "it holds X"),
        (mat(X=X, y=Y)[:-1], "it cannot be read"),
        (b"\x89HDF\r\n\x1a\n" + bytes(600), "it cannot be read"),
        (b"", "it cannot be read"),
    ],
)
def test_a_false_matlab_file_is_refused_in_a_sentence(tmp_path, data, problem):
    paths = made(tmp_path, "svhn")
    paths["test_32x32.mat"].write_bytes(data)
    with pytest.raises(ArchiveError, match=f"test_32x32.mat.*{problem}"):
        read("svhn", paths, tmp_path / "scratch")


def test_label_10_of_svhn_is_the_zero(tmp_path):
    paths = made(tmp_path, "svhn")
    paths["test_32x32.mat"].write_bytes(mat(X=X, y=Y))
    splits, _ = read("svhn", paths, tmp_path / "scratch")
    assert splits["test"][1].tolist() == [0, 9]


def test_more_images_than_svhn_has_are_refused_unread(tmp_path, monkeypatch):
    paths = made(tmp_path, "svhn")
    monkeypatch.setattr(type(catalogue.get("svhn")), "most", lambda *_: 29)
    with pytest.raises(ArchiveError, match="it has 30 images to train, the dataset 29"):
        read("svhn", paths, tmp_path / "scratch")


IMAGES = np.zeros((2, 3, 32, 32), np.uint8)
NAMES = [f"name {number}" for number in range(100)]
META = pickle_writer.fine_meta(NAMES, NAMES[:20])


def batch(labels=(0, 99)):
    return pickle_writer.fine_batch("batch", IMAGES, labels, [0] * len(labels))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"test": batch((0, 100))}, "test: label 100 of image 1 is not in 0…99"),
        ({"test": batch((0, -1))}, "test: label -1 of image 1 is not in 0…99"),
        ({"test": batch((0,))}, "test: it has no list of 2 fine labels"),
        (
            {"test": pickle_writer.batch("b", IMAGES, (0, 1))},
            "no list of 2 fine labels",
        ),
        ({"test": b"cos\nsystem\n(S'touch harm'\ntR."}, "test.*not allowed"),
        ({"meta": pickle_writer.fine_meta(NAMES[:20], NAMES)}, "not name 100 classes"),
        ({"meta": None}, "it lacks meta"),
        ({"../test": batch()}, "a member with the name"),
    ],
)
def test_a_false_cifar100_is_refused_before_it_is_unpickled(
    tmp_path, monkeypatch, change, problem
):
    monkeypatch.setattr(with_torchvision, "_CIFAR100", lambda *_, **__: pytest.fail())
    members = {"train": batch(), "test": batch(), "meta": META} | change
    files = {f"cifar-100-python/{k}": v for k, v in members.items() if v is not None}
    path = tmp_path / "cifar-100-python.tar.gz"
    path.write_bytes(tar(files))
    with pytest.raises(ArchiveError, match=f"cifar-100-python.tar.gz.*{problem}"):
        read("cifar100", {path.name: path}, tmp_path / "scratch")


def test_the_official_number_of_images_is_not_too_many_operations(tmp_path):
    """50 000 names and labels of two kinds in one batch."""
    count = 50_000
    few = np.zeros((1, 3, 32, 32), np.uint8)
    whole = pickle_writer.fine_batch("b", few, [7] * count, [1] * count)
    found = with_torchvision.pickles.load(
        "batch", whole, with_torchvision.pickles.PER_ENTRY * count
    )
    assert len(found[b"fine_labels"]) == count
    with pytest.raises(ArchiveError, match="too many pickle operations"):
        with_torchvision.pickles.load("batch", whole)
