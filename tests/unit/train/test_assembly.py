"""Networks that are not the paper's, through assembly and the loop, in both stacks."""

import numpy as np
import pytest
import torch

import made_data
import made_plans
from spikewatt.data import arrays
from spikewatt.train import assembly, scores
from spikewatt.train.health import at_chance
from spikewatt.train.loop import one_pass
from spikewatt.train.machine import Conditions

CONDITIONS = Conditions("cpu", 1)
SEVEN = [{"linear": 32}, {"linear": 7}]


def built(monkeypatch, network, stack="reference", classes=7, **changes):
    """A setup of experiment 1's network with other settings, on made-up data."""
    plan = made_plans.plan("exp1", network, **{"architecture": SEVEN} | changes)
    data = made_data.MadeImages(count=56, classes=classes)
    monkeypatch.setattr(arrays, "load", lambda _: data)
    return assembly.build(plan, "made.safetensors", stack, 0, "train", CONDITIONS)


def learnt(setup, epochs=8):
    """(the last epoch's training, a pass over the test set) after some epochs."""
    optimiser = torch.optim.Adam(setup.network.parameters(), lr=3e-3)
    indices = np.arange(56)
    for _ in range(epochs):
        batches = setup.stack.batches("train", indices, shuffle=True)
        trained = one_pass(setup.stack, setup.objective, batches, optimiser)
    batches = setup.stack.batches("test", indices, shuffle=False)
    return trained, one_pass(setup.stack, setup.objective, batches)


LOSSES = {
    "count_mse": {"kind": "count_mse", "correct_rate": 0.8, "incorrect_rate": 0.2},
    "count_cross_entropy": {"kind": "count_cross_entropy"},
}


@pytest.mark.parametrize("stack", ["reference", "fast"])
@pytest.mark.parametrize("kind", LOSSES)
def test_seven_classes_are_learnt_with_each_loss(monkeypatch, stack, kind):
    setup = built(monkeypatch, "snn", stack, loss=LOSSES[kind])
    _, tested = learnt(setup)
    assert tested.accuracy_pct > 60
    assert sorted(set(tested.labels.tolist())) == list(range(7))
    assert setup.classes == 7 and not at_chance(tested, setup.classes)
    row = scores.score(tested.labels.numpy(), tested.predictions.numpy(), 7)
    assert row["test_accuracy_pct"] == pytest.approx(tested.accuracy_pct)


def test_seven_classes_are_learnt_without_spikes(monkeypatch):
    _, tested = learnt(built(monkeypatch, "ann"))
    assert tested.accuracy_pct > 60


def test_a_neuron_of_its_own_reaches_the_stack(monkeypatch):
    """Spikes of another β and threshold differ, and those of the same are the same."""
    common = made_plans.plan("exp1", "snn")["neuron"]
    own = common | {"beta": 0.3, "threshold": 0.7}
    batches = []
    for neuron in (common, own, dict(own)):
        setup = built(monkeypatch, "snn", neuron=neuron)
        (samples, _), *_ = setup.stack.batches("train", np.arange(8), shuffle=False)
        batches.append(setup.stack(samples))
    assert not torch.equal(batches[0], batches[1])
    assert torch.equal(batches[1], batches[2])


@pytest.mark.parametrize("network", ["ann", "snn"])
def test_outputs_that_are_not_the_classes_are_refused(monkeypatch, network):
    with pytest.raises(ValueError, match=r"made.*8 classes.*exp1/.*\(7,\) outputs"):
        built(monkeypatch, network, classes=8)
