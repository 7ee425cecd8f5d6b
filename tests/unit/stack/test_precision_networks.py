"""Whole networks with rounded products against plain PyTorch and snnTorch."""

from functools import partial

import numpy as np
import pytest
import snntorch
import torch
from torch.nn import functional

import made_plans
from rounding import by_arithmetic, by_instructions, in_software
from spikewatt import stack
from spikewatt.network.describe import describe
from spikewatt.network.weights import Network, dropout_masks
from spikewatt.stack import precision, tensor_cores
from spikewatt.stack.fast import sparse, spiking_layer
from spikewatt.train import seeds
from spikewatt.train.objective import Objective

CPU, GPU = torch.device("cpu"), torch.device("cuda")
ROUNDING = ["tf32", "bfloat16"]

# Relative. A gradient on the edge may be rounded the other way where sums have another
# order. What the rounding itself does to gradients here is a hundred times more.
BOUND = 5e-5
CASES = {
    "dense": ("exp1", "snn", None),
    "convolutions": (
        "exp3",
        "snn_nmnist",
        [
            {"conv": 5, "kernel": 5, "pool": 2, "dropout": 0.3},
            {"conv": 6, "kernel": 4, "padding": 1, "pool": 2},
            {"linear": 12, "dropout": 0.2},
            {"linear": 10},
        ],
    ),
    "relu": ("exp1", "ann", None),
    "relu convolutions": (
        "exp2",
        "cnn",
        [
            {"conv": 5, "kernel": 5, "padding": 2, "pool": 2, "dropout": 0.3},
            {"conv": 6, "kernel": 3, "stride": 2},
            {"linear": 10},
        ],
    ),
}
SPIKING = ["dense", "convolutions"]
RELU = ["relu", "relu convolutions"]


@pytest.fixture(autouse=True)
def software(monkeypatch):
    """Another processor's instructions are not what is tested here, but for one."""
    in_software(monkeypatch)


def built(name, case, **changes):
    experiment, network, architecture = CASES[case]
    if architecture:
        changes["architecture"] = architecture
    plan = made_plans.plan(experiment, network, **changes)
    data = made_plans.data(plan)
    streams = seeds.streams(0)
    layers = describe(plan["architecture"], data.shape, plan["neuron"]["kind"])
    net = Network(layers, streams.init)
    for weights in net.weights:
        torch.nn.init.uniform_(weights.bias, 0, 0.2, generator=streams.init)
    return stack.build(name, plan, data, net, streams, CPU)


def trained(made, output, targets):
    """Output, loss and gradients."""
    loss = Objective(made.plan).loss(output, targets)
    made.network.zero_grad()
    loss.backward()
    gradients = [parameter.grad.clone() for parameter in made.network.parameters()]
    return output.detach(), loss.item(), gradients


def rounding(bits):
    """Weighted sums in plain PyTorch, the operands rounded by numpy."""

    def cut(tensor):
        if bits is None:
            return tensor.detach()
        return torch.from_numpy(by_arithmetic(tensor.detach().numpy(), bits))

    def straight(tensor):
        return tensor + (cut(tensor) - tensor).detach()

    def sums(layer, module, values):
        operands = straight(values), straight(module.weight)
        if layer.kind == "linear":
            made, bias = functional.linear(*operands), module.bias
        else:
            made = functional.conv2d(*operands, None, layer.stride, layer.padding)
            bias = module.bias[:, None, None]
        made.register_hook(cut)
        return made + bias

    return sums


def casting(layer, module, values):
    """Weighted sums in bfloat16 throughout, as autocast is documented to make them."""
    operands = (t.bfloat16() for t in (values, module.weight, module.bias))
    if layer.kind == "linear":
        return functional.linear(*operands).float()
    return functional.conv2d(*operands, layer.stride, layer.padding).float()


def plain(made, values, sums, together=False):
    """The network in plain PyTorch and snnTorch, step by step; `sums` weighs.

    together: weigh all steps in one call, and only then go through the neurons.
    """

    def received(number, values):
        layer, module = made.network.layers[number], made.network.weights[number]
        values = values.flatten(1) if layer.kind == "linear" else values
        currents = sums(layer, module, values)
        return (
            functional.max_pool2d(currents, layer.pool) if layer.pool > 1 else currents
        )

    steps = len(values) if made.spiking else 1
    batch = values.shape[1] if made.spiking else len(values)
    masks = dropout_masks(made.network, steps, batch, made.streams.dropout)
    for number, layer in enumerate(made.network.layers):
        if layer.neuron == "lif":
            neuron, spikes = snntorch.Leaky(0.8, threshold=1.0), []
            potential = neuron.reset_mem()
            if together:
                currents = received(number, values.flatten(0, 1))
                currents = currents.unflatten(0, values.shape[:2])
            else:
                currents = (received(number, frame) for frame in values)
            for current in currents:
                fired, potential = neuron(current, potential)
                spikes.append(fired)
            values = torch.stack(spikes)
        else:
            values = received(number, values)
            values = values.relu() if layer.neuron == "relu" else values
        if number in masks:
            values = values * (masks[number] if made.spiking else masks[number][0])
    return values


def relative(got, expected):
    return ((got - expected).norm() / expected.norm().clamp_min(1e-30)).item()


def a_batch(case):
    reference = built("reference", case)
    return next(iter(reference.batches("train", np.arange(6), False)))


def expected_of(case, samples, targets, sums, together=False):
    oracle = built("fast", case)
    return trained(oracle, plain(oracle, samples, sums, together), targets)


def assert_equal_training(got, expected):
    if set(expected[0].unique().tolist()) <= {0.0, 1.0}:  # spikes
        assert torch.equal(got[0], expected[0]) and got[0].sum() > 0
    assert relative(got[0], expected[0]) < BOUND
    assert got[1] == pytest.approx(expected[1], rel=BOUND)
    assert largest(got, expected) < BOUND


def largest(got, expected):
    """The largest relative difference of a gradient."""
    return max(relative(*pair) for pair in zip(got[2], expected[2], strict=True))


def assert_as_in_plain_pytorch(fast, case, name):
    """A step of the stack equals plain PyTorch's of this rounding, and of no other."""
    samples, targets = a_batch(case)
    bits = precision.BITS[name]
    got = trained(fast, fast(samples), targets)
    assert_equal_training(got, expected_of(case, samples, targets, rounding(bits)))
    if bits:
        exact = expected_of(case, samples, targets, rounding(None))
        assert largest(got, exact) > 100 * BOUND


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", precision.BITS)
def test_loss_and_gradients_are_those_of_rounded_operands(case, name):
    assert_as_in_plain_pytorch(built("fast", case, precision=name), case, name)


@pytest.mark.parametrize("case", SPIKING)
@pytest.mark.parametrize("name", ROUNDING)
@pytest.mark.parametrize("crossover", [-1.0, 1e9], ids=["dense", "events"])
@pytest.mark.parametrize("winners", [0, 10**9])
def test_every_way_of_summing_rounds_alike(case, name, crossover, winners, monkeypatch):
    monkeypatch.setattr(
        spiking_layer,
        "CROSSOVER",
        dict.fromkeys(spiking_layer.CROSSOVER, crossover),
    )
    monkeypatch.setattr(spiking_layer, "RECOMPUTE_BELOW", winners)
    monkeypatch.setattr(spiking_layer, "BLOCK_BYTES", 1)
    pooled = property(lambda self: winners and self.shape.pool > 1)
    monkeypatch.setattr(sparse.Sparse, "pooled", pooled)
    assert_as_in_plain_pytorch(built("fast", case, precision=name), case, name)


@pytest.mark.parametrize("case", SPIKING)
@pytest.mark.parametrize("name", ROUNDING)
def test_dense_over_all_steps_rounds_alike(case, name):
    fast = built("fast", case, precision=name)
    fast.runner = None
    assert_as_in_plain_pytorch(fast, case, name)


@pytest.mark.parametrize("case", CASES)
def test_float32_works_nothing_out(case, monkeypatch):
    """No rounding, no copy: the modules themselves, and operands as they are."""

    def refuse(*arguments):
        raise AssertionError("float32 rounds nothing")

    monkeypatch.setattr(precision, "_Round", refuse)
    monkeypatch.setattr(precision, "_RoundGradient", refuse)
    fast = built("fast", case, precision="float32")
    assert fast.sums is fast.network.weights
    layers = fast.runner.layers if fast.spiking else []
    assert all(layer.bits is None for layer in layers)
    weight = fast.network.weights[0].weight
    assert precision.rounded(weight, precision.BITS["float32"]) is weight
    batch = next(iter(fast.batches("train", np.arange(4), False)))
    trained(fast, fast(batch[0]), batch[1])


def autocasting(case):
    """A stack with a GPU's branch, to be run on the CPU's bfloat16."""
    fast = built("fast", case, precision="bfloat16")
    fast.runner = None
    fast.sums = precision.weighted_sums(fast.network, "bfloat16", GPU)
    return fast


def assert_autocast_is_casting(fast, case):
    """A step equals plain PyTorch's with every operand cast by hand.

    How often a weight's gradient is rounded is the library's affair. A processor with
    bfloat16 in oneDNN rounds the sum over a call's samples once. torch's own
    convolution, which runs where oneDNN has none (no AVX-512), adds the samples up in
    bfloat16 and rounds after each: n roundings of a growing sum. One is an error of
    2⁻⁸/√7 of the sum (root mean square), n of them come to √(n/2) of one. With the 48
    samples of a call here, against 6 in each time step, that is 0.7 % between the two,
    as much as an error that the test is to find. So the oracle weighs all steps in one
    call as well: then both sides round equally often and in the same order on any
    processor, and only a gradient that float32 brought to the other side of an edge
    may differ, as everywhere here.
    """
    samples, targets = a_batch(case)
    got = trained(fast, fast(samples), targets)
    assert got[0].dtype == torch.float32
    assert all(gradient.dtype == torch.float32 for gradient in got[2])
    assert_equal_training(got, expected_of(case, samples, targets, casting, True))


@pytest.mark.parametrize("case", CASES)
def test_autocast_is_bfloat16_throughout_with_float32_around(case):
    assert_autocast_is_casting(autocasting(case), case)


@pytest.mark.parametrize("case", RELU)
def test_a_processors_instructions_are_as_autocast(case, monkeypatch):
    by_instructions(monkeypatch)
    fast = built("fast", case, precision="bfloat16")
    assert {told["products"] for told in fast.ways} == {"native"}
    assert_autocast_is_casting(fast, case)


def one_ulp_more(module, values):
    """Each result in bfloat16 a unit in the last place further from zero."""
    sums = precision.autocast(module, values)
    return sums + (sums * 2.0**-8).detach()


def cut_off(module, values):
    """Operands rounded towards zero instead of to the nearest."""
    weight, values = (
        (t.detach().view(torch.int32) & -(2**16)).view(torch.float32) - t.detach() + t
        for t in (module.weight, values)
    )
    operands = {"weight": weight, "bias": module.bias}
    with torch.autocast("cpu", torch.bfloat16):
        return torch.func.functional_call(module, operands, (values,)).float()


def gradient_twice(module, values):
    """The gradient that comes to the sums rounded to one bit less before."""
    return precision._RoundGradient.apply(precision.autocast(module, values), 6)


WRONG = {
    "float32": lambda module, values: module(values),
    "sums in float32": lambda module, values: precision.emulated(module, 7, values),
    "one ulp more": one_ulp_more,
    "cut off": cut_off,
    "gradient twice": gradient_twice,
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("wrong", WRONG)
def test_another_rounding_than_bfloat16s_is_noticed(case, wrong):
    fast = autocasting(case)
    fast.sums = [partial(WRONG[wrong], module) for module in fast.network.weights]
    with pytest.raises(AssertionError):
        assert_autocast_is_casting(fast, case)


@pytest.mark.parametrize("name", precision.BITS)
def test_both_stacks_say_so_before_every_batch(name, monkeypatch):
    told = []
    monkeypatch.setattr(precision, "allow", lambda *arguments: told.append(arguments))
    monkeypatch.setattr(
        tensor_cores, "torch_defaults", lambda device: told.append((None, device))
    )
    for stack_name in ("reference", "fast"):
        made = built(stack_name, "relu", precision=name)
        samples, _ = next(iter(made.batches("train", np.arange(2), False)))
        made(samples), made(samples)
    assert told == [(None, CPU)] * 2 + [(name, CPU)] * 2


def test_on_a_gpu_only_bfloat16_needs_other_sums():
    network = built("fast", "relu").network
    assert precision.weighted_sums(network, "tf32", GPU) is network.weights
    assert precision.weighted_sums(network, "float32", GPU) is network.weights
    sums = precision.weighted_sums(network, "bfloat16", GPU)
    values = torch.rand(3, 28 * 28)
    module, got = network.weights[0], sums[0](values)
    operands = (t.bfloat16() for t in (values, module.weight, module.bias))
    assert got.dtype == torch.float32
    assert torch.equal(got, functional.linear(*operands).float())
