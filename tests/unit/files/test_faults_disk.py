"""Disks that are full, folders that are closed: a clear error, and no half file."""

import errno
import os
import subprocess

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from spikewatt.data import checksum, local, space
from spikewatt.files import atomic
from spikewatt.train.checkpoint import Checkpoints

MIB = 2**20


def mounted(folder, *options):
    """Mount something on `folder`; skips where that is not allowed."""
    folder.mkdir()
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True)
    if done.returncode:
        pytest.skip(f"mounting is not allowed here: {done.stderr.decode().strip()}")
    return folder


@pytest.fixture
def small(tmp_path):
    """A file system of one mebibyte."""
    folder = mounted(tmp_path / "small", "-t", "tmpfs", "-o", "size=1m", "tmpfs")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def closed(tmp_path):
    """A folder that nobody may write to, not even root."""
    folder = mounted(tmp_path / "closed", "-t", "tmpfs", "-o", "ro", "tmpfs")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_full_disk_is_named_and_leaves_nothing(small):
    with pytest.raises(OSError, match=r"table\.csv cannot be written.*full.*free"):
        atomic.write_text(small / "table.csv", "x" * 2 * MIB)
    assert list(small.iterdir()) == []


def test_writers_of_other_languages_are_understood(small):
    tensors = {"weights": torch.zeros(MIB)}
    with (
        pytest.raises(OSError, match=r"model\.safetensors cannot be written") as told,
        atomic.placing(small / "model.safetensors") as path,
    ):
        save_file(tensors, path)
    assert told.value.errno == errno.ENOSPC
    assert list(small.iterdir()) == []


def test_the_last_good_checkpoint_outlives_a_full_disk(small):
    kept = Checkpoints(small / "kept", {})
    kept.save(1, {"w": torch.zeros(100_000)}, {})  # 400 kB of 1 MiB
    kept.save(2, {"w": torch.ones(100_000)}, {})
    with pytest.raises(OSError, match=r"epoch_0003\.safetensors cannot be written"):
        kept.save(3, {"w": torch.ones(100_000)}, {})
    tensors, facts = kept.load()
    assert facts["epoch"] == 2 and tensors["w"].all()


def test_room_is_asked_for_before_an_archive_is_copied(small, tmp_path, monkeypatch):
    monkeypatch.setattr(space, "MARGIN", 0)
    name = "train-labels-idx1-ubyte.gz"
    source = tmp_path / "archives" / "mnist" / name
    source.parent.mkdir(parents=True)
    source.write_bytes(np.random.default_rng(0).bytes(2 * MIB))
    given = {"mnist": {name: checksum.of(source)}}
    with pytest.raises(space.NotEnoughSpace, match=r"needs 2,097,152 bytes in .*small"):
        local.take("mnist", name, source.parents[1], small / name, given)
    assert list(small.iterdir()) == []


def test_a_closed_folder_is_named(closed):
    with pytest.raises(
        OSError, match=r"run\.json cannot be written: Read-only"
    ) as told:
        atomic.write_json(closed / "run.json", {})
    assert told.value.errno == errno.EROFS
    with pytest.raises(OSError, match=r"epoch_0001.*cannot be written"):
        Checkpoints(closed / "kept", {}).save(1, {}, {})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_forbidden_folder_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError, match=r"run\.json cannot be written"):
        atomic.write_json(tmp_path / "run.json", {})
    tmp_path.chmod(0o700)


@pytest.mark.parametrize("call", ["mkdtemp", "open", "fsync", "chmod", "replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_whatever_fails_the_old_file_stays_whole(tmp_path, monkeypatch, call, code):
    """Every call of the file layer in turn, where mounting needs no root."""
    path = tmp_path / "epochs.csv"
    atomic.write_text(path, "old")

    def fails(*_arguments, **_options):
        raise OSError(code, os.strerror(code))

    module, owner = {
        "mkdtemp": (atomic.tempfile, "mkdtemp"),
        "open": (atomic, "open"),
        "fsync": (os, "fsync"),
        "chmod": (atomic.Path, "chmod"),
        "replace": (os, "replace"),
    }[call]
    with monkeypatch.context() as patch:
        patch.setattr(module, owner, fails, raising=False)
        with pytest.raises(OSError) as told:
            atomic.write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    if code != errno.EIO:
        assert "epochs.csv cannot be written" in str(told.value)
