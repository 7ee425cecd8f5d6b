"""What jobs ask a cluster for, by arithmetic that a reader can follow."""

import json

import pytest

import made_plans
from spikewatt.workflow import demands

# 784-256-256-10: so many sums and multiply-adds a time step.
SUMS = 784 + 256 + 256 + 10
WORK = 784 * 256 + 256 * 256 + 256 * 10
FOUND = {"training_s": 3600.0, "testing_s": 60.0, "memory_mb": 9000.0}


def plan(**changes):
    given = {"batch_size": 100, "steps": 25, "epochs": 20} | changes
    return made_plans.plan("exp1", "snn", **given)


def test_memory_is_of_torch_of_a_batch_and_of_the_data():
    """Six floats a sum, 100 samples of 25 steps; 70,000 images of 784 bytes, twice."""
    expected = demands.BASE_MB + (6 * 4 * SUMS * 100 * 25 + 2 * 70_000 * 784) / 1e6
    assert demands.memory_mb(plan()) == pytest.approx(expected, abs=1)
    few = demands.memory_mb(plan(), sample={"train": 60, "test": 30})
    assert few == pytest.approx(expected - 2 * 69_910 * 784 / 1e6, abs=1)


def test_memory_that_was_seen_counts_where_it_is_more():
    seen = demands.memory_mb(plan(), found=FOUND)
    assert seen == pytest.approx(9000 + 2 * 70_000 * 784 / 1e6, abs=1)
    assert demands.memory_mb(plan(), found=FOUND | {"memory_mb": 1}) < 4000


def test_a_recording_has_as_many_steps_as_bins():
    """N-MNIST: 310 bins of 1 ms, twice as many of half."""
    given = made_plans.plan("exp3", "snn_nmnist", batch_size=128)
    halved = {**given, "events": given["events"] | {"bin_us": 500}}
    data = 2 * 70_000 * 4_200 * 4 / 1e6
    once = demands.memory_mb(given) - demands.BASE_MB - data
    twice = demands.memory_mb(halved) - demands.BASE_MB - data
    assert twice == pytest.approx(2 * once, rel=1e-3)


def test_minutes_are_twice_what_was_timed_and_some_to_start():
    asked = (plan(), "fast", "auto", None, FOUND)
    assert demands.minutes("training", *asked) == 10 + 120
    assert demands.minutes("testing", *asked) == 10 + 2
    long = {**FOUND, "training_s": 1e9}
    assert demands.minutes("training", plan(), "fast", "auto", None, long) == 24 * 60


def test_without_a_forecast_minutes_are_of_work_and_calls():
    """600 batches, three times forward; 25 steps of three layers, 1 ms each."""
    batch = 25 * 100 * WORK / demands.RATES["cpu"]
    fast = 20 * 600 * 3 * (batch + 0.003)
    assert demands.minutes("training", plan(), "fast", "cpu") == pytest.approx(
        10 + 2 * fast / 60, abs=1
    )
    reference = 20 * 600 * 3 * (batch + 0.075)
    assert demands.minutes("training", plan(), "reference", "cpu") == pytest.approx(
        10 + 2 * reference / 60, abs=1
    )
    assert demands.minutes("training", plan(), "fast", "auto") < 10 + 2 * fast / 60


def test_a_forecast_is_of_the_plan_that_it_was_made_of(tmp_path):
    assert demands.read(tmp_path, "exp1/snn/fast", plan()) is None
    demands.write(tmp_path, [("exp1/snn/fast", plan(), FOUND)])
    kept = demands.read(tmp_path, "exp1/snn/fast", json.loads(json.dumps(plan())))
    assert FOUND.items() <= kept.items()
    assert demands.read(tmp_path, "exp1/snn/fast", plan(steps=5)) is None
    assert demands.read(tmp_path, "exp1/ann/fast", plan()) is None
    (tmp_path / demands.FILE).write_text("{")
    assert demands.read(tmp_path, "exp1/snn/fast", plan()) is None
