"""Names of prepared data: one for each data set and way of preparing it."""

import copy
import re

import pytest

import made_plans
from spikewatt.workflow import prepared, settings

CONFIG = copy.deepcopy(made_plans.CONFIG)
COMMON = CONFIG["events"]
NAMES = [
    ({}, "nmnist"),
    (dict(COMMON), "nmnist"),
    ({"bin_us": 30000}, "nmnist_bin30000us_filter10000us"),
    ({"filter_time_us": 5}, "nmnist_bin1000us_filter5us"),
    ({"filter_time_us": None}, "nmnist_bin1000us_unfiltered"),
]


@pytest.mark.parametrize(("own", "name"), NAMES)
def test_the_name_says_settings_that_are_not_the_common_ones(own, name):
    assert prepared.name(CONFIG, {"dataset": "nmnist", "events": own}) == name


@pytest.mark.parametrize(("own", "name"), NAMES)
def test_the_settings_are_read_back_from_the_name(own, name):
    written = name.removeprefix("nmnist")
    assert re.fullmatch(prepared.EVENTS, written)
    assert prepared.event_settings(CONFIG, "nmnist", written) == COMMON | own


# What the sets bring: shd no filter and 10 ms, dvs_gesture 50 ms and 4 × 4 pixels.
BROUGHT = [
    ("shd", {}, "shd"),
    ("shd", {"bin_us": 4000}, "shd_bin4000us_unfiltered"),
    ("dvs_gesture", {}, "dvs_gesture"),
    ("dvs_gesture", {"spatial_factor": 4}, "dvs_gesture"),
    (
        "dvs_gesture",
        {"spatial_factor": 2},
        "dvs_gesture_bin50000us_filter10000us_joined2",
    ),
    (
        "dvs_gesture",
        {"spatial_factor": 1, "filter_time_us": None},
        "dvs_gesture_bin50000us_unfiltered",
    ),
    ("nmnist", {"spatial_factor": 1}, "nmnist"),
    ("nmnist", {"spatial_factor": 2}, "nmnist_bin1000us_filter10000us_joined2"),
]


@pytest.mark.parametrize(("dataset", "own", "name"), BROUGHT)
def test_a_set_brings_settings_that_lie_over_the_common_ones(dataset, own, name):
    network = {"dataset": dataset, "events": own}
    assert prepared.name(CONFIG, network) == name
    written = name.removeprefix(dataset)
    assert re.fullmatch(prepared.EVENTS, written)
    read = prepared.event_settings(CONFIG, dataset, written)
    assert read == settings.events(CONFIG, network)
    coarse = CONFIG | {"events": {"bin_us": 7, "filter_time_us": 7}}
    if dataset != "nmnist":
        assert settings.events(coarse, network) == read


def test_images_have_the_name_of_their_data_set():
    assert prepared.name(CONFIG, {"dataset": "cifar10"}) == "cifar10"


@pytest.mark.parametrize("written", ["_bin0us_filter1us", "_bin1us", "x", "_bin-1us_x"])
def test_another_name_says_nothing(written):
    assert not re.fullmatch(prepared.EVENTS, written)
    with pytest.raises(ValueError, match="says no event settings"):
        prepared.event_settings(CONFIG, "nmnist", written)
