"""Answers after each step: by hand, by scikit-learn's accuracy, and in both stacks."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import accuracy_score

import made_data
import made_plans
from spikewatt import stack as stacks
from spikewatt.data import arrays
from spikewatt.network.describe import describe
from spikewatt.network.weights import Network
from spikewatt.results import anytime as read_back
from spikewatt.results import runs
from spikewatt.train import anytime, seeds, testing
from spikewatt.train.course import Course
from spikewatt.train.loop import one_pass
from spikewatt.train.objective import Objective
from spikewatt.train.training import Training

CPU = torch.device("cpu")


def course_of(*batches):
    """A `Course` of batches of samples of steps of the classes that fire."""
    made = Course()
    for batch in batches:
        output = torch.zeros(len(batch[0]), len(batch), 3)
        for sample, steps in enumerate(batch):
            for step, fired in enumerate(steps):
                output[step, sample, list(fired)] = 1
        made.begin()
        made.layer(0, torch.full((len(output),), 5))
        made.layer(1, output.sum((1, 2)).long())
        made.add(output)
    return made


# Labels 1, 2; of four steps. The first sample says 0 (a tie of none), 1, 1, 1; the
# second 0, 0, 2, 2, leading by 1, 1 (0 is ahead), 0 (a tie goes to the lower: 0) …
FIRST = [(), (1,), (1,), (1, 2)]
SECOND = [(0,), (2,), (2,), (2,)]
# A third, in a batch of its own of two steps, label 0: 1 leads by one, then by two.
THIRD = [(1,), (1,)]


def test_course_by_hand():
    found = anytime.followed(course_of([FIRST, SECOND], [THIRD]), [1, 2, 0])
    assert found.answers.tolist() == [[0, 1, 1, 1], [0, 0, 2, 2], [1, 1, 1, 1]]
    assert found.margins.tolist() == [[0, 1, 2, 2], [1, 0, 1, 2], [1, 2, 2, 2]]
    assert found.steps.tolist() == [4, 4, 2]
    table = anytime.table(found)
    assert list(table) == read_back.COLUMNS
    assert table["step"].tolist() == [1, 2, 3, 4]
    thirds = pytest.approx([0, 100 / 3, 200 / 3, 200 / 3])
    assert table["accuracy_pct"].tolist() == thirds
    # answers change last after steps 1, 2 and 0
    assert table["settled_pct"].tolist() == pytest.approx([100 / 3, 200 / 3, 100, 100])
    # 5 hidden spikes a step and batch: 1 + 2 + 2 + 3 of the outputs, and 1 + 1
    assert (3 * table["spikes_per_sample"]).tolist() == pytest.approx([12, 25, 32, 40])


def test_early_exit_by_hand():
    found = anytime.followed(course_of([FIRST, SECOND], [THIRD]), [1, 2, 0])
    # margin 1: steps 2 (right), 1 (0: wrong), 1 (wrong); margin 2: 3, 4, 2
    assert anytime.exits(found, 1) == pytest.approx((4 / 3, 100 / 3))
    assert anytime.exits(found, 2) == pytest.approx((3, 200 / 3))
    # nobody leads by 3: all use the steps that they have
    assert anytime.exits(found, 3) == pytest.approx((10 / 3, 200 / 3))
    rows = anytime.chosen(found)
    assert [row["allowed_loss_points"] for row in rows] == list(anytime.ALLOWED)
    assert {row["margin"] for row in rows} == {2}
    other = anytime.exit_table(found, [{"allowed_loss_points": 40.0, "margin": 1}])
    assert other["mean_steps"][0] == pytest.approx(4 / 3)


def test_margins_cost_no_more_than_allowed_and_less_would_cost_more():
    generator = torch.Generator().manual_seed(0)
    labels = torch.randint(0, 10, (400,), generator=generator)
    rates = 0.2 + 0.12 * torch.nn.functional.one_hot(labels, 10)
    output = (torch.rand((90, 400, 10), generator=generator) < rates).float()
    made = Course()
    made.layer(0, torch.ones(90))
    made.add(output)
    found = anytime.followed(made, labels)
    rows = anytime.chosen(found)
    assert len({row["margin"] for row in rows}) >= 2
    steps = [row["val_mean_steps"] for row in rows]
    assert steps == sorted(steps, reverse=True) and steps[-1] < steps[0] < 90
    whole = accuracy_score(labels, output.sum(0).argmax(1)) * 100
    assert found.accuracy_pct[-1] == pytest.approx(whole)
    for row in rows:
        allowed = row["allowed_loss_points"]
        assert whole - row["val_accuracy_pct"] <= allowed + 1e-9
        for lower in range(1, row["margin"]):
            assert whole - anytime.exits(found, lower)[1] > allowed


def test_after_each_step_it_is_scikit_learns_accuracy():
    generator = torch.Generator().manual_seed(1)
    output = (torch.rand((9, 50, 10), generator=generator) < 0.3).float()
    labels = torch.randint(0, 10, (50,), generator=generator)
    made = Course()
    made.layer(0, torch.ones(9))
    made.add(output)
    table = anytime.table(anytime.followed(made, labels))
    counts = output.cumsum(0)
    objective = Objective(made_plans.plan("exp1", "snn"))
    for step in range(9):
        answers = objective.predict(output[: step + 1])
        assert (answers == counts[step].argmax(1)).all()
        expected = 100 * accuracy_score(labels, answers)
        assert table["accuracy_pct"][step] == pytest.approx(expected)


def passed(kind, experiment, network, **changes):
    """(`Answers`, mean spikes by an observer) of a pass of a stack on made-up data."""
    plan = made_plans.plan(experiment, network, **changes)
    data, streams = made_plans.data(plan), seeds.streams(0)
    layers = describe(plan["architecture"], data.shape, plan["neuron"]["kind"])
    net = Network(layers, streams.init)
    name = kind.partition(",")[0]
    made = stacks.build(name, plan, data, net, streams, CPU)
    if "dense" in kind:
        made.runner, made.most = None, 3
    course, objective = Course(), Objective(plan)
    batches = made.batches("test", np.arange(20), shuffle=False)
    seen = []
    made.observer = lambda number, spikes: seen.append(float((spikes > 0).sum()))
    result = one_pass(made, objective, batches, course=course)
    assert made.pace is None
    return anytime.followed(course, result.labels), sum(seen), result


@pytest.mark.parametrize("kind", ["reference", "fast", "fast, dense"])
@pytest.mark.parametrize("padding", ["run_on", "masked"])
def test_the_last_step_is_the_whole_answer_in_every_way_of_running(kind, padding):
    found, spikes, result = passed(kind, "exp3", "snn_nmnist", padding=padding)
    assert (found.answers[:, -1] == result.predictions.numpy()).all()
    assert found.spikes[-1] == spikes > 0
    assert (np.diff(found.spikes) >= 0).all()


def test_both_stacks_tell_the_same():
    one, two, three = (
        passed(kind, "exp3", "snn_nmnist")[0]
        for kind in ("reference", "fast", "fast, dense")
    )
    for other in (two, three):
        assert (one.answers == other.answers).all()
        assert (one.margins == other.margins).all()
        assert one.spikes.tolist() == other.spikes.tolist()
    assert len(set(one.steps.tolist())) > 1 or one.answers.shape[1] > 3


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(arrays, "load", lambda name: made_data.MadeImages())
    return tmp_path


def stage(network, folder, test=True):
    """A run's stages on made-up data."""
    plan = made_plans.plan("exp1", network, epochs=2)
    names = ("mnist", "reference", 0, "code")
    Training(plan, *names, folder / "kept", made_plans.CONDITIONS).run(folder)
    model = folder / "model.safetensors"
    testing.test(plan, *names, model, folder, made_plans.CONDITIONS)
    return runs.read("exp1", network, "reference", 0, network, folder)


def test_a_run_leaves_its_course_and_the_exits_of_its_validation(folder):
    run = stage("snn", folder)
    table = read_back.of_run(run)
    assert table["step"].tolist() == [1, 2, 3, 4]
    assert table["accuracy_pct"].iloc[-1] == run.test["test_accuracy_pct"]
    assert table["settled_pct"].iloc[-1] == 100
    exits = read_back.exits_of_run(run)
    told = pd.DataFrame(run.info["early_exit"])
    assert exits[list(told)].equals(told.astype(float))
    best = run.epochs["val_accuracy_pct"].max()
    none = told[told["allowed_loss_points"] == 0].iloc[0]
    assert none["val_accuracy_pct"] >= best - 1e-9
    assert exits["mean_steps"].between(1, 4).all()
    promised = json.loads((folder / "test.json").read_text())["outputs"]
    assert {"anytime.csv", "early_exit.csv"} <= promised.keys()


def test_a_network_without_spikes_has_no_rows(folder):
    run = stage("ann", folder)
    assert len(read_back.of_run(run)) == len(read_back.exits_of_run(run)) == 0
    assert run.info["early_exit"] == []
    assert read_back.missing([run]) == []
    (folder / "anytime.csv").unlink()
    spiking = runs.Run("exp1", "snn", "reference", 0, "SNN", folder)
    assert "exp1/snn/reference/seed0" in read_back.missing([spiking])[0]
