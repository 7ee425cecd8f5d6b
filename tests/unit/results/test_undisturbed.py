"""What is left of a run's numbers without the epochs that something disturbed."""

import math

import pandas as pd
import pytest

import made_results
from spikewatt.results import measured, runs


@pytest.fixture
def read(tmp_path):
    """A run of three epochs of 10, 100 and 20 s with these flags."""

    def made(flags, test=""):
        entry = made_results.make(tmp_path, experiments=["exp1"])[0]
        for name, columns in (
            ("epochs.csv", {"train_time_s": [9, 99, 19], "val_time_s": 1}),
            ("test.csv", {"flags": test}),
        ):
            path = f"{entry['folder']}/{name}"
            if name == "epochs.csv":
                columns = columns | {"flags": flags}
            pd.read_csv(path).assign(**columns).to_csv(path, index=False)
        return runs.read(**entry)

    return made


def test_a_loaded_epoch_enters_no_mean_and_is_no_longest_one(read):
    run = read(["", "loaded", ""])
    assert measured.table1_row(run)["mean_epoch_time_s"] == pytest.approx(130 / 3)
    assert measured.undisturbed_row(run, "train")["mean_epoch_time_s"] == 15
    spread = measured.undisturbed_spread_row(run)
    assert (spread["max_epoch_time_s"], spread["epoch_of_max_time"]) == (20, 3)
    assert spread["first_epoch_time_ratio"] == 0.5


def test_what_training_flags_disturbs_no_measurement(read):
    run = read(["dead", "chance dead", ""])
    row = measured.undisturbed_row(run, "train")
    assert row["mean_epoch_time_s"] == pytest.approx(130 / 3)


def test_a_disturbed_first_epoch_is_compared_with_none(read):
    spread = measured.undisturbed_spread_row(read(["throttled", "", ""]))
    assert math.isnan(spread["first_epoch_time_ratio"])
    assert spread["max_epoch_time_s"] == 100


def test_where_no_epoch_is_left_nothing_is_a_number(read):
    run = read(["short"] * 3, test="loaded")
    for stage in ("train", "test"):
        row = measured.undisturbed_row(run, stage)
        assert row.keys() == measured.ROW_OF[stage](run).keys()
        assert all(map(math.isnan, row.values()))
    assert all(map(math.isnan, measured.undisturbed_spread_row(run).values()))
