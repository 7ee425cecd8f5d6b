"""A training step in either stack, and what makes two of them equal."""

import pytest
import torch

import made_plans
from spikewatt import stack
from spikewatt.network.describe import describe
from spikewatt.network.neuron.settings import Neuron
from spikewatt.network.weights import Network
from spikewatt.stack import padding
from spikewatt.train import seeds
from spikewatt.train.objective import Objective

CPU = torch.device("cpu")
BOUND = 1e-4


def built(name, experiment, network, device=CPU, **changes):
    """A stack on made-up data; its first weights are the same on every device."""
    plan = made_plans.plan(experiment, network, **changes)
    data = made_plans.data(plan)
    streams = seeds.streams(0, device)
    layers = describe(plan["architecture"], data.shape, plan["neuron"]["kind"])
    neuron, bits = Neuron.of(plan["neuron"]), plan["weight_bits"]
    net = Network(layers, streams.init, neuron, bits)
    for weights in net.weights:  # biases count too, and hidden layers fire
        torch.nn.init.uniform_(weights.bias, 0, 0.2, generator=streams.init)
    return stack.build(name, plan, data, net.to(device), streams, device)


def one_step(made, samples, targets):
    """Output, loss, gradients and the weights after one step of Adam."""
    made.network.train()
    optimiser = torch.optim.Adam(made.network.parameters(), 1e-3)
    output = made(samples)
    _, lengths = padding.unpacked(samples)
    loss = Objective(made.plan).loss(output, targets, lengths)
    loss.backward()
    gradients = [parameter.grad.clone() for parameter in made.network.parameters()]
    optimiser.step()
    weights = [parameter.detach().clone() for parameter in made.network.parameters()]
    return output.detach(), loss.item(), gradients, weights


def relative(got, expected):
    return ((got - expected).norm() / expected.norm().clamp_min(1e-30)).item()


def assert_equal_training(got, expected):
    if set(expected[0].unique().tolist()) <= {0.0, 1.0}:  # spikes
        assert torch.equal(got[0], expected[0])
    assert relative(got[0], expected[0]) < BOUND
    assert got[1] == pytest.approx(expected[1], rel=BOUND)
    for pair in zip(got[2] + got[3], expected[2] + expected[3], strict=True):
        assert relative(*pair) < BOUND
