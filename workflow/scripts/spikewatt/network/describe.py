"""An architecture as data: the list of layers with their shapes.

The networks are built, drawn and counted from this one description. Nothing here
needs torch, so that the workflow can check an architecture before any job starts.
"""

import math
from dataclasses import dataclass

# The kinds of neurons; those of SPIKING take time steps and give spikes.
NEURONS = ("relu", "lif", "qcfs", "if")
SPIKING = ("lif", "if")
# What a pooling window hands on: its largest member, or the mean of all.
POOLINGS = ("max", "average")
_KEYS = {
    "conv": {"conv", "kernel", "stride", "padding", "pool", "pooling", "dropout"},
    "linear": {"linear", "dropout"},
}


@dataclass(frozen=True)
class Layer:
    """Weights, then pooling, then the neuron, then dropout.

    Shapes leave out batch and time: (channels, height, width) or (features,).
    """

    kind: str  # "conv" or "linear"
    in_shape: tuple
    conv_shape: tuple  # after the weights, before pooling
    out_shape: tuple  # after pooling: the shape of the layer's neurons
    kernel: int
    stride: int
    padding: int
    pool: int  # edge and stride of the pooling window; 1 is none
    dropout: float
    neuron: str  # of NEURONS, or "none" for the logits of a non-spiking network
    pooling: str = "max"  # of POOLINGS

    @property
    def neurons(self):
        """Number of neurons of the layer."""
        return math.prod(self.out_shape)

    @property
    def fan_in(self):
        """Number of weights that lead to one neuron."""
        channels = math.prod(self.in_shape) if self.kind == "linear" else 0
        return channels or self.in_shape[0] * self.kernel**2

    @property
    def parameters(self):
        """Number of weights and biases."""
        return self.conv_shape[0] * (self.fan_in + 1)


def seen_shape(shape, frames=None):
    """The (channels, height, width) that a network sees of data of `shape`.

    frames: how many an event recording is counted into, which become channels.
    """
    channels, *edges = shape
    return (channels * (frames or 1), *edges)


def neuron_kind(neuron):
    """The kind that a setting of the neuron says; it is a word or a mapping."""
    return neuron if isinstance(neuron, str) else neuron.get("kind", "lif")


def spoken(value):
    """A setting in words: «0.8», «none», «atan 4.0» for {kind: atan, alpha: 4.0}."""
    if isinstance(value, dict):
        return " ".join(map(str, value.values()))
    return "none" if value is None else str(value)


def is_spiking(plan):
    """Whether a network spikes; `plan`: its run's plan, or its entry in the config."""
    return neuron_kind(plan["neuron"]) in SPIKING


def describe(architecture, input_shape, neuron):
    """Work out the layers of `architecture` for an input of `input_shape`.

    `architecture` is a list of dicts as in config.yaml, `input_shape` is (channels,
    height, width), `neuron` is one of NEURONS. A spiking network's output layer spikes
    too; a non-spiking one gives logits. Returns a tuple of `Layer`.
    Raises ValueError for an entry that cannot be built, naming it.
    """
    if neuron not in NEURONS:
        raise ValueError(f"neuron {neuron!r}: allowed are {', '.join(NEURONS)}")
    layers, shape = [], tuple(input_shape)
    for number, entry in enumerate(architecture):
        last = number == len(architecture) - 1
        kind = "none" if last and neuron not in SPIKING else neuron
        layer = _layer(entry, shape, kind, f"layer {number + 1}, {entry}")
        layers.append(layer)
        shape = layer.out_shape
    return tuple(layers)


def _layer(entry, in_shape, neuron, where):
    kind = "conv" if "conv" in entry else "linear"
    unknown = set(entry) - _KEYS[kind]
    if kind not in entry or unknown:
        raise ValueError(f"{where}: unknown keys {', '.join(sorted(unknown))}")
    if kind == "linear":
        shape = (entry["linear"],)
        geometry = {"kernel": 1, "stride": 1, "padding": 0, "pool": 1}
        return Layer(
            kind,
            in_shape,
            shape,
            shape,
            dropout=_dropout(entry),
            neuron=neuron,
            **geometry,
        )
    if len(in_shape) != 3:
        raise ValueError(f"{where}: a convolution cannot follow a linear layer")
    return _convolution(entry, in_shape, neuron, where)


def _convolution(entry, in_shape, neuron, where):
    kernel, pool = entry["kernel"], entry.get("pool", 1)
    pooling = _pooling(entry, where)
    stride, padding = entry.get("stride", 1), entry.get("padding", 0)
    edges = [(edge + 2 * padding - kernel) // stride + 1 for edge in in_shape[1:]]
    pooled = [edge // pool for edge in edges]
    if min(pooled) < 1:
        raise ValueError(
            f"{where}: nothing is left of an input of {in_shape[1]}×{in_shape[2]}; "
            "use fewer or smaller kernels and pools, or padding"
        )
    return Layer(
        kind="conv",
        in_shape=in_shape,
        conv_shape=(entry["conv"], *edges),
        out_shape=(entry["conv"], *pooled),
        kernel=kernel,
        stride=stride,
        padding=padding,
        pool=pool,
        dropout=_dropout(entry),
        neuron=neuron,
        pooling=pooling,
    )


def _pooling(entry, where):
    """The kind of an entry's pooling; a kind without a window is a mistake."""
    pooling = entry.get("pooling", "max")
    if pooling not in POOLINGS:
        known = ", ".join(POOLINGS)
        raise ValueError(f"{where}: pooling {pooling!r}: allowed are {known}")
    if "pooling" in entry and entry.get("pool", 1) == 1:
        raise ValueError(
            f"{where}: pooling needs a window; say its edge, as pool: 2, or leave "
            "pooling out"
        )
    return pooling


def _dropout(entry):
    return float(entry.get("dropout", 0.0))
