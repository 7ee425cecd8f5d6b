"""Noise of a data set's shape is prepared data like any other."""

import numpy as np
import pytest

from spikewatt.data import arrays, made_up, sizes
from spikewatt.data.catalogue import DATASETS

EVENTS = {"filter_time_us": 10000, "bin_us": 10000}


def written(folder, name, settings=None, size=None, count=6):
    size = size or sizes.published(DATASETS[name], settings)
    made_up.write(folder / "noise.safetensors", DATASETS[name], settings, size, count)
    return arrays.load(folder / "noise.safetensors")


@pytest.mark.parametrize("name", ["mnist", "cifar10", "cifar100"])
def test_images_have_the_shape_and_classes_of_their_set(tmp_path, name):
    data = written(tmp_path, name)
    assert data.shape == DATASETS[name].shape
    assert data.classes == len(DATASETS[name].classes)
    assert made_up.like(data) == sizes.Size(6, 6)
    share = (data.split("train").images > 0).mean()
    assert share == pytest.approx(0.2 if name == "mnist" else 1, abs=0.03)


def test_recordings_are_as_long_and_full_as_they_are_said_to_be(tmp_path):
    size = sizes.Size(60_000, 10_000, bins=31, events=50)
    data = written(tmp_path, "nmnist", EVENTS, size)
    assert data.shape == (2, 34, 34)
    assert made_up.like(data) == sizes.Size(6, 6, 31, 50)
    part = data.split("test")
    for start, stop in zip(part.indptr, part.indptr[1:], strict=False):
        key = part.bin[start:stop].astype(int) * 2 * 34 * 34 + part.address[start:stop]
        assert (np.diff(key) >= 0).all()


def test_pixels_are_joined_and_bins_counted_as_the_settings_say(tmp_path):
    settings = EVENTS | {"bin_us": 50000, "spatial_factor": 4}
    size = sizes.published(DATASETS["dvs_gesture"], settings)
    assert (size.bins, size.train) == (130, DATASETS["dvs_gesture"].train)
    small = sizes.Size(1, 1, 130, 20)
    assert written(tmp_path, "dvs_gesture", settings, small).shape == (2, 32, 32)


def test_what_prepared_data_take():
    """784 bytes an image of MNIST; 4 bytes an event."""
    assert sizes.Size(3, 2).bytes(DATASETS["mnist"]) == 5 * 784
    assert sizes.Size(3, 2, 9, 100).bytes(DATASETS["nmnist"]) == 5 * 400
    few = sizes.published(DATASETS["mnist"], None, train=60, test=30)
    assert few == sizes.Size(60, 30)


def test_nmnist_is_as_long_as_the_papers():
    """311 bins of a millisecond at most, as its own recordings have."""
    size = sizes.published(DATASETS["nmnist"], EVENTS | {"bin_us": 1000})
    assert 300 <= size.bins <= 315 and 4000 <= size.events <= 4400


def test_room_on_disk_is_archives_and_what_is_made_of_them():
    mnist = 9_912_422 + 28_881 + 1_648_877 + 4_542 + 70_000 * 28 * 28
    assert sizes.disk(DATASETS["mnist"]) == mnist
    archives = sum(archive.size for archive in DATASETS["nmnist"].archives)
    rows = 70_000 * 4_200 * 4
    assert sizes.disk(DATASETS["nmnist"]) == archives + 2 * rows
