"""A described network as the blocks that Figures 7 to 9 draw, each with its words."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class DrawnLayer:
    """One stage of a network.

    kind: "input", "conv", "pool", "flat" or "linear"; shape: (channels, height, width)
    or (features,); above: what makes it, lines of text.
    """

    kind: str
    shape: tuple
    above: tuple

    @property
    def below(self):
        """Its shape, as lines of text: channels over height × width, or features."""
        if len(self.shape) == 1:
            return (f"{self.shape[0]}",)
        channels, height, width = self.shape
        return (f"{channels}", f"{height}×{width}")


def blocks(layers, input_shape, dataset):
    """The blocks of `layers` (`network.describe.describe`) from the input on."""
    row = [DrawnLayer("input", tuple(input_shape), (dataset,))]
    for layer in layers:
        if layer.kind == "linear":
            row += _linear(layer)
        else:
            row += _convolution(layer)
    return row


def is_dense(layers):
    """Whether a network has no convolution."""
    return all(layer.kind == "linear" for layer in layers)


def _linear(layer):
    flat = []
    if len(layer.in_shape) == 3:
        flat = [DrawnLayer("flat", (math.prod(layer.in_shape),), ("flatten",))]
    return [
        *flat,
        DrawnLayer("linear", layer.out_shape, ("fully", "connected", *_dropout(layer))),
    ]


def _convolution(layer):
    edge = f"{layer.kernel}×{layer.kernel}"
    dropped = _dropout(layer)
    if layer.pool == 1:
        return [DrawnLayer("conv", layer.conv_shape, (f"conv {edge}", *dropped))]
    pool = f"pool {layer.pool}×{layer.pool}"
    kind = ("average",) if layer.pooling == "average" else ()
    return [
        DrawnLayer("conv", layer.conv_shape, (f"conv {edge}",)),
        DrawnLayer("pool", layer.out_shape, (*kind, pool, *dropped)),
    ]


def _dropout(layer):
    return (f"dropout {layer.dropout:g}",) if layer.dropout else ()
