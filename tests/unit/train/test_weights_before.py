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

import made_runs
from spikewatt.train import machine, training
from spikewatt.workflow.plan import run_plan

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
def datasets(tmp_path_factory):
    """The sample data of the tiny workflow: a dataset's name → its prepared file."""
    folder, names = tmp_path_factory.mktemp("project"), ("mnist", "cifar10", "nmnist")
    return {name: made_runs.dataset(folder, name) for name in names}


@pytest.mark.skipif(bool(unlike()), reason=f"other weights are due: {unlike()}")
@pytest.mark.parametrize("run", BEFORE["sha256"])
def test_the_weights_are_those_of_before(run, datasets, tmp_path):
    experiment, network, stack = run.split("/")
    plan = run_plan(made_runs.config(), experiment, network, stack)
    dataset = datasets[plan["dataset"]]
    conditions = machine.Conditions("cpu", BEFORE["threads"])
    training.Training(
        plan, dataset, stack, 0, "code", tmp_path / "kept", conditions
    ).run(tmp_path)
    weights = (tmp_path / "model.safetensors").read_bytes()
    assert hashlib.sha256(weights).hexdigest() == BEFORE["sha256"][run]
