"""A quantised network in ONNX Runtime: by whole numbers in numpy, and fake-quantised.

The oracle takes integers and scales from the definitions (n = 2^(b−1) − 1 steps a side,
λ/L a level) and adds up in int64, where nothing rounds and nothing runs over.
"""

import gzip
import os
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import made_data
from oracles import oracle
from spikewatt.network.describe import describe
from spikewatt.network.neuron.settings import Neuron
from spikewatt.network.weights import Network, activations, non_spiking
from spikewatt.stack import onnx_int8
from spikewatt.stack.onnx_int8 import Int8, Int8Unavailable

oracle("onnx")
oracle("onnxruntime")

REAL = os.environ.get("SPIKEWATT_TEST_DATA")
DENSE = [{"linear": 40}, {"linear": 30}, {"linear": 10}]
CONV = [
    {"conv": 6, "kernel": 5, "padding": 2, "stride": 2, "pool": 2},
    {"conv": 8, "kernel": 3, "padding": 1},
    {"linear": 10, "dropout": 0.2},
]


def plan_of(levels=25, bits=8):
    neuron = {"kind": "qcfs", "levels": levels, "clip": 1.0}
    return {"neuron": neuron, "weight_bits": bits}


def network_of(plan, architecture, shape=(1, 28, 28), seed=3):
    """A network whose activations fill their range, with clips of its own."""
    kind, neuron = plan["neuron"]["kind"], Neuron.of(plan["neuron"])
    layers = describe(architecture, shape, kind)
    generator = torch.Generator().manual_seed(seed)
    made = Network(layers, generator, neuron, plan["weight_bits"]).eval()
    with torch.no_grad():
        for number, clip in enumerate(made.clips):
            clip.fill_(0.9 + 0.3 * number)
        for module in made.weights:
            module.bias.uniform_(-0.1, 0.2, generator=generator)
    return made


def images_of(count, shape=(1, 28, 28)):
    return made_data.MadeImages(count=count, shape=shape).split("test").images


def by_hand(network, plan, image):
    """Logits of one image, uint8 C×H×W: whole numbers between layers."""
    levels, most = plan["neuron"]["levels"], 2 ** (plan["weight_bits"] - 1) - 1
    values, scale = image.astype(np.int64), 1 / 255
    for number, (layer, module) in enumerate(
        zip(network.layers, network.weights, strict=True)
    ):
        weight = module.weight.detach().double().numpy()
        steps = np.abs(weight).reshape(len(weight), -1).max(1) / most
        sides = (-1, *[1] * (weight.ndim - 1))
        integers = np.rint(weight / steps.reshape(sides)).astype(np.int64)
        bias = module.bias.detach().double().numpy()
        if layer.kind == "linear":
            sums = integers @ values.reshape(-1) * steps * scale + bias
        else:
            sums = convolved(values, integers, layer) * steps[:, None, None] * scale
            sums += bias[:, None, None]
        if number == len(network.layers) - 1:
            return sums
        scale = network.clips[number].item() / levels
        values = np.clip(np.floor(sums / scale + 0.5), 0, levels).astype(np.int64)
        if layer.pool > 1:
            channels, height, width = layer.out_shape
            edge = layer.pool
            cut = values[:, : height * edge, : width * edge]
            cut = cut.reshape(channels, height, edge, width, edge)
            values = cut.max((2, 4))


def convolved(values, kernels, layer):
    """Integer sums of C×H×W by F×C×K×K."""
    side = layer.padding
    padded = np.pad(values, ((0, 0), (side, side), (side, side)))
    windows = np.lib.stride_tricks.sliding_window_view(
        padded, (layer.kernel, layer.kernel), axis=(1, 2)
    )[:, :: layer.stride, :: layer.stride]
    return np.einsum("cyxkl,fckl->fyx", windows, kernels)


@pytest.mark.parametrize("architecture", [DENSE, CONV], ids=["dense", "conv"])
@pytest.mark.parametrize(("levels", "bits"), [(1, 8), (4, 2), (25, 8), (255, 8)])
def test_logits_are_those_of_whole_numbers(architecture, levels, bits):
    plan = plan_of(levels, bits)
    network = network_of(plan, architecture)
    opened = Int8(plan, network, 1)
    images = images_of(20)
    expected = np.array([by_hand(network, plan, image) for image in images])
    got = np.concatenate([opened.logits(image[None]) for image in images])
    # Off by the last bias's rounding; elsewhere an activation rounds the other way.
    last = network.weights[-1].weight.abs().max().item()
    bound = network.clips[-1].item() / levels * last / 254 * 1.02 + 1e-5
    off = np.abs(got - expected).max(1)
    assert (off < bound).mean() >= 0.8
    assert off.max() < 0.1 * np.abs(expected).max()
    assert expected.std(0).max() > 0.05  # the images differ in them


def test_products_of_the_largest_bytes_do_not_run_over():
    """784 times 255·127: sums of two products are beyond 16 bits."""
    plan = plan_of(255)
    network = network_of(plan, [{"linear": 3}, {"linear": 2}])
    with torch.no_grad():
        network.weights[0].weight.fill_(0.01)
        network.weights[0].bias.zero_()
        network.weights[1].weight.copy_(
            torch.tensor([[1.0, 1, 1], [-1.0, 1, 64 / 127]])
        )
        network.weights[1].bias.zero_()
        network.clips[0].fill_(8.0)
    image = np.full((1, 1, 28, 28), 255, np.uint8)
    # 7.84 of 8, at ⌊7.84·255/8 + ½⌋ = 250 levels
    value = 250 * 8 / 255
    expected = pytest.approx([3 * value, value * 64 / 127], rel=1e-4)
    assert Int8(plan, network, 1).logits(image)[0].tolist() == expected


def test_a_channel_of_zeros_gives_its_bias():
    plan = plan_of(255)
    network = network_of(plan, [{"linear": 3}, {"linear": 2}])
    with torch.no_grad():
        network.weights[1].weight[1].zero_()
        network.weights[1].bias.copy_(torch.tensor([0.0, 0.123]))
    image = np.full((1, 1, 28, 28), 255, np.uint8)
    assert Int8(plan, network, 1).logits(image)[0, 1] == pytest.approx(0.123, abs=1e-4)


def test_all_layers_are_integer_operations():
    for architecture, kinds in (
        (DENSE, ["QGemm"] * 3),
        (CONV, ["QLinearConv"] * 2 + ["QGemm"]),
    ):
        plan = plan_of()
        made = Int8(plan, network_of(plan, architecture), 1).kinds
        assert [kind for kind in made if kind in onnx_int8.INTEGER] == kinds
        # what the graph was told in is gone, so that nothing is float32 between
        assert not {"DequantizeLinear", "QuantizeLinear"} & set(made)


def test_a_layer_that_stays_in_float32_is_refused(monkeypatch):
    """As ONNX Runtime leaves the graph where it is told to change nothing."""
    import onnxruntime

    class Plain(onnxruntime.SessionOptions):
        def __init__(self):
            super().__init__()
            level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
            self.graph_optimization_level = level

    monkeypatch.setattr(onnxruntime, "SessionOptions", Plain)
    plan = plan_of()
    with pytest.raises(Int8Unavailable, match="made 0 of 3 layers whole .*Gemm"):
        Int8(plan, network_of(plan, DENSE), 1)


@pytest.mark.parametrize(
    ("levels", "bits", "words"),
    [
        (256, 8, "256 levels are no byte"),
        (25, 9, "weights of 9 bits are no bytes"),
        (25, None, "weight_bits is not set"),
    ],
)
def test_what_is_no_byte_is_refused_in_a_sentence(levels, bits, words):
    plan = plan_of(levels, bits)
    with pytest.raises(Int8Unavailable, match=words):
        Int8(plan, network_of(plan, DENSE), 1)


def test_a_clip_that_was_learned_away_is_refused():
    plan = plan_of()
    network = network_of(plan, DENSE)
    with torch.no_grad():
        network.clips[1].fill_(-0.1)
    with pytest.raises(Int8Unavailable, match=r"clip of layer 2 is -0.1.*not above 0"):
        Int8(plan, network, 1)


@pytest.mark.parametrize("library", ["onnx", "onnxruntime"])
def test_a_library_that_is_missing_is_named_with_what_to_do(library, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    plan = plan_of()
    with pytest.raises(Int8Unavailable, match=rf"{library}.*pip install -r envs/onnx"):
        Int8(plan, network_of(plan, DENSE), 1)


def mnist():
    """(images, labels) to train on and to test on: real MNIST, else made up."""
    if not REAL:
        made = made_data.MadeImages(count=1000)
        parts = made.split("train"), made.split("test")
        return [(part.images, part.labels) for part in parts]
    return [
        (idx(f"{name}-images-idx3-ubyte", 16).reshape(-1, 1, 28, 28)[:most],
         idx(f"{name}-labels-idx1-ubyte", 8)[:most])
        for name, most in (("train", 12_800), ("t10k", 10_000))
    ]  # fmt: skip


def idx(name, header):
    with gzip.open(Path(REAL) / "mnist" / f"{name}.gz") as file:
        return np.frombuffer(file.read(), np.uint8)[header:]


@pytest.mark.parametrize(
    ("levels", "bits", "architecture"),
    [
        (25, 8, DENSE),
        (4, 4, DENSE),
        (25, 8, [{"conv": 4, "kernel": 5, "pool": 2}, {"linear": 10}]),
    ],
    ids=["dense", "dense, few levels", "conv"],
)
def test_accuracy_is_the_fake_quantised_networks(levels, bits, architecture):
    """Of a small trained network, within 0.2 points; its answers nearly always."""
    plan = plan_of(levels, bits)
    network = network_of(plan, architecture)
    (images, labels), (others, truth) = mnist()
    optimiser = torch.optim.Adam(network.parameters(), 2e-3)
    values = torch.tensor(images).float() / 255
    targets = torch.tensor(labels.astype(np.int64))
    for _ in range(2):
        for part in torch.arange(len(values)).split(128):
            logits = non_spiking(network, values[part], None)
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(logits, targets[part]).backward()
            optimiser.step()
    network.eval()
    with torch.no_grad():
        fake = non_spiking(network, torch.tensor(others).float() / 255, None)
    opened = Int8(plan, network, 1)
    ours = np.array([opened(np.array(image[None])) for image in others])
    theirs = fake.argmax(1).numpy()
    accuracy = 100 * (theirs == truth).mean()
    assert accuracy > 80
    assert abs(100 * (ours == truth).mean() - accuracy) <= 0.2
    assert (ours == theirs).mean() > 0.998


def test_activations_that_fill_their_range_are_what_is_compared():
    """So that both clips are at work in the tests above."""
    plan = plan_of(25)
    network = network_of(plan, DENSE)
    images = torch.tensor(images_of(20)).float() / 255
    for seen, clip in zip(activations(network, images), network.clips, strict=False):
        levels = torch.round(seen / clip * 25)
        assert levels.min() == 0 and levels.max() == 25
