"""Small networks for tests whose operations are counted, on made-up data."""

import torch

import made_plans
from spikewatt import stack as stacks
from spikewatt.network.describe import describe
from spikewatt.network.weights import Network
from spikewatt.train import seeds
from spikewatt.train.objective import Objective

STRIDED = [
    {"conv": 3, "kernel": 5, "stride": 2, "padding": 2, "pool": 2, "dropout": 0.2},
    {"conv": 4, "kernel": 2},
    {"linear": 10},
]
PLAIN = [{"conv": 3, "kernel": 5, "padding": 1, "pool": 3}, {"linear": 10}]
AVERAGED = [
    {"conv": 3, "kernel": 5, "stride": 2, "padding": 2, "pool": 2}
    | {"pooling": "average", "dropout": 0.2},
    {"conv": 4, "kernel": 2, "pool": 3, "pooling": "average"},
    {"linear": 10},
]
CASES = {
    "dense": ("exp1", "snn", {}),
    "relu": ("exp1", "ann", {}),
    "latency": ("exp1", "snn", {"encoding": "latency"}),
    "strided": ("exp1", "snn", {"encoding": "latency", "architecture": STRIDED}),
    "plain": ("exp1", "snn", {"encoding": "latency", "architecture": PLAIN}),
    "averaged": ("exp1", "snn", {"encoding": "latency", "architecture": AVERAGED}),
    "relu, averaged": ("exp1", "ann", {"architecture": AVERAGED}),
    "relu, strided": ("exp1", "ann", {"architecture": STRIDED}),
    "events": ("exp3", "snn_nmnist", {"architecture": PLAIN}),
    "masked": ("exp3", "snn_nmnist", {"architecture": PLAIN, "padding": "masked"}),
}


def built(case, kind="reference", batch_size=8):
    """(stack, objective) of a case; some of its weights are 0."""
    experiment, network, changes = CASES[case]
    plan = made_plans.plan(experiment, network, batch_size=batch_size, **changes)
    data = made_plans.data(plan)
    streams = seeds.streams(0)
    layers = describe(plan["architecture"], data.shape, plan["neuron"]["kind"])
    made = Network(layers, streams.init)
    with torch.no_grad():
        for module in made.weights:
            module.weight *= module.weight.abs() > 0.02
            module.bias += 0.05
    device = torch.device("cpu")
    stack = stacks.build(kind.partition(",")[0], plan, data, made, streams, device)
    if "dense" in kind:
        stack.runner = None
    return stack, Objective(plan)
