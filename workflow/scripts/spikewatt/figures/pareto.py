"""Accuracy against each cost of an experiment's rivals, and who is beaten in both."""

import math
from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spikewatt.figures import series, style
from spikewatt.figures.axes import (
    far_apart,
    fewer_numbers,
    legend_columns,
    logarithmic,
    say,
)
from spikewatt.figures.saving import Caption
from spikewatt.results import latency, notes, pareto, rivals
from spikewatt.results.rival_costs import (
    INFERENCE_ENERGIES,
    MEMORIES,
    TRAINING_ENERGIES,
    RivalCost,
    training,
)

TITLE = "Accuracy against what it costs, rival by rival"
CAPTION = (
    "Test accuracy of each network against one cost a panel, one block an experiment. "
    "Hollow marks are dominated: another network costs no more and is at least as "
    "accurate. The grey line joins the others. A converted network's training is its "
    "source's and the conversion."
)
ROWS, COLUMNS = 2, 3
HEIGHT, LINE = 3.9, 0.18  # inches: of a block without its legend, of a line of that
ACCURACY = "test_accuracy_pct"
# Words that would be too long for a panel.
SHORT = {"inference_cpu_s": "CPU time, inference"}


@style.styled
def draw(runs):
    """A block of panels an experiment with rivals; returns (Figure, Caption)."""
    fields = rivals.of_runs(runs, compare=False)
    costs = costs_of(fields)
    figure = Figure(layout="constrained")
    handles = [list(map(_handle, field.rivals)) for field in fields]
    columns = [legend_columns(one, style.TWO_COLUMNS) for one in handles]
    lines = [
        math.ceil(len(one) / number)
        for one, number in zip(handles, columns, strict=True)
    ]
    heights = [HEIGHT + LINE * number for number in lines] or [HEIGHT]
    figure.set_size_inches(style.TWO_COLUMNS, sum(heights))
    parts = np.atleast_1d(figure.subfigures(len(heights), 1, height_ratios=heights))
    for part, field, own, number in zip(parts, fields, handles, columns, strict=False):
        _block(part, field, costs)
        part.legend(handles=own, loc="outside lower center", ncols=number)
    if not fields:
        say(parts[0].subplots(), "no experiment has more than one pair of networks")
    alt = " ".join(_spoken(field, cost) for field in fields for cost in costs)
    return figure, Caption(TITLE, CAPTION, alt or "No rivals.", notes=_notes(fields))


def costs_of(fields):
    """The costs that are shown of all these experiments, a `RivalCost` each."""
    energy = rivals.shown(fields, TRAINING_ENERGIES)
    words = f"{energy.words}, training"
    single = rivals.shown(fields, INFERENCE_ENERGIES)
    return [
        RivalCost(training("time_s"), "training time", "s"),
        replace(energy, name=training(energy.name), words=words),
        rivals.shown(fields, MEMORIES),
        RivalCost("latency_median_ms", "latency, median", "ms"),
        replace(single, words=SHORT.get(single.name, single.words)),
        RivalCost("parameter_bytes", "parameters", "kB", 1e3),
    ]


def points(field, cost):
    """(rivals, points) of those that have both numbers: (cost, accuracy), means."""
    found = [
        (rival, (rival.mean(cost.name)[0] / cost.scale, rival.mean(ACCURACY)[0]))
        for rival in field.rivals
        if None not in (rival.mean(cost.name)[0], rival.mean(ACCURACY)[0])
    ]
    return [rival for rival, _ in found], [point for _, point in found]


def _block(part, field, costs):
    """The panels of an experiment."""
    panels = part.subplots(ROWS, COLUMNS, sharey=True)
    panels[0, 0].set_title(field.name)
    for axis, cost in zip(panels.flat, costs, strict=True):
        axis.set_xlabel(cost.axis)
        _panel(axis, field, cost)
    for axis in panels[:, 0]:
        axis.set_ylabel("test accuracy / %")


def _panel(axis, field, cost):
    shown, placed = points(field, cost)
    if not shown:
        _without(axis, f"{cost.words}: not measured")
        return
    axis.grid(True, axis="x")
    axis.margins(x=0.1, y=0.12)
    front = [placed[index] for index in pareto.front(placed)]
    axis.plot(*zip(*front, strict=True), color=style.FAINT, lw=1, marker="", zorder=1)
    for rival, point, beaten in zip(
        shown, placed, pareto.dominated(placed), strict=True
    ):
        _mark(axis, rival, cost, point, beaten)
    if far_apart([x for x, _ in placed]):
        logarithmic(axis.xaxis)
        fewer_numbers(axis.xaxis)
    else:
        axis.locator_params(axis="x", nbins=4)


def _without(axis, words):
    """Words in an empty panel, whose vertical axis the others share."""
    axis.set_xticks([])
    axis.grid(False)
    look = {"transform": axis.transAxes, "ha": "center", "va": "center"}
    axis.text(0.5, 0.5, words, color=style.GREY, **look)


def _mark(axis, rival, cost, point, beaten):
    axis.errorbar(
        *point,
        xerr=_half(rival, cost.name, cost.scale),
        yerr=_half(rival, ACCURACY),
        elinewidth=0.9,
        capsize=1.5,
        zorder=2 if beaten else 3,
        **look(rival) | ({"markerfacecolor": "white"} if beaten else {}),
    )


def _half(rival, name, scale=1.0):
    """Half the width of an interval; None without one that says something."""
    _, half, _ = series.shown(name, *rival.mean(name))
    return half / scale if half else None


def look(rival):
    """Colour and mark of a rival, as in all figures."""
    position = rival.group[0].position
    return {
        "color": style.colour(position),
        "marker": style.marker(position),
        "markersize": 5.5,
        "markeredgewidth": 1.1,
        "linestyle": "none",
    }


def _handle(rival):
    return Line2D([], [], label=rival.label, **look(rival))


def _spoken(field, cost):
    shown, placed = points(field, cost)
    if not shown:
        return f"{field.name}, {cost.words}: not measured."
    best = [
        f"{shown[i].label} {placed[i][1]:.2f} % at {series.number(placed[i][0])} "
        f"{cost.unit}"
        for i in pareto.front(placed)
    ]
    return f"{field.name}, {cost.words}, not dominated: {'; '.join(best)}."


def _notes(fields):
    """What is missing, and what a reader must know of the runs: sentences."""
    everyone = rivals.everyone(fields)
    runs = [run for rival in everyone for run in rival.group]
    told = [*_without_latency(everyone)]
    told += series.interval_note([len(rival.group) for rival in everyone])
    told += [note.text for note in notes.flags(runs, *notes.ALL_STAGES, mark="")]
    return (*told, *(note.text for note in notes.conditions(runs)))


def _without_latency(everyone):
    """A sentence for each reason why networks have no latency."""
    absent = {}
    for rival in everyone:
        if why := latency.why_empty(rival.group[0]):
            name = f"{rival.group[0].experiment}, {rival.label}"
            absent.setdefault(why, {})[name] = None
    for why, names in absent.items():
        yield f"Without a latency: {'; '.join(names)}: {why}."
