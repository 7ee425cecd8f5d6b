"""Checksums, the local source, free space, the catalogue."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from spikewatt.data import catalogue, checksum, local, space

FILE = "train-labels-idx1-ubyte.gz"
SUM = "sha256:" + hashlib.sha256(b"content").hexdigest()


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "a folder; with $(odd) ünïcode" / "mnist"
    place.mkdir(parents=True)
    (place / FILE).write_bytes(b"content")
    return place.parent


def take(folder, tmp_path, checksums, file=FILE):
    output = tmp_path / "archives" / file
    local.take("mnist", file, folder, output, checksums)
    return output


@pytest.mark.parametrize("given", [SUM, SUM.upper().replace("SHA", "sha"), None, "md5"])
def test_archive_with_its_own_checksum_is_taken(folder, tmp_path, monkeypatch, given):
    if given == "md5":
        given = "md5:" + hashlib.md5(b"content").hexdigest()
    if given is None:
        monkeypatch.setattr(local, "expected", lambda *_: SUM)
    output = take(folder, tmp_path, {"mnist": {FILE: given}})
    assert output.read_bytes() == b"content"
    assert checksum.recorded(output) == SUM
    # What `sha256sum --check` reads.
    assert Path(f"{output}.sha256").read_text() == f"{SUM[7:]}  {FILE}\n"


def test_other_archive_is_refused_with_the_checksum_found(folder, tmp_path):
    with pytest.raises(checksum.ChecksumError) as caught:
        take(folder, tmp_path, {})
    message = str(caught.value)
    assert str(folder / "mnist" / FILE) in message
    assert f'checksums: {{mnist: {{{FILE}: "{SUM}"}}}}' in message
    assert "md5:d53e105ee54ea40749a09fcbcd1e9432" in message
    assert list((tmp_path / "archives").iterdir()) == []


def test_missing_archive_is_named_with_what_to_do(folder, tmp_path):
    name = "t10k-labels-idx1-ubyte.gz"
    with pytest.raises(FileNotFoundError, match="<dataset>/<official file name>"):
        take(folder, tmp_path, {}, file=name)


@pytest.mark.parametrize(
    "text", ["", "md5", "md5:12", "sha1:" + "0" * 40, "md5:" + "g" * 32]
)
def test_what_is_no_checksum_is_refused(text):
    with pytest.raises(checksum.ChecksumError, match="is not a checksum"):
        checksum.parse(text)


def test_unknown_names_are_refused_with_the_known_ones():
    with pytest.raises(
        KeyError, match=r"mnist \(handwritten digits\), cifar10 .*, shd \(spoken"
    ):
        catalogue.get("../mnist")
    with pytest.raises(KeyError, match="train.zip, test.zip"):
        catalogue.NMNIST.archive("Train.zip")


def test_catalogue_is_complete():
    for name, dataset in catalogue.DATASETS.items():
        assert name == dataset.name
        assert dataset.about and dataset.licence and dataset.citation
        assert len(set(dataset.classes)) == len(dataset.classes) >= 10
        assert dataset.kind in ("images", "events")
        for archive in dataset.archives:
            checksum.parse(archive.checksum)
            assert len(set(archive.urls)) == len(archive.urls) >= 1


def test_catalogue_imports_nothing_heavy():
    code = "import sys, spikewatt.data.catalogue as c; print(*sys.modules)"
    scripts = Path(catalogue.__file__).parents[2]
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=scripts, capture_output=True, text=True
    ).stdout.split()
    assert "spikewatt.data.catalogue" in loaded
    assert not {"numpy", "torch", "pooch", "numba", "tonic"} & set(loaded)


def test_only_one_module_imports_tonic():
    scripts = Path(catalogue.__file__).parents[2]
    importing = [
        path.name
        for path in scripts.rglob("*.py")
        if "import tonic" in path.read_text() or "from tonic" in path.read_text()
    ]
    assert importing == ["with_tonic.py"]


def test_memory_limit_of_a_container_counts(tmp_path):
    whole = space.available_memory(group=tmp_path)
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("400\n")
    assert space.available_memory(group=tmp_path) == 600 < whole
    (tmp_path / "memory.max").write_text("max\n")
    assert space.available_memory(group=tmp_path) > 600
