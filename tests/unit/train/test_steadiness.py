"""Epochs that were not measured steadily are marked, worked out by hand."""

import pytest

from made_results import make
from spikewatt.results import measured, runs
from spikewatt.train import steadiness


@pytest.mark.parametrize(
    ("times", "marked"),
    [
        ([10, 10, 30], []),  # a factor of three is not more than three
        ([10, 10, 31], [2]),
        ([3, 10, 10], [0]),
        ([6, 10, 19], [2]),  # 19 / 6 is more than 3; of 10, 6 is within √3, 19 not
        ([0.1, 0.1, 0.4], []),  # too short to be judged
        ([10], []),
        ([], []),
    ],
)
def test_uneven_epochs_are_those_far_from_the_median(times, marked):
    assert steadiness.uneven(times) == marked


@pytest.mark.parametrize(
    ("cpu", "wall", "threads", "far"),
    [
        (20, 10, 2, False),
        (9.9, 10, 2, True),
        (30.1, 10, 2, True),
        (10, 10, 1, False),
        (1, 10, None, False),  # a GPU computed
        (None, 10, 2, False),
        (0.1, 0.4, 2, False),
    ],
)
def test_cpu_time_is_held_against_wall_time_times_threads(cpu, wall, threads, far):
    assert steadiness.far_from_threads(cpu, wall, threads) is far


def rows():
    return [
        {"epoch": n, "train_time_s": t, "val_time_s": 1, "cpu_time_s": c, "flags": f}
        for n, t, c, f in ((1, 9, 20, ""), (2, 9, 8, "short"), (3, 39, 80, ""))
    ]


def test_marks_stand_beside_other_flags_and_warnings_say_what_to_do():
    made = rows()
    told = steadiness.mark(made, threads=2)
    assert [row["flags"] for row in made] == ["", "short cores", "uneven"]
    assert [(one["epoch"], one["flag"]) for one in told] == [
        (3, "uneven"),
        (2, "cores"),
    ]
    assert all("`threads: 1`" in one["what"] for one in told)
    assert all("no process that can be seen" in one["what"] for one in told)
    steadiness.mark(made, threads=2)
    assert [row["flags"] for row in made] == ["", "short cores", "uneven"]


def test_warnings_name_who_computed_beside_that_very_epoch():
    who = [{"epoch": n, "what": f"busy.py (process {n}0)"} for n in (1, 2)]
    uneven, cores = steadiness.mark(rows(), threads=2, who=who)
    assert cores["what"].endswith("who else computed: busy.py (process 20)")
    assert "busy.py" not in uneven["what"]  # of epoch 3, beside which nobody was seen


def test_they_leave_no_epoch_out_of_a_mean(tmp_path):
    run = runs.read_all(make(tmp_path, experiments=["exp1"]))[0]
    run.epochs["train_time_s"], run.epochs["val_time_s"] = [9, 9, 39], 1
    run.epochs["flags"] = ["", "cores", "uneven"]
    row = measured.undisturbed_row(run, "train")
    assert row["mean_epoch_time_s"] == measured.table1_row(run)["mean_epoch_time_s"]
    assert measured.flag_words([run], "train") == ["cores", "uneven"]


def of_seconds(*times):
    return [
        {"epoch": n, "train_time_s": t, "val_time_s": 0} for n, t in enumerate(times, 1)
    ]


def test_a_cold_first_epoch_may_be_long_and_a_later_one_may_not():
    long_first = of_seconds(10, 1, 1)
    assert steadiness.flagged(long_first, None) == {"uneven": [1]}
    assert steadiness.flagged(long_first, None, cold=True) == {}
    long_last = of_seconds(10, 1, 1, 10)
    assert steadiness.flagged(long_last, None, cold=True) == {"uneven": [4]}


@pytest.mark.parametrize(
    ("cpu", "load", "far"),
    [
        (3.6, 0.0, True),  # of 2.2 s · 4 threads: less than a half, 4.4
        (3.6, 1.6, False),  # 2.0 in the other 0.6 s, of which a half is 1.2
        (2.2, 1.0, True),  # 1.2 in the other 1.2 s, of which a half is 2.4
        (13.3, 1.0, True),  # more than 1.5 · 2.2 s · 4 threads
        (0.1, 2.0, False),  # what is left is too short to be judged
    ],
)
def test_waiting_for_samples_is_no_sign_of_too_few_cores(cpu, load, far):
    assert steadiness.far_from_threads(cpu, 2.2, 4, load) is far
