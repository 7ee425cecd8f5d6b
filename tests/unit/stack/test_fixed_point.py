"""Weights as whole numbers, and that currents are exact whatever adds them up."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from spikewatt.network.describe import describe
from spikewatt.network.neuron.numba_kernels import constants
from spikewatt.network.neuron.settings import Neuron, Surrogate
from spikewatt.stack import fixed_point
from spikewatt.stack.fast import integer_layer, spike_events, ways
from spikewatt.stack.fast.integer_gradients import Cut
from spikewatt.stack.fast.records import Block
from spikewatt.stack.fixed_point import DIGITS, FixedPoint
from spikewatt.stack.precision import whole
from spikewatt.workflow.settings import WHOLE

NEURON = constants(Neuron("lif", 0.8, 1.0, Surrogate("atan", 2.0), "subtract"))
LARGEST = {"int8": 127, "fixed16": 32_639, "fixed24": 8_355_711}
WAYS = ("events", "int8", "float32")


def test_precisions_have_one_list():
    assert tuple(DIGITS) == WHOLE == tuple(LARGEST)


def test_numbers_worked_out_by_hand():
    """Quantum of the first filter: 127·2^k ≥ 1.0·2^6, so 2^-6; 1/64 is one quantum."""
    weight = torch.tensor([[1.0, -0.5, 1 / 64, 1 / 128, 3 / 128], [0.0] * 5])
    made = FixedPoint.of(weight, 1)
    assert made.quantum.tolist() == [2.0**-6, 2.0**-fixed_point.FINEST]
    assert made.integers.tolist() == [[64, -32, 1, 0, 2], [0] * 5]  # ties to even
    assert made.values()[0].tolist() == [1.0, -0.5, 1 / 64, 0.0, 1 / 32]
    assert made.reach == 67
    # 300 = 1·256 + 44; 200 = 1·256 − 56; −129 = −1·256 + 127
    given = torch.tensor([[300, 200, -129]], dtype=torch.int32)
    digits = fixed_point.digits_of(given, 2)
    assert digits.tolist() == [[1, 1, -1], [44, -56, 127]]


@pytest.mark.parametrize("name", DIGITS)
@pytest.mark.parametrize("scale", [1.0, 1e-3, 3e4, 0.75, 1.999])
def test_a_weight_is_off_by_less_than_promised(name, scale):
    torch.manual_seed(0)
    weight = torch.randn(40, 3, 5, 5) * scale
    made = FixedPoint.of(weight, DIGITS[name])
    exact = made.integers.double() * made.quantum.view(-1, 1, 1, 1)
    assert torch.equal(made.values().double(), exact)  # float32 holds them
    error = (exact - weight.double()).abs().flatten(1).amax(1)
    largest = weight.abs().flatten(1).amax(1).double()
    assert (error <= made.quantum / 2).all()
    assert (error < largest / LARGEST[name]).all()
    assert (made.quantum.log2() % 1 == 0).all()
    integers = made.integers.abs().flatten(1).amax(1)
    assert (integers <= LARGEST[name]).all()
    assert (2 * integers.double() + 2 > LARGEST[name]).all()  # no coarser than needed


@pytest.mark.parametrize("name", DIGITS)
def test_digits_carry_and_planes_stay_exact(name):
    largest = LARGEST[name]
    draws = np.random.default_rng(0).integers(-largest, largest + 1, (6, 4000))
    draws[:, :4] = largest, -largest, 0, largest // 2
    integers = torch.from_numpy(draws.astype(np.int32))
    digits = fixed_point.digits_of(integers, DIGITS[name])
    assert digits.min() >= -128 and digits.max() <= 127
    for planes, bits in (
        (digits, 8),
        FixedPoint(integers, torch.ones(6)).planes(),
        FixedPoint(integers, torch.ones(6)).planes(most=3),
    ):
        parts = planes.double().chunk(len(planes) // 6)
        again = sum(2.0 ** (bits * k) * p for k, p in enumerate(reversed(parts)))
        assert torch.equal(again, integers.double())
        for sign in (1, -1):
            assert (sign * planes.double()).clamp_min(0).sum(1).max() <= 2**24


def test_a_weight_that_is_no_number_leaves_no_number():
    weight = torch.tensor([[1.0, float("nan")], [1.0, float("inf")], [1.0, 2.0]])
    values = FixedPoint.of(weight, 2).values()
    assert values[:2].isnan().all() and values[2].tolist() == [1.0, 2.0]


SHAPES = st.fixed_dictionaries(
    {
        "channels": st.integers(1, 5),
        "edge": st.tuples(st.integers(5, 9), st.integers(5, 9)),
        "filters": st.integers(1, 9),
        "kernel": st.integers(1, 5),
        "padding": st.integers(0, 2),
        "pool": st.integers(1, 3),
        "density": st.sampled_from([0.0, 0.02, 0.3, 0.9, 1.0]),
        "most": st.sampled_from([1, 1, 3]),
        "digits": st.integers(1, 3),
        "steps": st.integers(1, 6),
        "seed": st.integers(0, 2**31),
    }
)


def drawn(given, stride=1):
    """(description of a layer, its module, counts T×B×C×H×W)."""
    torch.manual_seed(given["seed"])
    entry = {key: given[key] for key in ("kernel", "padding", "pool")}
    entry |= {"conv": given["filters"], "stride": stride}
    shape = (given["channels"], *given["edge"])
    layer = describe([entry, {"linear": 2}], shape, "lif")[0]
    module = torch.nn.Conv2d(
        given["channels"],
        given["filters"],
        given["kernel"],
        padding=given["padding"],
        stride=stride,
    )
    spikes = (torch.rand(given["steps"], 3, *shape) < given["density"]).float()
    return layer, module, spikes * torch.randint(1, given["most"] + 1, spikes.shape)


def by_hand(module, counts, digits, stride=1):
    """Currents before pooling: numpy's integers, added up in Python's own order."""
    fixed = FixedPoint.of(module.weight, digits)
    weights = fixed.integers.numpy().astype(object)
    pad = module.padding[0]
    images = np.pad(counts.numpy(), ((0, 0),) * 2 + ((pad, pad),) * 2).astype(int)
    k = weights.shape[2]
    rows, columns = ((n - k) // stride + 1 for n in images.shape[2:])
    made = np.empty((len(images), len(weights), rows, columns), np.float32)
    for y in range(rows):
        for x in range(columns):
            at = images[:, :, y * stride : y * stride + k, x * stride : x * stride + k]
            sums = np.tensordot(at.astype(object), weights, ((1, 2, 3),) * 2)
            exact = sums.astype(np.float64) * fixed.quantum.numpy()
            made[:, :, y, x] = (exact + module.bias.detach().double().numpy()).astype(
                np.float32
            )
    return torch.from_numpy(made)


def potentials(layer, module, counts, digits, way):
    """(potentials T×B×N, winners, spikes) of a layer in one way."""
    made = integer_layer.IntegerLayer(layer, module, NEURON, digits)
    made.crossover, made.dense.way = (1e9 if way == "events" else -1.0), way
    events = spike_events.from_frames(counts).counted()
    spikes, saved = made.forward(events, keep=True, output=True)
    return saved.kept.potential, saved.kept.winner, spikes


@settings(max_examples=40, deadline=None)
@given(SHAPES)
def test_every_way_gives_the_bits_of_sums_by_hand(given):
    shape = [n + 2 * given["padding"] - given["kernel"] + 1 for n in given["edge"]]
    given["pool"] = min(given["pool"], *shape)
    layer, module, counts = drawn(given)
    currents = by_hand(module, counts.flatten(0, 1), given["digits"])
    if given["pool"] > 1:
        currents = torch.nn.functional.max_pool2d(currents, given["pool"])
    currents = currents.permute(0, 2, 3, 1).flatten(1).numpy()
    currents = currents.reshape(len(counts), 3, -1)
    u, expected = np.zeros(currents.shape[1:], np.float32), []
    for now in currents:
        reset = np.where(u > 1, np.float32(1), np.float32(0))
        u = (np.float32(0.8) * u + now) - reset
        expected.append(u)
    winners = []
    for way in WAYS:
        found, winner, spikes = potentials(layer, module, counts, given["digits"], way)
        np.testing.assert_array_equal(found, np.array(expected), err_msg=way)
        fired = torch.from_numpy(np.array(expected) > 1).float()
        assert torch.equal(spikes.dense(0, 3), fired)
        winners.append(winner)
    np.testing.assert_array_equal(winners[0], winners[1])
    np.testing.assert_array_equal(winners[0], winners[2])


@settings(max_examples=25, deadline=None)
@given(SHAPES, st.integers(1, 3))
def test_dense_sums_over_all_steps_give_the_same_bits_for_any_stride(given, stride):
    _, module, counts = drawn(given | {"pool": 1}, stride)
    frames = counts.flatten(0, 1)
    got = whole(module, False, given["digits"], frames)
    expected = by_hand(module, frames, given["digits"], stride)
    assert torch.equal(got.detach(), expected)


@pytest.mark.parametrize("digits", DIGITS.values())
def test_dense_layers_of_many_inputs_do_not_run_over(digits):
    """Largest weights everywhere: sums of 64 bits, and several digits' planes."""
    layer = describe([{"linear": 3}, {"linear": 2}], (2000, 1, 1), "lif")[0]
    module = torch.nn.Linear(2000, 3)
    torch.nn.init.constant_(module.weight, -0.99)
    counts = torch.ones(2, 3, 2000)
    fixed = FixedPoint.of(module.weight, digits)
    exact = int(fixed.integers[0, 0]) * 2000 * float(fixed.quantum[0])
    expected = np.float32(exact + module.bias.detach().double().numpy())
    for way in WAYS:
        found, _, _ = potentials(layer, module, counts, digits, way)
        np.testing.assert_array_equal(found[0, 0], expected, err_msg=way)


def test_an_inexact_way_is_not_taken(monkeypatch, caplog):
    layer, module, _ = drawn(
        {"channels": 2, "edge": (6, 6), "filters": 4, "kernel": 3, "padding": 1}
        | {"pool": 2, "seed": 1, "density": 0.3, "most": 1, "steps": 2}
    )
    made = integer_layer.IntegerLayer(layer, module, NEURON, 2)
    (chosen,) = ways.choose([made])
    densities = {f"events at {density}" for density in ways.DENSITIES}
    assert set(chosen["seconds"]) == {*densities, *WAYS[1:]}
    told = chosen["events_up_to_density"]
    assert min(made.crossover, 1.0) == pytest.approx(told, abs=1e-4)

    def wrong(*arguments):
        return lambda frames: torch.zeros(len(frames.flatten(0, 1)), 6, 6, 8)

    monkeypatch.setattr(made.dense.by_int8, "sums", wrong)
    (chosen,) = ways.choose([made])
    assert chosen["dense"] == "float32" and "int8" not in chosen["seconds"]
    assert "not exact" in caplog.text

    def lacking(*arguments):
        raise RuntimeError("no such operation")

    monkeypatch.setattr(made.dense.by_int8, "sums", lacking)
    assert ways.choose([made])[0]["dense"] == "float32"


@pytest.mark.parametrize(
    "seconds, other, expected",
    [((1, 2), 3, 0.7), ((1, 2), 1, 0.1), ((2, 3), 1, 0.0), ((1, 1), 2, math.inf)],
)
def test_where_events_and_dense_sums_take_as_long(seconds, other, expected):
    assert ways.crossing((0.1, 0.4), seconds, other) == pytest.approx(expected)


def test_gradients_are_cut_as_finely_as_sums_allow():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(6, 4, 5 * 3)).astype(np.float32)
    values[..., 2::3] = 0
    values[..., 1::3] *= np.float32(1e-6)
    cut = Cut.of(values, 3, most=1)
    largest = np.abs(values.reshape(-1, 3)).max(0)
    assert (largest[:2] / cut.quantum[:2] <= 2**15).all()
    assert (largest[:2] / cut.quantum[:2] > 2**14).all()
    exact = cut.whole(values).astype(np.float64) * np.tile(cut.quantum, 5)
    assert (np.abs(exact - values) <= np.tile(cut.quantum, 5) / 2).all()
    np.testing.assert_allclose(cut.bias, values.reshape(-1, 3).sum(0, float), rtol=1e-6)
    assert cut.parts(6) == [(0, 6)]


def test_long_blocks_are_cut_more_coarsely_and_into_parts():
    values = np.ones((40, 8, 1200), np.float32)
    cut = Cut.of(values, 1, most=2)
    whole_numbers = cut.whole(values).astype(np.int64)
    assert 2 * np.abs(whole_numbers[0]).sum() <= 2**24
    assert 2 * np.abs(whole_numbers).sum() <= 2**31
    parts = cut.parts(40)
    assert [low for low, _ in parts[1:]] == [high for _, high in parts[:-1]]
    assert parts[0][0] == 0 and parts[-1][1] == 40 and len(parts) > 1
    for low, high in parts:
        assert 2 * np.abs(whole_numbers[low:high]).sum() <= 2**24


def test_gradients_that_are_no_numbers_stay_none():
    values = np.full((2, 2, 4), np.nan, np.float32)
    assert np.isnan(Cut.of(values, 2, 1).quantum).all()


@pytest.mark.parametrize("most", [1, 2])
@pytest.mark.parametrize("channels", [3, 18])
def test_weight_gradients_are_the_integers_by_hand_in_every_way(channels, most):
    given = {"channels": channels, "edge": (8, 7), "filters": 4, "kernel": 3}
    given |= {"padding": 1, "pool": 2, "seed": 3, "density": 0.4, "steps": 5}
    layer, module, counts = drawn(given | {"most": most})
    grad = np.random.default_rng(1).normal(size=(5, 3, 4 * 3 * 4)).astype(np.float32)
    events = spike_events.from_frames(counts).counted()
    cut, block = Cut.of(grad, 4, events.most), Block(grad, 0)
    made = integer_layer.IntegerLayer(layer, module, NEURON, 2)
    made.crossover = -1.0
    _, saved = made.forward(events, keep=True, output=True)
    kept, operand = saved.kept, made.dense.operand()
    assert made.sums(saved).weights.dtype == torch.float64
    found = [made.dense.weights_back(events, block, cut, kept, operand)]
    for way in [made.sparse.by_events, made.sparse.by_winners][: 2 if most == 1 else 1]:
        zeros = torch.zeros(way.size, dtype=torch.float64)
        sums = integer_layer.IntegerSums(zeros, None, way)
        made._weights_back(events, block, cut, kept, sums, np.ones(4))
        found.append(made.sparse.unpacked(sums.weights, way))
    numbers = torch.from_numpy(cut.whole(grad)).double().view(15, 4, 3, 4)
    winner = torch.from_numpy(kept.winner).view(15, 4, 3, 4)
    full = torch.zeros(15, 4, 8, 7, dtype=torch.float64)
    for k in range(4):
        now = torch.where(winner == k, numbers, 0.0).permute(0, 3, 1, 2)
        full[:, :, k // 2 : 8 : 2, k % 2 : 6 : 2] = now
    expected = torch.nn.grad.conv2d_weight(
        counts.flatten(0, 1).double(), module.weight.shape, full, padding=1
    )
    assert all(torch.equal(one, expected) for one in found)


def test_an_evaluation_rounds_weights_once_and_anew_when_they_change():
    """A training rounds them for each batch."""
    given = {"channels": 2, "edge": (6, 6), "filters": 4, "kernel": 3, "padding": 1}
    given |= {"pool": 2, "seed": 1, "density": 0.3, "most": 1, "steps": 2}
    layer, module, counts = drawn(given)
    made = integer_layer.IntegerLayer(layer, module, NEURON, 2)
    events = spike_events.from_frames(counts)

    def rounded(keep):
        made.forward(events, keep=keep, output=True)
        return made.sparse.fixed

    first = rounded(False)
    assert rounded(False) is first and rounded(True) is not first
    before = rounded(False)
    with torch.no_grad():
        module.weight.mul_(2)
    assert rounded(False) is not before
    module.weight = torch.nn.Parameter(module.weight.detach() / 4)
    assert torch.equal(
        rounded(False).values(), FixedPoint.of(module.weight, 2).values()
    )
