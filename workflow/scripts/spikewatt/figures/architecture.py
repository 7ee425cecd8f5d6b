"""Figures 7 to 9: the networks of an experiment, from what they are built from."""

import string
import textwrap

from matplotlib.figure import Figure

from spikewatt.figures import dense_drawing, map_drawing, style
from spikewatt.figures.blocks import blocks, is_dense
from spikewatt.figures.saving import Caption
from spikewatt.network.describe import describe

NEURONS = {
    "relu": "ReLU",
    "lif": "leaky integrate-and-fire neurons",
    "qcfs": "an activation of few levels (QCFS)",
    "if": "integrate-and-fire neurons (converted)",
}
WORDS = {"max": "max-pooling", "average": "average pooling"}
HEIGHTS = {True: 2.6, False: 2.25}  # inches of a drawing: dense or not
LONGEST_TITLE = 90  # letters of a line


@style.styled
def draw(drawings, number, title):
    """The different networks of an experiment, one above another; (Figure, Caption).

    drawings: as `spikewatt.figures.layers.drawings` gives them; number: of the figure
    in the paper, or None; title: of the experiment.
    """
    described = [
        describe(drawing["layers"], drawing["input_shape"], drawing["neurons"][0])
        for drawing in drawings
    ]
    heights = [HEIGHTS[is_dense(layers)] for layers in described]
    figure = Figure(figsize=(style.TWO_COLUMNS, sum(heights)), layout="constrained")
    grid = figure.subplots(
        len(drawings), 1, squeeze=False, gridspec_kw={"height_ratios": heights}
    )
    alts = []
    for index, (drawing, layers) in enumerate(zip(drawings, described, strict=True)):
        axes = grid[index, 0]
        row = blocks(layers, drawing["input_shape"], drawing["dataset"])
        (dense_drawing if is_dense(layers) else map_drawing).draw(axes, row)
        axes.set_axis_off()
        names = _listed(drawing["labels"])
        letter = string.ascii_uppercase[index]
        title = names if len(drawings) == 1 else f"({letter}) {names}"
        axes.set_title(textwrap.fill(title, LONGEST_TITLE))
        alts.append(f"{names}: {_chain(row)}.")
    text = _caption(drawings, described)
    return figure, Caption(f"{title}: architecture", text, " ".join(alts), number)


def _pooling(convolutions):
    """«; neurons follow max-pooling», or what pooling there is."""
    kinds = {layer.pooling for layer in convolutions if layer.pool > 1}
    words = [WORDS[kind] for kind in sorted(kinds, reverse=True)]
    return f"; neurons follow {' or '.join(words)}" if words else ""


def _listed(labels):
    """«ANN», «ANN and SNN», «A, B and C»."""
    *first, last = labels
    return f"{', '.join(first)} and {last}" if first else last


def _chain(row):
    """The network as words: «MNIST 1 × 28×28, full 256, full 10»."""
    return ", ".join(f"{' '.join(b.above)} {' × '.join(b.below)}" for b in row)


def _caption(drawings, described):
    neurons = [kind for drawing in drawings for kind in drawing["neurons"]]
    kinds = " or ".join(NEURONS[kind] for kind in dict.fromkeys(neurons))
    silent = [NEURONS[kind].removeprefix("an ") for kind in ("relu", "qcfs")]
    silent = [words for words in silent if words in kinds]
    bare = f", but for the last layer with {' or '.join(silent)}" if silent else ""
    parts = [f"Each layer of weights is followed by {kinds}{bare}."]
    layers = [layer for network in described for layer in network]
    convolutions = [layer for layer in layers if layer.kind == "conv"]
    if convolutions:
        strides = sorted({(layer.stride, layer.padding) for layer in convolutions})
        listed = "; ".join(f"stride {s}, padding {p}" for s, p in strides)
        parts.append(
            f"Blocks are feature maps: their number over height × width. Convolutions "
            f"have {listed}{_pooling(convolutions)}."
        )
    for drawing, layers in zip(drawings, described, strict=True):
        count = sum(layer.parameters for layer in layers)
        parts.append(f"{_listed(drawing['labels'])}: {count:,} parameters.")
    return " ".join(parts)
