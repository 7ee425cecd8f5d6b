"""Any bytes at all: each reader gives data or a clear error, never a crash or a hang.

A long run, with a million inputs for each reader:

    SPIKEWATT_FUZZ_EXAMPLES=1000000 python -m pytest tests/unit/data/test_fuzz.py

Inputs are valid archives with bytes changed, cut out, repeated or put in, before and
after packing, so that damage reaches the inner layers. The checksum, which comes first
in earnest, is left out.
"""

import gzip
import io
import os
import shutil
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from made_archives import (
    CIFAR10,
    NMNIST,
    batch_members,
    idx_bytes,
    recordings,
    write_dataset,
    write_tar,
    write_zip,
)
from spikewatt.data import (
    aedat4,
    arrays,
    catalogue,
    checksum,
    cifar,
    dvs_gesture,
    events,
    idx,
    pickles,
    prepare,
    sample,
    shd,
    with_torchvision,
)
from spikewatt.data.errors import ArchiveError
from spikewatt.data.nmnist import Recordings
from spikewatt.data.recording import checked
from spikewatt.data.sample_packing import zipped

EXAMPLES = int(os.environ.get("SPIKEWATT_FUZZ_EXAMPLES", 150))
fuzzed = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,  # the folder may be shared by inputs
    ],
)
SETTINGS = {"filter_time_us": 10_000, "bin_us": 1_000}
places = st.integers(0, 2**20)
EDIT = st.tuples(
    st.sampled_from(["change", "cut", "repeat", "insert"]),
    places,
    st.one_of(
        st.binary(min_size=1, max_size=8),
        st.sampled_from([b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff", b"\x00" * 600]),
    ),
)
EDITS = st.lists(EDIT, min_size=1, max_size=4)


def edited(data, edits):
    """`data` with the edits made one after another; a place counts modulo its length"""
    data = bytearray(data)
    for kind, place, piece in edits:
        place %= len(data) + 1
        if kind == "change":
            data[place : place + len(piece)] = piece
        elif kind == "cut":
            del data[place : place + 10 * len(piece)]
        elif kind == "repeat":
            data[place:place] = data[place : place + 100 * len(piece)]
        else:
            data[place:place] = piece
    return bytes(data)


class Valid(dict):
    def __repr__(self):  # hypothesis prints it with every failure
        return "the valid archives"


@pytest.fixture(scope="module")
def valid(tmp_path_factory):
    """The bytes of valid archives, and of a prepared file, by format."""
    folder = tmp_path_factory.mktemp("valid")
    members = batch_members(per_batch=1)[0]
    archives = write_dataset(folder / "nmnist", "nmnist", count=4)
    prepared = folder / "nmnist.safetensors"
    prepare.prepare("nmnist", archives, prepared, SETTINGS)
    return Valid(
        {
            "idx": idx_bytes(np.zeros((2, 28, 28), np.uint8)),
            "pickle": members["test_batch"],
            "tar": gzip.decompress(write_tar(folder / "a.gz", members).read_bytes()),
            "zip": write_zip(folder / "a.zip", recordings()).read_bytes(),
            "prepared": prepared.read_bytes(),
            "gesture": gzip.decompress(made(folder, "dvs_gesture")),
            "cifar100": gzip.decompress(made(folder, "cifar100")),
            "svhn": made(folder, "svhn"),
            "hdf5": zipfile.ZipFile(io.BytesIO(made(folder, "shd"))).read(
                "shd_train.h5"
            ),
            "aedat4": aedat4.pack(*np.arange(20).reshape(4, 5) % 2, 128, 128),
        }
    )


def made(folder, name):
    """The bytes of the first sample archive of a set."""
    path = folder / name
    sample.make(name, catalogue.get(name).files[0], path, 4, 4, seed=0)
    return path.read_bytes()


def fresh(path, name):
    """An empty folder beside `path`."""
    folder = path.parent / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def read_gestures(path):
    known, scratch = catalogue.get("dvs_gesture"), fresh(path, "scratch")
    with dvs_gesture.Gestures(path, "train", known, scratch) as found:
        for index, entry in enumerate(found.entries):
            assert entry.label < 11
            require_recording(found.read(index), known)


def require_recording(read, known):
    limits = (known.shape[2], known.shape[1], known.shape[0])
    for part, limit in zip(read, limits, strict=False):
        assert len(part) and (part < limit).all()
    assert (np.diff(read.time) >= 0).all() and read.time[0] >= 0


def read_cifar100(path):
    known = catalogue.get("cifar100")
    sums = {known.files[0]: checksum.of(path)}
    scratch = fresh(path, "scratch")
    splits, _ = with_torchvision.read(known, {known.files[0]: path}, sums, scratch)
    for images, labels in splits.values():
        assert len(images) == len(labels)
        assert set(labels.tolist()) <= {*range(100)}


def read_idx(path):
    images = idx.read_images(path, 10, 28, 28)
    assert images.shape[1:] == (28, 28)
    assert len(images) <= 10


def read_cifar(path):
    splits, classes = cifar.read(path, checksum.of(path), CIFAR10)
    for images, labels in splits.values():
        assert len(images) == len(labels)
        assert set(labels.tolist()) <= {*range(10)}
    assert len(classes) == 10


def read_zip(path):
    with Recordings(path, "train", NMNIST) as found:
        for index in range(len(found)):
            rows = events.to_rows("", found.read(index), (2, 34, 34), SETTINGS)
            assert (rows[1] < 2 * 34 * 34).all()


@fuzzed
@given(inner=st.lists(EDIT, max_size=4), outer=st.lists(EDIT, max_size=2))
@pytest.mark.parametrize(
    "form, read",
    [
        ("idx", read_idx),
        ("tar", read_cifar),
        ("gesture", read_gestures),
        ("cifar100", read_cifar100),
    ],
)
def test_packed_archives(valid, tmp_path, form, read, inner, outer):
    path = tmp_path / "archive.gz"
    packed = gzip.compress(edited(valid[form], inner), compresslevel=1)
    path.write_bytes(edited(packed, outer))
    try:
        read(path)
    except ArchiveError as error:
        assert "archive.gz" in str(error)


@fuzzed
@given(edits=EDITS)
def test_zipped_recordings(valid, tmp_path, edits):
    path = tmp_path / "archive.zip"
    path.write_bytes(edited(valid["zip"], edits))
    try:
        read_zip(path)
    except ArchiveError as error:
        assert str(error)


@fuzzed
@given(edits=EDITS)
def test_matlab_files(valid, tmp_path, edits):
    known, scratch = catalogue.get("svhn"), fresh(tmp_path / "x", "scratch")
    paths = {file: tmp_path / file for file in known.files}
    for path in paths.values():
        path.write_bytes(edited(valid["svhn"], edits))
    try:
        splits, _ = with_torchvision.read(known, paths, {}, scratch)
    except ArchiveError as error:
        assert "train_32x32.mat" in str(error)
        return
    for images, labels in splits.values():
        assert images.shape[1:] == known.shape and len(images) == len(labels)
        assert set(labels.tolist()) <= {*range(10)}


@settings(fuzzed, max_examples=max(15, EXAMPLES // 10))  # each starts a process
@given(edits=EDITS)
def test_hdf5_files(valid, tmp_path, edits):
    path, known = tmp_path / "shd_train.h5.zip", catalogue.get("shd")
    path.write_bytes(zipped({"shd_train.h5": edited(valid["hdf5"], edits)}))
    try:
        found = shd.Words(path, "train", known, fresh(path, "scratch"))
    except ArchiveError as error:
        assert "shd_train.h5.zip" in str(error)
        return
    for index in range(len(found)):
        require_recording(found.read(index), known)


@pytest.fixture(scope="module")
def decoder():
    started = aedat4.Decoder()
    yield started
    started.close()


@fuzzed
@given(edits=EDITS)
def test_aedat4_files(valid, decoder, tmp_path, edits):
    """The library ends its process over some of these; the next file is read anew."""
    path, known = tmp_path / "a.aedat4", catalogue.get("cifar10_dvs")
    path.write_bytes(edited(valid["aedat4"], edits))
    try:
        columns = decoder.read("a.aedat4", path, known.shape)
        require_recording(checked("a.aedat4", *columns, known.shape), known)
    except ArchiveError as error:
        assert "a.aedat4" in str(error)


@fuzzed
@given(edits=EDITS)
def test_batches(valid, edits):
    try:
        found = pickles.load("batch", edited(valid["pickle"], edits))
    except ArchiveError as error:
        assert str(error).startswith("batch")
    else:
        assert all(type(key) in (bytes, int, tuple, type(None)) for key in found)


@fuzzed
@given(
    st.lists(
        st.sampled_from(
            [bytes([code]) for code in b"}](.tR0123ue\x85\x86\x87N\x89sabq\x00h\x00rj"]
            + [b"cnumpy\nndarray\n", b"cnumpy\ndtype\n", b"U\x02u1", b"K\x05"]
            + [b"cnumpy.core.multiarray\n_reconstruct\n", b"T\x04\x00\x00\x00abcd"]
        ),
        max_size=40,
    )
)
def test_pickle_operations_in_any_order(operations):
    try:
        found = pickles.load("batch", b"\x80\x02" + b"".join(operations) + b".")
    except ArchiveError as error:
        assert str(error).startswith("batch")
    else:
        assert isinstance(found, dict)


@fuzzed
@given(edits=EDITS)
def test_prepared_files(valid, tmp_path, edits):
    path = tmp_path / "prepared.safetensors"
    path.write_bytes(edited(valid["prepared"], edits))
    try:
        data = arrays.load(path)
    except arrays.DatasetError as error:
        assert "prepared.safetensors" in str(error)
        return
    for split in data.splits.values():
        assert len(split) == len(split.indptr) - 1
        assert (np.asarray(split.address) < 2 * 34 * 34).all()
