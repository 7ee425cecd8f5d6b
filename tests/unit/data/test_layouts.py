"""Archives where people have them: torchvision's and tonic's folders."""

import dataclasses
import gzip
import hashlib
import logging
import os
from pathlib import Path

import pytest

from spikewatt.data import catalogue, checksum, layouts, local

REAL = os.environ.get("SPIKEWATT_TEST_DATA")
FILE = "t10k-labels-idx1-ubyte.gz"
RAW = "MNIST/raw/t10k-labels-idx1-ubyte"
DATA = b"what the archive holds" * 100
HEADER = b"\x1f\x8b\x08\x08" + b"time" + b"\x00\x03once\x00"


def archive_of(data):
    """`data` in an archive of its own, and the catalogue's entry for it."""
    deflated = local._deflated_by_gzip(data)
    if deflated is None:
        pytest.skip("this machine has no gzip")
    packed = HEADER + deflated
    unpacked = "sha256:" + hashlib.sha256(data).hexdigest()
    known = catalogue.MNIST.archive(FILE)
    return packed, dataclasses.replace(
        known,
        checksum="md5:" + hashlib.md5(packed).hexdigest(),
        unpacked=dataclasses.replace(known.unpacked, checksum=unpacked, header=HEADER),
    )


@pytest.fixture
def official(monkeypatch):
    """The bytes of what the catalogue takes for the official archive here."""
    packed, archive = archive_of(DATA)
    others = (other for other in catalogue.MNIST.archives if other.name != FILE)
    changed = dataclasses.replace(catalogue.MNIST, archives=(*others, archive))
    monkeypatch.setitem(catalogue.DATASETS, "mnist", changed)
    return packed


def put(folder, path, content):
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(content)
    return folder / path


def take(folder, checksums=None):
    output = Path(folder).parent / "taken" / FILE
    local.take("mnist", FILE, folder, output, checksums or {})
    return output


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder"


@pytest.mark.parametrize(
    ("dataset", "file", "expected"),
    [
        ("mnist", FILE, [f"mnist/{FILE}", f"MNIST/raw/{FILE}", RAW]),
        (
            "cifar10",
            "cifar-10-python.tar.gz",
            ["cifar10/cifar-10-python.tar.gz", "cifar-10-python.tar.gz"],
        ),
        ("nmnist", "train.zip", ["nmnist/train.zip", "NMNIST/train.zip"]),
    ],
)
def test_places(dataset, file, expected):
    places = layouts.candidates(dataset, file, "/data")
    assert [str(place.path) for place in places] == [f"/data/{p}" for p in expected]


def test_home_and_relative_folders(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    for folder, first in (("~/d", "/home/me/d"), ("d", "d")):
        place = layouts.candidates("nmnist", "test.zip", folder)[0]
        assert str(place.path) == f"{first}/nmnist/test.zip"


@pytest.mark.parametrize("path", [f"mnist/{FILE}", f"MNIST/raw/{FILE}"])
def test_an_archive_is_taken_from_either_layout(folder, official, path):
    put(folder, path, official)
    output = take(folder)
    assert output.read_bytes() == official
    checksum.verify(output, checksum.recorded(output))


def test_a_read_only_folder_and_a_link_are_enough(folder, official, tmp_path):
    target = put(tmp_path / "disk", "labels", official)
    (folder / "mnist").mkdir()
    (folder / "mnist" / FILE).symlink_to(target)
    target.chmod(0o400)
    (folder / "mnist").chmod(0o500)
    output = take(folder)
    assert output.read_bytes() == official and not output.is_symlink()
    assert os.access(output, os.W_OK)


def test_the_official_archive_is_made_again_from_what_it_holds(folder, official):
    put(folder, RAW, DATA)
    output = take(folder)
    assert output.read_bytes() == official
    checksum.verify(output, checksum.recorded(output))


@pytest.mark.parametrize("made", [None, b"other bytes"])
def test_without_gnus_gzip_the_data_are_the_same(
    folder, official, monkeypatch, caplog, made
):
    monkeypatch.setattr(local, "_deflated_by_gzip", lambda _: made)
    put(folder, RAW, DATA)
    with caplog.at_level(logging.WARNING):
        output = take(folder)
    assert gzip.decompress(output.read_bytes()) == DATA
    assert output.read_bytes() != official and "could not be made again" in caplog.text
    checksum.verify(output, checksum.recorded(output))


def test_a_setting_of_gzip_in_the_environment_changes_nothing(official, monkeypatch):
    monkeypatch.setenv("GZIP", "-1")
    archive = catalogue.get("mnist").archive(FILE)
    assert local.pack(DATA, archive) == official


def test_a_damaged_archive_is_named_and_the_next_taken(folder, official, caplog):
    put(folder, f"mnist/{FILE}", b"damaged")
    put(folder, f"MNIST/raw/{FILE}", official)
    with caplog.at_level(logging.WARNING):
        assert take(folder).read_bytes() == official
    assert f"mnist/{FILE} has the checksum md5:" in caplog.text
    assert f"MNIST/raw/{FILE} is good and was taken instead" in caplog.text


def test_all_damaged_files_are_named(folder, official):
    for path in (f"mnist/{FILE}", f"MNIST/raw/{FILE}", RAW):
        put(folder, path, b"damaged")
    with pytest.raises(checksum.ChecksumError) as caught:
        take(folder)
    for path in (f"mnist/{FILE}", f"MNIST/raw/{FILE}", RAW):
        assert f"{folder / path} has the checksum" in str(caught.value)
    assert not (folder.parent / "taken" / FILE).exists()


def test_an_unreadable_archive_is_passed_over(folder, official, monkeypatch, caplog):
    closed = put(folder, f"mnist/{FILE}", official)
    put(folder, f"MNIST/raw/{FILE}", official)
    copy = local.shutil.copyfile

    def refused(source, target):
        if source == closed:
            raise PermissionError(13, "Permission denied", str(source))
        return copy(source, target)

    monkeypatch.setattr(local.shutil, "copyfile", refused)
    with caplog.at_level(logging.WARNING):
        assert take(folder).read_bytes() == official
    assert f"Permission denied: '{closed}'" in caplog.text


def test_an_archive_of_ones_own_is_not_made_from_official_data(folder, official):
    put(folder, RAW, DATA)
    own = "sha256:" + "0" * 64
    with pytest.raises(FileNotFoundError) as caught:
        take(folder, {"mnist": {FILE: own}})
    assert str(caught.value).endswith(f"mnist/{FILE} and {folder}/MNIST/raw/{FILE}")


def test_what_is_missing_is_one_sentence_with_all_places(folder):
    (folder / "NMNIST").mkdir()
    (folder / "NMNIST" / "test.zip").symlink_to("/nowhere")
    (folder / "nmnist" / "train.zip").mkdir(parents=True)
    sentence = layouts.missing("nmnist", ["train.zip", "test.zip"], folder)
    assert sentence == (
        f"train.zip and test.zip of N-MNIST are not in {folder}: `source: local` looks "
        "for archives as FOLDER/<dataset>/<official file name>, or as torchvision and "
        f"tonic keep them, here for {folder}/nmnist/train.zip (not a file), "
        f"{folder}/NMNIST/train.zip, {folder}/nmnist/test.zip and "
        f"{folder}/NMNIST/test.zip (a link to /nowhere, which is not there)"
    )


def test_a_closed_folder_is_named(folder, monkeypatch):
    closed = folder / "mnist"
    closed.mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != closed)
    sentence = layouts.missing("mnist", [FILE], folder)
    assert f"{closed / FILE} ({closed} may not be read)" in sentence


@pytest.mark.skipif(not REAL, reason="SPIKEWATT_TEST_DATA is not set")
@pytest.mark.parametrize("archive", catalogue.MNIST.archives, ids=lambda a: a.name)
def test_real_mnist_unpacked(tmp_path, archive):
    """The facts in the catalogue: checksums and headers of the official files."""
    packed = (Path(REAL) / "mnist" / archive.name).read_bytes()
    put(tmp_path / "torchvision", archive.unpacked.path, gzip.decompress(packed))
    output = tmp_path / "taken" / archive.name
    local.take("mnist", archive.name, tmp_path / "torchvision", output, {})
    assert output.read_bytes() == packed


@pytest.mark.parametrize(
    ("dataset", "has", "lacks"),
    [
        ("shd", "SHD/shd_train.h5.zip", "shd_test.h5.zip of SHD is not in"),
        ("svhn", "train_32x32.mat", "test_32x32.mat of SVHN is not in"),
        ("dvs_gesture", "dvs_gesture/ibmGestureTest.tar.gz", "ibmGestureTrain.tar.gz"),
    ],
)
def test_half_of_a_set_is_named_with_its_places(folder, dataset, has, lacks):
    put(folder, has, b"something")
    missing = [
        file
        for file in catalogue.get(dataset).files
        if not layouts.present(dataset, file, folder)
    ]
    assert len(missing) == 1
    said = layouts.missing(dataset, missing, folder)
    assert lacks in said and f"{folder}/{dataset}/{missing[0]}" in said
