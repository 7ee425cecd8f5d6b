"""Event-driven convolutions against torch, in shapes that no network here has."""

import os
import platform
import subprocess
import sys

import numpy as np
import pytest
import torch

from spikewatt.network.describe import describe
from spikewatt.network.neuron.numba_kernels import constants
from spikewatt.network.neuron.settings import Neuron, Surrogate
from spikewatt.stack.fast import kernels, row_sums, sparse, spike_events
from spikewatt.stack.fast.geometry import geometry
from spikewatt.stack.fast.records import Block, empty
from spikewatt.stack.fast.spiking_layer import SpikingLayer

STEPS, BATCH = 3, 2
NEURON = constants(Neuron("lif", 0.8, 1.0, Surrogate("atan", 2.0), "subtract"))
# channels, height, width, filters, kernel, padding, pool
SHAPES = [
    (1, 9, 7, 3, 5, 0, 2),
    (2, 5, 6, 20, 3, 1, 2),
    (17, 6, 6, 33, 3, 1, 2),
    (33, 4, 4, 130, 5, 2, 2),
    (3, 7, 8, 5, 4, 3, 3),
    (2, 5, 5, 4, 2, 2, 2),
    (2, 4, 4, 3, 2, 3, 2),
    (40, 2, 2, 5, 5, 2, 2),
    (64, 4, 5, 130, 3, 1, 2),
    (70, 3, 2, 100, 3, 2, 2),
    (4, 6, 5, 18, 3, 1, 1),
    (3, 1, 2, 4, 7, 3, 1),
]


@pytest.fixture(params=SHAPES, ids=str)
def layer(request):
    """(`Sparse`, its module) of made-up weights."""
    channels, height, width, filters, kernel, padding, pool = request.param
    torch.manual_seed(0)
    entry = {"conv": filters, "kernel": kernel, "padding": padding, "pool": pool}
    shape = channels, height, width
    described = describe([entry, {"linear": 2}], shape, "lif")[0]
    module = torch.nn.Conv2d(channels, filters, kernel, padding=padding)
    return sparse.Sparse(described, module, geometry(described), NEURON, None), module


def spikes(made, density):
    """Spikes T×B×C×H×W of ones and zeros."""
    g = made.shape
    shape = (STEPS, BATCH, g.channels, g.height, g.width)
    return (torch.rand(shape) < density).float()


def pooled(made, module, frames):
    """Currents after pooling, by torch: (T·B)×F×Y×X, differentiable."""
    currents = module(frames.flatten(0, 1))
    g = made.shape
    currents = currents[:, :, : g.rows, : g.columns]
    return torch.nn.functional.max_pool2d(currents, g.pool)


def as_neurons(values):
    """(T·B)×F×Y×X as T×B×N, channels innermost, as the kernels have neurons."""
    values = values.permute(0, 2, 3, 1).reshape(STEPS, BATCH, -1)
    return values.detach().contiguous().numpy()


def forwards(made, frames):
    """(events, `Kept`) of the layer's forward."""
    events = spike_events.from_frames(frames)
    kept = empty(STEPS, BATCH, made.shape.neurons, pools=made.shape.pool > 1)
    made.forward(events, kept, made.operands())
    return events, kept


@pytest.mark.parametrize("few", [0, 10**6])
@pytest.mark.parametrize("density", [0.0, 0.02, 0.3, 1.0])
def test_potentials_are_those_of_torchs_currents(layer, density, few, monkeypatch):
    """Whether a step's events are few or many."""
    made, module = layer
    monkeypatch.setattr(made, "grid", made.grid._replace(few=few))
    frames = spikes(made, density)
    _, kept = forwards(made, frames)
    u = np.zeros(kept.potential.shape[1:], np.float32)
    for now, found in zip(
        as_neurons(pooled(made, module, frames)), kept.potential, strict=True
    ):
        u = np.float32(0.8) * u + now - (u > 1)
        np.testing.assert_allclose(found, u, atol=2e-5)
        u = found  # a spike that a rounding decides is not carried on


@pytest.mark.parametrize("few", [0, 10**6])
def test_gradients_are_torchs(layer, few, monkeypatch):
    """Of weights, in each way, and of inputs, for a part of the batch."""
    made, module = layer
    monkeypatch.setattr(made, "grid", made.grid._replace(few=few))
    frames = spikes(made, 0.4).requires_grad_()
    out = pooled(made, module, frames)
    grad = torch.randn(out.shape)
    weights, inputs = torch.autograd.grad(out, [module.weight, frames], grad)
    events, kept = forwards(made, frames.detach())
    for start in (0, 1):
        part = Block(np.ascontiguousarray(as_neurons(grad)[:, start:]), start)
        ways = [made.by_events, made.by_winners][: 2 if made.pooled else 1]
        for way in ways:
            sums = [np.zeros(way.size, np.float32)]
            made.weights_back(events, part, kept, way, sums)
            found = way.unpacked(torch.from_numpy(sums[0]))
            if start == 0:
                torch.testing.assert_close(found, weights, atol=1e-4, rtol=1e-4)
        if made.pooled:
            found = made.inputs_back(part, kept, made.rows_of_inputs())
            found = torch.from_numpy(found)
            wanted = inputs[:, start:].permute(0, 1, 3, 4, 2).flatten(2)
            torch.testing.assert_close(found, wanted, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("vectors", [1, 2, 3, 4, 7, 8, 19])
@pytest.mark.parametrize(
    "kinds", [("f4", "f4"), ("i4", "i2"), ("i4", "i4"), ("i8", "i4"), ("i2", "i2")]
)
def test_rows_are_added_as_numpy_adds_them(vectors, kinds):
    rng = np.random.default_rng(0)
    lanes = vectors * 64 // np.dtype(kinds[0]).itemsize
    rows = rng.integers(-9, 10, (30, lanes)).astype(kinds[1])
    chosen = rng.integers(5, 35, 40).astype(np.int32)
    for lo, hi in ((0, 40), (3, 4), (7, 7)):
        sums = np.ones(3 * lanes, kinds[0])
        row_sums.add_rows(sums, lanes, lanes, vectors, rows.ravel(), chosen, lo, hi, 5)
        expected = np.ones(3 * lanes, kinds[0])
        expected[lanes : 2 * lanes] += rows[chosen[lo:hi] - 5].sum(0, dtype=kinds[0])
        np.testing.assert_array_equal(sums, expected)


def test_neighbours_are_left_alone(layer):
    """A part of the batch writes its own samples only."""
    made, module = layer
    events = spike_events.from_frames(spikes(made, 0.5))
    pools = made.shape.pool > 1
    kept = empty(STEPS, BATCH, made.shape.neurons, pools=pools)
    kept.potential[:], kept.winner[:] = -7, 9
    operands, grid = made.operands(), made.grid
    kernels.forward(events.rows, operands, grid, NEURON, kept, 1, BATCH)
    assert (kept.potential[:, 0] == -7).all() and (kept.winner[:, 0] == 9).all()
    assert (kept.winner[:, 1] < made.shape.pool**2).all()


@pytest.mark.skipif(platform.machine() != "x86_64", reason="processors of x86 alone")
def test_an_older_processors_vectors_give_the_same(tmp_path):
    """AVX2 has neither masks nor compression: LLVM writes them otherwise."""
    older = {
        "NUMBA_CPU_NAME": "haswell",
        "NUMBA_CPU_FEATURES": "+avx,+avx2,+fma,+sse4.2,+bmi,+bmi2,+popcnt",
        "NUMBA_CACHE_DIR": str(tmp_path),
    }
    chosen = "test_gradients_are_torchs or test_potentials"
    command = [sys.executable, "-m", "pytest", "-q", __file__, "-k", chosen]
    command += ["-p", "no:cacheprovider", "-p", "no:xdist", "-m", ""]
    done = subprocess.run(
        command, env=os.environ | older, capture_output=True, text=True
    )
    assert done.returncode == 0 and " passed" in done.stdout, done.stdout


def test_an_evaluation_packs_weights_anew_when_they_change():
    """It keeps them from batch to batch; a training does not."""
    described = describe([{"linear": 20}, {"linear": 2}], (3, 4, 4), "lif")[0]
    module = torch.nn.Linear(48, 20)
    made = SpikingLayer(described, module, NEURON, None)
    events = spike_events.from_frames((torch.rand(STEPS, BATCH, 3, 4, 4) < 0.3).float())

    def potentials(keep):
        _, saved = made.forward(events, keep=keep, output=True)
        return saved.kept.potential

    first, packed = potentials(False), made.made
    assert (potentials(False) == first).all() and made.made is packed
    assert (potentials(True) == first).all() and made.made is not packed
    potentials(False)
    with torch.no_grad():
        module.weight.mul_(2)
    assert (potentials(False) == potentials(True)).all()
    assert (potentials(False) != first).any()
