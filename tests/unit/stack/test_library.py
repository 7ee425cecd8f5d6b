"""Samples by torchvision and tonic: the same as the prepared ones, and no traces."""

import os
import shutil
import tarfile
import time
from pathlib import Path

import numpy as np
import pytest
import torch

import made_official
import made_plans
from spikewatt.data import arrays, catalogue, checksum, prepare, space
from spikewatt.data.nmnist import FOLDERS
from spikewatt.network.describe import describe
from spikewatt.network.weights import Network
from spikewatt.stack import library
from spikewatt.stack.reference import Encoded, Reference
from spikewatt.train import seeds

CPU = torch.device("cpu")
SETS = ("mnist", "cifar10", "nmnist")
# A network of the paper for each data set.
OF_SET = {"mnist": ("exp1", "ann"), "cifar10": ("exp2", "cnn")}
OF_SET["nmnist"] = ("exp3", "snn_nmnist")


@pytest.fixture(scope="module")
def resources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("resources")
    return {name: made_official.make(folder, name) for name in SETS}


def built(prepared, name, **changes):
    """The reference stack of a network on the prepared data."""
    plan = made_plans.plan(*OF_SET[name], events=made_official.EVENTS, **changes)
    data = arrays.load(prepared)
    if plan["resize"]:
        data = data.resized(plan["resize"])
    streams = seeds.streams(0)
    layers = describe(plan["architecture"], data.shape, plan["neuron"]["kind"])
    return Reference(plan, data, Network(layers, streams.init), streams, CPU)


def archives(prepared, name):
    return prepared.parents[1] / "archives" / name


def by_both_ways(prepared, name, room, split, indices, **changes):
    """All batches of the same draws: by the libraries, and from arrays."""
    taken = []
    for way in ("library", "prepared"):
        stack = built(prepared, name, **changes)
        if way == "library":
            place = archives(prepared, name)
            stack.load_by_libraries(place, room, split, indices)
        taken.append(list(stack.batches(split, indices, shuffle=True)))
    return taken


def assert_equal(one, other):
    assert len(one) == len(other) > 0
    for (samples, labels), (others, other_labels) in zip(one, other, strict=True):
        assert torch.equal(labels, other_labels) and labels.dtype == other_labels.dtype
        if isinstance(samples, tuple):  # with lengths
            assert torch.equal(samples[1], others[1])
            samples, others = samples[0], others[0]
        assert samples.dtype == others.dtype == torch.float32
        assert torch.equal(samples, others)


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("mnist", {}),
        ("mnist", {"resize": 32}),
        ("cifar10", {}),
        ("cifar10", {"resize": 48}),
        ("nmnist", {}),
        ("nmnist", {"padding": "masked"}),
    ],
)
def test_every_sample_is_the_prepared_one(resources, tmp_path, name, split, changes):
    if name == "cifar10" and "resize" in changes:
        changes = changes | {"architecture": [{"linear": 10}]}
    labels = arrays.load(resources[name]).split(split).labels
    indices = np.random.default_rng(0).permutation(len(labels))
    ways = by_both_ways(resources[name], name, tmp_path, split, indices, **changes)
    assert sum(len(labels) for _, labels in ways[0]) == len(indices)
    assert_equal(*ways)


def test_recordings_without_a_filter_and_in_fine_bins(tmp_path):
    events = {"filter_time_us": None, "bin_us": 1000}
    prepared = made_official.make(tmp_path, "nmnist", events, train=50, test=10)
    room = tmp_path / "room"
    room.mkdir()
    stack = built(prepared, "nmnist")
    stack.plan["events"] = events
    stack.load_by_libraries(archives(prepared, "nmnist"), room, "test", np.arange(10))
    theirs = list(stack.batches("test", np.arange(10), shuffle=False))
    stack.source = None
    assert_equal(theirs, list(stack.batches("test", np.arange(10), shuffle=False)))


def test_a_part_of_the_recordings_is_unpacked_alone_and_keeps_its_order(
    resources, tmp_path
):
    indices = np.array([41, 3, 17, 58, 4])
    ways = by_both_ways(resources["nmnist"], "nmnist", tmp_path, "train", indices)
    assert_equal(*ways)
    assert len(list(tmp_path.glob("NMNIST/Train/*/*.bin"))) == len(indices)


def test_workers_load_the_same(resources, tmp_path):
    indices = np.arange(20)
    for name in ("mnist", "nmnist"):
        room = tmp_path / name
        room.mkdir()
        ways = by_both_ways(
            resources[name], name, room, "test", indices, loader_workers=2
        )
        assert_equal(*ways)


def test_the_cache_is_empty_until_a_sample_is_asked_for(resources, tmp_path):
    stack = built(resources["nmnist"], "nmnist")
    place = archives(resources["nmnist"], "nmnist")
    stack.load_by_libraries(place, tmp_path, "train", np.arange(30))
    list(stack.rehearsal("train", np.arange(30)))
    assert list((tmp_path / "cache").iterdir()) == []
    list(stack.batches("train", np.arange(12), shuffle=True))
    cached = {path.name for path in (tmp_path / "cache").iterdir()}
    assert cached == {f"{number}_0.hdf5" for number in range(12)}


def test_a_rehearsal_is_of_the_prepared_samples_in_order(resources, tmp_path):
    stack = built(resources["mnist"], "mnist")
    place = archives(resources["mnist"], "mnist")
    stack.load_by_libraries(place, tmp_path, "train", np.arange(60))
    early = [labels for _, labels in stack.rehearsal("train", np.arange(8, 16))]
    images = arrays.load(resources["mnist"]).split("train")
    assert torch.cat(early).tolist() == images.labels[8:16].tolist()


def test_the_size_of_the_cache_is_foreseen(resources, tmp_path):
    stack = built(resources["nmnist"], "nmnist")
    part, known = stack.data.split("train"), np.arange(60)
    from spikewatt.data import with_tonic

    dense, foreseen = library.cache_bytes(
        part, known, tmp_path, with_tonic.frames_bytes
    )
    assert dense == int(part.num_bins.sum()) * 2 * 34 * 34 * 2  # int16
    assert list(tmp_path.iterdir()) == []
    place = archives(resources["nmnist"], "nmnist")
    stack.load_by_libraries(place, tmp_path, "train", known)
    list(stack.batches("train", known, shuffle=False))
    taken = sum(p.stat().st_blocks * 512 for p in (tmp_path / "cache").iterdir())
    assert taken <= foreseen <= 3 * taken


def test_a_disk_that_is_too_small_is_refused_with_the_figures(
    resources, tmp_path, monkeypatch
):
    usage = shutil.disk_usage(tmp_path)._replace(free=space.MARGIN + 100_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    stack = built(resources["nmnist"], "nmnist")
    place = archives(resources["nmnist"], "nmnist")
    with pytest.raises(space.NotEnoughSpace) as caught:
        stack.load_by_libraries(place, tmp_path, "train", np.arange(60))
    part = stack.data.split("train")
    dense = int(part.num_bins.sum()) * 2 * 34 * 34 * 2
    for words in ("60 recordings", f"{dense:,}", "loading: prepared", "are free"):
        assert words in str(caught.value)
    assert list(tmp_path.iterdir()) == []  # nothing was unpacked


def test_an_archive_that_is_missing_or_another_is_named(resources, tmp_path):
    place = tmp_path / "archives"
    shutil.copytree(archives(resources["mnist"], "mnist"), place)
    stack = built(resources["mnist"], "mnist")
    labels = place / "train-labels-idx1-ubyte.gz"
    content = labels.read_bytes()
    labels.unlink()
    with pytest.raises(ValueError, match="train-labels.*missing.*loading: prepared"):
        stack.load_by_libraries(place, tmp_path / "a", "train", np.arange(9))
    labels.write_bytes(content + b"\0")
    with pytest.raises(checksum.ChecksumError, match="train-labels"):
        stack.load_by_libraries(place, tmp_path / "b", "train", np.arange(9))


def test_a_set_that_no_library_reads_is_named(resources, tmp_path):
    stack = built(resources["mnist"], "mnist")
    stack.plan["dataset"] = "of_my_own"
    with pytest.raises(ValueError, match="reads mnist.*not of_my_own.*prepared"):
        stack.load_by_libraries(tmp_path, tmp_path, "train", np.arange(9))


def test_no_name_in_an_archive_decides_where_a_file_goes(tmp_path):
    outside = tmp_path / "outside"
    archive = tmp_path / "a.tar.gz"
    with tarfile.open(archive, "w:gz") as made:
        for name in ("../outside/test_batch", "elsewhere/other"):
            (tmp_path / "file").write_text("x")
            made.add(tmp_path / "file", arcname=name)
    library._unpack_tar({"a": archive}, tmp_path / "room", ["test_batch"])
    assert not outside.exists()
    assert [path.name for path in (tmp_path / "room").iterdir()] == ["test_batch"]


class Slow:
    """A loader of batches that takes 20 ms for each."""

    def __len__(self):
        return 5

    def __iter__(self):
        for _ in range(5):
            time.sleep(0.02)
            yield 1, 2


def test_waiting_for_the_loader_is_told_from_what_is_done_with_a_batch():
    def encode(*batch):
        time.sleep(0.03)
        return batch

    batches = Encoded(Slow(), encode)
    for _ in range(2):  # each pass counts for itself
        start = time.perf_counter()
        for _ in batches:
            time.sleep(0.03)
        whole = time.perf_counter() - start
        assert 0.1 <= batches.waited_s <= whole - 10 * 0.03


DATA = os.environ.get("SPIKEWATT_TEST_DATA")


@pytest.mark.skipif(not DATA, reason="real archives are needed")
@pytest.mark.parametrize(("name", "resize"), [("mnist", 32), ("nmnist", None)])
def test_every_real_sample_is_the_prepared_one(tmp_path, name, resize):
    place = tmp_path / "archives" / name
    place.mkdir(parents=True)
    for file in catalogue.get(name).files:
        shutil.copy(Path(DATA, name, file), place)
        checksum.record(place / file)
    (tmp_path / "datasets").mkdir()
    prepared = tmp_path / "datasets" / f"{name}.safetensors"
    prepare.prepare(name, place, prepared, made_official.EVENTS)
    for split in FOLDERS:
        room = tmp_path / split
        room.mkdir()
        stack = built(prepared, name, resize=resize)
        count = len(stack.data.split(split).labels)
        indices = np.arange(count)
        stack.load_by_libraries(place, room, split, indices)
        theirs = stack.source.samples(indices)
        ours, _ = stack._prepared(split, indices)
        for number in range(count):
            sample, label = theirs[number]
            expected, expected_label = ours[number]
            assert int(label) == int(expected_label)
            assert np.array_equal(np.asarray(sample), expected.numpy())
