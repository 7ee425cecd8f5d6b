"""Networks and experiments of one's own, through Snakemake."""

import json

import pytest

from project import Project
from test_rerun import trained

pytestmark = pytest.mark.workflow

THIRD = """  exp3: {epochs: 1, networks: {snn_mnist: {steps: 4}, coarse: {
    label: coarse, dataset: nmnist, architecture: conv2, against: snn_nmnist,
    neuron: {beta: 0.9}, loss: count_cross_entropy,
    events: {bin_us: 30000, filter_time_us: 10000}}}}
"""
OWN = """  exp1: null
  exp2: null
  exp3: null
  contest: {title: Contest, epochs: 1, networks: {
    slow: {label: slow, dataset: mnist, architecture: dense, encoding: rate, steps: 4,
           neuron: {beta: 0.95}},
    quick: {label: quick, dataset: mnist, architecture: dense, neuron: relu},
    steep: {label: steep, dataset: mnist, architecture: dense, encoding: rate, steps: 4,
            neuron: {surrogate: {kind: sigmoid, slope: 10}}, against: slow}}}
"""
RUN = "results/tiny/runs/exp3/coarse/reference/seed0/run.json"
COARSE = "resources/sample/datasets/nmnist_bin30000us_filter10000us.safetensors"


def tiny(folder, experiments):
    """A fresh project whose tiny config has these experiments."""
    project = Project.copy(folder)
    path = project.folder / "tiny.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    start = lines.index("experiments:\n") + 1
    others = [line for line in lines[start:] if not line.startswith("  exp")]
    path.write_text("".join([*lines[:start], experiments, *others]), encoding="utf-8")
    return project


def test_events_of_its_own_are_prepared_beside_and_stay_so(tmp_path):
    """Once trained, the common settings reach the other network's data alone."""
    project = tiny(tmp_path / "project", THIRD)
    project.snakemake(RUN)
    assert (project.folder / COARSE).exists()
    facts = json.loads((project.folder / RUN).read_text(encoding="utf-8"))
    plan = facts["config"]
    assert plan["events"] == {"bin_us": 30000, "filter_time_us": 10000}
    assert (plan["neuron"]["beta"], plan["neuron"]["threshold"]) == (0.9, 1.0)
    assert plan["loss"] == {"kind": "count_cross_entropy"}
    assert project.planned(RUN) == []
    others = ["--config", "events={bin_us: 40000, filter_time_us: 500}", "threads=1"]
    assert project.planned(RUN, *others) == []
    other = RUN.replace("coarse", "snn_nmnist")
    planned = project.planned(RUN, other, *others)
    assert trained(planned) == {"exp3/snn_nmnist"}
    assert [job for job in planned if "Preparing" in job] == ["Preparing nmnist"]


def test_an_experiment_of_ones_own_in_place_of_the_papers(tmp_path):
    project = tiny(tmp_path / "project", OWN)
    names = {"contest/slow", "contest/quick", "contest/steep"}
    planned = project.planned("contest")
    assert trained(planned) == names
    assert [job for job in planned if "Preparing" in job] == ["Preparing mnist"]
    done = project.snakemake("--dry-run", "exp1", check=False)
    assert done.returncode and "exp1" in done.stdout
