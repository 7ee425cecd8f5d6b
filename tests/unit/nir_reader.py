"""NIR files run by NIR's own definitions, in double precision, by nothing of ours."""

import numpy as np
import torch
from torch.nn import functional


def run(graph, frames, step_s):
    """The output spikes T×B×… of a chain of NIR's nodes for an input T×B×….

    graph: a `nir.NIRGraph`; step_s: the length of a forward Euler step in seconds.
    """
    nodes = [graph.nodes[name] for name in chain(graph)]
    states = [None] * len(nodes)
    outputs = []
    for values in frames.double():
        for number, node in enumerate(nodes):
            values, states[number] = step(node, values, states[number], step_s)
        outputs.append(values)
    return torch.stack(outputs)


def chain(graph):
    """The names of the nodes from input to output, along the edges."""
    following = dict(graph.edges)
    assert len(following) == len(graph.edges), "nodes with several successors"
    names = ["input"]
    while names[-1] != "output":
        names.append(following[names[-1]])
    assert sorted(names) == sorted(graph.nodes)
    return names


def step(node, values, potential, step_s):
    """(what a node hands on, its potential after the step)."""
    kind = type(node).__name__
    if kind in ("Input", "Output"):
        assert values.shape[1:] == tuple(node.input_type["input"])
    elif kind == "Affine":
        values = functional.linear(values, double(node.weight), double(node.bias))
    elif kind == "Conv2d":
        options = (whole(node.stride), whole(node.padding), whole(node.dilation))
        weight, bias = double(node.weight), double(node.bias)
        values = functional.conv2d(values, weight, bias, *options, int(node.groups))
    elif kind == "AvgPool2d":
        options = whole(node.kernel_size), whole(node.stride), whole(node.padding)
        values = functional.avg_pool2d(values, *options)
    elif kind == "Flatten":  # its axes are without the batch
        assert (int(node.start_dim), int(node.end_dim)) == (0, -1)
        values = values.flatten(1)
    else:
        return fire(node, kind, values, potential, step_s)
    return values, None


def fire(node, kind, current, potential, step_s):
    """LIF: dv = dt/τ·((v_leak − v) + R·I); IF: dv = dt·R·I; then reset at once."""
    before = torch.zeros_like(current) if potential is None else potential
    if kind == "LIF":
        pull = double(node.v_leak) - before + double(node.r) * current
        after = before + step_s / double(node.tau) * pull
    else:
        assert kind == "IF", kind
        after = before + step_s * double(node.r) * current
    spikes = (after > double(node.v_threshold)).double()
    return spikes, torch.where(spikes > 0, double(node.v_reset), after)


def double(array):
    return torch.from_numpy(np.array(array, np.float64))


def whole(pair):
    return tuple(int(number) for number in pair)
