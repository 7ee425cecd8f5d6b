"""From a run's plan and a prepared data set to everything a stage works with."""

from dataclasses import dataclass

import numpy as np
import torch
from safetensors.torch import load_file

from spikewatt import stack
from spikewatt.data import arrays
from spikewatt.data.frames import framed
from spikewatt.network.describe import describe
from spikewatt.network.neuron.settings import Neuron
from spikewatt.network.weights import Network
from spikewatt.train import loading, machine, sampling, seeds
from spikewatt.train.objective import Objective


@dataclass
class Setup:
    """What training and testing have in common."""

    plan: dict
    data: object  # arrays.Images or arrays.Events
    device: torch.device
    streams: seeds.Streams
    stack: object
    objective: Objective
    loading: str | None = None  # see `loading.of_stack`

    @property
    def network(self):
        return self.stack.network

    @property
    def classes(self):
        """Number of classes of the data, which is that of the network's outputs."""
        return self.data.classes


def build(plan, dataset, stack_name, seed, stage, conditions):
    """Open `dataset` (a prepared file) and build the run's network on its device.

    conditions: a `machine.Conditions`. Raises ValueError where the network has not one
    output for each of the data's classes.
    """
    device = machine.prepare(plan, conditions)
    data = arrays.load(dataset)
    if plan["resize"]:
        data = data.resized(plan["resize"])
    if plan["frames"]:
        data = framed(data, plan["frames"])
    streams = seeds.streams(seed, device, stage)
    layers = describe(plan["architecture"], data.shape, plan["neuron"]["kind"])
    if layers[-1].out_shape != (data.classes,):
        raise ValueError(
            f"{dataset} has {data.classes} classes, but the network of "
            f"{plan['experiment']}/{plan['network']} gives {layers[-1].out_shape} "
            "outputs: change the last layer of its architecture"
        )
    neuron, bits = Neuron.of(plan["neuron"]), plan["weight_bits"]
    network = Network(layers, streams.init, neuron, bits).to(device)
    built = stack.build(stack_name, plan, data, network, streams, device)
    # No library counts recordings into frames: they come from the prepared arrays.
    wish = loading.PREPARED if plan["frames"] else conditions.loading
    way = loading.of_stack(stack_name, wish)
    return Setup(plan, data, device, streams, built, Objective(plan), way)


def split(labels, plan, generator):
    """Split the training samples at random into (training, validation) indices.

    labels: of all N training samples. `validation_fraction` of them validate;
    `max_train_samples` limits both together, see `sampling.limited`.
    """
    order = sampling.limited(labels, plan["max_train_samples"], generator)
    validating = sampling.validating(len(order), plan)
    if validating >= len(order):
        raise ValueError(
            f"{len(order)} training samples leave none to train on with "
            f"validation_fraction {plan['validation_fraction']}"
        )
    return order[validating:], order[:validating]


def test_indices(labels, plan, generator):
    """The indices of the samples that are tested, in rising order.

    labels: of all N test samples. `max_test_samples` limits them, see
    `sampling.limited`; networks of one seed are tested on the same.
    """
    return np.sort(sampling.limited(labels, plan["max_test_samples"], generator))


def load_weights(network, model):
    """Load safetensors weights; a file of another architecture is refused.

    Raises ValueError with both shapes.
    """
    weights = load_file(model)
    wanted = network.state_dict()
    for name in sorted(weights.keys() | wanted.keys()):
        shapes = [
            tuple(tensors[name].shape) if name in tensors else "nothing"
            for tensors in (weights, wanted)
        ]
        if shapes[0] != shapes[1]:
            raise ValueError(
                f"{model} holds {shapes[0]} for {name}, but the network of the config "
                f"needs {shapes[1]}: the file belongs to another architecture"
            )
    network.load_state_dict(weights)
