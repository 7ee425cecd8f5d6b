"""Whole spiking networks in whole numbers: the same bits in every way, and snnTorch's.

Full length: 25 steps of experiments 1 and 2, 170 and 311 of experiment 3.
"""

import numpy as np
import pytest
import torch

import made_data
import made_plans
from spikewatt import stack
from spikewatt.network.describe import describe
from spikewatt.network.weights import Network
from spikewatt.stack import precision
from spikewatt.stack.fast import spiking_layer
from spikewatt.stack.fixed_point import DIGITS
from spikewatt.train import machine, seeds
from stack_steps import CPU, built, one_step, relative
from whole_numbers import WAYS, forced, rounded, watched

CASES = {
    "exp1": ("exp1", "snn", 25),
    "exp2": ("exp2", "snn", 25),
    "exp3": ("exp3", "snn_mnist", 170),
    "nmnist": ("exp3", "snn_nmnist", None),  # the recording's own
}
# Of the weight gradients' 16 bits, in the norm: what `integer_gradients` promises is
# half a quantum of each ∂L/∂I, 2⁻¹⁶ of the largest or less.
BOUND = 5e-4


class LongEvents(made_data.MadeEvents):
    """Recordings of 311 steps."""

    def split(self, name):
        part = super().split(name)
        part.num_bins[:] = 311
        spread = np.random.default_rng(0).integers(0, 311, part.bin.size)
        part.bin[:] = spread.astype(part.bin.dtype)
        return part


def long(name, case, **changes):
    """A stack at full length, on made-up data."""
    experiment, network, steps = CASES[case]
    plan = made_plans.plan(experiment, network, **changes)
    plan["steps"] = steps
    data = made_plans.data(plan) if steps else LongEvents()
    streams = seeds.streams(0)
    layers = describe(plan["architecture"], data.shape, "lif")
    net = Network(layers, streams.init)
    for weights in net.weights:
        torch.nn.init.uniform_(weights.bias, 0, 0.2, generator=streams.init)
    return stack.build(name, plan, data, net, streams, CPU)


def stepped(made, samples, targets):
    """(spikes of each layer, loss, gradients) of a training step."""
    seen = watched(made)
    _, loss, gradients, _ = one_step(made, samples, targets)
    return {n: torch.cat(pieces, 1) for n, pieces in seen.items()}, loss, gradients


def assert_same(got, expected):
    assert got[0].keys() == expected[0].keys()
    assert all(torch.equal(got[0][n], expected[0][n]) for n in expected[0])
    assert got[1] == expected[1]
    assert all(map(torch.equal, got[2], expected[2]))


@pytest.mark.slow
@pytest.mark.parametrize("name", DIGITS)
@pytest.mark.parametrize("case", CASES)
def test_ways_blocks_and_threads_give_the_same_bits(case, name, monkeypatch):
    """Spikes, loss and gradients; potentials decide the gradients too."""
    before, batch, results = torch.get_num_threads(), None, []
    try:
        for threads, way, block in (
            (1, "events", None),
            (2, "events", None),
            (1, "int8", 2**23),
            (2, "float32", 2**22),
            (3, "int8", None),
        ):
            torch.set_num_threads(threads)
            made = forced(long("fast", case, precision=name), way)
            if batch is None:
                batch = next(iter(made.batches("train", np.arange(3), False)))
            with monkeypatch.context() as patch:
                if block:  # of the forward pass; backward's are part of what it gives
                    patch.setattr(spiking_layer, "BLOCK_BYTES", block)
                results.append(stepped(made, *batch))
    finally:
        torch.set_num_threads(before)
    assert all(spikes.any() for spikes in results[0][0].values())
    assert len(results[0][0][0]) == (CASES[case][2] or 311)
    for other in results[1:]:
        assert_same(other, results[0])


def simple_biases(made):
    """Biases of few bits: with int8 weights float32's sums are exact then too.

    Else currents of a pooling window that are equal differ by float32's rounding in
    the reference, and the gradient goes to another of them.
    """
    with torch.no_grad():
        for module in made.network.weights:
            module.bias.mul_(64).round_().div_(64)


@pytest.mark.parametrize("name", DIGITS)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", [*CASES, "dropout", "strides", "averages"])
def test_a_step_is_snntorchs_with_the_rounded_weights(case, way, name):
    rate = 0.5 if name == "int8" else 0.3  # 1/(1 − rate) exact: `simple_biases`
    extra = {
        "dropout": [
            {"conv": 5, "kernel": 4, "padding": 1, "pool": 3, "dropout": rate},
            {"conv": 7, "kernel": 3, "padding": 2, "pool": 2},
            {"linear": 12, "dropout": 0.2},
            {"linear": 10},
        ],
        "strides": [
            {"conv": 4, "kernel": 3, "stride": 2, "dropout": 0.3},
            {"conv": 4, "kernel": 3, "stride": 2},
            {"linear": 10},
        ],
    }
    changes = {"architecture": extra[case]} if case in extra else {}
    averaged = {"pool": 2, "pooling": "average"}
    extra["averages"] = [extra["strides"][0] | averaged, *extra["strides"][1:]]
    network = CASES.get(case, ("exp3", "snn_nmnist"))[:2]
    reference = rounded(built("reference", *network, **changes), name)
    fast = built("fast", *network, precision=name, **changes)
    for made in (reference, fast):
        simple_biases(made)
    if case in ("strides", "averages"):
        if way != "events":
            pytest.skip("there is one way for these")
    else:
        forced(fast, way)
    samples, targets = next(iter(reference.batches("train", np.arange(4), False)))
    expected = one_step(reference, samples, targets)
    got = one_step(fast, samples, targets)
    assert torch.equal(got[0], expected[0]) and expected[0].sum() > 0
    assert got[1] == pytest.approx(expected[1], rel=1e-6)
    for pair in zip(got[2], expected[2], strict=True):
        assert relative(*pair) < BOUND


def test_strides_and_events_have_the_same_bits_of_spikes():
    """The dense network over all steps, which strides take, against the others."""
    results = []
    for runs_events in (True, False):
        made = built("fast", "exp3", "snn_nmnist", precision="fixed16")
        samples, targets = next(iter(made.batches("train", np.arange(3), False)))
        if not runs_events:
            made.runner, made.feeds = None, {}
            samples, targets = next(iter(made.batches("train", np.arange(3), False)))
        results.append(stepped(made, samples, targets)[0])
    dense = {n: s.flatten(2) for n, s in results[1].items()}
    assert all(torch.equal(results[0][n], dense[n]) for n in dense)


def test_a_gpu_and_networks_without_spikes_are_refused_in_a_sentence():
    with pytest.raises(ValueError, match="fixed16.*on a CPU alone.*use device: cpu"):
        precision.check("fixed16", torch.device("cuda"))
    precision.check("fixed16", CPU)
    with pytest.raises(ValueError, match="int8 sums spikes.*relu.*float32"):
        built("fast", "exp1", "ann", precision="int8")
    from spikewatt.workflow.plan import run_plan

    for name in precision.NAMES:
        config = made_plans.CONFIG | {"precision": name}
        ann, snn = (run_plan(config, "exp1", n, "fast") for n in ("ann", "snn"))
        assert snn["precision"] == name
        assert ann["precision"] == ("float32" if name in DIGITS else name)
    plan = made_plans.plan("exp1", "snn", precision="int8")
    assert machine.prepare(plan, machine.Conditions("cpu", 1)).type == "cpu"


def test_what_was_measured_is_told():
    made = built("fast", "exp1", "snn", precision="fixed16")
    assert made.ways is None
    samples, _ = next(iter(made.batches("train", np.arange(2), False)))
    made(samples)
    assert [entry["layer"] for entry in made.ways] == [0, 1, 2]
    assert all(entry["dense"] in WAYS[1:] for entry in made.ways)
    assert built("fast", "exp1", "snn").ways is None
