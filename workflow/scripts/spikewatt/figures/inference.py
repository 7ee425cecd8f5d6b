"""Figure of our own: test accuracy against what an inference costs."""

import math
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spikewatt.figures import series, style
from spikewatt.figures.axes import far_apart, logarithmic, say
from spikewatt.figures.saving import Caption
from spikewatt.results import devices, stats
from spikewatt.results.pairs import pairs

# Inches: at least, and for each network in the legend.
HEIGHT, LINE = 3.3, 0.19
# (quantity, unit of the axis, per unit of the CSV)
ENERGY = ("gpu_energy_j", "GPU energy per inference / mJ", "mJ", 1e3)
TIME = ("test_time_s", "test time per inference / ms", "ms", 1e3)
# How much of a mark is filled, by experiment.
FILLINGS = ("full", "none", "left", "top", "right", "bottom")


@dataclass(frozen=True)
class Point:
    """One network: mean and half width over seeds of cost and accuracy."""

    name: str
    experiment: str
    network: str
    position: int
    cost: tuple  # (mean, half width or None)
    accuracy: tuple  # (mean, half width or None), %


@style.styled
def draw(runs):
    """Accuracy against energy per inference, or against time; (Figure, Caption).

    Energy is the axis where it was measured for every network that was tested, so
    that all points mean the same; else time is.
    """
    groups = devices.networks(runs)
    tested = [group for group in groups if any(run.test is not None for run in group)]
    quantity = _quantity(tested)
    placed = [_point(group, quantity) for group in tested]
    points = [point for point in placed if point is not None]
    size = (style.TWO_COLUMNS, max(HEIGHT, LINE * (len(points) + 1)))
    figure = Figure(figsize=size, layout="constrained")
    axis = figure.subplots()
    axis.set(xlabel=quantity[1], ylabel="test accuracy / %")
    axis.grid(True, axis="x")
    experiments = list(dict.fromkeys(group[0].experiment for group in groups))
    for point in points:
        _draw(axis, point, experiments.index(point.experiment))
    compared = [pair for part in devices.parts(runs) for pair in pairs(part)]
    _connect(axis, points, compared)
    _scale(axis, points)
    handles = [_handle(p, experiments.index(p.experiment)) for p in points]
    if handles:
        figure.legend(handles=handles, loc="outside right center", labelspacing=0.9)
    else:
        say(axis, "no network was tested yet")
    return figure, _caption(points, quantity, groups)


def per_inference(run, quantity):
    """A test's energy or time for one sample, in the unit of the axis; NaN if unknown.

    quantity: ENERGY or TIME.
    """
    if run.test is None:
        return math.nan
    total, samples = (
        series.cell(run.test, quantity[0]),
        series.cell(run.test, "samples"),
    )
    return total / samples * quantity[3] if samples > 0 else math.nan


def _quantity(tested):
    known = [
        any(not math.isnan(per_inference(run, ENERGY)) for run in group)
        for group in tested
    ]
    return ENERGY if known and all(known) else TIME


def _point(group, quantity):
    tested = [run for run in group if run.test is not None]
    cost = stats.mean_ci([per_inference(run, quantity) for run in tested])
    accuracy = stats.mean_ci([series.cell(r.test, "test_accuracy_pct") for r in tested])
    if None in (cost[0], accuracy[0]):
        return None
    first = group[0]
    names = (_name(first), first.experiment, first.network, first.position)
    return Point(*names, cost[:2], accuracy[:2])


def _name(run):
    return f"{run.experiment}, {run.label}"


def _look(position, experiment):
    """Colour and mark say the network, as elsewhere; the filling the experiment."""
    return {
        "color": style.colour(position),
        "marker": style.marker(position),
        "fillstyle": FILLINGS[experiment % len(FILLINGS)],
        "markerfacecoloralt": "white",
        "markersize": 7,
        "markeredgewidth": 1.4,
        "linestyle": "none",
    }


def _draw(axis, point, experiment):
    axis.errorbar(
        point.cost[0],
        point.accuracy[0],
        xerr=point.cost[1],
        yerr=point.accuracy[1],
        elinewidth=1,
        capsize=2,
        zorder=3,
        **_look(point.position, experiment),
    )


def _connect(axis, points, compared):
    """A faint line between a network and the one it is compared with."""
    known = {point.name: point for point in points}
    for groups in compared:
        keys = [_name(group[0]) for group in groups]
        if all(key in known for key in keys):
            axis.plot(
                [known[key].cost[0] for key in keys],
                [known[key].accuracy[0] for key in keys],
                color=style.FAINT,
                linewidth=1,
                zorder=2,
            )


def _scale(axis, points):
    costs = [point.cost[0] for point in points]
    axis.margins(x=0.08, y=0.12)
    axis.set_ylim(top=min(axis.get_ylim()[1], 101))
    if costs and far_apart(costs):
        logarithmic(axis.xaxis)


def _handle(point, experiment):
    return Line2D([], [], label=point.name, **_look(point.position, experiment))


def _caption(points, quantity, groups):
    energy = quantity is ENERGY
    what = "GPU energy" if energy else "test time"
    title = f"Accuracy against {'energy' if energy else 'time'} per inference"
    parts = [
        f"Test accuracy of each network against {what} for one sample of the test set, "
        "whole batches and their loading included. A line joins each network with the "
        "one that it is compared with."
    ]
    if not energy and points:
        parts.append(
            "Time stands for energy, which was not measured for every network."
        )
    parts += series.interval_note([len(group) for group in groups])
    drawn = {point.name for point in points}
    names = [f"{group[0].experiment}, {group[0].label}" for group in groups]
    parts += [
        f"{name} has no whole test and is not drawn."
        for name in names
        if name not in drawn
    ]
    listed = [
        f"{p.name} {p.accuracy[0]:.1f} % at {series.number(p.cost[0])} {quantity[2]}"
        for p in points
    ]
    alt = f"Test accuracy against {what} per inference: {'; '.join(listed) or 'none'}."
    return Caption(title, " ".join(parts), alt)
