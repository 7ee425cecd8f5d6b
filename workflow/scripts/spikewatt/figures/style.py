"""Sizes, colours and marks that all figures share.

The first colours differ in lightness, so that they can be told apart in grey and with
any colour blindness; from the third on, marks tell as well. Each has a contrast of
3 : 1 or more to white.
"""

import functools
from pathlib import Path

import matplotlib.style

FILE = Path(__file__).with_name("spikewatt.mplstyle")

# Widths in inches of one and of two columns of a journal page.
ONE_COLUMN = 3.5
TWO_COLUMNS = 7.16

ORANGE = "#d97700"
BLUE = "#00508f"
GREEN = "#3a8f5c"
PURPLE = "#7a2a6b"
GREY = "#595959"
FAINT = "#bdbdbd"
INK = "#1a1a1a"
PAPER_DASH = (4, 3)  # of the lines that show the paper's numbers, in line widths

# A network of an experiment, by its position there. Neighbours differ in lightness.
COLOURS = (
    ORANGE,
    BLUE,
    GREEN,
    PURPLE,
    "#b8860b",  # ochre
    "#123c2c",  # dark green
    "#c9506f",  # rose
    "#20202e",  # nearly black
)
# More than colours: beyond eight networks these tell those of one colour apart.
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">", "p", "d")


def colour(position):
    """The colour of the network at that position of its experiment."""
    return COLOURS[position % len(COLOURS)]


def marker(position):
    """The mark of the network at that position of its experiment."""
    return MARKERS[position % len(MARKERS)]


def width(position):
    """The width of its line: the first is wider and shows under those that cover it."""
    return 2.4 if position == 0 else 1.2


def size(position):
    """The size of its mark; the first is larger, as its line is wider."""
    return 5.0 if position == 0 else 3.4


def applied():
    """A context in which matplotlib has this style and nothing of the user's."""
    return matplotlib.style.context(["default", FILE])


def styled(function):
    """Decorator: run `function` in this style."""

    @functools.wraps(function)
    def within(*arguments, **named):
        with applied():
            return function(*arguments, **named)

    return within
