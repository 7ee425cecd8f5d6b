"""Axes that several figures share."""

import textwrap

from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from spikewatt.figures import style

# Positive values further apart than this factor are drawn on a logarithmic axis.
LOGARITHMIC_FROM = 8


def far_apart(values):
    """Whether `values` call for a logarithmic axis."""
    return min(values) > 0 and max(values) / min(values) >= LOGARITHMIC_FROM


def logarithmic(axis):
    """Give an x or y axis a logarithmic scale with plain numbers at 1, 2 and 5."""
    getattr(axis.axes, f"set_{axis.axis_name}scale")("log")
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=12))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


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
