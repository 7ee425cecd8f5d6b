"""Estimates: what each network would cost over its rival, model by model."""

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spikewatt.energy import models
from spikewatt.figures import style
from spikewatt.figures.axes import fewer_numbers, legend_columns, logarithmic, say
from spikewatt.figures.saving import Caption
from spikewatt.results import estimated, operations

TITLE = "Estimate: energy of an inference over its rival's, by model"
CAPTION = (
    "What each spiking network would cost over the network that it is compared with, "
    "by models of other hardware; none of it was measured. Left of 1 the spiking "
    "network wins. No model has control, leakage or links off the chip. Chips of "
    "spiking neurons run no rival and have no ratio."
)
HEIGHT, LINE = 1.1, 0.26  # inches: of all but the models, of a model
SPREAD = 0.6  # of a line that the marks of several pairs take, one below the other


@style.styled
def draw(runs):
    """A line a model, a mark a pair; returns (Figure, Caption)."""
    pairs = [one for one in estimated.networks(runs) if one.spiking and one.ratios()]
    shown = [m for m in models.MODELS if any(m in one.ratios() for one in pairs)]
    size = (style.TWO_COLUMNS, HEIGHT + LINE * max(4, len(shown)))
    figure = Figure(figsize=size, layout="constrained")
    axis = figure.subplots()
    if pairs:
        _marks(axis, pairs, shown)
        handles = [_handle(number, one) for number, one in enumerate(pairs)]
        columns = legend_columns(handles, style.TWO_COLUMNS)
        figure.legend(handles=handles, loc="outside upper center", ncols=columns)
    else:
        say(axis, "no spiking network and its rival were tested yet")
    alt = " ".join(_spoken(one) for one in pairs) or "No estimates."
    return figure, Caption(TITLE, CAPTION, alt, notes=tuple(operations.missing(runs)))


def _marks(axis, pairs, shown):
    axis.axvline(1, color=style.INK, linewidth=1, zorder=1)
    for number, one in enumerate(pairs):
        ratios = one.ratios()
        lines = [line for line, model in enumerate(shown) if model in ratios]
        values = [ratios[shown[line]] for line in lines]
        apart = SPREAD * ((number + 0.5) / len(pairs) - 0.5)
        axis.plot(values, [line + apart for line in lines], **look(number), zorder=3)
    logarithmic(axis.xaxis)
    fewer_numbers(axis.xaxis)
    axis.set_yticks(range(len(shown)), [model.title for model in shown])
    axis.set(ylim=(len(shown) - 0.5, -0.5), xlabel="estimated energy, SNN over rival")
    axis.grid(True, axis="x")


def look(number):
    """How the mark of a config's network or pair, by its number, is drawn."""
    return {
        "color": style.colour(number),
        "marker": style.marker(number),
        "markersize": 6,
        "linestyle": "none",
    }


def name(one):
    """«exp1, SNN»."""
    return f"{one.group[0].experiment}, {one.group[0].label}"


def _handle(number, one):
    return Line2D([], [], label=name(one), **look(number))


def _spoken(one):
    ratios = one.ratios().values()
    favour = sum(ratio < 1 for ratio in ratios)
    return (
        f"{name(one)}: {min(ratios):.2g} to {max(ratios):.2g} times its rival, below 1 "
        f"under {favour} of {len(ratios)} models."
    )
