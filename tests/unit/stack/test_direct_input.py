"""Images given directly, as currents: both stacks, and numbers worked out by hand."""

import numpy as np
import pytest
import torch

import made_plans
from spikewatt.network.neuron.settings import Neuron
from spikewatt.stack.fast import spike_events
from spikewatt.stack.fast import stack as fast_module
from stack_steps import assert_equal_training, built, one_step

STACKS = ("reference", "fast")
IMAGES = [("exp1", "snn"), ("exp2", "snn"), ("exp3", "snn_mnist")]


@pytest.mark.parametrize(("experiment", "network"), IMAGES)
@pytest.mark.parametrize("room", [1, 2**30], ids=["step by step", "in one"])
def test_both_stacks_train_alike(experiment, network, room, monkeypatch):
    monkeypatch.setattr(fast_module, "CHUNK_BYTES", room)
    results = []
    for name in STACKS:
        made = built(name, experiment, network, encoding="direct")
        samples, targets = next(iter(made.batches("train", np.arange(4), False)))
        assert samples.shape[:2] == (4, 4)
        results.append(one_step(made, samples, targets))
    assert results[0][0].sum() > 0
    assert_equal_training(results[1], results[0])


def test_precision_rounds_direct_input_too():
    """Unlike spikes, pixels do not survive the rounding unchanged."""
    exact, rounded = (
        built("fast", "exp1", "snn", encoding="direct", precision=precision)
        for precision in ("float32", "bfloat16")
    )
    seen = []
    for made in (exact, rounded):
        made.observer = lambda number, spikes: seen.append(spikes)
        made(next(iter(made.batches("train", np.arange(30), False)))[0])
    assert not torch.equal(seen[0], seen[3])


@pytest.mark.parametrize("name", STACKS)
def test_a_neuron_by_hand(name):
    """One pixel, one layer of ten neurons, β = 0.8, θ = 1.

    The pixel is 102/255 = 0.4. Weight 1: U = 0.4, 0.72, 0.976, 1.1808 → spike,
    0.8·1.1808 + 0.4 − 1 = 0.34464. Weight 2: U = 0.8, 1.44 → spike, 0.952, 1.5616 →
    spike, 1.04928 → spike. A network that cut the pixel to 0 would never spike.
    """
    made = built(
        *(name, "exp1", "snn"),
        **{"encoding": "direct", "steps": 5, "architecture": [{"linear": 10}]},
        neuron=made_plans.NEURON,
    )
    assert Neuron.of(made.plan["neuron"]).beta == 0.8
    images = np.zeros((1, 1, 28, 28), np.uint8)
    images[..., 0, 0] = 102
    made.data.parts["test"].images = images
    made.data.parts["test"].labels = np.zeros(1, np.int64)
    (weights,) = made.network.weights
    with torch.no_grad():
        weights.weight.zero_(), weights.bias.zero_()
        weights.weight[0, 0], weights.weight[1, 0] = 1.0, 2.0
        samples, _ = next(iter(made.batches("test", np.arange(1), False)))
        spikes = made(samples)
    assert spikes[:, 0, 0].tolist() == [0, 0, 0, 1, 0]
    assert spikes[:, 0, 1].tolist() == [0, 1, 0, 1, 1]
    assert spikes[:, 0, 2:].sum() == 0


@pytest.mark.parametrize("values", [[0.5, 1.0], [1.0, -1.0], [float("nan"), 0.0]])
def test_what_is_no_event_is_not_cut_to_one(values):
    with pytest.raises(ValueError, match="no whole numbers.*encoding: direct"):
        spike_events.from_frames(torch.tensor(values).view(1, 1, 2))


def test_counts_of_events_stay_events():
    frames = torch.tensor([[[0.0, 3.0, 1.0]]])
    assert torch.equal(spike_events.from_frames(frames).dense(0, 1), frames)
