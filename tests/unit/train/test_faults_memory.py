"""A GPU that is too small: time in smaller chunks first, then a batch size to try."""

import logging

import numpy as np
import pytest
import torch

import made_plans
from spikewatt.network.describe import describe
from spikewatt.network.weights import Network
from spikewatt.stack.fast import stack as fast_module
from spikewatt.stack.fast.stack import Fast
from spikewatt.stack.reference import Reference
from spikewatt.train import seeds
from spikewatt.train.loop import one_pass, warm_up
from spikewatt.train.memory import OutOfMemory
from spikewatt.train.objective import Objective

FULL = torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.")


def built(kind, experiment="exp2", network="snn", **changes):
    """A stack that works on all time steps together, as on a GPU."""
    plan = made_plans.plan(experiment, network, **changes)
    data = made_plans.data(plan)
    streams = seeds.streams(0)
    layers = describe(plan["architecture"], data.shape, plan["neuron"]["kind"])
    net = Network(layers, streams.init)
    stack = kind(plan, data, net, streams, torch.device("cpu"))
    stack.runner = None
    return stack, Objective(plan)


def train(stack, objective):
    """One pass over one batch; the gradients it leaves."""
    batches = stack.batches("train", np.arange(8), shuffle=True)
    optimiser = torch.optim.Adam(stack.network.parameters(), lr=1e-3)
    result = one_pass(stack, objective, batches, optimiser)
    return result, [value.grad for value in stack.network.parameters()]


def test_time_is_halved_and_results_are_equal(monkeypatch, caplog):
    """Memory for two of four steps; dropout is drawn as if nothing had happened."""
    monkeypatch.setattr(logging.getLogger("spikewatt"), "propagate", True)
    whole, gradients = train(*built(Fast))
    stack, objective = built(Fast)
    original, asked = stack._chunk, []

    def small(spikes, own, masks, states):
        asked.append(len(spikes))
        if len(spikes) > 2:
            raise FULL
        return original(spikes, own, masks, states)

    monkeypatch.setattr(stack, "_chunk", small)
    result, found = train(stack, objective)
    assert asked[:3] == [4, 2, 2] and 4 not in asked[1:]
    assert caplog.text.count("half as many time steps") == 1
    assert result.loss == whole.loss
    assert torch.equal(result.predictions, whole.predictions)
    for one, other in zip(found, gradients, strict=True):
        assert torch.allclose(one, other, rtol=1e-4, atol=1e-7)


def test_spikes_of_an_attempt_that_failed_are_not_counted(monkeypatch):
    """Memory for two of four steps, which is found out in the second layer."""
    whole, objective = built(Fast)
    batches = whole.batches("test", np.arange(8), shuffle=False)
    expected = one_pass(whole, objective, batches)
    small, objective = built(Fast)
    original = fast_module.lif

    def tight(received, neuron, state):
        if len(received) > 2 and received.shape[2:] == (64, 8, 8):
            raise FULL
        return original(received, neuron, state)

    monkeypatch.setattr(fast_module, "lif", tight)
    batches = small.batches("test", np.arange(8), shuffle=False)
    result = one_pass(small, objective, batches)
    assert small.most == 2
    assert result.rates == expected.rates and all(expected.rates[:2])


@pytest.mark.parametrize("work", [train, "warm up", "evaluation"])
def test_what_does_not_fit_says_what_to_try(monkeypatch, work):
    stack, objective = built(Reference)
    batches = stack.batches("train", np.arange(16), shuffle=False)

    def full(samples):
        raise FULL

    monkeypatch.setattr(Reference, "__call__", lambda self, samples: full(samples))
    with pytest.raises(OutOfMemory) as caught:
        if work == "warm up":
            warm_up(stack, objective, batches, 1, training=True)
        elif work == "evaluation":
            one_pass(stack, objective, batches)
        else:
            train(stack, objective)
    for words in ("batch of 8", "batch_size: 4", "CUDA out of memory"):
        assert words in str(caught.value)


def test_halving_ends_at_one_step_and_at_one_sample(monkeypatch):
    stack, objective = built(Fast, batch_size=1)

    def full(*_):
        raise FULL

    monkeypatch.setattr(stack, "_chunk", full)
    with pytest.raises(OutOfMemory, match="not even one sample.*device: cpu"):
        train(stack, objective)
    assert stack.most == 1
