"""Activations and weights of few bits: by hand, and against torch's own quantiser."""

import pytest
import torch

import made_plans
from rounding import in_software
from spikewatt.network.describe import describe
from spikewatt.network.neuron.settings import Neuron
from spikewatt.network.quantised import effective, of_bits, qcfs
from spikewatt.network.weights import Network, non_spiking
from spikewatt.stack.precision import rounded
from stack_steps import assert_equal_training, built, one_step

QCFS = {"kind": "qcfs", "levels": 4, "clip": 2.0}


def test_activations_and_their_gradients_by_hand():
    """L = 4, λ = 2: a = ½·clip(⌊2x + ½⌋, 0, 4); ∂a/∂λ = a/λ − x/λ inside."""
    values = torch.tensor([-1.0, 0.2, 0.25, 0.3, 1.0, 1.9, 2.5], requires_grad=True)
    clip = torch.tensor(2.0, requires_grad=True)
    made = qcfs(values, clip, 4)
    assert made.tolist() == [0, 0, 0.5, 0.5, 1.0, 2.0, 2.0]
    weighted = torch.tensor([1.0, 2, 3, 4, 5, 6, 7])
    (made * weighted).sum().backward()
    assert values.grad.tolist() == [0, 2, 3, 4, 5, 6, 0]
    of_clip = torch.tensor([0, -0.1, 0.125, 0.1, 0, 0.05, 1])
    assert clip.grad.item() == pytest.approx((of_clip * weighted).sum().item())


def test_one_level_is_binary():
    made = qcfs(torch.tensor([-3.0, 0.7, 0.8, 9.0]), torch.tensor(1.5), 1)
    assert made.tolist() == [0, 0, 1.5, 1.5]


@pytest.mark.parametrize("levels", [1, 4, 25])
def test_activations_are_torchs_fake_quantiser(levels):
    torch.manual_seed(levels)
    values = (2 * torch.randn(1000)).requires_grad_()
    other = values.detach().clone().requires_grad_()
    made = qcfs(values, torch.tensor(1.7), levels)
    theirs = torch.fake_quantize_per_tensor_affine(other, 1.7 / levels, 0, 0, levels)
    assert torch.allclose(made, theirs, atol=1e-6)
    made.sum().backward(), theirs.sum().backward()
    # theirs lets the gradient through to half a level beyond the ends
    inside = (values > 0) & (values < 1.7)
    assert torch.equal(values.grad[inside], other.grad[inside])
    assert values.grad[~inside].sum() == 0


def test_weights_of_three_bits_by_hand():
    """n = 3; steps of 0.5 and 2: −1.5 … 1.5 and −6 … 6; 0.25 is a tie, to even."""
    weight = torch.tensor([[1.5, -0.6, 0.25, 0.1], [6.0, 1.1, -2.9, 0.0], [0, 0, 0, 0]])
    weight.requires_grad_()
    made = of_bits(weight, 3)
    expected = [[1.5, -0.5, 0, 0], [6, 2, -2, 0], [0, 0, 0, 0]]
    assert made.tolist() == expected
    (made * 3).sum().backward()
    assert torch.equal(weight.grad, torch.full_like(weight, 3))


@pytest.mark.parametrize("bits", [2, 4, 8])
@pytest.mark.parametrize("shape", [(6, 5), (4, 3, 5, 5)])
def test_weights_are_torchs_fake_quantiser(bits, shape):
    torch.manual_seed(bits)
    weight, most = torch.randn(shape), 2 ** (bits - 1) - 1
    scale = weight.abs().flatten(1).amax(1) / most
    theirs = torch.fake_quantize_per_channel_affine(
        weight, scale, torch.zeros(len(weight), dtype=torch.int32), 0, -most, most
    )
    assert torch.allclose(of_bits(weight, bits), theirs, atol=1e-6)


def test_a_network_of_few_levels_says_integers_times_its_clips():
    layers = describe([{"linear": 8}, {"linear": 6}, {"linear": 3}], (5,), "qcfs")
    assert [layer.neuron for layer in layers] == ["qcfs", "qcfs", "none"]
    neuron = Neuron.of(QCFS)
    made = Network(layers, torch.Generator().manual_seed(0), neuron, 4)
    assert [clip.item() for clip in made.clips] == [2.0, 2.0]
    values = torch.rand(7, 5)
    first, second, last = made.weights
    a = qcfs(values @ of_bits(first.weight, 4).T, torch.tensor(2.0), 4)
    b = qcfs(a @ of_bits(second.weight, 4).T, torch.tensor(2.0), 4)
    expected = b @ of_bits(last.weight, 4).T
    assert torch.allclose(non_spiking(made, values, None), expected, atol=1e-6)
    assert set((2 * a).flatten().tolist()) <= {0, 1, 2, 3, 4}


def test_all_clips_and_weights_learn_and_both_stacks_alike():
    """In float64: where sums differ in their last bit, levels may differ by one."""
    changes = {"neuron": QCFS | {"clip": 1.0}, "weight_bits": 4}
    results, moved = [], []
    for name in ("reference", "fast"):
        made = built(name, "exp2", "cnn", **changes)
        made.network.double()
        samples, targets = next(iter(made.batches("train", range(6), False)))
        samples = samples.double()
        before = [clip.item() for clip in made.network.clips]
        results.append(one_step(made, samples, targets))
        after = [clip.item() for clip in made.network.clips]
        moved.append([one != two for one, two in zip(before, after, strict=True)])
    assert len(moved[0]) == 6 and all(moved[0])
    assert all(gradient.norm() > 0 for gradient in results[0][2])
    assert_equal_training(results[1], results[0])


def test_precision_rounds_the_weights_of_few_bits(monkeypatch):
    """What is rounded are the weights that inputs meet, not those that Adam changes."""
    in_software(monkeypatch)
    made = built("fast", "exp1", "ann", weight_bits=2, precision="bfloat16")
    module, values = made.network.weights[0], torch.ones(1, 784)
    expected = rounded(effective(module).detach(), 7).sum(1) + module.bias
    assert torch.allclose(made.sums[0](values)[0], expected, atol=1e-4)


def test_an_existing_network_has_no_new_parameters():
    plan = made_plans.plan("exp1", "ann")
    layers = describe(plan["architecture"], (1, 28, 28), "relu")
    neuron = Neuron.of(plan["neuron"])
    made = Network(layers, torch.Generator().manual_seed(0), neuron, None)
    names = [f"weights.{n}.{part}" for n in range(3) for part in ("weight", "bias")]
    assert list(made.state_dict()) == names
    assert {type(module) for module in made.weights} == {torch.nn.Linear}
