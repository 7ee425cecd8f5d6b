"""A run opened in Python: the commands that its sentences name bring back what is gone.

What the sentences are, and the predictions, is tried in unit/train/test_opened.py.
"""

import re

import pytest

import spikewatt
from project import Project
from spikewatt.train.vouched import NotLoadable

pytestmark = pytest.mark.workflow

DATA = "resources/sample/datasets/mnist.safetensors"
RUN = "results/tiny/runs/exp1/ann/fast/seed0"
OF_THE_TEST = (
    *("test.csv", "predictions.csv", "test_telemetry.csv"),
    *("firing_rates.csv", "anytime.csv", "early_exit.csv", "operations.csv"),
    "inference.csv",
)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = Project.copy(tmp_path_factory.mktemp("opened") / "project")
    project.snakemake(f"{RUN}/test.csv")
    return project


def damage(path):
    path.write_bytes(path.read_bytes() + b"\n")


@pytest.mark.parametrize(
    ("gone", "damaged"),
    [
        ([DATA], []),
        ([f"{RUN}/test.json"], []),
        ([f"{RUN}/{name}" for name in ("test.json", *OF_THE_TEST)], []),
        ([], [f"{RUN}/model.safetensors"]),
    ],
    ids=["data", "test.json", "the test", "weights"],
)
def test_the_command_of_the_sentence_brings_it_back(project, gone, damaged):
    before = spikewatt.load(project.folder / RUN).predictions
    for name in gone:
        (project.folder / name).unlink()
    for name in damaged:
        damage(project.folder / name)
    with pytest.raises(NotLoadable) as told:
        spikewatt.load(project.folder / RUN)
    (command,) = re.findall(r"`snakemake (.+?)`", str(told.value))
    project.snakemake(*command.split())
    run = spikewatt.load(project.folder / RUN)
    assert run.predict().equals(before) and run.predictions.equals(before)
