"""bfloat16 by the processor's instructions: their results, and when they are taken.

torch makes bfloat16 products on any processor, only slowly where it has none of its
own: so the results are tested everywhere, and the choice on made-up times.
"""

import dataclasses
from functools import partial

import numpy as np
import pytest
import torch
from torch.nn import functional

import made_plans
from rounding import by_instructions, in_software
from spikewatt import stack
from spikewatt.network.describe import describe
from spikewatt.network.weights import Network
from spikewatt.stack.fast import native, places, spiking_layer, ways
from spikewatt.stack.tally import active_by_place
from spikewatt.train import seeds
from spikewatt.train.objective import Objective

CPU = torch.device("cpu")
SAMPLES = 3
# A result in bfloat16 is off by at most 2⁻⁹ of itself. torch's own convolution, which
# runs without AVX-512, adds the samples' weight gradients up in bfloat16.
ROUNDING = 2.0**-9 * (SAMPLES + 1)
NEAR = 0.2
LAYERS = {
    "dense": ((24,), {"linear": 20}),
    "convolution": ((4, 9, 9), {"conv": 6, "kernel": 3, "padding": 1, "pool": 2}),
    "stride": ((4, 9, 9), {"conv": 6, "kernel": 4, "stride": 2}),
    "whole": ((5, 2, 2), {"conv": 6, "kernel": 5, "padding": 2, "pool": 2}),
    "whole, not pooled": ((5, 2, 3), {"conv": 6, "kernel": 5, "padding": 2}),
}
SNN = {
    "dense": ("exp1", "snn", None),
    "convolutions": (
        "exp3",
        "snn_nmnist",
        [
            {"conv": 5, "kernel": 5, "pool": 4, "dropout": 0.3},
            {"conv": 6, "kernel": 4, "padding": 1, "pool": 3},
            {"conv": 7, "kernel": 5, "padding": 2, "pool": 2},
            {"linear": 10},
        ],
    ),
}


def layer_of(name):
    """(described layer, module, values, gradient); all of it exact in bfloat16."""
    shape, parts = LAYERS[name]
    generator = torch.Generator().manual_seed(7)
    layers = describe([parts, {"linear": 10}], shape, "relu")
    module = Network(layers, generator).weights[0]
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
            parameter.copy_(parameter.bfloat16())
    values = torch.randn((SAMPLES, *shape), generator=generator).bfloat16().float()
    grad = torch.randn((SAMPLES, *layers[0].conv_shape), generator=generator)
    return layers[0], module, values, grad.bfloat16().float()


def in_double(module, values, weight, bias, grad):
    """(sums, gradients of values, weight and bias) by torch in double precision."""
    operands = [t.detach().double().requires_grad_() for t in (values, weight, bias)]
    if isinstance(module, torch.nn.Linear):
        sums = functional.linear(*operands)
    else:
        sums = functional.conv2d(*operands, module.stride, module.padding)
    return sums.detach(), *torch.autograd.grad(sums, operands, grad.double())


@pytest.mark.parametrize("name", LAYERS)
def test_sums_and_gradients_are_off_by_their_rounding_alone(name):
    layer, module, values, grad = layer_of(name)
    values.requires_grad_()
    sums = native.Native(layer, module)(values)
    assert sums.dtype == torch.bfloat16  # ReLU follows
    wanted = (values, module.weight, module.bias)
    got = [sums, *torch.autograd.grad(sums, wanted, grad.bfloat16())]
    exact = in_double(module, *wanted, grad)
    sizes = in_double(module, *(t.abs() for t in (*wanted, grad)))  # of their terms
    for mine, true, size in zip(got, exact, sizes, strict=True):
        assert mine.shape == true.shape
        assert ((mine.double() - true).abs() <= ROUNDING * size).all()
    assert not torch.equal(sums.double(), exact[0])


@pytest.mark.parametrize(
    ("neuron", "pooling", "kind"),
    [
        ("relu", "max", torch.bfloat16),
        ("relu", "average", torch.float32),
        ("qcfs", "max", torch.float32),
        ("none", "max", torch.float32),
    ],
)
def test_what_would_round_again_gets_float32(neuron, pooling, kind):
    layer, module, values, _ = layer_of("convolution")
    layer = dataclasses.replace(layer, neuron=neuron, pooling=pooling)
    assert native.Native(layer, module)(values).dtype == kind


def built(experiment, network, **changes):
    plan = made_plans.plan(experiment, network, precision="bfloat16", **changes)
    data = made_plans.data(plan)
    streams = seeds.streams(0)
    layers = describe(plan["architecture"], data.shape, plan["neuron"]["kind"])
    net = Network(layers, streams.init)
    for weights in net.weights:
        torch.nn.init.uniform_(weights.bias, 0, 0.2, generator=streams.init)
    return stack.build("fast", plan, data, net, streams, CPU)


def trained(made):
    """(output, gradients) of a batch."""
    samples, targets = next(iter(made.batches("train", np.arange(6), False)))
    output = made(samples)
    Objective(made.plan).loss(output, targets).backward()
    return output.detach(), [p.grad for p in made.network.parameters()]


def differences(got, expected):
    """The relative differences of the gradients."""
    pairs = zip(got, expected, strict=True)
    return [((a - b).norm() / b.norm()).item() for a, b in pairs]


@pytest.mark.parametrize("case", SNN)
@pytest.mark.parametrize("crossover", [-1.0, 1e9], ids=["dense", "events"])
def test_spikes_are_the_softwares_and_gradients_close(case, crossover, monkeypatch):
    """With 1 % for gradients: a few roundings of 2⁻⁹ on the way through the layers."""
    monkeypatch.setattr(
        spiking_layer, "CROSSOVER", dict.fromkeys(spiking_layer.CROSSOVER, crossover)
    )
    experiment, network, architecture = SNN[case]
    changes = {"architecture": architecture} if architecture else {}
    in_software(monkeypatch)
    expected = trained(built(experiment, network, **changes))
    by_instructions(monkeypatch)
    made = built(experiment, network, **changes)
    got = trained(made)
    pooled = [layer.pool > 1 for layer in made.network.layers]
    told = ["winners" if one else "native" for one in pooled]
    assert [way["gradients"] for way in made.ways] == told
    assert torch.equal(got[0], expected[0]) and got[0].sum() > 0
    off = differences(got[1], expected[1])
    assert 0 < max(off) < 0.01


@pytest.mark.parametrize("network", ["exp1/ann", "exp2/cnn"])
def test_networks_without_spikes_are_close_to_the_softwares(network, monkeypatch):
    """Logits within 2 %, gradients within NEAR of the norm.

    ReLU and pooling decide otherwise where sums were equal but for the rounding.
    """
    in_software(monkeypatch)
    expected = trained(built(*network.split("/")))
    by_instructions(monkeypatch)
    got = trained(built(*network.split("/")))
    assert got[0].dtype == torch.float32
    assert 0 < max(differences(got[:1], expected[:1])) < 0.02
    assert 0 < max(differences(got[1], expected[1])) < NEAR


def test_a_processors_own_instructions_are_taken():
    """Nothing is made up here: they are far quicker than rounding in software."""
    if not native.instructions():
        wanted = ", ".join(native.INSTRUCTIONS)
        pytest.skip(f"this processor has none of {wanted}")
    ways = built("exp2", "cnn").ways
    assert [told["layer"] for told in ways] == list(range(7))
    large = ways[1:5]
    assert all(told["products"] == "native" for told in large)
    assert all(told["seconds"].keys() == {"native", "software"} for told in large)


def test_instructions_are_what_the_processor_and_the_library_have(monkeypatch):
    told = {"avx512_f": True, "avx512_bw": True, "avx512_bf16": False}
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: told)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: True)
    assert native.instructions() == []
    told |= {"avx512_bf16": True, "amx_bf16": True}
    assert native.instructions() == ["avx512_bf16", "amx_bf16"]
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    assert native.instructions() == []


def made_up(monkeypatch, native_s, software_s):
    """The instructions are there, and the ways take these seconds in turn."""
    taken = []

    def shortest(run):
        run()
        taken.append(run)
        return (native_s, software_s)[(len(taken) - 1) % 2]

    by_instructions(monkeypatch)
    monkeypatch.setattr(ways, "shortest", shortest)


@pytest.mark.parametrize(("seconds", "way"), [(0.0201, "native"), (0.0203, "software")])
def test_a_way_is_left_where_it_takes_more_than_twice_as_long(
    seconds, way, monkeypatch
):
    made_up(monkeypatch, seconds, 0.01)
    ann, snn = built("exp1", "ann"), built("exp1", "snn")
    before = [p.detach().clone() for p in ann.network.parameters()]
    kind = native.Native if way == "native" else partial
    assert all(isinstance(sums, kind) for sums in ann.sums)
    assert snn.ways is None  # until gradients are wanted
    trained(snn)
    assert [layer.dense.native for layer in snn.runner.layers] == [way == "native"] * 3
    seconds = {"native": seconds, "software": 0.01}
    for made, what in ((ann, "products"), (snn, "gradients")):
        expected = [{"layer": n, what: way, "seconds": seconds} for n in range(3)]
        assert made.ways == expected
    assert all(p.grad is None for p in ann.network.parameters())
    after = list(ann.network.parameters())
    assert all(map(torch.equal, before, after))


def test_without_instructions_nothing_is_measured(monkeypatch):
    in_software(monkeypatch)
    monkeypatch.setattr(ways, "shortest", lambda run: pytest.fail("it was measured"))
    ann, snn = built("exp1", "ann"), built("exp1", "snn")
    trained(ann), trained(snn)
    for made, what in ((ann, "products"), (snn, "gradients")):
        assert made.ways == [{"layer": n, what: "software"} for n in range(3)]


def test_activations_in_bfloat16_are_counted_all():
    """A sum in bfloat16 would stay at 256."""
    values = torch.rand(400, 3, 2, 2).round(decimals=0)
    values = values.contiguous(memory_format=torch.channels_last)
    got = places.active_by_place(values.bfloat16())
    assert torch.equal(got, active_by_place(values))
    ones = torch.ones(400, 5).bfloat16()
    assert places.active_by_place(ones).tolist() == [400] * 5
