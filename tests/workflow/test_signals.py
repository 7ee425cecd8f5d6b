"""Told to stop, whoever is told and whenever: no epoch that was trained is lost."""

import contextlib
import json
import os
import random
import signal
import time

import psutil
import pytest

import jobs
from alike import differences
from test_kills import SEED, script_of, start

pytestmark = pytest.mark.workflow

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def begun(project, experiment, network, epoch):
    """Snakemake and its training, which has just kept its checkpoint of `epoch`.

    Returns (Snakemake, the training's process, the run's folder, relative).
    """
    folder, _ = jobs.run_of(project, experiment, network)
    for path in (project.folder / folder).iterdir():
        path.unlink()
    (project.folder / "tmp").mkdir(exist_ok=True)
    snakemake = start(project, f"{folder}/run.json")
    job = script_of(snakemake, "train")
    kept = project.folder / folder.replace("/runs/", "/checkpoints/")
    while not (kept / f"epoch_{epoch:04}.safetensors").exists():
        assert job.is_running(), snakemake.stdout.read()
        time.sleep(0.002)
    return snakemake, job, folder


def strike(victim, number, snakemake, job):
    """Send a signal to the job, to Snakemake or to both and the meter."""
    with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
        if victim == "group":
            os.killpg(snakemake.pid, number)
        else:
            (job if victim == "job" else snakemake).send_signal(number)


@pytest.mark.parametrize("victim", ["job", "snakemake", "group"])
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_near_the_end_of_a_training(complete, project, number, victim):
    """Snakemake alone is told in the first epoch: the training goes on without it."""
    alone = victim == "snakemake"
    snakemake, job, folder = begun(project, "exp1", "ann", 0 if alone else 2)
    if not alone:
        moment = random.Random(f"{SEED} {number} {victim}").uniform(0, 1)
        time.sleep(moment)
    strike(victim, number, snakemake, job)
    first = snakemake.communicate()[0]
    project.snakemake("--unlock", f"{folder}/run.json")
    again = project.snakemake(f"{folder}/run.json")
    assert "epoch 1 of 2: " not in again.stdout, f"lost after:\n{first}"
    if alone:
        # After SIGTERM Snakemake still accepts what its job has finished.
        assert snakemake.returncode, first
        if number != signal.SIGHUP:
            assert "It was interrupted" in first and "is mended" not in first
            assert f"    snakemake {folder}/run.json " in first
        assert "taken up" in again.stdout or "Nothing to be done" in again.stdout
    for path in (complete.folder / folder).glob("*test*"):
        (project.folder / folder / path.name).write_bytes(path.read_bytes())
    for name in jobs.OF_A_TEST:
        whole = (complete.folder / folder / name).read_bytes()
        (project.folder / folder / name).write_bytes(whole)
    assert differences(project.folder / folder, complete.folder / folder) == []
    assert project.planned(f"{folder}/run.json") == []


@pytest.mark.parametrize(
    ("experiment", "network", "change", "told"),
    [
        ("exp1", "ann", "sample={seed: 7}", {}),
        ("exp3", "snn_nmnist", "events={bin_us: 10000}", {"bin_us": 10_000}),
    ],
)
def test_other_data_is_not_trained_on(project, experiment, network, change, told):
    """A training is killed, the data changes: it begins anew and says with what."""
    _, before = jobs.run_of(project, experiment, network)
    snakemake, job, folder = begun(project, experiment, network, 0)
    os.killpg(snakemake.pid, signal.SIGKILL)
    snakemake.communicate()
    target = f"{folder}/run.json"
    project.snakemake("--unlock", target)
    again = project.snakemake(target, "--config", change)
    assert "another config, code or data" in again.stdout
    facts = json.loads((project.folder / target).read_text(encoding="utf-8"))
    assert facts["interruptions"] == 0
    assert facts["data_digest"] != before["data_digest"]
    assert facts["identity"] != before["identity"]
    assert facts["data"] | told == facts["data"]


def test_a_test_says_that_the_training_was_accepted(project):
    """What it finished is kept as links, and goes when the test begins."""
    folder, _ = jobs.run_of(project, "exp1", "ann")
    kept = project.folder / folder.replace("/runs/", "/checkpoints/")
    for path in (project.folder / folder).iterdir():
        path.unlink()
    project.snakemake(f"{folder}/run.json")
    model = project.folder / folder / "model.safetensors"
    finished = kept.with_name(f"{kept.name}.finished")
    assert (finished / model.name).samefile(model)
    project.snakemake(f"{folder}/test.csv")
    assert not kept.exists() and not finished.exists()
    test = json.loads((project.folder / folder / "test.json").read_text())
    run = json.loads((project.folder / folder / "run.json").read_text())
    assert test["model"] == run["outputs"][model.name]
    assert project.planned(f"{folder}/test.csv") == []
