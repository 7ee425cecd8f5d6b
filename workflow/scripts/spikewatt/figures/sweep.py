"""Figure of our own: accuracy and cost against the values that an experiment sweeps."""

import itertools
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from spikewatt.figures import series, style
from spikewatt.figures.axes import far_apart, legend_columns, logarithmic, say
from spikewatt.figures.saving import Caption
from spikewatt.network.describe import spoken
from spikewatt.results import devices, measured, quantities, stats

HEIGHT, LINE = 2.5, 0.18  # inches: of a row, of a line of the legend
MOST_TICKS = 8  # numbers on an axis; with more values, not each has its own
# Of the lines of one colour after all colours were used, and of networks not swept.
DASHES = ("-", "--", "-.", ":")
ACROSS = ((0, (6, 2)), (0, (1, 1)), (0, (4, 1, 1, 1)), (0, (4, 1, 1, 1, 1, 1)))
# What a swept setting is called on an axis; the others by their own name.
WORDS = {
    "steps": "time steps",
    "beta": "decay rate β",
    "threshold": "threshold θ",
    "levels": "levels of activation",
    "weight_bits": "bits of a weight",
    "width": "relative width",
    "bin_us": "time bin / µs",
    "filter_time_us": "filter time / µs",
}


@dataclass(frozen=True)
class Cost:
    """A quantity of a run: its name in `measured`, and the words for it."""

    stage: str
    name: str
    axis: str
    unit: str

    def of(self, run):
        """The run's value; NaN where it was not measured."""
        row = measured.ROW_OF[self.stage](run)
        return float(row.get(self.name, np.nan))


ACCURACY = Cost("test", "test_accuracy_pct", "test accuracy / %", "%")
TIME = Cost("train", "mean_epoch_time_s", "time per epoch / s", "s")
ENERGIES = [
    Cost(one.stage, one.name, f"{one.words} / {one.unit}", one.unit)
    for one in quantities.ENERGIES
]


@dataclass(frozen=True)
class Side:
    """What one device computed: its runs by network, and their estimates."""

    device: str
    groups: dict
    values: dict

    @classmethod
    def of(cls, runs, shown):
        """Of runs of one device; shown: the `Cost` of each panel."""
        groups = {g[0].network: g for g in measured.by_network(runs).values()}
        values = {n: [estimate(g, what) for what in shown] for n, g in groups.items()}
        known = filter(None, map(devices.device, runs))
        return cls(next(known, ""), groups, values)


@style.styled
def draw(runs, title, points):
    """A row of three panels for each value of what is swept third; (Figure, Caption).

    Runs of unlike devices have rows of their own.

    runs: of one experiment and stack; title: of the experiment; points: {network:
    {setting: value}} of its sweep, in order. The first setting with several values is
    the horizontal axis, the second one has a line a value. Other networks of the
    experiment are lines across.
    """
    x, by, others = roles(points)
    shown = [ACCURACY, TIME, _energy(runs)]
    sides = [Side.of(part, shown) for part in devices.parts(runs)]
    parts = dict.fromkeys(_part(point, others) for point in points.values())
    rows = list(itertools.product(sides, parts))
    figure, legend = Figure(layout="constrained"), {}
    grid = figure.subplots(len(rows), len(shown), squeeze=False, sharex=True)
    for axes, (side, row) in zip(grid, rows, strict=True):
        own = {n: p for n, p in points.items() if _part(p, others) == row}
        for handle in (
            *_row(axes, own, (x, by), side.values),
            *_across(axes, points, side),
        ):
            legend.setdefault(handle.get_label(), handle)
        where = [_told(row, others), side.device if len(sides) > 1 else ""]
        axes[0].set_title(", ".join(filter(None, where)), loc="left")
        for axis, what in zip(axes, shown, strict=True):
            axis.set_ylabel(what.axis)
    _finish(grid, points, x)
    handles = list(legend.values())
    columns = legend_columns(handles, style.TWO_COLUMNS) if handles else 1
    lines = -(-len(handles) // columns)
    figure.set_size_inches(style.TWO_COLUMNS, HEIGHT * len(rows) + LINE * lines)
    if handles:
        figure.legend(handles=handles, loc="outside lower center", ncols=columns)
    return figure, _caption(title, points, (x, by, others), shown, sides)


def roles(points):
    """(setting of the axis, setting of the lines or None, the others) of a sweep.

    points: as of `draw`. Settings with one value come last: they tell nothing apart.
    """
    settings = list(next(iter(points.values())))
    counts = {
        word: len({repr(point[word]) for point in points.values()}) for word in settings
    }
    ordered = sorted(settings, key=lambda word: counts[word] == 1)
    second = ordered[1] if len(ordered) > 1 else None
    return ordered[0], second, ordered[2:]


def estimate(group, what):
    """(mean, half width of its 95 % interval or None) over a network's seeds.

    The mean is NaN where no run has the value; an interval too wide to say anything is
    left out, as elsewhere.
    """
    estimated = stats.mean_ci([what.of(run) for run in group])
    mean, half, _ = series.shown(what.name, *estimated)
    return np.nan if mean is None else mean, half


def _energy(runs):
    """The first of ENERGIES that any run has; without any the first."""
    for what in ENERGIES:
        if any(np.isfinite(what.of(run)) for run in runs):
            return what
    return ENERGIES[0]


def _part(point, words):
    """The values of these settings of a point; as text, since some are mappings."""
    return tuple(spoken(point[word]) for word in words)


def _told(values, words):
    named = zip(words, values, strict=True)
    return ", ".join(f"{WORDS.get(word, word)} {value}" for word, value in named)


def places(points, word):
    """{value as text: place on the axis}: numbers themselves, else 0, 1, 2, …"""
    known = {spoken(point[word]): point[word] for point in points.values()}
    if all(isinstance(value, int | float) for value in known.values()):
        return dict(sorted(known.items(), key=lambda item: item[1]))
    return {text: number for number, text in enumerate(known)}


def _row(axes, points, words, values):
    """Draw the lines of one row of panels; returns what stands for them."""
    x, by = words
    lines = {}
    for network, point in points.items():
        lines.setdefault(spoken(point[by]) if by else "", []).append(network)
    where, handles = places(points, x), []
    for number, (text, networks) in enumerate(lines.items()):
        label = f"{WORDS.get(by, by)} {text}" if by else "networks of the sweep"
        networks = [n for n in networks if n in values]
        networks.sort(key=lambda n: where[spoken(points[n][x])])
        for place, axis in enumerate(axes):
            line = _line(axis, number, label, networks, where, points, x, values, place)
        handles.append(line)
    return handles


def _line(axis, number, label, networks, where, points, x, values, place):
    found = [values[network][place] for network in networks]
    return axis.errorbar(
        [where[spoken(points[network][x])] for network in networks],
        [mean for mean, _ in found],
        yerr=[np.nan if half is None else half for _, half in found],
        label=label,
        color=style.colour(number),
        marker=style.marker(number),
        markersize=style.size(number),
        linewidth=style.width(number),
        linestyle=DASHES[number // len(style.COLOURS) % len(DASHES)],
        elinewidth=1,
        capsize=2,
    )


def _across(axes, points, side):
    """Lines across of the networks that are not swept; returns what stands for them."""
    handles = []
    for network in [name for name in side.groups if name not in points]:
        look = {
            "color": style.GREY,
            "lw": 1.2,
            "ls": ACROSS[len(handles) % len(ACROSS)],
        }
        look["label"] = side.groups[network][0].label
        for axis, (mean, _) in zip(axes, side.values[network], strict=True):
            line = axis.axhline(mean, **look)
        handles.append(line)
    return handles


def _finish(grid, points, x):
    """Axes: the swept values where there are few; words where nothing is measured."""
    where = places(points, x)
    for axis in grid.flat:
        drawn = [y for line in axis.lines for y in np.atleast_1d(line.get_ydata())]
        if not np.isfinite(np.array(drawn, dtype=float)).any():
            say(axis, "not measured yet", 18)
            continue
        axis.margins(x=0.08)
        if far_apart([*where.values()]):
            logarithmic(axis.xaxis)
        if len(where) <= MOST_TICKS:
            axis.xaxis.set_major_locator(FixedLocator(list(where.values())))
            axis.xaxis.set_major_formatter(FixedFormatter(list(where)))
            axis.xaxis.set_minor_locator(NullLocator())
    for axis in grid[-1]:
        axis.set_xlabel(WORDS.get(x, x.replace("_", " ")))


def _caption(title, points, words, shown, sides):
    x, by, others = words
    known = [(n, g, side.values[n]) for side in sides for n, g in side.groups.items()]
    groups = [group for _, group, _ in known]
    costs = " and ".join(what.axis.partition(" / ")[0] for what in shown[1:])
    parts = [f"Test accuracy, {costs} against {WORDS.get(x, x)}"]
    parts[0] += f", a line for each {WORDS.get(by, by)}" if by else ""
    parts[0] += f", a row for each {' and '.join(others)}." if others else "."
    if any(name not in points for name, _, _ in known):
        parts.append("Lines across are the experiment's other networks.")
    if len(sides) > 1:
        parts.append("Each device has rows of its own.")
    parts += series.interval_note([len(group) for group in groups])
    lost = [g[0].label for _, g, found in known if not np.isfinite(found[0][0])]
    notes = [f"Without a whole test: {', '.join(lost)}."] if lost else []
    notes += series.notes_on(groups)
    alt = [_spoken(group[0].label, shown, found) for _, group, found in known]
    return Caption(
        f"{title}: what is swept", " ".join(parts), " ".join(alt), None, notes
    )


def _spoken(label, shown, found):
    told = [
        f"{series.number(mean)} {what.unit}"
        for what, (mean, _) in zip(shown, found, strict=True)
        if np.isfinite(mean)
    ]
    return f"{label}: {', '.join(told) or 'no values'}."
