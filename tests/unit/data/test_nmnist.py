"""Reading recordings straight from the zip: order, and clear refusals."""

import stat
import struct
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from made_archives import NMNIST, recording, recordings, write_zip
from spikewatt.data import nmnist
from spikewatt.data.errors import ArchiveError


def opened(path, split="train"):
    return nmnist.Recordings(path, split, NMNIST)


def test_recordings_come_by_label_and_number(tmp_path):
    data = {
        name: recording(seed=seed)
        for seed, name in enumerate(
            ["Train/2/00001.bin", "Train/0/00007.bin", "Train/0/00003.bin"]
        )
    }
    extra = {"Train/": b"", "Train/0/": b"", "Train/0/notes.txt": b"", "README": b""}
    path = write_zip(tmp_path / "train.zip", {**extra, **data})
    with opened(path) as found:
        assert [entry.name for entry in found.entries] == sorted(data)
        assert [entry.label for entry in found.entries] == [0, 0, 2]
        assert [found.raw(index) for index in range(3)] == [
            data[name] for name in sorted(data)
        ]
        assert found.events == 3 * 40


def test_many_threads_read_the_same_bytes(tmp_path):
    made = recordings(count=60)
    path = write_zip(tmp_path / "train.zip", made)
    with opened(path) as found, ThreadPoolExecutor(8) as pool:
        read = list(pool.map(found.raw, [*range(60)] * 10))
    assert read == [made[name] for name in sorted(made)] * 10


def linked(name):
    member = zipfile.ZipInfo(name)
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member


@pytest.mark.parametrize(
    "name, problem",
    [
        ("../outside.bin", "outside"),
        ("Train/../../x.bin", "x.bin"),
        ("/Train/1/00001.bin", "the name '/Train"),
        ("Train\\..\\x", "the name"),
        ("C:/Train/x", "the name"),
        (linked("Train/1/00009.bin"), "neither file nor folder"),
        ("Train/12/00001.bin", "is not Train/<label>/<number>.bin"),
        ("Train/x/00001.bin", "is not Train/<label>/<number>.bin"),
        ("Train/1/one.bin", "is not Train/<label>/<number>.bin"),
        ("Train/1/deeper/00001.bin", "is not Train/<label>/<number>.bin"),
    ],
)
def test_unsafe_or_odd_members_are_refused(tmp_path, name, problem):
    path = write_zip(tmp_path / "train.zip", {**recordings(), name: recording()})
    with pytest.raises(ArchiveError, match=f"train.zip, byte .*{problem}"):
        opened(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_given_twice_is_refused(tmp_path):
    path = tmp_path / "train.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Train/1/00001.bin", recording())
        archive.writestr("Train/1/00001.bin", recording(seed=1))
    with pytest.raises(ArchiveError, match="Train/1/00001.bin occurs twice"):
        opened(path)


def test_too_many_recordings_are_refused(tmp_path):
    path = write_zip(tmp_path / "train.zip", recordings(count=61))
    with pytest.raises(ArchiveError, match="61 recordings.*the dataset has 60"):
        opened(path)


def test_archive_without_recordings_is_refused(tmp_path):
    path = write_zip(tmp_path / "train.zip", recordings("Test"))
    with pytest.raises(ArchiveError, match="it has no Train/<label>"):
        opened(path)


def test_bombs_are_refused_before_they_are_unpacked(tmp_path):
    large = {"Train/1/00001.bin": bytes(5 * nmnist.MOST_EVENTS + 5)}
    with pytest.raises(ArchiveError, match="more than a recording can have"):
        opened(write_zip(tmp_path / "train.zip", large))
    one = bytes(5 * nmnist.MOST_EVENTS)
    many = {f"Train/1/{number:05d}.bin": one for number in range(60)}
    with pytest.raises(ArchiveError, match="60000000 bytes together"):
        opened(write_zip(tmp_path / "train.zip", many))


def spoil(path, start, data):
    content = bytearray(path.read_bytes())
    content[start : start + len(data)] = data
    path.write_bytes(content)


def test_a_size_that_lies_is_refused(tmp_path):
    path = write_zip(tmp_path / "train.zip", {"Train/1/00001.bin": recording()})
    entry = path.read_bytes().index(b"PK\x01\x02")
    spoil(path, entry + 24, struct.pack("<I", 100))  # 200 bytes come
    with opened(path) as found, pytest.raises(ArchiveError, match="Train/1/00001.bin"):
        found.read(0)


def test_damage_is_noticed_by_the_sum_of_the_member(tmp_path):
    path = tmp_path / "train.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Train/1/00001.bin", recording())
    spoil(path, path.read_bytes().index(recording()) + 50, b"\x00\x01")
    with opened(path) as found, pytest.raises(ArchiveError, match="CRC"):
        found.read(0)


@pytest.mark.parametrize("flag, method", [(1, 8), (0, 14), (0, 99)])
def test_encrypted_or_oddly_packed_members_are_refused(tmp_path, flag, method):
    path = write_zip(tmp_path / "train.zip", {"Train/1/00001.bin": recording()})
    entry = path.read_bytes().index(b"PK\x01\x02")
    spoil(path, entry + 8, struct.pack("<HH", flag, method))
    with pytest.raises(ArchiveError, match="encrypted|unknown way"):
        opened(path)


@pytest.mark.parametrize("keep", [0, 10, 200, -10])
def test_truncated_zip_is_refused(tmp_path, keep):
    path = write_zip(tmp_path / "train.zip", recordings())
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ArchiveError, match="train.zip: it cannot be read"):
        opened(path)
