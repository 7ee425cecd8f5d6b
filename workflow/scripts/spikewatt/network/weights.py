"""The weights of a network, built from its description."""

import torch
from torch import nn
from torch.nn import functional

from spikewatt.network.quantised import QuantisedConv2d, QuantisedLinear, qcfs


class Network(nn.Module):
    """The layers with weights; how they are run is the stack's business.

    `layers` is the description (a tuple of `describe.Layer`), `weights` the list
    of `nn.Conv2d` and `nn.Linear`, one for each. Weights start as Kaiming normal
    (He et al. 2015, fan in, gain √2), biases at zero. A network and its spiking twin
    of the same seed start from equal weights, since both draw the same numbers.

    neuron: a `settings.Neuron`, where it has parameters of its own: QCFS has a learned
    clip for each layer but the last. weight_bits: of the weights; None is float32.
    """

    def __init__(self, layers, generator, neuron=None, weight_bits=None):
        super().__init__()
        self.layers, self.neuron = tuple(layers), neuron
        self.weights = nn.ModuleList(
            _weights(layer, weight_bits) for layer in self.layers
        )
        for module in self.weights:
            nn.init.kaiming_normal_(
                module.weight, nonlinearity="relu", generator=generator
            )
            nn.init.zeros_(module.bias)
        if neuron and neuron.kind == "qcfs":
            self.clips = nn.ParameterList(
                nn.Parameter(torch.tensor(neuron.clip)) for _ in self.layers[1:]
            )


def _weights(layer, bits):
    module = _module(layer, bits is not None)
    if bits is not None:
        module.bits = bits
    return module


def _module(layer, quantised):
    # Not nn.utils.skip_init: it loads sympy, which takes longer than the numbers that
    # torch draws here and nobody uses.
    if layer.kind == "linear":
        linear = QuantisedLinear if quantised else nn.Linear
        return linear(torch.Size(layer.in_shape).numel(), layer.out_shape[0])
    convolution = QuantisedConv2d if quantised else nn.Conv2d
    return convolution(
        layer.in_shape[0],
        layer.conv_shape[0],
        layer.kernel,
        stride=layer.stride,
        padding=layer.padding,
    )


def dropout_mask(shape, rate, generator):
    """A dropout mask: 0 with probability `rate`, else 1/(1 − rate), float32.

    One call draws the mask of all time steps, so that both stacks draw equal ones.
    """
    kept = torch.rand(shape, generator=generator, device=generator.device) >= rate
    return kept / (1.0 - rate)


def dropout_masks(network, steps, batch, generator, plan=None):
    """The dropout masks of all time steps, by number of layer; none in evaluation.

    plan: the run's; its `dropout` says whether each step has its own (`mask_steps`).
    Returns masks T×B×…, which are one B×… seen T times where a sample has one.
    """
    if not network.training:
        return {}
    drawn = mask_steps(plan or {}, steps)
    return {
        number: dropout_mask(
            (drawn, batch, *layer.out_shape), layer.dropout, generator
        ).expand(steps, -1, *[-1] * len(layer.out_shape))
        for number, layer in enumerate(network.layers)
        if layer.dropout
    }


def mask_steps(plan, steps):
    """How many masks a sample draws for `steps` time steps: one each, or one for all.

    plan: the run's; of a network without dropout it says nothing of `dropout`.
    """
    return 1 if plan.get("dropout") == "per_sample" else steps


POOLS = {"max": functional.max_pool2d, "average": functional.avg_pool2d}


def current(layer, weights, values):
    """W·X of one layer, pooled where the layer pools; batch (or T·B) first.

    weights: the layer's module, or another function of the values.
    """
    received = summed(layer, weights, values)
    return POOLS[layer.pooling](received, layer.pool) if layer.pool > 1 else received


def summed(layer, weights, values):
    """As `current`, before pooling."""
    return weights(values.flatten(1) if layer.kind == "linear" else values)


def non_spiking(network, values, generator, sums=None, tally=None):
    """One pass of a network without spikes: weights, pooling, activation, dropout.

    values: B×C×H×W; sums: what takes the place of the network's modules, one for each;
    tally: a `stack.tally.Tally` that is told which values are not 0, or None; returns
    logits B×classes. Both stacks run this; they differ in how batches are fed.
    """
    for values in activations(network, values, generator, sums, tally):  # noqa: B007, B020
        pass
    return values


def activations(network, values, generator=None, sums=None, tally=None):
    """What `non_spiking` works out, layer by layer: activations, then the logits."""
    if tally:
        tally.input_values(values)
    pairs = zip(network.layers, sums or network.weights, strict=True)
    for number, (layer, weights) in enumerate(pairs):
        values = current(layer, weights, values)
        if layer.neuron == "relu":
            values = functional.relu(values)
        elif layer.neuron == "qcfs":
            values = qcfs(values, network.clips[number], network.neuron.levels)
        if tally and layer.neuron != "none":
            tally.layer_values(number, values)
        if layer.dropout and network.training:
            values = values * dropout_mask(values.shape, layer.dropout, generator)
        yield values
