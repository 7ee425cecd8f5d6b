"""From archives to prepared arrays, and opening those."""

import errno
import json
import os
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import filelock
import numpy as np
import pytest
from PIL import Image
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from tonic.io import read_mnist_file
from tonic.transforms import Denoise, ToFrame

from made_archives import write_dataset, write_zip
from spikewatt.data import (
    arrays,
    catalogue,
    checksum,
    idx,
    prepare,
    prepare_events,
    space,
)
from spikewatt.data.errors import ArchiveError

SETTINGS = {"filter_time_us": 10_000, "bin_us": 1_000}
DATASETS = list(catalogue.DATASETS)
# Of 128 pixels, 4 are one.
SENSORS = {
    "nmnist": [2, 34, 34],
    "shd": [1, 1, 700],
    "dvs_gesture": [2, 32, 32],
    "cifar10_dvs": [2, 32, 32],
}


def run(folder, name, **choice):
    archives = write_dataset(folder / "archives" / name, name)
    output = folder / "datasets" / f"{name}.safetensors"
    settings = SETTINGS | catalogue.get(name).events
    prepare.prepare(name, archives, output, settings, **choice)
    return archives, output


@pytest.mark.parametrize("name", DATASETS)
def test_contract_of_the_prepared_file(tmp_path, name):
    archives, output = run(tmp_path, name)
    dataset = catalogue.get(name)
    found = load_file(output)
    parts = ("images",) if dataset.kind == "images" else tuple(arrays.TYPES)[2:]
    assert set(found) == {
        f"{split}_{part}" for split in ("train", "test") for part in (*parts, "labels")
    }
    for key, array in found.items():
        assert array.dtype == arrays.TYPES[key.split("_", 1)[1]]
    metadata = arrays.load(output).metadata
    assert metadata["checksums"] == {
        file: checksum.of(archives / file) for file in dataset.files
    }
    assert metadata["format"] == arrays.FORMAT
    if dataset.kind == "events":
        assert metadata["sensor"] == SENSORS[name]
        assert metadata.items() >= (SETTINGS | dataset.events).items()
    else:
        assert arrays.load(output).shape == dataset.shape
    assert arrays.load(output).classes == len(dataset.classes)
    if name not in ("mnist", "cifar10", "nmnist"):  # sample data: as many as asked for
        sizes = [len(arrays.load(output).split(split)) for split in ("train", "test")]
        assert sizes == [20, 10]


@pytest.mark.parametrize("name", DATASETS)
def test_same_archives_give_the_same_bytes(tmp_path, name):
    _, first = run(tmp_path / "a", name)
    _, second = run(tmp_path / "b", name, threads=3)
    assert first.read_bytes() == second.read_bytes()


def test_tonic_gives_the_same_bytes(tmp_path):
    _, ours = run(tmp_path / "a", "nmnist")
    _, theirs = run(tmp_path / "b", "nmnist", preparation="tonic")
    assert ours.read_bytes() == theirs.read_bytes()


def test_without_a_filter_more_events_stay_and_the_file_says_so(tmp_path):
    archives, filtered = run(tmp_path, "nmnist")
    output = tmp_path / "datasets" / "nmnist_bin1000us_unfiltered.safetensors"
    settings = SETTINGS | {"filter_time_us": None}
    prepare.prepare("nmnist", archives, output, settings)
    kept = [
        len(arrays.load(path).split("train").address) for path in (filtered, output)
    ]
    assert kept[0] < kept[1]
    assert arrays.load(output).metadata["filter_time_us"] is None
    assert arrays.load(output).classes == 10


def test_frames_are_tonics_from_file_to_file(tmp_path):
    archives, output = run(tmp_path, "nmnist")
    split = arrays.load(output).split("train")
    with zipfile.ZipFile(archives / "train.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
    names = sorted((tmp_path / "unpacked").rglob("*.bin"))
    dtype = np.dtype([("x", int), ("y", int), ("t", int), ("p", int)])
    to_frame = ToFrame(sensor_size=(34, 34, 2), time_window=1_000)
    for index, name in enumerate(names):
        expected = to_frame(Denoise(filter_time=10_000)(read_mnist_file(name, dtype)))
        assert np.array_equal(dense(split, index), expected)
        assert split.labels[index] == int(name.parent.name)


def dense(split, index):
    polarities, height, width = split.sensor
    frames = np.zeros((split.num_bins[index], polarities * height * width), int)
    part = slice(split.indptr[index], split.indptr[index + 1])
    np.add.at(frames, (split.bin[part], split.address[part]), 1)
    return frames.reshape(-1, polarities, height, width)


def test_images_come_back_as_they_were(tmp_path):
    archives, output = run(tmp_path, "mnist")
    data = arrays.load(output)
    truth = idx.read_images(archives / "train-images-idx3-ubyte.gz", 99, 28, 28)
    assert isinstance(data, arrays.Images)
    assert data.shape == (1, 28, 28)
    assert len(data.split("train")) == 20
    assert np.array_equal(data.split("train").images[:, 0], truth)
    assert data.split("test").labels.tolist() == [*range(10)] * 2
    assert not data.split("train").images.flags.writeable


def test_images_are_enlarged_bilinearly():
    images = np.zeros((1, 1, 2, 2), np.uint8)
    images[0, 0, :, 1] = 200
    # Pixel centres of 4 columns lie at 0.25, 0.75, 1.25, 1.75 of the two old ones.
    assert arrays.resized(images, 4)[0, 0, 0].tolist() == [0, 50, 150, 200]
    noise = np.random.default_rng(0).integers(0, 256, (2, 3, 28, 28), dtype=np.uint8)
    by_pillow = Image.fromarray(noise[1, 2]).resize((32, 32), Image.BILINEAR)
    assert np.array_equal(arrays.resized(noise, 32)[1, 2], np.asarray(by_pillow))


def test_resized_dataset_keeps_labels(tmp_path):
    data = arrays.load(run(tmp_path, "mnist")[1])
    larger = data.resized(32)
    assert larger.shape == (1, 32, 32)
    assert np.array_equal(larger.split("test").labels, data.split("test").labels)


@pytest.mark.parametrize("name", DATASETS)
def test_archive_changed_after_verification_is_refused(tmp_path, name):
    archives = write_dataset(tmp_path / name, name)
    file = archives / catalogue.get(name).files[0]
    file.write_bytes(file.read_bytes() + b"x")
    output = tmp_path / "out.safetensors"
    with pytest.raises(checksum.ChecksumError, match=file.name):
        prepare.prepare(name, archives, output, SETTINGS)
    checksum.record_path(file).unlink()
    with pytest.raises(checksum.ChecksumError, match="counts as not verified"):
        prepare.prepare(name, archives, output, SETTINGS)
    assert not output.exists()


def test_images_and_labels_that_do_not_match_are_refused(tmp_path):
    archives = write_dataset(tmp_path / "a", "mnist", count=20)
    other = write_dataset(tmp_path / "b", "mnist", count=10)
    name = "t10k-labels-idx1-ubyte.gz"
    for file in (name, f"{name}.sha256"):
        (archives / file).write_bytes((other / file).read_bytes())
    with pytest.raises(ArchiveError, match="10 labels for 20 images"):
        prepare.prepare("mnist", archives, tmp_path / "out.safetensors", SETTINGS)


def test_bad_recording_is_named_and_leaves_nothing(tmp_path):
    archives = write_dataset(tmp_path / "nmnist", "nmnist")
    spoilt = {"Test/1/00001.bin": b"\x00" * 7}
    write_zip(archives / "test.zip", spoilt)
    checksum.record(archives / "test.zip")
    output = tmp_path / "datasets" / "nmnist.safetensors"
    with pytest.raises(ArchiveError, match="test.zip: Test/1/00001.bin, byte 0"):
        prepare.prepare("nmnist", archives, output, SETTINGS, threads=2)
    assert [path.name for path in output.parent.iterdir()] == [f".{output.name}.lock"]


def test_too_little_disk_or_memory_is_said_before_the_work(tmp_path, monkeypatch):
    monkeypatch.setattr(space, "MARGIN", 2**60)
    with pytest.raises(space.NotEnoughSpace, match="preparing .* needs .* bytes in"):
        run(tmp_path, "nmnist")
    monkeypatch.setattr(prepare_events, "MEMORY", 2**60)
    with pytest.raises(space.NotEnoughSpace, match="bytes of memory"):
        run(tmp_path, "nmnist")


def test_second_preparation_waits_for_the_first(tmp_path, caplog):
    # As after a killed Snakemake whose job lives on.
    archives = write_dataset(tmp_path / "archives", "nmnist")
    output = tmp_path / "nmnist.safetensors"
    lock = filelock.FileLock(tmp_path / f".{output.name}.lock")
    patience = time.monotonic() + 30
    with ThreadPoolExecutor() as pool, lock:  # a failure releases the lock first
        waiting = pool.submit(prepare.prepare, "nmnist", archives, output, SETTINGS)
        while f"waiting for process {os.getpid()}" not in caplog.text:
            assert not waiting.done()
            assert time.monotonic() < patience
            time.sleep(0.01)
        (tmp_path / f".{output.name}.scratch").mkdir()
        lock.release()
        waiting.result()
    assert len(arrays.load(output).split("train")) == 20


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        SafetensorError("I/O error: No space left on device (os error 28)"),
    ],
)
def test_disk_that_fills_up_meanwhile_is_named(tmp_path, monkeypatch, error):
    def overflow(*_arguments, **_options):
        raise error

    monkeypatch.setattr(prepare, "save_file", overflow)
    with pytest.raises(space.NotEnoughSpace, match="mnist.safetensors needs .* full"):
        run(tmp_path, "mnist")
    assert list((tmp_path / "datasets").iterdir()) == []


def spoilt(tmp_path, change, metadata=None):
    """A prepared nmnist file with some arrays changed."""
    _, output = run(tmp_path, "nmnist")
    kept = arrays.load(output).metadata if metadata is None else metadata
    found = load_file(output)
    change(found)
    save_file(found, output, metadata={arrays.METADATA_KEY: json.dumps(kept)})
    return output


def _set(name, place, value):
    def change(found):
        found[name][place] = value

    return change


@pytest.mark.parametrize(
    "change, problem",
    [
        (_set("train_address", 3, 2 * 34 * 34), "contradict"),
        (_set("train_bin", 3, 60_000), "contradict"),
        (_set("train_labels", 3, 10), "labels are not in 0…9"),
        (_set("train_indptr", 1, 10**9), "contradict"),
        (_set("test_num_bins", 0, 0), "contradict"),
        (lambda found: found.pop("train_labels"), "no array train_labels"),
        (
            lambda found: found.update(test_bin=found["test_bin"].astype(np.int32)),
            "no array test_bin",
        ),
    ],
)
def test_arrays_that_contradict_are_refused(tmp_path, change, problem):
    with pytest.raises(arrays.DatasetError, match=f"nmnist.safetensors: .*{problem}"):
        arrays.load(spoilt(tmp_path, change))


def test_foreign_and_truncated_files_are_refused(tmp_path):
    with pytest.raises(arrays.DatasetError, match="not of the format"):
        arrays.load(spoilt(tmp_path, lambda found: None, metadata={"format": "other"}))
    with pytest.raises(arrays.DatasetError, match="its sensor is None"):
        less = {"format": arrays.FORMAT, "kind": "events", "classes": [*range(10)]}
        arrays.load(spoilt(tmp_path, lambda found: None, metadata=less))
    _, output = run(tmp_path, "nmnist")
    output.write_bytes(output.read_bytes()[:-10])
    with pytest.raises(arrays.DatasetError, match="damaged"):
        arrays.load(output)
    with pytest.raises(FileNotFoundError):
        arrays.load(tmp_path / "nothing.safetensors")


@pytest.mark.skipif(
    "SPIKEWATT_TEST_DATA" not in os.environ, reason="SPIKEWATT_TEST_DATA is not set"
)
def test_late_real_recording_keeps_its_bins(tmp_path):
    # Test recording 12 runs from 25.8 to 336.0 ms.
    source = Path(os.environ["SPIKEWATT_TEST_DATA"]) / "nmnist"
    archives = tmp_path / "archives"
    archives.mkdir()
    for file in ("train.zip", "test.zip"):
        (archives / file).write_bytes((source / file).read_bytes())
        checksum.record(archives / file)
    output = tmp_path / "nmnist.safetensors"
    prepare.prepare("nmnist", archives, output, SETTINGS, threads=2)
    data = arrays.load(output)
    assert len(data.split("train")) == 800
    assert len(data.split("test")) == 60
    assert data.split("test").num_bins.max() <= 316
    assert set(data.split("test").labels.tolist()) == {*range(10)} - {8}
