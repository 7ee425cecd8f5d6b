"""Runs of other settings or other data are named; those of other conditions are not."""

from pathlib import Path

import pytest

from spikewatt.results import runs
from spikewatt.results.mismatches import (
    SettingsMismatch,
    refuse_mismatches,
    setting_mismatches,
)

NMNIST = {"dataset": "nmnist", "bin_us": 1000, "checksums": {"train.zip": "md5:1"}}


def run_of(seed=0, config=None, **info):
    info = {"config": {"epochs": 2} | (config or {}), **info}
    return runs.Run("exp3", "snn", "reference", seed, "SNN", Path("x"), info=info)


def test_data_prepared_otherwise_is_named_by_its_setting():
    first = run_of(0, data=NMNIST, data_digest="a")
    other = run_of(1, data=NMNIST | {"bin_us": 500}, data_digest="b")
    origin = "as in exp3/snn/reference/seed0"
    assert setting_mismatches([first, other], {"exp3/snn": {"epochs": 2}}) == [
        f"exp3/snn/reference/seed1: data.bin_us is 500 instead of 1000 {origin}",
        f"exp3/snn/reference/seed1: data.digest is 'b' instead of 'a' {origin}",
    ]
    with pytest.raises(SettingsMismatch, match="data.bin_us is 500"):
        refuse_mismatches([first, other])


def test_runs_that_do_not_say_what_their_data_is_are_not_judged_by_it():
    told, silent = run_of(0, data=NMNIST, data_digest="a"), run_of(1)
    assert setting_mismatches([told, silent]) == []
    assert setting_mismatches([silent, told]) == []


def test_device_and_threads_are_no_settings():
    """They were, in run.json of older versions."""
    old = run_of(0, {"device": "cuda:1", "threads": 1})
    assert setting_mismatches([old, run_of(1)]) == []
    assert setting_mismatches([old], {"exp3/snn": {"epochs": 2}}) == []
