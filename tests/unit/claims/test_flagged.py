"""Verdicts use undisturbed numbers, and say so where they can't."""

import pytest

from made_results import make
from spikewatt import claims
from spikewatt.claims import evidence
from spikewatt.results import runs


@pytest.fixture
def exp1(tmp_path):
    """Runs of experiment 1 on the paper's card, three epochs of 10, 10 and 40 s."""
    read = runs.read_all(make(tmp_path, experiments=["exp1"]))
    for run in read:
        run.info["hardware"]["gpu"] = "NVIDIA GeForce RTX 3060 Ti"
        factor = 3.0 if run.network == "snn" else 1.0
        run.epochs["train_time_s"] = [10 * factor, 10 * factor, 40 * factor]
        run.epochs["val_time_s"] = 0.0
    return read


def flagged(run, *words):
    run.epochs["flags"] = list(words)


def judged(read):
    return claims.judge(read).set_index("id")


def test_flagged_epochs_enter_no_mean_and_decide_no_longest_epoch(exp1):
    flagged(exp1[0], "", "", "loaded clock")
    table = judged(exp1)
    row = table.loc["exp1_ann_time"]
    assert (row["run_value"], row["run_value_all"]) == (10, 20)
    assert row["flags"] == "loaded clock"
    assert "without epochs flagged «loaded», «clock» (20 s with them)" in row["basis"]
    assert table.loc["exp1_ann_max_time", "run_value"] == 10
    assert table.loc["exp1_ann_max_time_epoch", "run_value"] == 1
    # 60 / 20 of all epochs is 3; without the flagged one it is 60 / 10
    assert table.loc["exp1_time_more", "run_value"] == pytest.approx(500)
    assert table.loc["exp1_snn_time", "flags"] == "loaded clock"  # by its ratio
    assert table.loc["exp1_epochs", "run_value"] == 3
    assert table.loc["exp1_epochs", "flags"] == ""


def test_what_rests_on_flagged_epochs_alone_decides_nothing(exp1):
    for run in exp1:
        flagged(run, "loaded", "loaded", "loaded")
    row = judged(exp1).loc["exp1_snn_test_time"]
    assert row["flags"] == ""  # the test was not disturbed
    row = judged(exp1).loc["exp1_total_time_order"]
    assert (row["verdict"], row["flags"]) == ("inconclusive", "loaded")
    row = judged(exp1).loc["exp1_power_more"]
    assert row["verdict"] == "inconclusive"
    assert row["basis"].startswith("rests on numbers flagged «loaded»")
    assert row["run_value"] is not None


def test_accuracies_are_not_spoilt_by_a_busy_machine(exp1):
    best = exp1[0].epochs["val_accuracy_pct"].max()
    where = exp1[0].epochs["val_accuracy_pct"].idxmax()
    flagged(exp1[0], *["throttled" if n == where else "" for n in range(3)])
    row = judged(exp1).loc["exp1_ann_val"]
    assert (row["run_value"], row["flags"]) == (best, "")


def test_flags_of_the_network_spoil_no_time(exp1):
    flagged(exp1[0], "dead", "dead chance", "gradient")
    row = judged(exp1).loc["exp1_ann_time"]
    assert (row["run_value"], row["flags"]) == (20, "")


def test_a_flagged_test_is_said(exp1):
    exp1[0].test["flags"] = "shared"
    row = judged(exp1).loc["exp1_test_time_order"]
    assert (row["flags"], row["verdict"]) == ("shared", "inconclusive")


def test_a_disturbed_first_epoch_says_nothing_of_the_first(exp1):
    flagged(exp1[0], "loaded", "", "")
    (one,) = evidence.by_seed(exp1)
    name = "run.exp1.ann.first_epoch_time_ratio"
    assert one.cells[name] == pytest.approx(10 / 25)  # of all epochs
    assert name in one.flagged


def test_both_figures_are_shown_where_they_differ(exp1):
    flagged(exp1[0], "", "", "loaded")
    made = claims.table(exp1, {}, "official")
    shown = {row[0]: row[4] for group in [made.rows] for row in group}
    assert shown["ANN: mean time of an epoch"] == "10 s † (with all: 20 s)"
