"""When an interval is so wide that it says nothing, and is left out in words."""

import math
import re

from spikewatt.results.notes import Note

# Widest 95 % intervals, from end to end, that still say something.
WIDEST_POINTS = 20.0  # of an accuracy, in percentage points
WIDEST_SCORE = 0.2  # of recall and F1, which lie between 0 and 1
SCORES = ("recall", "f1")
WHEN = (
    "So few seeds lie so far apart that the 95 % interval of their mean would be over "
    "20 points wide (an accuracy), or reach down to 0 (a cost)."
)


def useful(name, half, scale):
    """Whether a mean's or a difference's interval says something.

    name: of the quantity in `results.measured`; half: width of the interval to either
    side; scale: the mean, or of a difference the larger of both means. An accuracy's
    may be 20 points wide and a score's 0.2; that of a cost may not reach from the mean
    to 0, which no cost can be. True where there is no interval.
    """
    if half is None or math.isnan(half):
        return True
    if name.endswith("_accuracy_pct"):
        return 2 * half <= WIDEST_POINTS
    if name.startswith(SCORES):
        return 2 * half <= WIDEST_SCORE
    return half < abs(scale)


def useful_ratio(low, high):
    """Whether the interval of a geometric mean ratio says something.

    low and high: its ends, or None without one. On a logarithmic scale no interval
    reaches 0; half a width of 1 there is what a half width as large as the mean, an
    interval down to 0, is on a linear one.
    """
    return low is None or math.log(high / low) < 2


def no_interval(n):
    """What stands in the place of such an interval."""
    return f"n = {n}: no useful interval"


def note_on(made):
    """Add the note to a table that says when intervals are left out, where any is."""
    cells = " ".join(cell for row in made.rows for cell in row)
    for said in dict.fromkeys(re.findall(r"n = \d+: no useful interval", cells)):
        made.note(Note("no interval", f"{said}. {WHEN}", what=said))
