"""The fast stack against the reference stack, for all six networks."""

import numpy as np
import pytest
import torch

import made_plans
from spikewatt.stack.fast import sparse, spiking_layer
from spikewatt.stack.fast import stack as fast_module
from stack_steps import assert_equal_training, built, one_step

SPIKING = [pair for pair in made_plans.NETWORKS if pair[1] not in ("ann", "cnn")]


@pytest.mark.parametrize(("experiment", "network"), made_plans.NETWORKS)
def test_a_training_step_of_all_six_networks(experiment, network):
    reference = built("reference", experiment, network)
    fast = built("fast", experiment, network)
    samples, targets = next(iter(reference.batches("train", np.arange(6), False)))
    expected = one_step(reference, samples, targets)
    assert_equal_training(one_step(fast, samples, targets), expected)
    if fast.spiking:
        assert expected[0].sum() > 0


@pytest.mark.parametrize(("experiment", "network"), SPIKING)
@pytest.mark.parametrize("crossover", [-1.0, 1e9], ids=["dense", "events"])
@pytest.mark.parametrize("winners", [0, 10**9])
def test_every_way_of_summing_agrees(
    experiment, network, crossover, winners, monkeypatch
):
    reference = built("reference", experiment, network)
    samples, targets = next(iter(reference.batches("train", np.arange(3), False)))
    expected = one_step(reference, samples, targets)
    monkeypatch.setattr(
        spiking_layer,
        "CROSSOVER",
        dict.fromkeys(spiking_layer.CROSSOVER, crossover),
    )
    monkeypatch.setattr(spiking_layer, "RECOMPUTE_BELOW", winners)
    monkeypatch.setattr(spiking_layer, "BLOCK_BYTES", 1)
    pooled = property(lambda self: winners and self.shape.pool > 1)
    monkeypatch.setattr(sparse.Sparse, "pooled", pooled)
    fast = built("fast", experiment, network)
    assert_equal_training(one_step(fast, samples, targets), expected)


@pytest.mark.parametrize(("experiment", "network"), SPIKING)
@pytest.mark.parametrize("room", [1, 2**30], ids=["step by step", "in one"])
def test_dense_over_all_steps_agrees(experiment, network, room, monkeypatch):
    monkeypatch.setattr(fast_module, "CHUNK_BYTES", room)
    reference = built("reference", experiment, network)
    fast = built("fast", experiment, network)
    fast.runner = None
    samples, targets = next(iter(reference.batches("train", np.arange(3), False)))
    expected = one_step(reference, samples, targets)
    assert_equal_training(one_step(fast, samples, targets), expected)


def test_strides_and_threads():
    architecture = [{"conv": 4, "kernel": 3, "stride": 2}, {"linear": 10}]
    stacks = [
        built(name, "exp3", "snn_mnist", architecture=architecture)
        for name in ("reference", "fast")
    ]
    assert stacks[1].runner is None
    samples, targets = next(iter(stacks[0].batches("train", np.arange(3), False)))
    reference, fast = (one_step(made, samples, targets) for made in stacks)
    assert_equal_training(fast, reference)


def test_pools_of_three_padding_and_dropout_after_a_convolution():
    architecture = [
        {"conv": 5, "kernel": 4, "padding": 1, "pool": 3, "dropout": 0.3},
        {"conv": 7, "kernel": 3, "padding": 2, "pool": 2},
        {"conv": 6, "kernel": 2},
        {"linear": 10},
    ]
    stacks = [
        built(name, "exp3", "snn_nmnist", architecture=architecture)
        for name in ("reference", "fast")
    ]
    samples, targets = next(iter(stacks[0].batches("train", np.arange(5), False)))
    reference, fast = (one_step(made, samples, targets) for made in stacks)
    assert_equal_training(fast, reference)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_same_bytes_for_the_same_number_of_threads(threads):
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        results = []
        for _ in range(2):
            fast = built("fast", "exp3", "snn_nmnist")
            batch = next(iter(fast.batches("train", np.arange(7), False)))
            results.append(one_step(fast, *batch))
    finally:
        torch.set_num_threads(before)
    for first, second in zip(results[0][2], results[1][2], strict=True):
        assert torch.equal(first, second)


@pytest.mark.parametrize(("experiment", "network"), made_plans.NETWORKS)
@pytest.mark.parametrize("shuffle", [False, True])
def test_batches_come_in_the_reference_order(experiment, network, shuffle):
    orders = []
    for name in ("reference", "fast"):
        made = built(name, experiment, network)
        batches = made.batches("train", np.arange(1, 20), shuffle)
        assert len(batches) == 3
        orders.append([t.tolist() for _ in range(2) for _, t in batches])
    assert orders[0] == orders[1]


def test_recordings_give_the_reference_frames():
    reference, fast = (
        built(name, "exp3", "snn_nmnist") for name in ("reference", "fast")
    )
    frames, _ = next(iter(reference.batches("train", np.arange(4, 11), False)))
    events, _ = next(iter(fast.batches("train", np.arange(4, 11), False)))
    dense = events.dense(0, 7).view(len(frames), 7, 34, 34, 2).permute(0, 1, 4, 2, 3)
    assert torch.equal(dense, frames)
    fast.runner, fast.feeds = None, {}
    scattered, _ = next(iter(fast.batches("train", np.arange(4, 11), False)))
    assert torch.equal(scattered, frames)


def test_rate_coding_fires_with_the_intensity():
    fast = built("fast", "exp2", "snn", steps=2000)
    images = fast.data.split("train").images[:3]
    events, _ = next(iter(fast.batches("train", np.arange(3), False)))
    rates = events.dense(0, 3).mean(0).view(3, 32, 32, 3).permute(0, 3, 1, 2)
    expected = torch.from_numpy(images / 255)
    spread = (expected * (1 - expected) / 2000).sqrt().clamp_min(1e-9)
    assert ((rates - expected) / spread).abs().max() < 5.5
    assert ((rates - expected) / spread).pow(2).mean() == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("encoding", ["latency", "delta"])
def test_other_encodings_are_the_reference_ones(encoding):
    reference, fast = (
        built(name, "exp1", "snn", encoding=encoding) for name in ("reference", "fast")
    )
    frames, _ = next(iter(reference.batches("test", np.arange(5), False)))
    events, _ = next(iter(fast.batches("test", np.arange(5), False)))
    assert torch.equal(events.dense(0, 5), frames.flatten(2))


def test_the_observer_sees_the_same_spikes():
    counts = []
    for name in ("reference", "fast"):
        made, seen = built(name, "exp3", "snn_nmnist"), {}

        def observe(number, spikes, seen=seen):
            total, sites = seen.get(number, (0, 0))
            fired = int(spikes.count_nonzero())
            seen[number] = (total + fired, sites + spikes.numel())

        made.observer = observe
        with torch.no_grad():
            made(next(iter(made.batches("train", np.arange(5), False)))[0])
        counts.append(seen)
    assert counts[0] == counts[1]


def test_evaluation_keeps_nothing_and_agrees_with_training_mode_spikes():
    fast = built("fast", "exp3", "snn_nmnist")
    events, _ = next(iter(fast.batches("train", np.arange(5), False)))
    with torch.no_grad():
        quiet = fast(events)
        _, saved = fast.runner.forward(events, keep=False)
    assert torch.equal(quiet, fast(events))
    assert [record.kept is None for record in saved] == [True, True, False]
