"""A fully connected network as columns of neurons."""

import math

import numpy as np
from matplotlib.collections import LineCollection

from spikewatt.figures import style

MOST = 10  # neurons drawn of a layer; of a larger one, the first and last of them
GAP = 2  # places left free for the dots of a larger one
STEP = 1.9  # inches between columns; heights are in inches too
HEIGHT = 1.55


def draw(axes, row):
    """Draw the blocks of a dense network into `axes`."""
    row = [block for block in row if block.kind != "flat"]  # the input's own neurons
    largest = max(math.prod(block.shape) for block in row)
    columns = [_column(math.prod(block.shape), largest) for block in row]
    links = [
        [(left * STEP, a), ((left + 1) * STEP, b)]
        for left, (before, after) in enumerate(
            zip(columns[:-1], columns[1:], strict=True)
        )
        for a in before
        for b in after
    ]
    axes.add_collection(
        LineCollection(links, colors=style.FAINT, linewidths=0.35, zorder=1)
    )
    for place, (block, heights) in enumerate(zip(row, columns, strict=True)):
        _neurons(axes, place * STEP, block, heights, last=place == len(row) - 1)
    axes.set_xlim(-0.7, (len(row) - 1) * STEP + 0.7)
    axes.set_ylim(-HEIGHT / 2 - 0.42, HEIGHT / 2 + 0.3)
    axes.set_aspect("equal")


def _column(count, largest):
    """Heights of the neurons that are drawn of a layer of `count`."""
    reach = HEIGHT * (0.6 + 0.4 * math.log(count + 1) / math.log(largest + 1))
    if count <= MOST:
        return np.linspace(reach / 2, -reach / 2, count) if count > 1 else np.zeros(1)
    places = np.linspace(reach / 2, -reach / 2, MOST + GAP)
    half = MOST // 2
    return np.concatenate([places[:half], places[-half:]])


def _neurons(axes, x, block, heights, last):
    count = math.prod(block.shape)
    given = block.kind == "input"
    axes.scatter(
        np.full(len(heights), x),
        heights,
        s=26,
        facecolor="white" if given else style.ORANGE if last else style.BLUE,
        edgecolor=style.INK,
        linewidth=0.7,
        zorder=3,
    )
    if count > MOST:
        dots = np.linspace(-0.055, 0.055, 3)
        axes.scatter(np.full(3, x), dots, s=2, color=style.INK, zorder=3)
    words = " ".join(block.above)
    axes.text(x, HEIGHT / 2 + 0.12, words, ha="center", va="bottom")
    shape = f"{count:,}"
    if len(block.shape) == 3:
        shape += f"\n{' × '.join(map(str, block.shape))}"
    axes.text(x, -HEIGHT / 2 - 0.12, shape, ha="center", va="top")
