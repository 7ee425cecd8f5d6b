"""A convolutional network as stacks of feature maps and bars of neurons."""

import math

from matplotlib.patches import Rectangle

from spikewatt.figures import style

# All in inches at a width of two columns.
WIDTH = style.TWO_COLUMNS - 0.2
LARGEST, SMALLEST = 0.5, 0.08  # edges of a feature map
SHIFT = 0.018  # of one map against the one behind it
BAR = 0.1  # width of a bar
GAP = 0.085
HALF = 0.62  # of the room for blocks
FILLS = {
    "input": "white",
    "conv": "#8fb8d9",
    "pool": "#d5e4f1",
    "flat": "#f6d9b4",
    "linear": style.ORANGE,
}
FONT = 6.3  # points
LINE = 1.2 * FONT / 72


def draw(axes, row):
    """Draw the blocks of a network with convolutions into `axes`."""
    largest = max(block.shape[1] for block in row if len(block.shape) == 3)
    sizes = [_size(block, largest) for block in row]
    free = WIDTH - sum(
        _slot(block, size) for block, size in zip(row, sizes, strict=True)
    )
    # Deep networks need more than the page: everything shrinks alike.
    total = WIDTH - min(0.0, free)
    font = FONT * WIDTH / total
    x, space = 0.0, max(0.0, free) / len(row)
    before = None
    for block, size in zip(row, sizes, strict=True):
        slot = _slot(block, size) + space
        centre = x + slot / 2
        _block(axes, block, centre, size)
        _words(axes, block, centre, font)
        if before is not None:
            _arrow(axes, before, centre - size[0] / 2)
        before, x = centre + size[0] / 2, x + slot
    axes.set_xlim(0, total)
    axes.set_ylim(-HALF - 0.36, HALF + 0.36)
    axes.set_aspect("equal")


def _maps(block):
    """How many maps are drawn: more for more channels, and few enough to be seen."""
    return round(1 + math.log2(block.shape[0]))


def _edge(pixels, largest):
    return SMALLEST + (LARGEST - SMALLEST) * math.sqrt(pixels / largest)


def _size(block, largest):
    """Width and height of a block in inches."""
    if len(block.shape) == 1:
        return BAR, min(2 * HALF, 0.15 + 0.12 * math.log2(block.shape[0] + 1))
    depth = SHIFT * (_maps(block) - 1)
    return tuple(_edge(pixels, largest) + depth for pixels in block.shape[:0:-1])


def _slot(block, size):
    """The room a block needs: its own or its words' width, and a gap."""
    longest = max(len(line) for line in (*block.above, *block.below))
    return max(size[0], 0.0078 * FONT * longest) + GAP


def _block(axes, block, centre, size):
    width, height = size
    left, bottom = centre - width / 2, -height / 2
    if len(block.shape) == 1:
        axes.add_patch(_rectangle(left, bottom, width, height, block.kind))
        return
    count = _maps(block)
    depth = SHIFT * (count - 1)
    for number in range(count):
        shift = depth - SHIFT * number
        axes.add_patch(
            _rectangle(
                left + shift,
                bottom + shift,
                width - depth,
                height - depth,
                block.kind,
                zorder=2 + number / count,
            )
        )


def _rectangle(left, bottom, width, height, kind, zorder=2):
    return Rectangle(
        (left, bottom),
        width,
        height,
        facecolor=FILLS[kind],
        edgecolor=style.INK,
        linewidth=0.6,
        zorder=zorder,
    )


def _words(axes, block, centre, font):
    common = {"ha": "center", "va": "baseline", "fontsize": font}
    for number, line in enumerate(reversed(block.above)):
        axes.text(centre, HALF + 0.06 + LINE * number, line, **common)
    for number, line in enumerate(block.below, start=1):
        axes.text(centre, -HALF - 0.04 - LINE * number, line, **common)


def _arrow(axes, start, end):
    axes.annotate(
        "",
        (end, 0),
        (start, 0),
        arrowprops={
            "arrowstyle": "-|>,head_length=0.25,head_width=0.12",
            "color": style.GREY,
            "linewidth": 0.7,
            "shrinkA": 0.5,
            "shrinkB": 0.5,
        },
    )
