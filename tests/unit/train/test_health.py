"""Networks gone wrong are named with epoch, batch and layer; others are left alone."""

import numpy as np
import pytest
import torch

import made_plans
from spikewatt.data import arrays
from spikewatt.train import assembly, health
from spikewatt.train.loop import NotFinite, one_pass

STACKS = ["reference", "fast"]
SAMPLES = np.arange(40)  # five batches


def built(monkeypatch, stack, network="snn", dark=(), **changes):
    """A setup on made-up data in which the samples of `dark` are black."""
    plan = made_plans.plan("exp1", network, **changes)
    data = made_plans.data(plan)
    data.split("train").images[list(dark)] = 0
    monkeypatch.setattr(arrays, "load", lambda _: data)
    return assembly.build(plan, "made up", stack, 0, "train", made_plans.CONDITIONS)


class Still:
    """An optimiser that leaves the weights as they are."""

    def step(self):
        pass


def epoch(setup, optimiser=None):
    """(what the epoch's training and validation gave, its warnings)."""
    optimiser = optimiser or Still()
    batches = setup.stack.batches("train", SAMPLES, shuffle=False)
    train = one_pass(setup.stack, setup.objective, batches, optimiser)
    validation = one_pass(setup.stack, setup.objective, batches)
    return train, validation, health.warnings(setup, train, validation)


@pytest.mark.parametrize("stack", STACKS)
def test_dead_at_first_and_alive_later_is_not_dead(monkeypatch, stack):
    setup = built(monkeypatch, stack, dark=range(32))
    train, validation, found = epoch(setup)
    for passed in (train, validation):
        assert passed.fired.tolist() == [False] * 4 + [True]
    assert "dead" not in found


@pytest.mark.parametrize("stack", STACKS)
def test_dead_for_the_whole_epoch_is_flagged(monkeypatch, stack):
    setup = built(monkeypatch, stack, dark=SAMPLES)
    assert epoch(setup)[2]["dead"] == (
        "no neuron of layer 1 fired in 5 validation batches, "
        "the output (layer 3) spiked in none of 5 validation batches, "
        "of 5 training batches in none"
    )


@pytest.mark.parametrize("stack", STACKS)
def test_a_silent_hidden_layer_is_named(monkeypatch, stack):
    """The output goes on by its biases alone."""
    setup = built(monkeypatch, stack)
    with torch.no_grad():
        setup.network.weights[1].weight.zero_()
        setup.network.weights[2].bias.fill_(2.0)
    told = "no neuron of layer 2 fired in 5 validation batches"
    assert epoch(setup)[2]["dead"] == told


@pytest.mark.parametrize("stack", STACKS)
def test_dying_within_an_epoch_says_when(monkeypatch, stack):
    """The second step leaves biases that nothing gets over."""

    class Deadly(Still):
        steps = 0

        def step(self):
            self.steps += 1
            if self.steps == 2:
                with torch.no_grad():
                    setup.network.weights[0].bias.fill_(-1e3)

    setup = built(monkeypatch, stack)
    found = epoch(setup, Deadly())[2]
    assert found["dead"].startswith("no neuron of layer 1 fired")
    assert found["dead"].endswith("of 5 training batches last in batch 2")


def test_a_network_without_spikes_is_never_dead(monkeypatch):
    setup = built(monkeypatch, "fast", "ann", dark=SAMPLES)
    assert "dead" not in epoch(setup)[2]


@pytest.mark.parametrize("stack", STACKS)
def test_spikes_do_not_hide_weights_that_are_no_numbers(monkeypatch, stack):
    """NaN potentials never spike: the loss of a spiking network stays a number."""
    setup = built(monkeypatch, stack)
    before = setup.network.weights[0].weight.clone()
    with torch.no_grad():
        setup.network.weights[1].weight[0] = float("nan")
    with pytest.raises(NotFinite, match="gradient is nan in batch 1 of 5"):
        epoch(setup, torch.optim.SGD(setup.network.parameters(), lr=0.1))
    assert torch.equal(setup.network.weights[0].weight, before)
    assert health.first_damaged(setup.network) == ", layer 2"
    with pytest.raises(NotFinite, match="weights are no numbers"):
        health.require_finite(setup.network)


def test_where_gradients_went_wrong_is_the_last_layer_without_numbers(monkeypatch):
    setup = built(monkeypatch, "reference")
    epoch(setup)
    for weights in setup.network.weights[:2]:
        weights.bias.grad.fill_(float("nan"))
    assert health.first_damaged(setup.network) == ", layer 2"


def test_a_gradient_that_explodes_in_any_batch_is_named(monkeypatch):
    setup = built(monkeypatch, "reference", "ann")
    train, validation, found = epoch(setup)
    assert len(train.gradients) == 5 and "gradient" not in found
    train.gradients[2] = 5e4
    told = health.warnings(setup, train, validation)["gradient"]
    assert told == "the gradient of layer 1 in batch 3 of 5 has grown to 5e+04"
    setup.network.weights[1].weight.grad.fill_(1e6)
    told = health.warnings(setup, train, validation)["gradient"]
    assert told.startswith("the gradient of layer 2 in batch 5 of 5 has grown")


def test_bias_gradients_by_hand(monkeypatch):
    """Of the first layer, batch by batch, as autograd gives them."""
    setup = built(monkeypatch, "reference", "ann")
    train, _, _ = epoch(setup)
    wanted = []
    for samples, targets in setup.stack.batches("train", SAMPLES, shuffle=False):
        loss = setup.objective.loss(setup.stack(samples), targets)
        (gradient,) = torch.autograd.grad(loss, [setup.network.weights[0].bias])
        wanted.append(gradient.square().sum().sqrt())
    assert torch.allclose(train.gradients, torch.stack(wanted))
