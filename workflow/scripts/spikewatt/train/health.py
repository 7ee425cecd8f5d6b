"""Signs that a network has gone wrong: named, so that no table hides them."""

import math

import torch

from spikewatt.train.loop import NotFinite

EXPLODED = 1e3


def warnings(setup, train, validation):
    """What is wrong with a network after an epoch: flag → sentence; empty if nothing.

    train, validation: the `loop.Result`s of the epoch.
    """
    flags = {}
    silent = silent_layers(validation)
    if silent or died(validation):
        flags["dead"] = silence(setup.network, train, validation, silent)
    if at_chance(validation, classes=setup.classes):
        flags["chance"] = (
            f"validation accuracy {validation.accuracy_pct:.1f} % is that of guessing"
        )
    steepest, where = 0.0, ""
    if len(train.gradients):  # of a conversion there are none
        steepest, where = steepest_gradient(setup.network, train)
    if steepest > EXPLODED:
        flags["gradient"] = f"the gradient of {where} has grown to {steepest:.3g}"
    return flags


def silent_layers(validation):
    """Numbers, from 1, of the spiking layers that fired in no batch of the pass."""
    return [n for n, rate in enumerate(validation.rates, start=1) if not rate]


def died(validation):
    """Whether no output neuron spiked in a whole pass of a spiking network."""
    return len(validation.fired) > 0 and not validation.fired.any()


def silence(network, train, validation, silent):
    """The sentence that names the layers which did not fire, and since when."""
    count, output = len(validation.fired), len(network.layers)
    told = [
        f"no neuron of layer {n} fired in {count} validation batches"
        for n in silent[:1]
    ]
    if died(validation):
        told.append(
            f"the output (layer {output}) spiked in none of {count} validation batches"
        )
        batches = torch.nonzero(train.fired).flatten() + 1
        last = f"last in batch {int(batches[-1])}" if len(batches) else "in none"
        told.append(f"of {len(train.fired)} training batches {last}")
    return ", ".join(told)


def at_chance(result, classes):
    """Whether an accuracy lies within two standard deviations of guessing."""
    chance = 1 / classes
    spread = 2 * math.sqrt(chance * (1 - chance) / result.samples)
    return result.accuracy_pct / 100 <= chance + spread


def steepest_gradient(network, train):
    """(norm, «layer 2 in batch 9 of 375») of the steepest gradient of a training pass.

    Looked at are that of the first layer's biases in every batch, where what a later
    layer sends back arrives, and those of all weights in the last batch.
    """
    count = len(train.gradients)
    number = int(train.gradients.argmax())
    norms = [(float(train.gradients[number]), 1, number + 1)]
    norms += [
        (float(torch.linalg.vector_norm(weights.weight.grad)), layer, count)
        for layer, weights in enumerate(network.weights, start=1)
    ]
    norm, layer, batch = max(norms)
    return norm, f"layer {layer} in batch {batch} of {count}"


def require_finite(network):
    """Raise `NotFinite` if a weight is none any more, which spikes need not show."""
    if not _finite(network.parameters()):
        raise NotFinite("weights are no numbers after the last batch.")


def first_damaged(network):
    """«, layer 2»: where numbers went wrong, as far as weights and gradients tell.

    The first layer whose weights are no numbers; where there is none yet, the last
    one whose gradient is none, since gradients come from behind.
    """
    layers = list(enumerate(network.weights, start=1))
    damaged = [n for n, layer in layers if not _finite(layer.parameters())]
    if not damaged:
        grads = [(n, [p.grad for p in layer.parameters()]) for n, layer in layers]
        damaged = [n for n, values in reversed(grads) if not _finite(values)]
    return f", layer {damaged[0]}" if damaged else ""


def _finite(tensors):
    return all(torch.isfinite(t).all() for t in tensors if t is not None)


def hidden_rate(setup, rates):
    """Spikes per neuron and step over all hidden layers, or None without spikes.

    rates: those of each layer, `loop.Result.rates`.
    """
    hidden = setup.network.layers[:-1]
    if not rates:
        return None
    neurons = [layer.neurons for layer in hidden]
    spikes = [rate * count for rate, count in zip(rates, neurons, strict=False)]
    return sum(spikes) / sum(neurons)
