"""The fused neuron against snnTorch's Leaky, the oracle."""

import numpy as np
import pytest
import snntorch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from spikewatt.network.neuron import torch_form
from spikewatt.network.neuron.definition import lif as defined
from spikewatt.network.neuron.function import lif

BETA, THRESHOLD = 0.8, 1.0


def oracle(current, beta=BETA, threshold=THRESHOLD):
    neuron = snntorch.Leaky(beta=beta, threshold=threshold)
    potential, spikes = torch.zeros_like(current[0]), []
    for received in current:
        fired, potential = neuron(received, potential)
        spikes.append(fired)
    return torch.stack(spikes)


def gradients(function, current, weight):
    leaf = current.detach().clone().requires_grad_()
    spikes = function(leaf)
    (spikes * weight).sum().backward()
    return spikes.detach(), leaf.grad


def assert_close(got, expected, bound=1e-6):
    scale = expected.abs().max().clamp_min(1e-30)
    assert ((got - expected).abs().max() / scale).item() <= bound


shapes = st.tuples(
    st.one_of(st.integers(1, 12), st.sampled_from([25, 311, 400])),
    st.integers(1, 5),
    st.integers(1, 7),
    st.integers(1, 3),
)


@settings(max_examples=40, deadline=None)
@given(
    shape=shapes,
    beta=st.sampled_from([0.0, 0.5, 0.8, 0.95, 1.0]),
    threshold=st.sampled_from([0.25, 1.0, 1.7]),
    seed=st.integers(0, 2**31),
    grid=st.booleans(),
)
def test_spikes_equal_snntorch_and_gradients_agree(shape, beta, threshold, seed, grid):
    generator = torch.Generator().manual_seed(seed)
    current = torch.randn(shape, generator=generator)
    if grid:  # multiples of 1/8: potentials land on the threshold
        current = (current * 8).round() / 8
    weight = torch.randn(shape, generator=generator)
    spikes, grad = gradients(lambda c: lif(c, beta, threshold)[0], current, weight)
    expected, wanted = gradients(lambda c: oracle(c, beta, threshold), current, weight)
    assert torch.equal(spikes, expected)
    assert_close(grad, wanted)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**31), steps=st.integers(1, 30), order=st.integers(0, 3))
def test_strides_do_not_matter(seed, steps, order):
    generator = torch.Generator().manual_seed(seed)
    base = torch.randn(steps, 4, 6, 5, 3, generator=generator)
    current = [
        base.permute(0, 1, 4, 2, 3),  # channels last
        base.permute(0, 3, 1, 2, 4),
        base[:, :, ::2],
        base[..., 1:2].expand(-1, -1, -1, -1, 4),
    ][order]
    weight = torch.randn(current.shape, generator=generator)
    spikes, grad = gradients(lambda c: lif(c, BETA, THRESHOLD)[0], current, weight)
    expected, wanted = gradients(oracle, current, weight)
    assert torch.equal(spikes, expected)
    assert_close(grad, wanted)


def test_a_potential_on_the_threshold_does_not_fire():
    current = torch.tensor([[1.0], [0.25], [1.0], [0.0]])
    # U: 1.0 (not above), 0.5·1 + 0.25 = 0.75, 1.375 (fires), 0.6875 − 1
    spikes, last = lif(current, 0.5, 1.0)
    assert spikes.flatten().tolist() == [0, 0, 1, 0]
    assert last.item() == -0.3125


def test_the_gradient_by_hand():
    current = torch.tensor([[2.0], [1.5]], requires_grad=True)
    # U = 2.0, then 0.5·2 + 1.5 − 1 = 1.5; slopes 1/(1 + π²), 1/(1 + π²/4)
    spikes, _ = lif(current, 0.5, 1.0)
    (spikes * torch.tensor([[1.0], [2.0]])).sum().backward()
    second = 2 / (1 + np.pi**2 / 4)
    first = 1 / (1 + np.pi**2) + 0.5 * second
    assert current.grad.flatten().tolist() == pytest.approx([first, second], rel=1e-6)


@pytest.mark.parametrize("edges", [[7], [1, 2], [10, 20, 30]])
def test_time_in_chunks_gives_the_same_spikes_and_gradients(edges):
    generator = torch.Generator().manual_seed(5)
    current = torch.randn(40, 3, 11, generator=generator)
    weight = torch.randn(current.shape, generator=generator)

    def chunked(values):
        state, pieces = None, []
        for piece in torch.tensor_split(values, edges):
            spikes, state = lif(piece, BETA, THRESHOLD, state)
            pieces.append(spikes)
        return torch.cat(pieces)

    spikes, grad = gradients(chunked, current, weight)
    expected, wanted = gradients(oracle, current, weight)
    assert torch.equal(spikes, expected)
    assert_close(grad, wanted)


def test_the_plain_pytorch_form_agrees():
    generator = torch.Generator().manual_seed(1)
    current = torch.randn(60, 33, generator=generator)
    weight = torch.randn(current.shape, generator=generator)
    expected, wanted = gradients(oracle, current, weight)
    zeros = torch.zeros(33)
    potential, spikes = torch_form.forward(current, zeros, BETA, THRESHOLD)
    grad, _ = torch_form.backward(potential, weight, zeros, BETA, THRESHOLD)
    assert torch.equal(spikes, expected)
    assert_close(grad, wanted)


def test_double_precision_falls_back_and_passes_the_numeric_check_of_the_state():
    current = torch.rand(5, 4, dtype=torch.float64) * 0.1  # silent: smooth in U
    state = torch.rand(4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda s: lif(current, BETA, 5.0, s)[1], (state,), eps=1e-6
    )


def test_the_definition_agrees_with_snntorch():
    generator = torch.Generator().manual_seed(2)
    current = (torch.randn(50, 4, 5, generator=generator) * 8).round() / 8
    spikes, _ = defined(current.numpy(), BETA, THRESHOLD)
    assert np.array_equal(spikes, oracle(current).numpy())


def test_no_time_step_is_refused():
    with pytest.raises(ValueError, match="no time step"):
        lif(torch.zeros(0, 3), BETA, THRESHOLD)
