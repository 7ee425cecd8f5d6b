"""A card against the CPU: Triton kernels, both stacks, rounded products, whole numbers.

Skipped where there is no card. `make gpu` runs them and shows what they record.
"""

import numpy as np
import pytest
import torch

import made_plans
from rounding import in_software
from spikewatt.network.describe import describe
from spikewatt.network.weights import Network
from spikewatt.stack import precision, tensor_cores
from spikewatt.stack.fast import stack as fast_module
from spikewatt.stack.fixed_point import DIGITS
from spikewatt.stack.padding import Padded
from stack_steps import BOUND, CPU, built, one_step, relative

pytestmark = pytest.mark.gpu
# Rounded products: a spike on the edge goes the other way, with its gradient.
ROUNDED_LOSS, ROUNDED_GRADIENT = 0.05, 0.5
ROUNDED = [p for p, bits in precision.BITS.items() if bits is not None]


def without_dropout(experiment, network):
    """The architecture less its dropout: a card draws other masks than a CPU."""
    layers = made_plans.plan(experiment, network)["architecture"]
    return [{k: v for k, v in one.items() if k != "dropout"} for one in layers]


def densely(made):
    """The stack as a card runs it: all steps of a layer in one operation."""
    if hasattr(made, "runner"):
        made.runner = None
    return made


def steps(stack, pair, device, **changes):
    """A training step on the CPU and on `device`, of the same samples and weights."""
    changes["architecture"] = without_dropout(*pair)
    reference = built("reference", *pair)
    samples, targets = next(iter(reference.batches("train", np.arange(6), False)))
    found = []
    for where in (CPU, device):
        there = samples.to(where), targets.to(where)
        found.append(one_step(densely(built(stack, *pair, where, **changes)), *there))
    return found


def compared(expected, got):
    """How far a step on the card is from the CPU's: {what: number}."""
    gradients, weights = (
        max(relative(a.cpu(), b) for a, b in zip(got[n], expected[n], strict=True))
        for n in (2, 3)
    )
    output = got[0].cpu()
    differ = 100 * (output != expected[0]).float().mean().item()
    told = {"output spikes that differ / %": differ} if binary(expected[0]) else {}
    return told | {
        "output, relative": relative(output, expected[0]),
        "loss, relative": abs(got[1] / expected[1] - 1),
        "gradients, relative": gradients,
        "weights after Adam, relative": weights,
    }


def binary(output):
    return set(output.unique().tolist()) <= {0.0, 1.0}


def record(record_property, found):
    for name, value in found.items():
        record_property(name, f"{value:.2g}")
    return found


@pytest.fixture
def float32(monkeypatch):
    """The reference stack's convolutions without TF32, which torch allows them."""

    def forbid(device):
        tensor_cores.switch(device, products=False, convolutions=False, sums=False)

    monkeypatch.setattr(tensor_cores, "torch_defaults", forbid)


def test_the_triton_kernels_have_the_cpus_spikes(card, record_property):
    neuron_forms = pytest.importorskip("neuron_forms", reason="triton is missing")
    record_property("cases", neuron_forms.agree(card))


@pytest.mark.parametrize("pair", made_plans.NETWORKS, ids="/".join)
@pytest.mark.parametrize("stack", ["reference", "fast"])
def test_a_training_step_in_float32(stack, pair, card, float32, record_property):
    found = record(record_property, compared(*steps(stack, pair, card)))
    assert max(found.values()) < BOUND


@pytest.mark.parametrize("network", ["exp2/snn", "exp3/snn_nmnist"])
def test_time_in_chunks(network, card, monkeypatch, record_property):
    monkeypatch.setattr(fast_module, "CHUNK_BYTES", 1)
    pair = network.split("/")
    found = record(record_property, compared(*steps("fast", pair, card)))
    assert max(found.values()) < BOUND


@pytest.mark.parametrize("pair", made_plans.NETWORKS, ids="/".join)
def test_the_reference_as_torch_has_it(pair, card, record_property):
    """With TF32 in convolutions, as the paper's run had on such a card."""
    found = record(record_property, compared(*steps("reference", pair, card)))
    assert found["loss, relative"] < ROUNDED_LOSS


@pytest.mark.parametrize("pair", made_plans.NETWORKS, ids="/".join)
@pytest.mark.parametrize("name", ROUNDED)
def test_rounded_products(name, pair, card, record_property, monkeypatch):
    """The tensor cores' rounding against the CPU's, which is done in software."""
    in_software(monkeypatch)
    try:
        precision.check(name, card)
    except ValueError as error:
        pytest.skip(str(error))
    found = steps("fast", pair, card, precision=name)
    found = record(record_property, compared(*found))
    assert found["loss, relative"] < ROUNDED_LOSS
    assert found["gradients, relative"] < ROUNDED_GRADIENT


@pytest.mark.parametrize("digits", DIGITS.values(), ids=DIGITS)
@pytest.mark.parametrize("name", ["dense", "conv5"])
def test_whole_numbers_have_the_same_bits(name, digits, card):
    """Sums of integers in double precision: exact on a card too, if none is cut."""
    generator = torch.Generator().manual_seed(0)
    shape = (1, 28, 28) if name == "dense" else (3, 32, 32)
    layers = describe(made_plans.CONFIG["architectures"][name], shape, "lif")
    network = Network(layers, generator)
    with torch.no_grad():
        for layer, module in zip(layers, network.weights, strict=True):
            size = layer.in_shape if layer.kind == "conv" else (layer.fan_in,)
            spikes = (torch.rand((8, *size), generator=generator) < 0.3).float()
            expected = precision.whole(module, False, digits, spikes)
            there = module.to(card)
            got = precision.whole(there, False, digits, spikes.to(card))
            assert torch.equal(got.cpu(), expected), f"layer {layer}"


def test_int8_products_are_whole_numbers(card):
    """What an int8 path on a card would be built on: torch's products of bytes."""
    generator = torch.Generator().manual_seed(0)
    spikes = torch.randint(0, 2, (128, 800), generator=generator).to(torch.int8)
    weights = torch.randint(-127, 128, (800, 64), generator=generator).to(torch.int8)
    got = torch._int_mm(spikes.to(card), weights.to(card)).cpu()
    assert torch.equal(got.long(), spikes.long() @ weights.long())


def test_masked_steps_go_to_the_card_too(card, record_property):
    """`padding: masked`: recordings of unequal length, on the card as on the CPU."""
    pair, found = ("exp3", "snn_nmnist"), []
    reference = built("reference", *pair, padding="masked")
    samples, targets = next(iter(reference.batches("train", np.arange(6), False)))
    assert isinstance(samples, Padded)
    for where in (CPU, card):
        made = densely(built("fast", *pair, where, padding="masked"))
        found.append(one_step(made, samples.to(where), targets.to(where)))
    assert max(record(record_property, compared(*found)).values()) < BOUND
