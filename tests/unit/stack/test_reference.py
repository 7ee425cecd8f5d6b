"""The reference stack against the paper's equations, worked out apart from it."""

import numpy as np
import pytest
import torch
from torch.nn import functional

import made_plans
from spikewatt.network.describe import describe
from spikewatt.network.weights import Network, dropout_masks
from spikewatt.stack.reference import EventFrames, Reference, padded
from spikewatt.train import seeds

CPU = torch.device("cpu")


def built(experiment, network, **changes):
    plan = made_plans.plan(experiment, network, **changes)
    data = made_plans.data(plan)
    streams = seeds.streams(0)
    layers = describe(plan["architecture"], data.shape, plan["neuron"]["kind"])
    return Reference(plan, data, Network(layers, streams.init), streams, CPU)


def equations(network, spikes, beta, threshold):
    """(5) and (6), one layer after the other over all steps, in numpy floats."""
    for layer, weights in zip(network.layers, network.weights, strict=True):
        potential, spiked, out = 0.0, 0.0, []
        for values in spikes:
            if layer.kind == "linear":
                values = values.flatten(1)
            received = weights(values)
            if layer.pool > 1:
                received = functional.max_pool2d(received, layer.pool)
            received = received.numpy()
            potential = beta * potential + received - spiked * threshold
            spiked = (potential > threshold).astype(np.float32)
            out.append(torch.from_numpy(spiked))
        spikes = torch.stack(out)
    return spikes


@pytest.mark.parametrize(("experiment", "network"), made_plans.NETWORKS)
@torch.no_grad()
def test_output_of_all_six_networks(experiment, network):
    stack = built(experiment, network)
    stack.network.eval()
    samples, targets = next(iter(stack.batches("train", np.arange(5), shuffle=False)))
    output = stack(samples)
    assert targets.tolist() == [0, 1, 2, 3, 4]
    if stack.plan["neuron"]["kind"] == "relu":
        assert output.shape == (5, 10)
        return
    expected = equations(stack.network, samples, 0.8, 1.0)
    assert output.shape == (len(samples), 5, 10)
    assert (output != expected).float().mean() < 0.002  # other order of rounding
    assert output.unique().tolist() in ([0.0], [0.0, 1.0])


def test_event_frames_are_counts_padded_at_the_end():
    plan = made_plans.plan("exp3", "snn_nmnist")
    part = made_plans.data(plan).split("train")
    frames = EventFrames(part, np.arange(3))
    first, label = frames[0]
    assert first.shape == (part.num_bins[0], 2, 34, 34) and label == 0
    assert first.sum() == part.indptr[1]
    time, address = int(part.bin[0]), int(part.address[0])
    here = (part.bin[: part.indptr[1]] == time) & (
        part.address[: part.indptr[1]] == address
    )
    assert first.flatten(1)[time, address] == here.sum()
    batch, labels = padded([frames[number] for number in range(3)])
    assert batch.shape[:2] == (part.num_bins[:3].max(), 3)
    assert labels.tolist() == [0, 1, 2]


def test_dropout_acts_in_training_only():
    stack = built("exp2", "snn")
    samples, _ = next(iter(stack.batches("train", np.arange(6), shuffle=False)))
    stack.network.train()
    masks = dropout_masks(stack.network, len(samples), 6, stack.streams.dropout)
    assert set(masks) == {5} and masks[5].shape == (4, 6, 512)
    stack.network.eval()
    assert dropout_masks(stack.network, len(samples), 6, stack.streams.dropout) == {}


def test_observer_sees_every_spiking_layer():
    stack = built("exp3", "snn_mnist")
    seen = {}
    stack.observer = lambda number, spikes: seen.setdefault(number, []).append(spikes)
    samples, _ = next(iter(stack.batches("test", np.arange(2), shuffle=False)))
    with torch.no_grad():
        output = stack(samples)
    assert sorted(seen) == [0, 1, 2]
    assert torch.equal(torch.stack(seen[2]), output)
