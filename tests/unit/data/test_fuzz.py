"""Any bytes at all: each reader gives data or a clear error, never a crash or a hang.

A long run, with a million inputs for each reader:

    SPIKEWATT_FUZZ_EXAMPLES=1000000 python -m pytest tests/unit/test_data_fuzz.py

Inputs are valid archives with bytes changed, cut out, repeated or put in, before and
after packing, so that damage reaches the inner layers. The checksum, which comes first
in earnest, is left out.
"""

import gzip
import os

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
from spikewatt.data import arrays, checksum, cifar, events, idx, pickles, prepare
from spikewatt.data.errors import ArchiveError
from spikewatt.data.nmnist import Recordings

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
        }
    )


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
@pytest.mark.parametrize("form, read", [("idx", read_idx), ("tar", read_cifar)])
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
