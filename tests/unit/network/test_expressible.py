"""What NIR has no word for is told with the layer, the reason and the way out."""

import pytest

import made_plans
from spikewatt.network.expressible import refusals

ZERO = made_plans.NEURON | {"reset": "zero"}
DENSE = [{"linear": 20}, {"linear": 10}]


@pytest.mark.parametrize(
    "architecture",
    [
        DENSE,
        [{"conv": 4, "kernel": 3, "stride": 2, "padding": 1, "dropout": 0.2}, *DENSE],
        [{"conv": 4, "kernel": 3, "pool": 2, "pooling": "average"}, *DENSE],
        [{"conv": 4, "kernel": 3, "pool": 1}, *DENSE],
    ],
)
def test_nothing_is_said_of_what_nir_can_express(architecture):
    assert refusals(ZERO, architecture) == []


@pytest.mark.parametrize(
    ("neuron", "words"),
    [
        ({"kind": "relu"}, "layers 1 to 2: neurons of relu.*neuron: {reset: zero}"),
        ({"kind": "qcfs", "levels": 4}, "neurons of qcfs"),
        ({"kind": "if"}, "converted neurons .*start from half.*{reset: zero} instead"),
        (ZERO | {"reset": "subtract"}, "takes the threshold off.*reset: zero"),
        (ZERO | {"reset": "none"}, "stays where it is.*set neuron: {reset: zero}"),
    ],
)
def test_neurons_are_refused(neuron, words):
    (sentence,) = refusals(neuron, DENSE)
    pytest.raises(ValueError, _raise, sentence).match(words)


def _raise(sentence):
    raise ValueError(sentence)


def test_each_layer_of_max_pooling_is_named():
    layers = [
        {"conv": 4, "kernel": 3, "pool": 2},
        {"conv": 4, "kernel": 3},
        {"conv": 4, "kernel": 3, "pool": 3, "pooling": "max"},
        {"linear": 10},
    ]
    first, third = refusals(ZERO, layers)
    assert first.startswith("layer 1: max-pooling")
    assert "pooling: average beside pool: 2, or stride: 2" in first
    assert third.startswith("layer 3: max-pooling") and "stride: 3" in third
    both = refusals(ZERO | {"reset": "subtract"}, layers)
    assert both[0].startswith("layers 1 to 4: the membrane") and both[1:] == [
        first,
        third,
    ]
    (one,) = refusals({"kind": "relu"}, layers[-1:])
    assert one.startswith("layer 1: neurons")
