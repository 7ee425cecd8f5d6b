"""Signs that a network has gone wrong: named, so that no table hides them."""

import math

import torch

EXPLODED = 1e3


def warnings(setup, validation, rates):
    """What is wrong with a network after an epoch: flag → sentence; empty if nothing.

    validation: the `loop.Result` of the epoch; rates: `loop.spike_rates`.
    """
    found = {}
    silent = [number for number, rate in enumerate(rates, start=1) if rate == 0]
    if silent:
        found["dead"] = f"no neuron of layer {silent[0]} fired on the batch looked at"
    if at_chance(validation, classes=setup.network.layers[-1].neurons):
        found["chance"] = (
            f"validation accuracy {validation.accuracy_pct:.1f} % is that of guessing"
        )
    steepest, layer = max(gradient_norms(setup.network), default=(0.0, 0))
    if steepest > EXPLODED:
        found["gradient"] = f"the gradient of layer {layer} has grown to {steepest:.3g}"
    return found


def at_chance(result, classes):
    """Whether an accuracy lies within two standard deviations of guessing."""
    chance = 1 / classes
    spread = 2 * math.sqrt(chance * (1 - chance) / result.samples)
    return result.accuracy_pct / 100 <= chance + spread


def gradient_norms(network):
    """(norm, number of layer) of the gradient that the last batch left."""
    return [
        (float(torch.linalg.vector_norm(weights.weight.grad)), number)
        for number, weights in enumerate(network.weights, start=1)
        if weights.weight.grad is not None
    ]


def first_damaged(network):
    """«, layer 2» for the first layer whose weights are no numbers, else nothing."""
    for number, weights in enumerate(network.weights, start=1):
        if not all(torch.isfinite(p).all() for p in weights.parameters()):
            return f", layer {number}"
    return ""


def hidden_rate(setup, rates):
    """Spikes per neuron and step over all hidden layers, or None without spikes."""
    hidden = setup.network.layers[:-1]
    if not rates:
        return None
    neurons = [layer.neurons for layer in hidden]
    spikes = [rate * count for rate, count in zip(rates, neurons, strict=False)]
    return sum(spikes) / sum(neurons)
