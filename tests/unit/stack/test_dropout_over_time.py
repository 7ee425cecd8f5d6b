"""`dropout: per_sample` draws one mask for all time steps, `per_step` one for each."""

import numpy as np
import pytest
import torch

from spikewatt.network.weights import dropout_masks
from stack_steps import assert_equal_training, built, one_step

SMALL = [{"linear": 40, "dropout": 0.4}, {"linear": 30, "dropout": 0.3}, {"linear": 10}]
STEPS = 6


def made_of(name, dropout, dense=False):
    made = built(name, "exp1", "snn", architecture=SMALL, steps=STEPS, dropout=dropout)
    if dense:
        made.runner = None
    return made


def masks_of(made, batch=5):
    made.network.train()
    dropout = made.streams.dropout
    return dropout_masks(made.network, STEPS, batch, dropout, made.plan)


def test_one_mask_for_all_steps_of_a_sample():
    masks = masks_of(made_of("reference", "per_sample"))
    assert list(masks) == [0, 1]
    for mask, neurons, rate in zip(masks.values(), (40, 30), (0.4, 0.3), strict=True):
        assert mask.shape == (STEPS, 5, neurons)
        assert all(torch.equal(mask[0], later) for later in mask[1:])
        assert not torch.equal(mask[:, 0], mask[:, 1])
        values = torch.tensor([0.0, 1 / (1 - rate)])
        assert torch.allclose(mask.unique(), values)


def test_a_mask_for_each_step_by_default():
    for mask in masks_of(made_of("reference", "per_step")).values():
        assert not any(torch.equal(mask[0], later) for later in mask[1:])
    default = built("reference", "exp1", "snn", architecture=SMALL, steps=STEPS)
    explicit = made_of("reference", "per_step")
    for one, other in zip(
        masks_of(default).values(), masks_of(explicit).values(), strict=True
    ):
        assert torch.equal(one, other)


def test_as_many_draws_as_masks():
    """The stream is where one draw of a sample's neurons leaves it."""
    made = made_of("reference", "per_sample")
    twin = torch.Generator().manual_seed(0)
    twin.set_state(made.streams.dropout.get_state())
    masks_of(made)
    for neurons in (40, 30):
        torch.rand((1, 5, neurons), generator=twin)
    assert torch.equal(made.streams.dropout.get_state(), twin.get_state())


@pytest.mark.parametrize("dropout", ["per_step", "per_sample"])
@pytest.mark.parametrize("kind", ["events", "dense", "in chunks"])
def test_the_stacks_stay_equal(dropout, kind, monkeypatch):
    if kind == "in chunks":
        monkeypatch.setattr("spikewatt.stack.fast.stack.CHUNK_BYTES", 1)
    reference = made_of("reference", dropout)
    fast = made_of("fast", dropout, dense=kind != "events")
    batch = next(iter(reference.batches("train", np.arange(6), False)))
    expected = one_step(reference, *batch)
    assert expected[0].sum() > 0
    assert_equal_training(one_step(fast, *batch), expected)


@pytest.mark.parametrize("name", ["reference", "fast"])
def test_a_dropped_neuron_is_out_for_the_whole_sample(name):
    """The weights that lead on from it get no gradient of that sample, of one layer."""
    architecture = [{"linear": 60, "dropout": 0.5}, {"linear": 10}]
    gradients = {}
    for dropout in ("per_sample", "per_step"):
        made = built(
            name, "exp1", "snn", architecture=architecture, steps=12, dropout=dropout
        )
        torch.nn.init.constant_(made.network.weights[0].bias, 1.5)  # all fire often
        batch = next(iter(made.batches("train", np.arange(1), False)))
        gradients[dropout] = one_step(made, *batch)[2][2]
    silent = {kind: (g == 0).all(0).sum().item() for kind, g in gradients.items()}
    assert 15 <= silent["per_sample"] <= 45  # 60 · 0.5 ± 4 standard deviations
    assert silent["per_step"] <= 3
