"""The fused neuron against snnTorch's Leaky, the oracle."""

import logging

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from made_neurons import KINDS, neuron, snntorch_loop
from spikewatt.network.neuron import function, numba_kernels, torch_form
from spikewatt.network.neuron.definition import lif as defined
from spikewatt.network.neuron.function import lif
from spikewatt.network.neuron.settings import RESETS, Neuron, Surrogate

DEFAULT = neuron()
kinds = pytest.mark.parametrize(("kind", "reset"), KINDS)


def oracle(current, chosen=DEFAULT):
    return snntorch_loop(current, chosen)[0]


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
    kind=st.sampled_from(KINDS),
    beta=st.sampled_from([0.0, 0.5, 0.8, 0.95, 1.0]),
    threshold=st.sampled_from([0.25, 1.0, 1.7]),
    seed=st.integers(0, 2**31),
    grid=st.booleans(),
)
def test_spikes_equal_snntorch_and_gradients_agree(
    shape, kind, beta, threshold, seed, grid
):
    if kind[0] == "sigmoid":  # U stays where snnTorch's sigmoid does not overflow
        beta = min(beta, 0.8)
    chosen = neuron(*kind, beta, threshold)
    generator = torch.Generator().manual_seed(seed)
    current = torch.randn(shape, generator=generator)
    if grid:  # multiples of 1/8: potentials land on the threshold
        current = (current * 8).round() / 8
    weight = torch.randn(shape, generator=generator)
    spikes, grad = gradients(lambda c: lif(c, chosen)[0], current, weight)
    expected, wanted = gradients(lambda c: oracle(c, chosen), current, weight)
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
    spikes, grad = gradients(lambda c: lif(c, DEFAULT)[0], current, weight)
    expected, wanted = gradients(oracle, current, weight)
    assert torch.equal(spikes, expected)
    assert_close(grad, wanted)


def test_a_potential_on_the_threshold_does_not_fire():
    current = torch.tensor([[1.0], [0.25], [1.0], [0.0]])
    # U: 1.0 (not above), 0.5·1 + 0.25 = 0.75, 1.375 (fires), 0.6875 − 1
    spikes, last = lif(current, neuron(beta=0.5))
    assert spikes.flatten().tolist() == [0, 0, 1, 0]
    assert last.item() == -0.3125


def test_the_gradient_by_hand():
    current = torch.tensor([[2.0], [1.5]], requires_grad=True)
    # U = 2.0, then 0.5·2 + 1.5 − 1 = 1.5; slopes 1/(1 + π²), 1/(1 + π²/4)
    spikes, _ = lif(current, neuron(beta=0.5))
    (spikes * torch.tensor([[1.0], [2.0]])).sum().backward()
    second = 2 / (1 + np.pi**2 / 4)
    first = 1 / (1 + np.pi**2) + 0.5 * second
    assert current.grad.flatten().tolist() == pytest.approx([first, second], rel=1e-6)


@kinds
@pytest.mark.parametrize("edges", [[7], [1, 2], [10, 20, 30]])
def test_time_in_chunks_gives_the_same_spikes_and_gradients(edges, kind, reset):
    chosen = neuron(kind, reset)
    generator = torch.Generator().manual_seed(5)
    current = torch.randn(40, 3, 11, generator=generator)
    weight = torch.randn(current.shape, generator=generator)

    def chunked(values):
        state, pieces = None, []
        for piece in torch.tensor_split(values, edges):
            spikes, state = lif(piece, chosen, state)
            pieces.append(spikes)
        return torch.cat(pieces)

    spikes, grad = gradients(chunked, current, weight)
    expected, wanted = gradients(lambda c: oracle(c, chosen), current, weight)
    assert torch.equal(spikes, expected)
    assert_close(grad, wanted)


@kinds
@pytest.mark.parametrize("form", ["numba", "plain"])
def test_states_and_last_potentials_have_snntorchs_gradients(
    form, kind, reset, monkeypatch
):
    """Some start above the threshold: their reset comes in the first step."""
    if form == "plain":
        monkeypatch.setattr(function, "_backend", lambda *arguments: torch_form)
    chosen = neuron(kind, reset)
    generator = torch.Generator().manual_seed(1)
    draws = torch.randn(62, 33, generator=generator)
    current, state, weight = draws[:60], draws[60] + 0.8, draws[61]
    weights = torch.randn(60, 33, generator=generator)
    assert 0 < (state > 1).sum() < 33
    results = []
    for run in (lif, snntorch_loop):
        leaves = [values.clone().requires_grad_() for values in (current, state)]
        spikes, last = run(leaves[0], chosen, leaves[1])
        ((spikes * weights).sum() + (last * weight).sum()).backward()
        results.append((spikes, last, *(leaf.grad for leaf in leaves)))
    (spikes, *rest), (expected, *others) = results
    assert torch.equal(spikes, expected)
    for got, wanted in zip(rest, others, strict=True):
        assert_close(got.detach(), wanted.detach())


def test_the_gradients_of_the_other_resets_by_hand():
    """U = 2, then 0.5·2 + 1.5 = 2.5 without reset, 1.5 with a reset to zero."""
    for reset, second, onward in (("none", 2.5, 0.5), ("zero", 1.5, 0.0)):
        current = torch.tensor([[2.0], [1.5]], requires_grad=True)
        spikes, last = lif(current, neuron("fast_sigmoid", reset, 0.5, steepness=3.0))
        assert last.item() == second
        (spikes * torch.tensor([[1.0], [2.0]])).sum().backward()
        late = 2 / (3 * (second - 1) + 1) ** 2
        early = 1 / (3 * 1 + 1) ** 2 + onward * late
        assert current.grad.flatten().tolist() == pytest.approx([early, late])


@pytest.mark.parametrize("form", ["numba", "plain"])
def test_a_steep_sigmoid_does_not_overflow(form, monkeypatch):
    """snnTorch's e^(−kx) is infinite in float32 from 88/k below the threshold on."""
    if form == "plain":
        monkeypatch.setattr(function, "_backend", lambda *arguments: torch_form)
    chosen = neuron("sigmoid", steepness=25.0)
    current = torch.linspace(-30, 30, 4001)[None].requires_grad_()
    lif(current, chosen)[0].sum().backward()
    x = current.detach().double()[0] - 1
    expected = 25 / (2 + torch.exp(25 * x) + torch.exp(-25 * x))
    assert torch.isfinite(current.grad).all()
    assert_close(current.grad[0].double(), expected, 5e-6)


def test_double_precision_falls_back_and_passes_the_numeric_check_of_the_state():
    current = torch.rand(5, 4, dtype=torch.float64) * 0.1  # silent: smooth in U
    state = torch.rand(4, dtype=torch.float64, requires_grad=True)
    quiet = neuron(threshold=5.0)
    assert torch.autograd.gradcheck(
        lambda s: lif(current, quiet, s)[1], (state,), eps=1e-6
    )


@pytest.mark.parametrize("reset", RESETS)
def test_the_definition_agrees_with_snntorch(reset):
    generator = torch.Generator().manual_seed(2)
    current = (torch.randn(50, 4, 5, generator=generator) * 8).round() / 8
    spikes, potential = defined(current.numpy(), 0.8, 1.0, reset)
    expected, last = snntorch_loop(current, neuron(reset=reset))
    assert np.array_equal(spikes, expected.numpy())
    assert np.array_equal(potential[-1], last.numpy())


def test_what_no_kernel_knows_runs_in_plain_pytorch_and_is_said_once(
    monkeypatch, caplog
):
    monkeypatch.setitem(torch_form.SLOPES, "straight", lambda x, slope: slope + 0 * x)
    chosen = neuron("atan")
    straight = Neuron("lif", 0.8, 1.0, Surrogate("straight", 3.0), "none")
    assert not numba_kernels.supports(straight) and numba_kernels.supports(chosen)
    function._say_once.cache_clear()
    with caplog.at_level(logging.WARNING, "spikewatt"):
        for _ in range(2):
            current = torch.rand(2, 3).requires_grad_()
            lif(current, straight)[0].sum().backward()
            lif(current, chosen)
    assert torch.allclose(current.grad, torch.tensor([[3 + 0.8 * 3], [3.0]]))
    (record,) = caplog.records
    assert "No compiled kernel on cpu" in record.message
    assert "straight" in record.message


def test_no_time_step_is_refused():
    with pytest.raises(ValueError, match="no time step"):
        lif(torch.zeros(0, 3), DEFAULT)
