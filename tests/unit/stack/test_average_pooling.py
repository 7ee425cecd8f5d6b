"""Average pooling: means by hand, whole networks in both stacks, conversions."""

import logging

import numpy as np
import pytest
import torch

import made_plans
from spikewatt.network.describe import describe
from spikewatt.network.weights import current
from spikewatt.train import method
from stack_steps import assert_equal_training, built, one_step

# A rest that no window covers, strides and dropout before and behind the averages.
ARCHITECTURE = [
    {"conv": 5, "kernel": 5, "pool": 3, "pooling": "average", "dropout": 0.3},
    {"conv": 6, "kernel": 3, "stride": 2, "pool": 2, "pooling": "average"},
    {"linear": 12, "dropout": 0.2},
    {"linear": 10},
]
RESETS = ("subtract", "zero")


def test_a_window_hands_on_the_mean_of_its_currents():
    """Of 4×5 pixels as they are: (1 + 2 + 6 + 7)/4; the last column is in no window."""
    entry = {"conv": 1, "kernel": 1, "pool": 2, "pooling": "average"}
    (layer,) = describe([entry], (1, 4, 5), "lif")
    assert layer.conv_shape == (1, 4, 5) and layer.out_shape == (1, 2, 2)
    image = torch.arange(1.0, 21.0).view(1, 1, 4, 5)
    made = current(layer, lambda values: values, image)
    assert made.flatten().tolist() == [4.0, 6.0, 14.0, 16.0]
    (largest,) = describe([entry | {"pooling": "max"}], (1, 4, 5), "lif")
    made = current(largest, lambda values: values, image)
    assert made.flatten().tolist() == [7.0, 9.0, 17.0, 19.0]


def stacks(*network, **changes):
    changes = {"architecture": ARCHITECTURE} | changes
    return [built(name, *network, **changes) for name in ("reference", "fast")]


def agreed(reference, fast):
    samples, targets = next(iter(reference.batches("train", np.arange(5), False)))
    expected = one_step(reference, samples, targets)
    assert_equal_training(one_step(fast, samples, targets), expected)
    assert all(gradient.any() for gradient in expected[2])
    return expected[0]


@pytest.mark.parametrize("reset", RESETS)
@pytest.mark.parametrize("network", [("exp1", "snn"), ("exp3", "snn_nmnist")])
def test_spikes_and_gradients_are_snntorchs(network, reset):
    neuron = made_plans.NEURON | {"reset": reset}
    output = agreed(*stacks(*network, neuron=neuron))
    assert 0 < output.mean() < 1


def test_chunks_of_time_do_not_matter():
    reference, fast = stacks("exp3", "snn_nmnist")
    fast.most = 3
    agreed(reference, fast)


def test_networks_without_spikes():
    agreed(*stacks("exp1", "ann"))


def test_averages_run_densely_and_are_said_once(caplog):
    layers = [{"conv": 4, "kernel": 5, "pool": 2, "pooling": "average"}, {"linear": 10}]
    with caplog.at_level(logging.INFO, "spikewatt"):
        agreed(*stacks("exp1", "snn", architecture=layers))
    assert [record.message for record in caplog.records] == [
        "No event kernels for averages: the network runs densely."
    ]


def test_what_is_recorded_of_a_conversion_depends_on_its_pooling():
    """The mean needs nothing over time; the largest of a converted network does."""
    plan = made_plans.plan("exp1", "snn", architecture=ARCHITECTURE)
    converted = plan | {"from": {"network": "ann"}}
    assert method.facts(plan)["pooling"] == "before_neuron"
    assert method.facts(converted)["pooling"] == "before_neuron"
    largest = converted | {"architecture": [{"conv": 1, "kernel": 3, "pool": 2}]}
    assert method.facts(largest)["pooling"] == "largest_sum_before_neuron"
