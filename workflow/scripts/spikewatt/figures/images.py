"""Figure 1: an image of MNIST and one of CIFAR-10."""

import numpy as np
from matplotlib.figure import Figure

from spikewatt.figures import style
from spikewatt.figures.saving import Caption

SIZE = (style.ONE_COLUMN, 2.05)
TITLE = "An image of MNIST and one of CIFAR-10"


@style.styled
def draw(mnist, cifar10, digit=5, label=9):
    """The first training image of a digit beside that of a class; (Figure, Caption).

    mnist, cifar10: prepared data sets (`spikewatt.data.arrays.Images`); class 9 of
    CIFAR-10 is the truck, sample data has classes of its own.
    """
    figure = Figure(figsize=SIZE, layout="constrained")
    left, right = figure.subplots(1, 2)
    first = _first(mnist, digit)
    thing = cifar10.metadata["classes"][label]
    second = _first(cifar10, label)
    _show(left, first, f"(A) MNIST: {digit}")
    _show(right, second, f"(B) CIFAR-10: {thing}")
    text = (
        f"The first training image of MNIST with label {digit} ({_size(first)}) and of "
        f"CIFAR-10 with label {thing} ({_size(second)})."
    )
    alt = (
        f"Left: a handwritten {digit}, bright on black, {_size(first)}. "
        f"Right: a colour image of a {thing}, {_size(second)}."
    )
    return figure, Caption(TITLE, text, alt, 1)


def _first(data, label):
    """The first training image of a class, H×W×C."""
    split = data.split("train")
    indices = np.flatnonzero(np.asarray(split.labels) == label)
    if not indices.size:
        name = data.metadata["dataset"]
        raise ValueError(f"{name} has no training image with label {label}")
    return np.moveaxis(split.images[indices[0]], 0, -1)


def _show(axis, image, title):
    grey = {"cmap": "gray", "vmin": 0, "vmax": 255} if image.shape[-1] == 1 else {}
    axis.imshow(image.squeeze(), interpolation="nearest", **grey)
    height, width = image.shape[:2]
    axis.set_title(title, fontsize=7.5, fontweight="normal")
    axis.set(xticks=[0, width - 1], yticks=[0, height - 1], xlabel="x / pixels")
    axis.grid(False)


def _size(image):
    height, width, channels = image.shape
    return f"{width} × {height} pixels, {'grey' if channels == 1 else 'colour'}"
