"""Linear layers by events, against plain sums."""

import numpy as np
import pytest

from spikewatt.network.describe import describe
from spikewatt.network.neuron.numba_kernels import constants
from spikewatt.network.neuron.settings import Neuron, Surrogate
from spikewatt.stack.fast import event_weights, kernels, spike_events
from spikewatt.stack.fast.geometry import Layout, geometry, grid
from spikewatt.stack.fast.gradient_layouts import EventGradients
from spikewatt.stack.fast.records import UNCUT, Block, Operands, empty

INPUTS, BATCH = 30, 3
BETA, THRESHOLD = np.float32(0.8), np.float32(1.0)
NEURON = constants(Neuron("lif", 0.8, 1.0, Surrogate("atan", 2.0), "subtract"))


@pytest.fixture(params=[(1, 5), (7, 200), (64, 200), (90, 10)], ids=str)
def layer(request):
    """(steps, filters, grid); the longer ones are worked on in several pieces."""
    steps, filters = request.param
    described = describe([{"linear": filters}], (INPUTS, 1, 1), "lif")[0]
    return steps, filters, grid(geometry(described))


def made_up(steps, filters):
    """Event counts T×B×I, weights I×F, bias F, gradients T×B×F, all of small whole
    numbers or quarters, so that float32 sums are exact in any order."""
    rng = np.random.default_rng(0)
    counts = rng.poisson(0.3, (steps, BATCH, INPUTS)).astype(np.float32)
    counts[steps // 2] = 0
    weights = rng.integers(-8, 9, (INPUTS, filters)).astype(np.float32) / 4
    bias = rng.integers(-2, 3, filters).astype(np.float32) / 4
    grad = rng.integers(-4, 5, (steps, BATCH, filters)).astype(np.float32)
    return counts, weights, bias, grad


def events_of(counts):
    import torch

    return spike_events.from_frames(torch.from_numpy(counts))


def operands_of(layout, weights, bias):
    """`Operands` of weights F×I×1×1 and a bias F as a layout has them."""
    import torch

    laid = layout.weights(torch.from_numpy(weights.copy())).numpy()
    start = layout.frame(torch.from_numpy(bias)).numpy()
    return Operands(laid, start, UNCUT, UNCUT, layout.members)


def expected_potentials(currents):
    """U[t] = β·U[t−1] + I[t] − θ·S[t−1], rounded after each operation."""
    u = np.zeros(currents.shape[1:], np.float32)
    potentials = []
    for now in currents:
        reset = np.where(u > THRESHOLD, THRESHOLD, np.float32(0))
        u = (BETA * u + now) - reset
        potentials.append(u)
    return np.array(potentials)


def test_potentials_and_spikes_are_those_of_plain_sums(layer):
    steps, filters, plan = layer
    counts, weights, bias, _ = made_up(steps, filters)
    expected = expected_potentials(counts @ weights + bias)
    events = events_of(counts)
    kept = empty(steps, BATCH, filters, pools=False)
    operands = operands_of(Layout(plan), weights.T[:, :, None, None], bias)
    layer = events.rows, operands, plan, NEURON
    ends, address = kernels.forward(*layer, kept, 0, BATCH)
    np.testing.assert_array_equal(kept.potential, expected)
    fired = (expected > THRESHOLD).transpose(1, 0, 2).reshape(-1, filters)
    np.testing.assert_array_equal(address, np.nonzero(fired)[1])
    np.testing.assert_array_equal(np.diff(ends), fired.sum(1))
    again = empty(steps, BATCH - 1, filters, start=1, pools=False)
    kernels.recompute(*layer, again, 1, BATCH)
    np.testing.assert_array_equal(again.potential, expected[:, 1:])


def test_weight_gradients_are_those_of_plain_sums(layer):
    steps, filters, plan = layer
    counts, _, _, grad = made_up(steps, filters)
    events = events_of(counts)
    way = EventGradients(plan)
    gradient = np.ones(way.size, np.float32)
    part = Block(np.ascontiguousarray(grad[:, 1:]), start=1)
    kept = empty(steps, BATCH - 1, filters, start=1, pools=False)
    event_weights.weights_back(
        events.rows, plan, way.members, part, UNCUT, kept, gradient, 1, BATCH
    )
    expected = 1 + np.einsum("tbi,tbf->if", counts[:, 1:], part.values)
    found = gradient.reshape(INPUTS, -1)[:, :filters]
    np.testing.assert_array_equal(found, expected)
