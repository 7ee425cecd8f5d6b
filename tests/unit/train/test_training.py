"""The training and testing stages on made-up data: files, bytes, resuming."""

import json
import logging

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file, save_file
from sklearn.metrics import accuracy_score, recall_score

import made_data
import made_plans
from spikewatt.data import arrays
from spikewatt.files import contents
from spikewatt.results import operations, runs
from spikewatt.stack.reference import Reference
from spikewatt.train import health, testing, training


@pytest.fixture(autouse=True)
def made_up_data(monkeypatch):
    """Any data set is the made-up one of its name."""
    data = {"mnist": made_data.MadeImages(), "nmnist": made_data.MadeEvents()}
    monkeypatch.setattr(arrays, "load", lambda name: data[name])


def train(folder, network="snn", seed=0, **changes):
    experiment = "exp3" if "nmnist" in network else "exp1"
    plan = made_plans.plan(experiment, network, epochs=3, **changes)
    build(plan, folder / "kept", seed).run(folder)
    return plan


def build(plan, kept, seed=0):
    """A training of the plan on its made-up data."""
    conditions = made_plans.CONDITIONS
    return training.Training(
        plan, plan["dataset"], "reference", seed, "code", kept, conditions
    )


def run_the_test(plan, model, folder):
    """The test stage of the plan's run with the weights in `model`."""
    conditions = made_plans.CONDITIONS
    testing.test(plan, "mnist", "reference", 0, "code", model, folder, conditions)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrays, "load", lambda name: made_data.MadeImages())
        plan = train(folder)
        run_the_test(plan, folder / "model.safetensors", folder)
    return folder, plan


def test_a_run_leaves_what_the_contract_says(trained):
    folder, plan = trained
    run = runs.read("exp1", "snn", "reference", 0, "SNN", folder)
    assert run.problems == {}
    assert run.epochs["epoch"].tolist() == [1, 2, 3]
    assert (run.epochs["train_samples"] == 48).all()
    assert (run.epochs["val_samples"] == 12).all()
    assert (run.epochs["train_time_s"] > 0).all()
    assert run.epochs["mean_gpu_power_w"].isna().all()
    assert run.epochs["spikes_per_neuron_step"].between(0, 1).all()
    assert run.info["config"] == plan
    for name in ("epochs.csv", "test.csv"):
        table = pd.read_csv(folder / name)
        named = table[list(table)[:4]].drop_duplicates().to_dict("records")
        assert named == [
            {"experiment": "exp1", "network": "snn", "stack": "reference", "seed": 0}
        ]
    assert "nvml" in run.info["meter"]["unavailable"]
    assert not (folder / "kept").exists()
    for facts in ("run.json", "test.json"):
        outputs = json.loads((folder / facts).read_text())["outputs"]
        for name, digest in outputs.items():
            assert contents.sha256(folder / name) == digest


def test_the_best_epoch_is_the_first_of_the_highest_accuracy(trained):
    folder, _ = trained
    run = runs.read("exp1", "snn", "reference", 0, "SNN", folder)
    best = run.epochs["val_accuracy_pct"].idxmax()
    assert run.info["best_epoch"] == run.epochs["epoch"][best]


def test_predictions_recompute_the_table_row(trained):
    folder, _ = trained
    row = pd.read_csv(folder / "test.csv").iloc[0]
    told = pd.read_csv(folder / "predictions.csv")
    assert list(told) == runs.PREDICTION_COLUMNS
    accuracy = 100 * accuracy_score(told["label"], told["prediction"])
    recall = recall_score(told["label"], told["prediction"], average="macro")
    assert row["test_accuracy_pct"] == pytest.approx(accuracy)
    assert row["recall_macro"] == pytest.approx(recall)


def test_firing_rates_by_layer_give_the_mean_of_the_table_row(trained):
    """What the rates of single layers are is tried in test_loop.py, spike by spike."""
    folder, plan = trained
    table = pd.read_csv(folder / "firing_rates.csv")
    sizes = [entry["linear"] for entry in plan["architecture"]]
    assert table["layer"].tolist() == list(range(1, len(sizes) + 1))
    assert table["neurons"].tolist() == sizes
    assert table["spikes_per_neuron_step"].between(0, 1).all()
    hidden = table.iloc[:-1]
    spikes = (hidden["neurons"] * hidden["spikes_per_neuron_step"]).sum()
    row = pd.read_csv(folder / "test.csv").iloc[0]
    expected = pytest.approx(row["spikes_per_neuron_step"])
    assert spikes / hidden["neurons"].sum() == expected
    promised = json.loads((folder / "test.json").read_text())["outputs"]
    assert {"firing_rates.csv", "operations.csv"} <= promised.keys()


def test_operations_are_those_of_the_spikes_of_the_other_files(trained):
    """A dense layer's spikes meet all of its weights: none is 0."""
    folder, plan = trained
    table = pd.read_csv(folder / "operations.csv")
    assert list(table) == operations.COLUMNS
    rates = pd.read_csv(folder / "firing_rates.csv")
    places = rates["neurons"] * table["steps"]
    fired = rates["spikes_per_neuron_step"] * places
    assert table["active_outputs"].tolist() == pytest.approx(fired.tolist())
    assert (table["steps"] == 60 * plan["steps"]).all()
    came = table["active_outputs"].iloc[:-1].tolist()
    assert table["input_events"].iloc[1:].tolist() == came
    expected = (table["input_events"] * table["neurons"]).tolist()
    assert table["effective_acs"].tolist() == expected


def test_a_network_that_does_not_spike_has_no_firing_rates(tmp_path):
    plan = train(tmp_path, "ann")
    run_the_test(plan, tmp_path / "model.safetensors", tmp_path)
    assert (tmp_path / "firing_rates.csv").read_text() == (
        "layer,neurons,spikes_per_neuron_step\n"
    )


def test_the_test_trains_nothing_not_even_to_warm_up(trained, tmp_path, monkeypatch):
    """Memory that backward asked for once would stand in Table II as the test's."""
    folder, plan = trained
    modes, forward = [], Reference.__call__

    def looking(self, samples):
        modes.append((self.network.training, torch.is_grad_enabled()))
        return forward(self, samples)

    monkeypatch.setattr(Reference, "__call__", looking)
    plan = plan | {"meter": plan["meter"] | {"warmup_batches": 2}}
    run_the_test(plan, folder / "model.safetensors", tmp_path)
    assert len(modes) >= 2 + 8 and set(modes) == {(False, False)}
    same = [pd.read_csv(at / "predictions.csv") for at in (folder, tmp_path)]
    assert same[0].equals(same[1])


def test_predictions_say_which_samples_of_a_limited_set_they_are_of(trained, tmp_path):
    folder, plan = trained
    plan = plan | {"max_test_samples": 20}
    run_the_test(plan, folder / "model.safetensors", tmp_path)
    told = pd.read_csv(tmp_path / "predictions.csv")
    assert len(told) == 20 and told["index"].is_unique
    assert told["index"].tolist() != list(range(20))
    labels = made_data.MadeImages().split("test").labels
    assert labels[told["index"]].tolist() == told["label"].tolist()
    assert told["label"].value_counts().to_dict() == dict.fromkeys(range(10), 2)


def rows(folder):
    """The columns of epochs.csv that do not depend on the clock."""
    columns = ["epoch", "train_loss", "train_accuracy_pct", "val_loss"]
    columns += ["val_accuracy_pct", "train_samples", "spikes_per_neuron_step"]
    return pd.read_csv(folder / "epochs.csv")[columns].fillna(-1).to_dict()


@pytest.mark.parametrize("network", ["ann", "snn", "snn_nmnist"])
def test_the_same_seed_gives_the_same_bytes(tmp_path, network):
    for name, seed in (("one", 0), ("two", 0), ("other", 1)):
        train(tmp_path / name, network, seed)
    weights = [
        (tmp_path / name / "model.safetensors").read_bytes()
        for name in ("one", "two", "other")
    ]
    assert weights[0] == weights[1].replace(b"seed1", b"seed0")
    assert weights[0] != weights[2]
    assert rows(tmp_path / "one") == rows(tmp_path / "two")


def test_twins_split_alike(tmp_path):
    splits = []
    for network in ("ann", "snn"):
        plan = made_plans.plan("exp1", network)
        run = build(plan, tmp_path)
        splits.append((run.training.tolist(), run.validation.tolist()))
    assert splits[0] == splits[1]
    assert sorted(splits[0][0] + splits[0][1]) == list(range(60))


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_cut_run_goes_on_and_ends_the_same(tmp_path, monkeypatch, cut):
    """Stopped inside epoch `cut`, by an exception that nothing catches."""
    train(tmp_path / "whole")
    original = training.one_pass

    def cut_short(*arguments, **options):
        cut_short.calls += 1
        result = original(*arguments, **options)
        if cut_short.calls == 2 * cut - 1:
            raise KeyboardInterrupt
        return result

    cut_short.calls = 0
    monkeypatch.setattr(training, "one_pass", cut_short)
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "cut")
    assert not (tmp_path / "cut" / "epochs.csv").exists()
    monkeypatch.setattr(training, "one_pass", original)
    train(tmp_path / "cut")
    told = [
        json.loads((tmp_path / name / "run.json").read_text())["early_exit"]
        for name in ("whole", "cut")
    ]
    assert told[0] == told[1] != []
    whole = (tmp_path / "whole" / "model.safetensors").read_bytes()
    assert (tmp_path / "cut" / "model.safetensors").read_bytes() == whole
    assert rows(tmp_path / "cut") == rows(tmp_path / "whole")
    facts = json.loads((tmp_path / "cut" / "run.json").read_text())
    assert facts["interruptions"] == 1
    telemetry = pd.read_csv(tmp_path / "cut" / "telemetry.csv")
    assert telemetry["monotonic_s"].is_monotonic_increasing
    assert len(telemetry) and not (tmp_path / "cut" / "kept").exists()


def test_a_loss_that_is_no_number_stops_and_is_named(tmp_path):
    with pytest.raises(training.NotFinite) as caught:
        train(tmp_path, "ann", learning_rate=1e30)
    for word in ("exp1/ann/reference/seed0, epoch", "batch", "layer", "kept"):
        assert word in str(caught.value)
    assert not (tmp_path / "run.json").exists()


def test_a_dead_network_and_guessing_are_flagged(tmp_path):
    neuron = made_plans.NEURON | {"threshold": 1e9}
    plan = made_plans.plan("exp1", "snn", epochs=1, neuron=neuron)
    build(plan, tmp_path / "kept").run(tmp_path)
    flags = pd.read_csv(tmp_path / "epochs.csv")["flags"][0].split()
    assert {"dead", "chance"} <= set(flags)
    warnings = json.loads((tmp_path / "run.json").read_text())["warnings"]
    assert any("no neuron of layer 1 fired" in entry["what"] for entry in warnings)


def test_all_that_was_raised_is_in_the_warnings(tmp_path, monkeypatch):
    monkeypatch.setattr("spikewatt.meter.flags._loaded", lambda *_: True)
    monkeypatch.setattr("spikewatt.train.steadiness.LEAST_S", 0.0)
    monkeypatch.setattr("spikewatt.train.steadiness.LEAST_SHARE", 1e9)
    plan = made_plans.plan("exp1", "ann", epochs=2)
    build(plan, tmp_path / "kept").run(tmp_path)
    cells = pd.read_csv(tmp_path / "epochs.csv")["flags"]
    assert all({"loaded", "cores"} <= set(cell.split()) for cell in cells)
    info = json.loads((tmp_path / "run.json").read_text())
    told = {(one.get("flag"), one["epoch"]) for one in info["warnings"]}
    assert told >= {(word, n) for word in ("loaded", "cores") for n in (1, 2)}
    assert len(info["meter"]["flags"]["loaded"]) == 2
    run_the_test(plan, tmp_path / "model.safetensors", tmp_path)
    warnings = json.loads((tmp_path / "test.json").read_text())["warnings"]
    (text,) = [one["what"] for one in warnings if one["flag"] == "loaded"]
    assert "other processes used over 10 %" in text


def tested_of_another_architecture_are_refused_with_both_shapes(trained, tmp_path):
    folder, plan = trained
    weights = load_file(folder / "model.safetensors")
    weights["weights.1.weight"] = torch.zeros(5, 7)
    save_file(weights, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match=r"\(5, 7\).*\(256, 256\)"):
        run_the_test(plan, tmp_path / "other.safetensors", tmp_path)


def test_chance_is_that_of_ten_classes():
    def result(accuracy):
        return type("Result", (), {"accuracy_pct": accuracy, "samples": 100})

    assert health.at_chance(result(10.0), 10) and health.at_chance(result(16.0), 10)
    assert not health.at_chance(result(17.0), 10)


@pytest.mark.parametrize(
    ("classes", "least"),  # 1/k + 2·√((1/k)(1 − 1/k)/100), in percent
    [(11, 14.84), (20, 9.36), (100, 2.99)],
)
def test_chance_is_that_of_any_number_of_classes(classes, least):
    def result(accuracy):
        return type("Result", (), {"accuracy_pct": accuracy, "samples": 100})

    assert health.at_chance(result(least - 0.01), classes)
    assert not health.at_chance(result(least + 0.01), classes)


def test_a_run_beside_another_one_says_so_in_its_files(tmp_path, caplog):
    caplog.set_level(logging.INFO, "spikewatt")
    plan = made_plans.plan("exp1", "ann", epochs=2)
    build(plan, tmp_path / "kept").run(tmp_path, beside="process 7 (python, exp2/cnn)")
    facts = json.loads((tmp_path / "run.json").read_text())
    assert facts["meter"]["beside"] == "process 7 (python, exp2/cnn)"
    flagged = [one["epoch"] for one in facts["warnings"] if one.get("flag") == "beside"]
    assert flagged == [1, 2]
    words = pd.read_csv(tmp_path / "epochs.csv")["flags"].str.split()
    assert all("beside" in each for each in words)
    best = facts["best_epoch"]
    said = f"exp1/ann/reference/seed0: best epoch {best} of 2, validation accuracy "
    assert sum(said in record.getMessage() for record in caplog.records) == 1


def test_who_else_computed_is_kept_epoch_by_epoch_over_a_cut(tmp_path, monkeypatch):
    other = {"pid": 7, "name": "x", "command": "x", "cpu_cores": 1.0, "since": "now"}
    other["what"] = "x (process 7, 1.00 cores, since now)"
    monkeypatch.setattr(training.Meter, "others", lambda *_, **__: [other])
    plan = made_plans.plan("exp1", "ann", epochs=3)
    first = build(plan, tmp_path / "kept")
    first.plan = plan | {"epochs": 1}
    first.go()  # cut after its first epoch
    build(plan, tmp_path / "kept").run(tmp_path)
    facts = json.loads((tmp_path / "run.json").read_text())
    assert facts["interruptions"] == 1
    assert [record["epoch"] for record in facts["others"]] == [1, 2, 3]
    assert facts["others"][0] == {"epoch": 1, **other}
    run_the_test(plan, tmp_path / "model.safetensors", tmp_path)
    assert json.loads((tmp_path / "test.json").read_text())["others"] == [other]
