"""A run's plan: what decides its result, and nothing that does not reach it."""

import copy

import pytest

import made_plans
from spikewatt.workflow.pairs import against, pairs
from spikewatt.workflow.plan import run_plan

LIF = {
    "kind": "lif",
    "beta": 0.8,
    "threshold": 1.0,
    "surrogate": {"kind": "atan", "alpha": 2.0},
    "reset": "subtract",
}
RATES = {"kind": "count_mse", "correct_rate": 0.8, "incorrect_rate": 0.2}
EVENTS = {"filter_time_us": 10000, "bin_us": 1000}


@pytest.fixture
def config():
    return copy.deepcopy(made_plans.CONFIG)


def with_third(config, **own):
    """The config with a third network in experiment 1, as its `snn` but for `own`."""
    networks = config["experiments"]["exp1"]["networks"]
    networks["third"] = networks["snn"] | {"label": "third"} | own
    return config


def test_the_papers_networks(config):
    ann, snn = (run_plan(config, "exp1", name) for name in ("ann", "snn"))
    assert (ann["neuron"], ann["loss"]) == ({"kind": "relu"}, {"kind": "cross_entropy"})
    assert (snn["neuron"], snn["loss"]) == (LIF, RATES)
    assert ann["events"] is None and snn["events"] is None
    assert run_plan(config, "exp3", "snn_nmnist")["events"] == EVENTS
    flat = {"beta", "threshold", "correct_rate", "incorrect_rate", "device", "threads"}
    assert not flat & snn.keys()


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({"beta": 0.95}, {"beta": 0.95}),
        ({"kind": "lif", "reset": "none"}, {"reset": "none"}),
        (
            {"surrogate": {"kind": "atan", "alpha": 4}},
            {"surrogate": {"kind": "atan", "alpha": 4.0}},
        ),
        ({"surrogate": "sigmoid"}, {"surrogate": {"kind": "sigmoid", "slope": 25.0}}),
        (
            {"surrogate": {"kind": "fast_sigmoid"}, "threshold": 2},
            {"surrogate": {"kind": "fast_sigmoid", "slope": 25.0}, "threshold": 2.0},
        ),
    ],
)
def test_a_neuron_of_its_own_lies_over_the_common_one(config, own, expected):
    plan = run_plan(with_third(config, neuron=own), "exp1", "third")
    assert plan["neuron"] == LIF | expected
    assert run_plan(config, "exp1", "snn")["neuron"] == LIF


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ("count_mse", RATES),
        ({"correct_rate": 1}, RATES | {"correct_rate": 1.0}),
        ("count_cross_entropy", {"kind": "count_cross_entropy"}),
    ],
)
def test_a_loss_of_its_own_lies_over_the_common_one(config, own, expected):
    assert run_plan(with_third(config, loss=own), "exp1", "third")["loss"] == expected
    config["loss"]["kind"] = "count_cross_entropy"
    own_rates = isinstance(own, dict)
    plan = run_plan(config, "exp1", "third")
    assert plan["loss"] == ({"kind": "count_cross_entropy"} if own_rates else expected)


def test_a_relu_network_is_trained_with_cross_entropy_whatever_is_common(config):
    config["loss"]["kind"] = "count_cross_entropy"
    assert run_plan(config, "exp1", "ann")["loss"] == {"kind": "cross_entropy"}


def test_events_and_training_of_its_own(config):
    nmnist = config["experiments"]["exp3"]["networks"]["snn_nmnist"]
    nmnist["events"] = {"filter_time_us": None}
    nmnist["training"] = {"batch_size": 32}
    plan = run_plan(config, "exp3", "snn_nmnist")
    assert plan["events"] == EVENTS | {"filter_time_us": None}
    assert plan["batch_size"] == 32
    assert run_plan(config, "exp3", "snn_mnist")["batch_size"] == 128


def test_what_a_network_is_compared_with_and_where_it_runs_is_no_part_of_it(config):
    before = run_plan(with_third(config), "exp1", "third")
    config["experiments"]["exp1"]["networks"]["third"]["against"] = "snn"
    assert run_plan(config | {"device": "cpu", "threads": 1}, "exp1", "third") == before


def test_what_does_not_concern_a_network_does_not_reach_its_plan(config):
    before = {name: run_plan(config, *name) for name in made_plans.NETWORKS}
    config["neuron"]["beta"] = 0.5
    config["events"]["bin_us"] = 5000
    changed = {n for n in made_plans.NETWORKS if run_plan(config, *n) != before[n]}
    assert changed == {n for n in made_plans.NETWORKS if n[1] not in ("ann", "cnn")}
    config["neuron"]["beta"] = 0.8
    changed = {n for n in made_plans.NETWORKS if run_plan(config, *n) != before[n]}
    assert changed == {("exp3", "snn_nmnist")}


def test_networks_are_compared_with_the_first_or_with_whom_they_name(config):
    assert pairs(config) == [
        ("exp1", "snn", "ann"),
        ("exp2", "snn", "cnn"),
        ("exp3", "snn_nmnist", "snn_mnist"),
    ]
    networks = with_third(config)["experiments"]["exp1"]["networks"]
    assert against(config, "exp1", "third") == "ann"
    networks["third"]["against"] = "snn"
    assert against(config, "exp1", "third") == "snn"
    assert against(config, "exp1", "ann") is None


def test_a_pair_is_not_compared_both_ways(config):
    networks = with_third(config)["experiments"]["exp1"]["networks"]
    networks["ann"]["against"] = "snn"
    assert pairs(config)[:2] == [("exp1", "ann", "snn"), ("exp1", "third", "ann")]


def plans_of(config):
    return {pair: run_plan(config, *pair) for pair in made_plans.NETWORKS}


@pytest.mark.parametrize(
    ("key", "other", "reached"),
    [
        ("dropout", "per_sample", [("exp2", "snn")]),
        ("padding", "masked", [("exp3", "snn_nmnist")]),
    ],
)
def test_choices_over_time_reach_only_the_networks_they_matter_to(
    config, key, other, reached
):
    before = plans_of(config)
    config["training"][key] = other
    after = plans_of(config)
    assert [pair for pair in before if before[pair] != after[pair]] == reached
    assert [pair for pair in before if key in before[pair]] == reached
    assert after[reached[0]] == before[reached[0]] | {key: other}
