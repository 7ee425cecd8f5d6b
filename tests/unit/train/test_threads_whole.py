"""Whole trainings in whole numbers: the same bytes for one thread and for two."""

import dataclasses
import json

import pytest
import torch

import made_data
import made_plans
from spikewatt.data import arrays
from spikewatt.stack.fast import spiking_layer
from spikewatt.train import training

PRECISIONS = ["int8", "fixed16", "fixed24"]


def weights(plan, folder, threads):
    """The bytes of model.safetensors of a training of two epochs."""
    conditions = dataclasses.replace(made_plans.CONDITIONS, threads=threads)
    made = training.Training(
        plan, plan["dataset"], "fast", 0, "code", folder / "kept", conditions
    )
    made.run(folder)
    return (folder / "model.safetensors").read_bytes()


@pytest.fixture(autouse=True)
def threads_afterwards():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


SPIKING = [pair for pair in made_plans.NETWORKS if pair[1] not in ("ann", "cnn")]


def small(plan):
    """Made-up data for a plan, of whose hidden channels an eighth is left."""
    hidden, last = plan["architecture"][:-1], plan["architecture"][-1]
    plan["architecture"] = [
        {k: -(-v // 8) if k in ("conv", "linear") else v for k, v in layer.items()}
        for layer in hidden
    ] + [last]
    if plan["dataset"] == "nmnist":
        return made_data.MadeEvents(count=30)
    shape = made_plans.data(plan).shape
    plan["resize"] = None  # made up in that size
    return made_data.MadeImages(count=40, shape=shape)


@pytest.mark.slow
@pytest.mark.parametrize("name", PRECISIONS)
@pytest.mark.parametrize(("experiment", "network"), SPIKING)
def test_threads_do_not_matter(experiment, network, name, tmp_path, monkeypatch):
    """Two epochs, several blocks of samples a batch, a last batch that is smaller."""
    monkeypatch.setattr(spiking_layer, "BLOCK_BYTES", 2**17)
    changes = {"epochs": 2, "batch_size": 20, "precision": name}
    plan = made_plans.plan(experiment, network, **changes)
    data = small(plan)
    monkeypatch.setattr(arrays, "load", lambda _: data)
    made = {}
    for threads in (1, 2):
        folder = tmp_path / str(threads)
        folder.mkdir()
        made[threads] = weights(plan, folder, threads)
    assert made[1] == made[2]
    told = json.loads((folder / "run.json").read_text())["ways"]
    assert [entry["layer"] for entry in told] == list(range(len(plan["architecture"])))
