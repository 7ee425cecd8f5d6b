"""Estimates: how seldom a spiking network must fire to be worth it, by model."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spikewatt.energy import compute, davidson, published, yan
from spikewatt.figures import style
from spikewatt.figures.axes import fewer_numbers, logarithmic, say
from spikewatt.figures.estimates import look, name
from spikewatt.figures.saving import Caption
from spikewatt.results import estimated, operations

TITLE = "Estimate: spike rates below which a spiking network would win, by model"
CAPTION = (
    "Below a line a spiking network would take less energy than a dense network of the "
    "same shape (Yan: than its quantised twin), by that model; marks are the networks "
    "of this config. A rate is spikes per synapse and time step; Yan's is per neuron. "
    "No model has control, leakage or links off the chip. Models whose lines depend on "
    "the network, and chips, are not drawn."
)
STEPS = np.geomspace(1, 1000, 200)
LEAST_RATE = 0.0005
HEIGHT = 3.6


def lines():
    """(label, spikes per synapse and inference, style) of models that have a line."""
    dashes = {"int32": "-", "int8": "--", "fp32": "-.", "fp16": ":"}
    found = [
        (f"arithmetic, {form}, 45 nm", compute.break_even(form, "45nm"), *look)
        for form, *look in ((form, style.GREY, dash) for form, dash in dashes.items())
    ]
    found.append(
        ("Davidson and Furber, 22 nm", davidson.break_even(), style.PURPLE, "-")
    )
    for end, dash in (("high", "--"), ("low", ":")):
        value = published.number(f"dampfhoffer_{end}")
        words = "most" if end == "high" else "least"
        label = f"Dampfhoffer, {words} favourable reuse"
        found.append((label, value, style.GREEN, dash))
    return found


@style.styled
def draw(runs):
    """Spike rate against time steps, lines and marks; returns (Figure, Caption)."""
    shown = [one for one in estimated.networks(runs) if one.group[0].spiking]
    figure = Figure(figsize=(style.TWO_COLUMNS, HEIGHT), layout="constrained")
    axis = figure.subplots()
    if shown:
        handles = [*_curves(axis), *_points(axis, shown)]
        figure.legend(handles=handles, loc="outside right center")
        for side in (axis.xaxis, axis.yaxis):
            logarithmic(side)
        least = min(LEAST_RATE, *(rate(one) / 2 for one in shown if rate(one)))
        axis.set(xlim=(STEPS[0], STEPS[-1]), ylim=(least, 1))
        axis.set(xlabel="time steps", ylabel="spikes per synapse and step")
        axis.set_title("Estimates: below a line the spiking network would win")
        for side in (axis.xaxis, axis.yaxis):
            fewer_numbers(side)
        axis.grid(True, which="major")
    else:
        say(axis, "no spiking network was tested yet")
    alt = " ".join(_spoken(one) for one in shown) or "No rates."
    return figure, Caption(TITLE, CAPTION, alt, notes=tuple(operations.missing(runs)))


def _curves(axis):
    handles = []
    for label, synapse, colour, dash in lines():
        line_look = {"color": colour, "linestyle": dash, "linewidth": 1.2}
        axis.plot(STEPS, synapse / STEPS, **line_look)
        handles.append(Line2D([], [], label=label, **line_look))
    steps = np.arange(1, int(STEPS[-1]) + 1)
    rates = np.array([yan.break_even(int(t)) for t in steps])
    events = rates <= yan.HIGHEST_RATE
    line_look = {"color": style.INK, "linestyle": "-", "linewidth": 1.2}
    axis.plot(steps[events], rates[events], **line_look)
    label = f"Yan, {yan.WEIGHT_BITS}-bit weights, 22 nm"
    return [*handles, Line2D([], [], label=label, **line_look)]


def _points(axis, shown):
    handles = []
    for number, one in enumerate(shown):
        larger = look(number) | {"markersize": 8, "markeredgecolor": "white"}
        axis.plot([one.steps], [rate(one)], zorder=4, **larger)
        handles.append(Line2D([], [], label=name(one), **larger))
    return handles


def rate(one):
    """Spikes per synapse and time step of a network."""
    return one.spikes_per_synapse / one.steps


def _spoken(one):
    below = [label for label, line, *_ in lines() if one.spikes_per_synapse < line]
    return (
        f"{name(one)}: {rate(one):.3g} spikes per synapse and step at {one.steps:.4g} "
        f"steps, below the lines of: {', '.join(below) or 'none'}."
    )
