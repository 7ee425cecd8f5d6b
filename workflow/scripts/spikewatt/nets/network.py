"""The weights of a network, built from its description."""

import torch
from torch import nn


class Network(nn.Module):
    """The layers with weights; how they are run is the stack's business.

    `layers` is the description (a tuple of `nets.describe.Layer`), `weights` the list
    of `nn.Conv2d` and `nn.Linear`, one for each. Weights start as Kaiming normal
    (He et al. 2015, fan in, gain √2), biases at zero. A network and its spiking twin
    of the same seed start from equal weights, since both draw the same numbers.
    """

    def __init__(self, layers, generator):
        super().__init__()
        self.layers = tuple(layers)
        self.weights = nn.ModuleList(_weights(layer) for layer in self.layers)
        for module in self.weights:
            nn.init.kaiming_normal_(
                module.weight, nonlinearity="relu", generator=generator
            )
            nn.init.zeros_(module.bias)


def _weights(layer):
    if layer.kind == "linear":
        features = torch.Size(layer.in_shape).numel()
        return nn.utils.skip_init(nn.Linear, features, layer.out_shape[0])
    return nn.utils.skip_init(
        nn.Conv2d,
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
