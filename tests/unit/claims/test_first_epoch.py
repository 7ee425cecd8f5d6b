"""Claims on first and longest epochs: judged where the first epoch is the paper's."""

import pytest

from made_results import make
from spikewatt import claims
from spikewatt.results import runs

OF_FIRST = ("exp3_first_time", "exp3_snn_nmnist_max_time_epoch")


def judged(folder, times, meter=None, loading=None):
    """Claims on experiment 3 on the paper's card, its epochs as long as `times`."""
    read = runs.read_all(make(folder, experiments=["exp3"]))
    for run in read:
        run.info["hardware"]["gpu"] = "NVIDIA GeForce RTX 3060 Ti"
        run.epochs["train_time_s"], run.epochs["val_time_s"] = times, 0.0
        if meter:
            run.info["config"]["meter"] = meter
        if loading:
            used = {"device": "cuda:0", "hardware": "a GPU", "threads": 1}
            run.info["conditions"] = used | {"loading": loading}
    return claims.judge(read).set_index("id")


def meter(first_epoch, batches=3):
    return {"first_epoch": first_epoch, "warmup_batches": batches}


@pytest.mark.parametrize(
    ("times", "longest"),
    [([1188.0, 516.0, 516.0], "reproduced"), ([516.0, 520.0, 516.0], "not reproduced")],
)
def test_a_cold_first_epoch_by_the_libraries_is_judged(tmp_path, times, longest):
    table = judged(tmp_path, times, meter("cold"), "library")
    assert table.loc["exp3_snn_nmnist_max_time_epoch", "verdict"] == longest
    ratio = table.loc["exp3_first_time", "run_value"]
    assert ratio == pytest.approx(times[0] / (sum(times[1:]) / 2))
    assert table.loc["exp3_first_time", "verdict"] != "not comparable here"


@pytest.mark.parametrize(
    ("measured", "loading", "told"),
    [
        (meter("warm"), "library", "batches ran before the first epoch of exp3/"),
        (meter(None), None, "batches ran before"),  # the fast stack
        ({"warmup_batches": 3}, None, "batches ran before"),  # of older versions
        (meter("cold"), "prepared", "came from prepared arrays"),
        (meter("warm", 0), "library, then prepared", "prepared arrays"),
    ],
)
def test_elsewhere_it_is_not_comparable_and_says_what_to_set(
    tmp_path, measured, loading, told
):
    table = judged(tmp_path, [1188.0, 516.0, 516.0], measured, loading)
    for name in OF_FIRST:
        row = table.loc[name]
        assert row["verdict"] == "not comparable here" and told in row["basis"]
        assert row["run_value"] > 0  # the number itself is shown
    assert table.loc["exp3_snn_nmnist_time", "verdict"] != "not comparable here"


def test_a_run_that_does_not_say_is_judged(tmp_path):
    table = judged(tmp_path, [1188.0, 516.0, 516.0])
    assert table.loc["exp3_snn_nmnist_max_time_epoch", "verdict"] == "reproduced"
