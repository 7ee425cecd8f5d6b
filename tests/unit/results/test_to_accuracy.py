"""Costs until an accuracy is reached, against sums worked out by hand."""

import json
import math
from pathlib import Path

import pandas as pd
import pytest

import made_results
from made_plans import CONFIG
from spikewatt.results import runs, targets, to_accuracy
from spikewatt.workflow.plan import run_plan

NAN = math.nan
# Three epochs of 11, 22 and 33 s, 100, 200 and 300 J.
EPOCHS = {
    "train_time_s": [10.0, 20.0, 30.0],
    "val_time_s": [1.0, 2.0, 3.0],
    "gpu_energy_j": [100.0, 200.0, 300.0],
    "cpu_time_s": [5.0, 6.0, 7.0],
}
COURSES = {0: [90.0, 95.0, 94.0], 1: [95.0, 96.0, 97.0], 2: [80.0, 85.0, 89.0]}


def rewrite(entry, columns):
    path = Path(entry["folder"]) / "epochs.csv"
    pd.read_csv(path).assign(**columns).to_csv(path, index=False)


@pytest.fixture
def listed(tmp_path):
    """exp1, three seeds; the SNN reaches 95 % after 2 epochs, after 1, and never."""
    entries = made_results.make(tmp_path, experiments=["exp1"], seeds=(0, 1, 2))
    for entry in entries:
        course = COURSES[entry["seed"]] if entry["network"] == "snn" else [98.0] * 3
        rewrite(entry, EPOCHS | {"val_accuracy_pct": course})
    return entries


def group(listed, network="snn"):
    return [run for run in runs.read_all(listed) if run.network == network]


@pytest.mark.parametrize(
    ("accuracies", "target", "index"),
    [
        ([90, 95, 94], 95, 1),
        ([90, 95, 94], 94, 1),  # the first, not the nearest
        ([NAN, 95], 80, 1),
        ([90, 95], 95.01, None),
        ([NAN, NAN], 0, None),
        ([], 0, None),
    ],
)
def test_the_first_epoch_of_at_least_the_target(accuracies, target, index):
    assert to_accuracy.first_epoch(accuracies, target) == index


def test_costs_until_then_are_added_up():
    assert to_accuracy.spent([1, 2, 4], [90, 95, 99], 95) == 3
    assert to_accuracy.spent([1, 2, 4], [90, 95, 99], 99.5) == to_accuracy.NEVER
    # A gap on the way leaves the sum unknown; one after it doesn't matter.
    assert math.isnan(to_accuracy.spent([NAN, 2, 4], [90, 95, 99], 95))
    assert to_accuracy.spent([1, 2, NAN], [90, 95, 99], 95) == 3


def test_seconds_joules_and_cpu_seconds_of_runs(listed):
    spent = {
        name: [to_accuracy.of_run(run, name, 95) for run in group(listed)]
        for name in ("time_s", "gpu_energy_j", "cpu_time_s")
    }
    never = to_accuracy.NEVER
    assert spent["time_s"] == [33, 11, never]
    assert spent["gpu_energy_j"] == [300, 100, never]
    assert spent["cpu_time_s"] == [11, 5, never]


def test_over_seeds_those_that_reached_it_are_meant_and_all_are_counted(listed):
    made = to_accuracy.of_network(group(listed), "time_s", 95)
    # Student's t of two values 11 and 33: half width 12.706 · 22 / 2
    assert (made.mean, made.n, made.reached, made.seeds) == (22, 2, 2, 3)
    assert made.half == pytest.approx(12.7062 * 11, rel=1e-4)
    none = to_accuracy.of_network(group(listed), "time_s", 99)
    assert none.never and (none.mean, none.reached, none.seeds) == (None, 0, 3)


def test_a_cost_that_was_not_measured_is_not_never(listed):
    made = to_accuracy.of_network(group(listed), "cpu_energy_j", 95)
    assert (made.mean, made.n, made.reached, made.never) == (None, 0, 2, False)
    for entry in listed:
        (Path(entry["folder"]) / "epochs.csv").unlink()
    made = to_accuracy.of_network(group(listed), "time_s", 95)
    assert (made.seeds, made.reached, made.never) == (0, 0, False)
    assert to_accuracy.of_network(group(listed), "time_s", None) is None


def converted(listed, costs):
    """The SNN's runs as conversions whose source cost so much."""
    for entry in listed:
        path = Path(entry["folder"]) / "run.json"
        told = json.loads(path.read_text())
        if entry["network"] == "snn":
            told["source"] = {"run": "exp1/ann/reference/seed0", "costs": costs}
        path.write_text(json.dumps(told))
        rewrite(entry, {"val_accuracy_pct": 95.0})
    return group(listed)


def test_a_conversion_costs_what_its_source_did_and_its_own(listed):
    runs_ = converted(listed, {"time_s": 1000.0, "gpu_energy_j": None})
    assert [to_accuracy.of_run(run, "time_s", 95) for run in runs_] == [1011] * 3
    assert [to_accuracy.whole(run, "time_s") for run in runs_] == [1066] * 3
    # 99 %, which the source may have reached and its conversion doesn't: never
    assert to_accuracy.of_run(runs_[0], "time_s", 99) == to_accuracy.NEVER
    # A part that was not measured leaves the whole unknown.
    assert math.isnan(to_accuracy.of_run(runs_[0], "gpu_energy_j", 95))


def test_the_weakest_rivals_best_less_one_point(listed):
    both = [group(listed, "ann"), group(listed)]
    target = targets.of_weakest(both)
    # best of the seeds 95, 97, 89
    assert target.pct == pytest.approx(281 / 3 - 1)
    assert "one point below the best of the weakest rival, «SNN»" in target.words
    assert targets.of_weakest([]) is None


def test_the_papers_target_is_its_lower_accuracy(listed):
    both = [group(listed, "ann"), group(listed)]
    target = targets.of_paper(both)
    assert (target.pct, target.words) == (97.81, "the paper's 97.81 % (exp1/ann, test)")


def told(experiment, network, **changes):
    """A run of a name of one's own with the plan of one of config.yaml's networks."""

    plan = run_plan(CONFIG, experiment, network, None) | changes
    names = ("mine", "mine", "fast", 0, "Mine")
    return [runs.Run(*names, Path("nowhere"), info={"config": plan})]


def test_the_same_data_and_layers_have_the_papers_target_whatever_the_neurons():
    assert targets.of_paper([told("exp2", "cnn")]).pct == 67.89
    assert targets.of_paper([told("exp3", "snn_nmnist")]).pct == 97.52
    both = [told("exp3", "snn_nmnist"), told("exp3", "snn_mnist")]
    assert targets.of_paper(both).pct == 97.52


def test_other_layers_or_data_have_none():
    small = [{"linear": 10}]
    unknown = runs.Run("a", "b", "fast", 0, "B", Path("none"))
    assert targets.of_paper([told("exp1", "ann", dataset="cifar10")]) is None
    assert targets.of_paper([told("exp1", "ann", architecture=small)]) is None
    assert targets.of_paper([[unknown]]) is None
