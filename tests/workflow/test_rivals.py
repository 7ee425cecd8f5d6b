"""All rivals on made-up data, from config/smoke_rivals.yaml, as a user types it."""

import json
import os
import subprocess
import sys

import pandas as pd
import pytest
import yaml

from project import ROOT, Project

pytestmark = pytest.mark.workflow

OVERLAY = "config/smoke_rivals.yaml"
RESULTS = "results/smoke_rivals"
CONFIG = yaml.safe_load((ROOT / OVERLAY).read_text(encoding="utf-8"))
RIVALS = {
    f"{experiment}/{network}": plan
    for experiment, setting in CONFIG["experiments"].items()
    if setting
    for network, plan in setting["networks"].items()
}


def snakemake(project, *arguments):
    (project.folder / "tmp").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
    done = subprocess.run(
        [*command, "--configfile", OVERLAY],
        cwd=project.folder,
        env=os.environ | {"TMPDIR": str(project.folder / "tmp")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert not done.returncode, done.stdout[-6000:]
    return done.stdout


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The project after the smoke run."""
    project = Project.copy(tmp_path_factory.mktemp("rivals") / "project")
    snakemake(project)
    return project


def folder(project, name):
    return project.folder / RESULTS / "runs" / name / "fast" / "seed0"


def test_every_rival_is_trained_and_tested(ran):
    project = ran
    for name in RIVALS:
        assert (folder(project, name) / "test.csv").exists(), name
    assert (project.folder / RESULTS / "report.html").exists()
    assert (project.folder / RESULTS / "figures" / "fig_anytime.svg").exists()


def test_the_table_of_rivals_has_every_network_and_the_figures_are_drawn(ran):
    results = ran.folder / RESULTS
    table = pd.read_csv(results / "tables" / "rivals.csv")
    rows = table.set_index(table["experiment"] + "/" + table["network"])
    assert set(rows.index) == set(RIVALS)
    assert rows["verdict"].isna().all()  # the data are made up
    for name, setting in RIVALS.items():
        row, run = rows.loc[name], pd.read_csv(folder(ran, name) / "epochs.csv")
        own = float((run["train_time_s"] + run["val_time_s"]).sum())
        if "from" not in setting:
            assert row["training_time_s"] == pytest.approx(own)
        else:  # its source's comes on top
            source = f"{name.partition('/')[0]}/{setting['from']}"
            both = own + rows.loc[source, "training_time_s"]
            assert row["training_time_s"] == pytest.approx(both)
        assert row["weakest_reached"] <= row["weakest_seeds"] == 1
    for figure in ("fig_pareto", "fig_cost_to_accuracy"):
        assert (results / "figures" / f"{figure}.svg").exists()
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "Nothing is said of who wins" in page


def test_a_converted_network_comes_after_its_source_and_says_what_both_cost(ran):
    project = ran
    summary = pd.read_csv(project.folder / RESULTS / "summary.csv")
    rows = summary.set_index(["experiment", "network"])
    for name, setting in RIVALS.items():
        if "from" not in setting:
            continue
        experiment, network = name.split("/")
        text = (folder(project, name) / "run.json").read_text(encoding="utf-8")
        source = json.loads(text)["source"]
        assert source["run"] == f"{experiment}/{setting['from']}/fast/seed0"
        whole = rows.loc[experiment, network]["total_time_s"]
        assert whole > source["costs"]["time_s"] > 0
        note = f"converted from {experiment}/{setting['from']}"
        table = project.folder / RESULTS / "tables" / "table1.md"
        assert note in table.read_text(encoding="utf-8")


def test_a_source_that_is_retrained_takes_its_conversions_along(ran):
    project = ran
    model = f"{RESULTS}/runs/rivals_nmnist/frame/fast/seed0/model.safetensors"
    planned = snakemake(project, "rivals_nmnist", "--forcerun", model, "--dry-run")
    assert "Training rivals_nmnist/frame" in planned
    assert "Training rivals_nmnist/shadow" in planned
    assert "Training rivals_nmnist/saccades" not in planned


def test_every_rival_goes_through_one_by_one(ran):
    """A quantised one's own time is marked: it was computed in float32."""
    for name, setting in RIVALS.items():
        at = folder(ran, name)
        table = pd.read_csv(at / "inference.csv").set_index("path")
        assert table.loc["own", "samples"] == 5, name
        assert (table["latency_median_ms"] > 0).all()
        told = json.loads((at / "test.json").read_text(encoding="utf-8"))["inference"]
        few = isinstance(setting["neuron"], dict)
        assert (told["own"]["emulated"] is not None) == few, name
        assert ("onnx_int8" in told) == few
        if few:
            reason = told["onnx_int8"].get("why_not")
            assert (reason is None) == ("onnx_int8" in table.index)


def test_every_spiking_network_tells_its_course(ran):
    project = ran
    for name, setting in RIVALS.items():
        kind = setting["neuron"]
        spiking = kind in ("lif", "if")
        course = pd.read_csv(folder(project, name) / "anytime.csv")
        exits = pd.read_csv(folder(project, name) / "early_exit.csv")
        assert (len(course) > 0) == (len(exits) > 0) == spiking, name
        if spiking:
            test = pd.read_csv(folder(project, name) / "test.csv").iloc[0]
            assert course["accuracy_pct"].iloc[-1] == test["test_accuracy_pct"]
