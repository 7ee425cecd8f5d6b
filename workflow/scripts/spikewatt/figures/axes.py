"""Axes that several figures share."""

import textwrap

from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from spikewatt.figures import style

# Positive values further apart than this factor are drawn on a logarithmic axis.
LOGARITHMIC_FROM = 8
# A logarithmic axis longer than this has numbers at powers of ten alone.
DECADES_FROM = 60


def far_apart(values):
    """Whether `values` call for a logarithmic axis."""
    return min(values) > 0 and max(values) / min(values) >= LOGARITHMIC_FROM


def logarithmic(axis):
    """Give an x or y axis a logarithmic scale with plain numbers at 1, 2 and 5."""
    getattr(axis.axes, f"set_{axis.axis_name}scale")("log")
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=12))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def fewer_numbers(axis, beyond=DECADES_FROM):
    """Leave a long logarithmic axis, whose limits are set, its powers of ten alone.

    beyond: the factor from end to end above which it is long.
    """
    left, right = axis.get_view_interval()
    if right / left > beyond:
        axis.set_major_locator(LogLocator(numticks=12))


def ends(part):
    """The ends of an estimate's interval, or its value twice where it has none."""
    return [part.value if end is None else end for end in (part.low, part.high)]


def interval_mark(axes, value, line, low, high, capsize, **look):
    """A mark at (value, line) with its interval; `look`: as of `Axes.errorbar`."""
    axes.errorbar(
        value,
        line,
        xerr=[[value - low], [high - value]],
        capsize=capsize if high > low else 0,
        **look,
    )


def legend_columns(handles, width):
    """In how many columns the handles' labels fit into `width` inches; at least 1."""
    longest = max(len(handle.get_label()) for handle in handles)
    return max(1, min(len(handles), int(width / (0.058 * longest + 0.5))))


def say(axes, text, width=40):
    """Words in the place of a panel's data, at most `width` letters a line."""
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
    axes.text(
        0.5,
        0.5,
        textwrap.fill(text, width),
        transform=axes.transAxes,
        ha="center",
        va="center",
        color=style.GREY,
    )
