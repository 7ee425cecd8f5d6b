"""config/more_data.yaml, through Snakemake: two sets run, all are planned."""

import json

import pandas as pd
import pytest
import yaml

from project import ROOT, Project
from spikewatt.data import catalogue
from test_rerun import trained

pytestmark = pytest.mark.workflow
MORE = yaml.safe_load((ROOT / "config" / "more_data.yaml").read_text(encoding="utf-8"))
RUNS = {
    f"{experiment}/{network}": setting["dataset"]
    for experiment, given in MORE["experiments"].items()
    if given
    for network, setting in given["networks"].items()
}
SMALL = {
    "source": "sample",
    "results": "results/tiny",
    "sample": {"train": 60, "test": 30},
    "training": {"batch_size": 16},
    "device": "cpu",
    "threads": 2,
    "meter": {"idle_s": 0, "warmup_batches": 1, "single_samples": 2},
}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project whose tiny config is more_data.yaml, on less data for a moment."""
    made = Project.copy(tmp_path_factory.mktemp("more") / "project")
    config = {**MORE, **SMALL}
    for experiment in filter(None, config["experiments"].values()):
        experiment["epochs"] = 1
        for network in experiment["networks"].values():
            network |= {"steps": 4} if "steps" in network else {}
    text = yaml.safe_dump(config, sort_keys=False)
    (made.folder / "tiny.yaml").write_text(text, encoding="utf-8")
    return made


def test_it_has_a_pair_for_each_new_set_of_images_and_a_network_for_each_of_events():
    sets = list(RUNS.values())
    paper = {"mnist", "cifar10", "nmnist"}
    for name, known in catalogue.DATASETS.items():
        due = 0 if name in paper else 2 if known.kind == "images" else 1
        assert sets.count(name) == due


def test_every_set_is_planned(project):
    planned = project.planned()
    assert trained(planned) == set(RUNS)
    prepared = {job.removeprefix("Preparing ") for job in planned if "Preparing" in job}
    assert prepared == set(RUNS.values())


def test_a_set_of_images_and_one_of_events_run(project):
    project.snakemake("kmnist", "shd", "results/tiny/report.html", "--config", TWO)
    folder = project.folder / "results" / "tiny"
    for run, dataset in RUNS.items():
        if dataset not in ("kmnist", "shd"):
            continue
        place = folder / "runs" / run / "reference" / "seed0"
        facts = json.loads((place / "run.json").read_text(encoding="utf-8"))
        files = catalogue.get(dataset).files
        assert facts["config"]["dataset"] == dataset
        assert set(facts["data"]["checksums"]) == set(files)
        predictions = pd.read_csv(place / "predictions.csv")
        assert len(predictions) == 30
        assert predictions["label"].max() == len(catalogue.get(dataset).classes) - 1
    assert (facts["config"]["events"], facts["data"]["sensor"]) == (
        {"filter_time_us": None, "bin_us": 10_000},
        [1, 1, 700],
    )
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "KMNIST" in page and "SHD" in page


# The report is about these two alone.
TWO = (
    "experiments={"
    + ", ".join(
        f"{name}: null" for name in MORE["experiments"] if name not in ("kmnist", "shd")
    )
    + "}"
)
