"""Figure of our own: the time of every epoch, and its spread, of all networks."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spikewatt import paper
from spikewatt.figures import series, style
from spikewatt.figures.axes import far_apart, logarithmic, say
from spikewatt.figures.saving import Caption
from spikewatt.results import devices, measured

HEIGHT = 4.9
# Inches of a network's place and of a letter under it.
ROOM, LETTER = 6.4, 0.056
SPREAD = 0.56  # width of a network's points, of the room it has
REACH = 0.4  # of the lines across a network, to either side
TITLE = "Time of every epoch"
CAPTION = (
    "Training and validation of an epoch together; every epoch of every seed is a "
    "point, in their order from left to right. (A) in seconds, with the median "
    "(black){paper}. (B) against the network's own median: the "
    "box is the middle half, the whiskers reach to the shortest and longest epoch."
)


@style.styled
def draw(runs):
    """All epochs of each network, side by side; returns (Figure, Caption)."""
    groups = devices.networks(runs)
    names, extra = _names(groups)
    size = (style.TWO_COLUMNS, HEIGHT + extra)
    figure = Figure(figsize=size, layout="constrained")
    seconds, relative = figure.subplots(2, 1, sharex=True)
    seen, stated, spans = [], [], []
    for place, group in enumerate(groups):
        times = _times(group)
        known = times[np.isfinite(times)]
        seen += known.tolist()
        stated += _paper(seconds, place, group[0])
        if known.size:
            _in_seconds(seconds, place, group[0].position, times)
            _against_median(relative, place, group[0].position, times)
        spans.append(_words(group[0], known))
    _finish(seconds, relative, groups, [*seen, *stated])
    _name(relative, names, extra)
    _explain(figure, bool(stated))
    mean = " and the paper's mean (dashed)" if stated else ""
    alt = f"Time per epoch: {'; '.join(spans)}."
    told = tuple(series.notes_on(groups))
    return figure, Caption(TITLE, CAPTION.format(paper=mean), alt, notes=told)


def _times(group):
    """Seconds, a row per run and a column per epoch; NaN where not measured."""
    tables = [measured.epoch_times(run) for run in group if run.epochs is not None]
    times = np.full((len(tables), max(map(len, tables), default=0)), np.nan)
    for row, table in zip(times, tables, strict=True):
        row[: len(table)] = table
    return times


def _in_seconds(axis, place, position, times):
    _points(axis, place, position, times)
    middle = np.nanmedian(times)
    axis.hlines(middle, place - REACH, place + REACH, color=style.INK, linewidth=1.2)


def _against_median(axis, place, position, times):
    known = times[np.isfinite(times)]
    axis.boxplot(
        known / np.median(known),
        positions=[place],
        widths=SPREAD + 0.16,
        whis=(0, 100),
        showfliers=False,
        manage_ticks=False,
        boxprops={"color": style.GREY, "linewidth": 0.9},
        whiskerprops={"color": style.GREY, "linewidth": 0.9},
        capprops={"color": style.GREY, "linewidth": 0.9},
        medianprops={"color": style.INK, "linewidth": 1.2},
        zorder=2,
    )
    _points(axis, place, position, times / np.median(known))


def _points(axis, place, position, values):
    """Points in the order of epochs; those of several seeds stand one over another."""
    offsets = np.linspace(-SPREAD / 2, SPREAD / 2, values.shape[1] + 2)[1:-1]
    axis.scatter(
        np.broadcast_to(place + offsets, values.shape),
        values,
        s=9,
        marker=style.marker(position),
        facecolor=style.colour(position),
        edgecolor="white",
        linewidth=0.3,
        zorder=3,
    )


def _paper(axis, place, run):
    """The paper's mean as a short dashed line; returns it in a list, if it has one."""
    value = paper.value("train", run.experiment, run.network, "mean_epoch_time_s")
    if value is None:
        return []
    axis.hlines(
        value,
        place - REACH,
        place + REACH,
        color=style.colour(run.position),
        linewidth=1,
        linestyle=(0, style.PAPER_DASH),
    )
    return [value]


def _words(run, known):
    name = f"{run.experiment} {run.label}"
    if not known.size:
        return f"{name} no values"
    ends = [series.number(value) for value in (known.min(), known.max())]
    middle = series.number(np.median(known))
    return f"{name} median {middle} s, from {ends[0]} to {ends[1]} s"


def _finish(seconds, relative, groups, seen):
    seconds.set_title("(A) Time per epoch")
    seconds.set_ylabel("time / s")
    relative.set_title("(B) Spread")
    relative.set_ylabel("time / median")
    relative.set_xlim(-0.6, len(groups) - 0.4)
    for axis in (seconds, relative):
        axis.tick_params(axis="x", length=0)
        _separate(axis, groups)
    if seen and far_apart(seen):
        logarithmic(seconds.yaxis)
    elif seen:
        seconds.set_ylim(0, max(seen) * 1.1 or 1)
    if not relative.collections:
        say(relative, "no network was trained yet")


def _names(groups):
    """What stands under each network, and how many inches it takes beside the usual.

    «SNN» over «exp1» where that fits; else upright, «exp1, SNN».
    """
    stacked = [f"{group[0].label}\n{group[0].experiment}" for group in groups]
    room = ROOM / max(1, len(groups))
    longest = max(
        (len(line) for name in stacked for line in name.split("\n")), default=0
    )
    if longest * LETTER < room:
        return stacked, 0.0
    names = [f"{group[0].experiment}, {group[0].label}" for group in groups]
    return names, max(map(len, names)) * LETTER


def _name(axis, names, extra):
    axis.set_xticks(range(len(names)), names, rotation=90 if extra else 0)


def _explain(figure, published):
    handles = [Line2D([], [], color=style.INK, linewidth=1.2, label="median")]
    if published:
        dashed = {"color": style.GREY, "linestyle": (0, style.PAPER_DASH)}
        handles.append(Line2D([], [], label="paper's mean", linewidth=1, **dashed))
    figure.legend(handles=handles, loc="outside upper right", ncols=2)


def _separate(axis, groups):
    """A faint line between experiments."""
    for place in range(1, len(groups)):
        if groups[place][0].experiment != groups[place - 1][0].experiment:
            axis.axvline(place - 0.5, color=style.FAINT, linewidth=0.7)
