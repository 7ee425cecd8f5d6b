"""Losses against snnTorch's and by hand; predictions of any number of classes."""

import math

import pytest
import snntorch.functional as spiking
import torch

import made_plans
from spikewatt.train.objective import Objective

RATES = {"correct_rate": 0.75, "incorrect_rate": 0.1}
ORACLES = {
    "count_mse": (RATES, spiking.mse_count_loss(**RATES)),
    "count_cross_entropy": ({}, spiking.ce_count_loss()),
}


def objective(kind, network="snn", **more):
    plan = made_plans.plan("exp1", network, loss={"kind": kind, **more})
    return Objective(plan)


def spike_trains(classes, steps=9, batch=5):
    generator = torch.Generator().manual_seed(classes)
    return (torch.rand(steps, batch, classes, generator=generator) < 0.3).float()


@pytest.mark.parametrize("classes", [2, 7, 11])
@pytest.mark.parametrize("kind", ORACLES)
def test_losses_of_counts_are_those_of_snntorch(kind, classes):
    more, oracle = ORACLES[kind]
    targets = torch.arange(5) % classes
    gradients = []
    for loss in (objective(kind, **more).loss, oracle):
        spikes = spike_trains(classes).requires_grad_()
        value = loss(spikes, targets)
        value.backward()
        gradients.append((value.item(), spikes.grad))
    assert gradients[0][0] == gradients[1][0]
    assert torch.equal(gradients[0][1], gradients[1][1])


def test_cross_entropy_of_counts_by_hand():
    """Counts 3, 1, 0 of a sample of class 0, and 0, 2, 2 of one of class 1."""
    spikes = torch.zeros(4, 2, 3)
    spikes[:3, 0, 0] = spikes[:1, 0, 1] = 1
    spikes[:2, 1, 1] = spikes[2:, 1, 2] = 1
    first = math.log(math.e**3 + math.e + 1) - 3
    second = math.log(1 + 2 * math.e**2) - 2
    found = objective("count_cross_entropy").loss(spikes, torch.tensor([0, 1]))
    assert found.item() == pytest.approx((first + second) / 2)


@pytest.mark.parametrize("kind", ORACLES)
def test_the_class_that_fires_most_is_predicted_and_a_tie_goes_to_the_lower(kind):
    more, _ = ORACLES[kind]
    spikes = torch.zeros(4, 2, 3)
    spikes[:3, 0, 2] = spikes[:2, 1, 1] = spikes[2:, 1, 2] = 1
    assert objective(kind, **more).predict(spikes).tolist() == [2, 1]


def test_logits_are_trained_with_cross_entropy():
    made = objective("cross_entropy", "ann")
    logits, targets = torch.tensor([[1.0, 0.0, 2.0]]), torch.tensor([0])
    by_hand = math.log(math.e + 1 + math.e**2) - 1
    assert made.loss(logits, targets).item() == pytest.approx(by_hand)
    assert made.predict(logits).tolist() == [2]


def test_an_unknown_loss_is_refused():
    with pytest.raises(ValueError, match="loss 'hinge'"):
        objective("hinge")
