"""The one training loop: learning, counting, warm-up without a trace."""

import math

import numpy as np
import pytest
import torch

import made_plans
from spikewatt import stack as stacks
from spikewatt.network.describe import describe
from spikewatt.network.weights import Network
from spikewatt.stack.reference import Reference
from spikewatt.train import seeds
from spikewatt.train.loop import NotFinite, check_finite, one_pass, warm_up
from spikewatt.train.objective import Objective


def built(experiment, network, seed=0, stack="reference"):
    plan = made_plans.plan(experiment, network)
    data = made_plans.data(plan)
    streams = seeds.streams(seed)
    layers = describe(plan["architecture"], data.shape, plan["neuron"]["kind"])
    network = Network(layers, streams.init)
    made = stacks.build(stack, plan, data, network, streams, torch.device("cpu"))
    return made, Objective(plan)


@pytest.mark.parametrize("network", ["ann", "snn"])
def test_it_learns_and_counts(network):
    stack, objective = built("exp1", network)
    optimiser = torch.optim.Adam(stack.network.parameters(), lr=1e-3)
    passes = [
        one_pass(
            stack,
            objective,
            stack.batches("train", np.arange(50), shuffle=True),
            optimiser,
        )
        for _ in range(6)
    ]
    assert passes[-1].loss < passes[0].loss / 2
    tested = one_pass(
        stack, objective, stack.batches("test", np.arange(60), shuffle=False)
    )
    assert tested.samples == 60
    assert tested.labels.tolist() == [number % 10 for number in range(60)]
    right = (tested.labels == tested.predictions).float().mean().item()
    assert tested.accuracy_pct == pytest.approx(100 * right)
    assert tested.accuracy_pct > 80


def test_spike_loss_by_hand():
    """Two classes' worth of counts against targets of 80 % and 20 % of 10 steps."""
    objective = Objective(made_plans.plan("exp1", "snn"))
    spikes = torch.zeros(10, 1, 10)
    spikes[:6, 0, 3] = 1
    loss = objective.loss(spikes, torch.tensor([3]))
    assert loss.item() == pytest.approx(((6 - 8) ** 2 + 9 * (0 - 2) ** 2) / 10 / 10)
    assert objective.predict(spikes).tolist() == [3]


def test_warm_up_leaves_no_trace():
    stack, objective = built("exp2", "snn")
    before = [parameter.clone() for parameter in stack.network.parameters()]
    state = stack.streams.state()
    batches = stack.batches("train", np.arange(20), shuffle=False)
    warm_up(stack, objective, batches, 2, training=True)
    for parameter, old in zip(stack.network.parameters(), before, strict=True):
        assert torch.equal(parameter, old) and parameter.grad is None
    for name, value in stack.streams.state().items():
        assert torch.equal(value, state[name])


def seen_spikes(stack, batches):
    """Spikes and places for one of each layer, by looking at every single one."""
    spikes, places = {}, {}

    def look(number, values):
        spikes[number] = spikes.get(number, 0) + int((values == 1).sum())
        places[number] = places.get(number, 0) + values.numel()

    stack.observer = look
    with torch.no_grad():
        for samples, _ in batches:
            stack(samples)
    stack.observer = None
    return [spikes[number] / places[number] for number in sorted(spikes)]


@pytest.mark.parametrize("kind", ["reference", "fast", "fast, dense"])
@pytest.mark.parametrize(("experiment", "network"), [("exp1", "snn"), ("exp2", "snn")])
def test_firing_rates_are_those_of_every_batch(experiment, network, kind):
    """Of batches that fire unlike: the first one is black."""
    stack, objective = built(experiment, network, stack=kind.partition(",")[0])
    stack.runner = None if "dense" in kind else getattr(stack, "runner", None)
    stack.data.split("test").images[:8] = 0
    state = stack.streams.state()
    batches = stack.batches("test", np.arange(20), shuffle=False)
    stack.network.eval()
    expected = seen_spikes(stack, batches)
    stack.streams.restore(state)
    result = one_pass(stack, objective, batches)
    assert result.rates == pytest.approx(expected)
    assert len(expected) == len(stack.network.layers) and expected[0] > 0
    first = stack.batches("test", np.arange(8), shuffle=False)
    assert one_pass(stack, objective, first).rates[0] == 0
    assert stack.counter is None


def test_what_trains_or_does_not_spike_is_not_counted():
    for network, optimised in (("snn", True), ("ann", False)):
        stack, objective = built("exp1", network)
        batches = stack.batches("train", np.arange(20), shuffle=False)
        adam = torch.optim.Adam(stack.network.parameters()) if optimised else None
        assert one_pass(stack, objective, batches, adam).rates == []


@pytest.mark.parametrize("training", [True, False])
def test_the_warm_up_works_as_the_pass_that_follows_it(monkeypatch, training):
    """Before a test: evaluation, nothing kept for a gradient, no weight's gradient."""
    stack, objective = built("exp2", "snn")
    state = stack.streams.state()
    seen, forward = [], Reference.__call__

    def looking(self, samples):
        output = forward(self, samples)
        seen.append((self.network.training, output.requires_grad))
        return output

    monkeypatch.setattr(Reference, "__call__", looking)
    monkeypatch.setattr(torch.Tensor, "backward", lambda loss: seen.append("backward"))
    batches = stack.batches("test", np.arange(20), shuffle=False)
    warm_up(stack, objective, batches, 2, training)
    once = [(True, True), "backward"] if training else [(False, False)]
    assert seen == 2 * once
    assert torch.is_grad_enabled()
    for name, value in stack.streams.state().items():
        assert torch.equal(value, state[name])


def test_the_first_bad_batch_is_named():
    bad = torch.tensor([1.0, math.nan, math.inf])
    with pytest.raises(NotFinite, match="loss is nan in batch 2 of 3.*learning_rate"):
        check_finite(bad, torch.ones(3), 3)
    with pytest.raises(NotFinite, match="gradient is inf in batch 9 of 12"):
        check_finite(torch.ones(1), bad[2:], 12, first=9)
