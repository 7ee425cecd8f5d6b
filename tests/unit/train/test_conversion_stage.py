"""A converted network through the stages: files, identity, what its source cost."""

import json

import pandas as pd
import pytest

import made_data
import made_plans
from spikewatt.data import arrays
from spikewatt.results import converted, devices, overview, runs
from spikewatt.tables import published
from spikewatt.train import conversion, testing
from spikewatt.train.training import Training
from spikewatt.workflow.plan import run_plan

SHADOW = {
    "label": "Shadow",
    "dataset": "mnist",
    "architecture": "dense",
    "neuron": "if",
    "encoding": "direct",
    "steps": 25,
    "from": "ann",
}


@pytest.fixture(autouse=True)
def made_up_data(monkeypatch):
    monkeypatch.setattr(arrays, "load", lambda name: made_data.MadeImages())


def plan(network, **changes):
    config = made_plans.CONFIG
    networks = config["experiments"]["exp1"]["networks"] | {"shadow": SHADOW}
    experiments = {"exp1": config["experiments"]["exp1"] | {"networks": networks}}
    made = run_plan(config | {"experiments": experiments}, "exp1", network)
    quiet = {"rate_hz": 20, "idle_s": 0, "warmup_batches": 1}
    return made | {"batch_size": 8, "meter": quiet} | changes


def run(network, folder, stack="reference", source=None, **changes):
    arguments = (
        *(plan(network, **changes), "mnist", stack, 0, "code", folder / "kept"),
        made_plans.CONDITIONS,
    )
    made = conversion.made(*arguments, source=source)
    made.run(folder)
    return made


def read(network, folder, label):
    return runs.read("exp1", network, "reference", 0, label, folder)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ann")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrays, "load", lambda name: made_data.MadeImages())
        made = run("ann", folder, epochs=4)
        assert type(made) is Training
    return folder


@pytest.mark.parametrize("stack", ["reference", "fast"])
def test_a_conversion_learns_nothing_and_is_as_good_as_its_source(
    source, stack, tmp_path
):
    made = run("shadow", tmp_path, stack, source)
    found = read("shadow", tmp_path, "Shadow")
    assert found.problems.keys() == {"test.csv"}
    assert len(found.epochs) == 1 and found.info["best_epoch"] == 1
    trained = read("ann", source, "ANN")
    best = trained.epochs["val_accuracy_pct"].max()
    assert best > 60
    assert found.epochs["val_accuracy_pct"][0] == pytest.approx(best, abs=9)
    assert found.epochs["spikes_per_neuron_step"].between(0.01, 0.9).all()
    told = found.info["method"]
    assert (told["optimiser"], told["initial_weights"]) == ("none", "converted")
    assert made.plan["epochs"] == 1


def test_its_cost_is_the_sources_and_its_own(source, tmp_path):
    run("shadow", tmp_path, source=source)
    testing.test(
        *(plan("shadow"), "mnist", "reference", 0, "code"),
        *(tmp_path / "model.safetensors", tmp_path, made_plans.CONDITIONS),
    )
    found = read("shadow", tmp_path, "Shadow")
    epochs = pd.read_csv(source / "epochs.csv")
    spent = (epochs["train_time_s"] + epochs["val_time_s"]).sum()
    assert found.info["source"]["run"] == "exp1/ann/reference/seed0"
    assert found.info["source"]["hardware"] == devices.device(found)
    assert converted.source_cost(found, "time_s") == pytest.approx(spent)
    assert converted.source_cost(found, "gpu_energy_j") is None
    own = found.epochs["train_time_s"][0] + found.epochs["val_time_s"][0]
    own += found.test["test_time_s"]
    (row,) = overview.overview([found]).to_dict("records")
    assert row["total_time_s"] == pytest.approx(own + spent)
    assert row["total_cpu_time_s"] > epochs["cpu_time_s"].sum()
    (note,) = converted.source_notes([found])
    assert note.about == "exp1/shadow" and "converted from exp1/ann" in note.text
    assert f"{spent:.3g} s of the source's training" in note.text
    assert note in published.table1([found]).notes


def test_other_weights_are_another_run(source, tmp_path):
    one = run("shadow", tmp_path / "one", source=source)
    same = run("shadow", tmp_path / "two", source=source)
    assert one.identity.digest == same.identity.digest
    other = tmp_path / "ann"
    run("ann", other, epochs=1, learning_rate=0.01)
    third = run("shadow", tmp_path / "three", source=other)
    assert third.identity.digest != one.identity.digest
    facts = json.loads((tmp_path / "three" / "run.json").read_text())
    assert facts["source"]["model"] == third.identity.weights


def test_a_finished_conversion_is_taken_up(source, tmp_path):
    run("shadow", tmp_path, source=source)
    before = (tmp_path / "run.json").read_bytes()
    (tmp_path / "epochs.csv").unlink()
    run("shadow", tmp_path, source=source)
    assert (tmp_path / "run.json").read_bytes() == before
    assert (tmp_path / "epochs.csv").exists()
