"""Names of prepared data: one for each data set and way of preparing it."""

import copy
import re

import pytest

import made_plans
from spikewatt.workflow import prepared

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


def test_images_have_the_name_of_their_data_set():
    assert prepared.name(CONFIG, {"dataset": "cifar10"}) == "cifar10"


@pytest.mark.parametrize("written", ["_bin0us_filter1us", "_bin1us", "x", "_bin-1us_x"])
def test_another_name_says_nothing(written):
    assert not re.fullmatch(prepared.EVENTS, written)
    with pytest.raises(ValueError, match="says no event settings"):
        prepared.event_settings(CONFIG, "nmnist", written)
