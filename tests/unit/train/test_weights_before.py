"""Settings that stay the same give the weights that they gave, byte for byte.

`weights_before.json` holds the SHA-256 of the six networks' `model.safetensors` in
both stacks, from the tiny workflow with one thread, and what they were taken on, each
of several versions that gave the same: the bytes depend on the instructions of the CPU
and on the versions that sum. Elsewhere the test is skipped, and says so.
"""

import hashlib
import importlib.metadata
import json
from pathlib import Path

import pytest
import torch
import yaml
from snakemake.utils import update_config

from spikewatt.data import catalogue, prepare, sample
from spikewatt.train import machine, training
from spikewatt.workflow.plan import run_plan

ROOT = Path(__file__).parents[3]
BEFORE = json.loads(Path(__file__).with_name("weights_before.json").read_text())
SUMMING = ("torch", "numba", "snntorch")


def here():
    """What decides the bytes, on this machine."""
    cpu = machine.hardware(torch.device("cpu"))["cpu"]
    found = {"cpu": cpu, "cpu_capability": torch.backends.cpu.get_cpu_capability()}
    return found | {name: importlib.metadata.version(name) for name in SUMMING}


def unlike():
    """Where this machine differs from those of the digests, a sentence."""
    taken, found = BEFORE["taken_on"], here()
    return "; ".join(
        f"{key} is {found[key]}, not {' or '.join(taken[key])}"
        for key in found
        if found[key] not in taken[key]
    )


@pytest.fixture(scope="module")
def config():
    """The tiny workflow's config, as Snakemake makes it."""
    settings = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    tiny = ROOT / "tests" / "workflow" / "tiny.yaml"
    update_config(settings, yaml.safe_load(tiny.read_text(encoding="utf-8")))
    return settings


@pytest.fixture(scope="module")
def datasets(config, tmp_path_factory):
    """The sample data of the tiny workflow: a dataset's name → its prepared file."""
    folder, prepared = tmp_path_factory.mktemp("datasets"), {}
    for name, dataset in catalogue.DATASETS.items():
        archives = folder / name
        archives.mkdir()
        for file in dataset.files:
            sample.make(name, file, archives / file, **config["sample"])
        prepared[name] = folder / f"{name}.safetensors"
        prepare.prepare(name, archives, prepared[name], config["events"])
    return prepared


@pytest.mark.skipif(bool(unlike()), reason=f"other weights are due: {unlike()}")
@pytest.mark.parametrize("run", BEFORE["sha256"])
def test_the_weights_are_those_of_before(run, config, datasets, tmp_path):
    experiment, network, stack = run.split("/")
    plan = run_plan(config, experiment, network, stack)
    dataset = datasets[plan["dataset"]]
    conditions = machine.Conditions("cpu", BEFORE["threads"])
    training.Training(
        plan, dataset, stack, 0, "code", tmp_path / "kept", conditions
    ).run(tmp_path)
    weights = (tmp_path / "model.safetensors").read_bytes()
    assert hashlib.sha256(weights).hexdigest() == BEFORE["sha256"][run]
