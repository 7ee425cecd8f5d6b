"""The paper's protocol as data: what leaves it is named, whatever key it is."""

import copy
from pathlib import Path

import pandas as pd
import pytest

import made_plans
from made_results import make
from spikewatt import paper
from spikewatt.paper import protocol as stated
from spikewatt.results import protocol, runs
from spikewatt.workflow.plan import run_plan

CONFIG = made_plans.CONFIG


def plan(experiment="exp1", network="snn", stack="reference", **changes):
    return run_plan(CONFIG, experiment, network, stack) | changes


def run_of(made, experiment="exp1", network="snn", against=None, **more):
    names = (experiment, network, "reference", 0, network.upper(), Path("x"))
    return runs.Run(*names, against=against, info={"config": made, **more})


def found(made, experiment="exp1", network="snn"):
    return {
        one.key: (one.here, one.protocol, one.origin)
        for one in protocol.deviations(made, experiment, network)
    }


@pytest.mark.parametrize(("experiment", "network"), made_plans.NETWORKS)
@pytest.mark.parametrize("stack", ["reference", "fast"])
def test_config_yaml_is_the_protocol_and_no_key_of_a_plan_is_unknown(
    experiment, network, stack
):
    made = plan(experiment, network, stack)
    assert protocol.unknown_keys(made, experiment, network) == []
    assert protocol.deviations(made, experiment, network) == []


@pytest.mark.parametrize(("experiment", "network"), made_plans.NETWORKS)
def test_every_setting_of_the_protocol_is_one_of_the_plan_or_recorded(
    experiment, network
):
    keys = set(stated.of_network(experiment, network))
    keys -= set(protocol.flattened(plan(experiment, network)))
    recorded = {"train_samples", "test_samples", "loading"}
    assert {key for key in keys if not key.startswith("method.")} == recorded


def test_how_often_is_measured_is_no_part_of_what_the_paper_did():
    meter = plan()["meter"] | {"idle_s": 0, "rate_hz": 5}
    assert found(plan(meter=meter)) == {}


def test_each_setting_stands_once_and_says_why():
    choices = {row["open"] for row in paper.rows("choices")}
    seen = set()
    for row in paper.rows("protocol"):
        assert row["origin"] in (stated.STATED, stated.CHOSEN)
        assert row["why"] or row["choice"]
        assert not row["choice"] or row["choice"] in choices
        for network in row["networks"].split():
            assert (network, row["key"]) not in seen
            seen.add((network, row["key"]))


def test_what_passed_without_a_word_is_named():
    made = plan(learning_rate=0.1, steps=3, encoding="latency", validation_fraction=0.5)
    made["neuron"] = made["neuron"] | {"beta": 0.3}
    assert found(made) == {
        "learning_rate": (0.1, 0.001, "stated"),
        "neuron.beta": (0.3, 0.8, "stated"),
        "steps": (3, 25, "chosen here"),
        "encoding": ("latency", "rate", "stated"),
        "validation_fraction": (0.5, 0.2, "stated"),
    }


def leaves(value):
    """Every way to a value in a plan."""
    if isinstance(value, dict | list) and value:
        keys = value if isinstance(value, dict) else range(len(value))
        return [(key, *rest) for key in keys for rest in leaves(value[key])]
    return [()]


@pytest.mark.parametrize(("experiment", "network"), made_plans.NETWORKS)
def test_any_setting_that_is_changed_is_named(experiment, network):
    whole = plan(experiment, network)
    names = ("experiment", "network", "meter")
    for way in [way for way in leaves(whole) if way[0] not in names]:
        made = copy.deepcopy(whole)
        place = made
        for key in way[:-1]:
            place = place[key]
        place[way[-1]] = "another"
        key = ".".join(str(k + 1) if isinstance(k, int) else k for k in way)
        (one,) = protocol.deviations(made, experiment, network)
        assert (one.key, one.here) == (key, "another")


def test_layers_more_and_less_are_named():
    made = plan()
    more = made | {"architecture": [{"linear": 256}, *made["architecture"]]}
    assert found(more) == {
        "architecture.3.linear": (256, 10, "stated"),
        "architecture.4.linear": (10, protocol.ABSENT, "stated"),
    }
    less = made | {"architecture": made["architecture"][:2]}
    assert found(less)["architecture.3.linear"][0] is protocol.ABSENT


def test_what_the_files_count_goes_before_what_the_plan_allows():
    made = plan(max_train_samples=300, epochs=20)
    run = run_of(made)
    columns = {"train_samples": [240, 240], "val_samples": [60, 60]}
    run.epochs = pd.DataFrame(columns)
    run.test = pd.Series({"samples": 100})
    texts = [note.text for note in protocol.protocol_notes([run])]
    assert texts == [
        "exp1/snn: train_samples 300 instead of 60,000 (stated in the paper).",
        "exp1/snn: test_samples 100 instead of 10,000 (stated in the paper).",
        "exp1/snn: epochs 2 instead of 20 (stated in the paper).",
    ]


def test_networks_that_leave_it_alike_share_a_note():
    both = [
        run_of(plan(network=name, batch_size=32), network=name)
        for name in ("ann", "snn")
    ]
    (note,) = protocol.protocol_notes(both, source="official")
    assert (
        note.text == "exp1/ann, exp1/snn: batch_size 32 instead of 128 (chosen here)."
    )


def test_smoke_says_its_steps_batches_and_bins():
    made = plan("exp3", "snn_mnist", steps=20, batch_size=32)
    events = plan("exp3", "snn_nmnist")
    events["events"] = {"filter_time_us": 10000, "bin_us": 10000}
    read = [run_of(made, "exp3", "snn_mnist"), run_of(events, "exp3", "snn_nmnist")]
    texts = " ".join(
        note.text for note in protocol.protocol_notes(read, None, "sample")
    )
    assert "exp3/snn_mnist: steps 20 instead of 170 (chosen here)." in texts
    assert "batch_size 32 instead of 128" in texts
    assert "events.bin_us 10,000 instead of 1,000 (stated in the paper)." in texts
    assert "source: sample" in texts


def test_the_source_that_a_run_records_is_enough():
    made_up = run_of(plan(), data_source="sample")
    assert protocol.protocol_notes([made_up]) == [protocol.MADE_UP]


def test_runs_of_others_and_runs_that_do_not_say_are_passed_over():
    assert protocol.protocol_notes([run_of(plan(), "mine", "snn")]) == []
    assert protocol.protocol_notes([run_of({})]) == []
    given = {"exp1/snn": plan(learning_rate=1.0)}
    assert len(protocol.protocol_notes([run_of({})], given)) == 1


def test_the_papers_pairs_differ_in_nothing_but_their_subject():
    for experiment, one, other in (
        ("exp1", "snn", "ann"),
        ("exp2", "snn", "cnn"),
        ("exp3", "snn_nmnist", "snn_mnist"),
    ):
        pair = plan(experiment, one), plan(experiment, other)
        assert protocol.differences(*pair) == []


def test_what_differs_beyond_the_subject_is_named():
    pair = plan(learning_rate=0.005), plan(network="ann", batch_size=64)
    found = {one.key: (one.one, one.other) for one in protocol.differences(*pair)}
    assert found == {"learning_rate": (0.005, 0.001), "batch_size": (128, 64)}
    alike = plan(), plan(neuron=plan()["neuron"] | {"beta": 0.9})
    (one,) = protocol.differences(*alike)
    assert one.words == "neuron.beta 0.8 against 0.9"


def test_a_pair_has_a_note_of_what_sets_it_apart():
    ann = run_of(plan(network="ann"), network="ann")
    snn = run_of(plan(learning_rate=0.005), against="ann")
    (note,) = protocol.differ_notes([ann, snn])
    assert (note.kind, note.about) == ("differ", "exp1/snn")
    assert note.what == (
        "differs from exp1/ann in more than is compared: learning_rate 0.005 "
        "against 0.001."
    )


def test_choices_over_time_are_named_where_they_leave_the_protocol():
    config = copy.deepcopy(made_plans.CONFIG)
    config["training"] |= {"dropout": "per_sample", "padding": "masked"}
    told = {
        pair: [one.words for one in protocol.deviations(run_plan(config, *pair), *pair)]
        for pair in made_plans.NETWORKS
    }
    chosen = "(chosen here)"
    assert {pair: words for pair, words in told.items() if words} == {
        ("exp2", "snn"): [f"dropout per_sample instead of per_step {chosen}"],
        ("exp3", "snn_nmnist"): [f"padding masked instead of run_on {chosen}"],
    }


def test_prepared_samples_leave_the_protocol_in_the_reference_stack_alone(tmp_path):
    """Its times are not made of what the paper's were made of; results are the same."""
    stacks = ("reference", "fast")
    made = runs.read_all(make(tmp_path, experiments=["exp1"], stacks=stacks))
    for run in made:
        used = {"device": "cpu", "hardware": "a CPU", "threads": 1}
        way = {"loading": "prepared"} if run.stack == "reference" else {}
        run.info["conditions"] = used | way
    told = {one.key for run in made[:1] for one in protocol.deviations_of(run)}
    assert "loading" in told
    of_stacks = {
        run.stack: [d.words for d in protocol.deviations_of(run) if d.key == "loading"]
        for run in made
    }
    words = "loading prepared instead of library (chosen here)"
    assert of_stacks == {"reference": [words], "fast": []}
    made[0].info["conditions"]["loading"] = "library"
    assert "loading" not in {one.key for one in protocol.deviations_of(made[0])}
