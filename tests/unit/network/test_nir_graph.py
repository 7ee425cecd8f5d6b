"""NIR's neurons from ours and back, and the shapes of a graph."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import made_plans
from oracles import oracle
from spikewatt.network.describe import describe
from spikewatt.network.neuron.settings import Neuron

nir = oracle("nir")

from spikewatt.network import nir_graph  # noqa: E402  it imports nir


def test_time_constants_by_hand():
    """β = 0.8 in steps of 0.1 ms: τ = 0.1/0.2 ms; a current enters with factor 1."""
    tau, resistance = nir_graph.time_constant(0.8)
    assert tau == pytest.approx(5e-4) and resistance == pytest.approx(5)
    assert nir_graph.time_constant(0.0)[0] == pytest.approx(1e-4)
    assert nir_graph.time_constant(0.75, dt=1e-3)[0] == pytest.approx(4e-3)


@given(st.floats(0, 0.99999))
def test_decay_rates_come_back(beta):
    """As they are in the stacks, in float32, but for its last bit."""
    tau, resistance = nir_graph.time_constant(beta)
    assert abs(nir_graph.decay_rate(tau) - np.float32(beta)) <= 2**-24
    assert float(resistance) * 1e-4 / float(tau) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99, 0.999])
def test_usual_decay_rates_come_back_to_the_bit(beta):
    tau, _ = nir_graph.time_constant(beta)
    assert nir_graph.decay_rate(tau) == np.float32(beta)


def graph(entries, shape, **changes):
    neuron = Neuron.of(made_plans.NEURON | {"reset": "zero"} | changes)
    layers = describe(entries, shape, "lif")
    generator = np.random.default_rng(0)
    weights = [
        tuple(
            generator.random(size, np.float32)
            for size in (kernel_shape(layer), layer.conv_shape[:1])
        )
        for layer in layers
    ]
    return nir_graph.graph(layers, weights, neuron, {"told": "x"}), weights


def kernel_shape(layer):
    if layer.kind == "linear":
        return layer.out_shape[0], int(np.prod(layer.in_shape))
    return layer.conv_shape[0], layer.in_shape[0], layer.kernel, layer.kernel


def test_nodes_follow_the_layers():
    entries = [
        {"conv": 3, "kernel": 3, "padding": 1, "stride": 2},
        {"conv": 4, "kernel": 2, "pool": 2, "pooling": "average", "dropout": 0.5},
        {"linear": 5},
        {"linear": 10},
    ]
    made, weights = graph(entries, (2, 12, 12), threshold=0.5)
    assert [source for source, _ in made.edges] == [
        *("input", "conv1", "neuron1", "conv2", "pool2", "neuron2"),
        *("flatten3", "affine3", "neuron3", "affine4", "neuron4"),
    ]
    assert made.edges[-1] == ("neuron4", "output")
    shapes = [n.output_type["output"].tolist() for n in made.nodes.values()]
    assert shapes == [
        *([2, 12, 12], [3, 6, 6], [3, 6, 6], [4, 5, 5], [4, 2, 2], [4, 2, 2]),
        *([16], [5], [5], [10], [10], [10]),
    ]
    assert made.nodes["neuron2"].v_threshold.shape == (4, 2, 2)
    assert (made.nodes["neuron2"].v_threshold == 0.5).all()
    for name in ("v_reset", "v_leak"):
        assert not getattr(made.nodes["neuron2"], name).any()
    assert np.array_equal(made.nodes["affine4"].weight, weights[3][0])
    assert np.array_equal(made.nodes["conv1"].bias, weights[0][1])


def test_without_decay_it_is_nirs_if():
    made, _ = graph([{"linear": 10}], (1, 4, 4), beta=1.0)
    assert isinstance(made.nodes["neuron1"], nir.IF)
    assert made.nodes["neuron1"].r == pytest.approx(np.full(10, 1e4))
