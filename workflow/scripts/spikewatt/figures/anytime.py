"""How early the spiking networks could have answered, and after how many spikes."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator

from spikewatt.figures import series, style
from spikewatt.figures.axes import fewer_numbers, legend_columns, logarithmic, say
from spikewatt.figures.saving import Caption
from spikewatt.results import anytime, measured, stats

TITLE = "Answers at any time"
CAPTION = (
    "Test accuracy of the answer after each time step (left) and over the mean spikes "
    "of all layers until then (right), one row an experiment. A mark is the first step "
    "after which 99 % of the answers change no more. Lines across are networks without "
    "spikes, which answer once. Means over seeds. Where they come close to 100 %, the "
    "axis widens towards it."
)
HEIGHT, LINE = 2.3, 0.18  # inches: of a row, of a line of the legend
SETTLED_PCT = 99
# Of the axis of accuracies: from which one on it widens towards 100 %, which lies at a
# finite place by so much more.
NEAR_PCT, TOP_PCT, MARGIN = 90, 100.1, 0.05
TICKS = (0, 20, 40, 60, 80, 90, 95, 97, 98, 99, 99.5, 99.9)
DASHES = ("--", ":", "-.", (0, (6, 2)), (0, (1, 1)), (0, (4, 1, 1, 1, 1, 1)))


@style.styled
def draw(runs):
    """A row of two panels an experiment; (Figure, Caption)."""
    groups = list(measured.by_network(runs).values())
    courses = {_key(group): anytime.mean_by_step(group) for group in groups}
    names = list(
        dict.fromkeys(g[0].experiment for g in groups if courses[_key(g)] is not None)
    )
    rows, legends = max(1, len(names)), 0
    figure = Figure(layout="constrained")
    parts = np.atleast_1d(figure.subfigures(rows, 1))
    alts = []
    for part, name in zip(parts, names, strict=False):
        own = [group for group in groups if group[0].experiment == name]
        legends += _row(part, name, own, courses)
        alts += [_spoken(group, courses[_key(group)]) for group in own]
    if not names:
        say(parts[0].subplots(), "no spiking network was tested yet")
    figure.set_size_inches(style.TWO_COLUMNS, rows * HEIGHT + LINE * legends)
    told = anytime.missing(runs)
    alt = " ".join(filter(None, alts))
    return figure, Caption(TITLE, CAPTION, alt or "No course.", notes=tuple(told))


def _row(part, name, groups, courses):
    """Draw an experiment; returns the lines of its legend."""
    by_step, by_spikes = part.subplots(1, 2, sharey=True)
    handles, silent, spikes = [], 0, []
    for group in groups:
        course = courses[_key(group)]
        if course is not None:
            handles.append(_course(by_step, by_spikes, group, course))
            spikes += list(course["spikes_per_sample"])
        elif (accuracy := _accuracy(group)) is not None:
            handles.append(_across(by_step, by_spikes, group, accuracy, silent))
            silent += 1
    by_step.set(title=name, xlabel="time steps", ylabel="test accuracy / %")
    _towards_100(by_step)
    by_step.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    by_spikes.set(xlabel="spikes per sample, all layers")
    if min(spikes) > 0 and max(spikes) > 8 * min(spikes):
        logarithmic(by_spikes.xaxis)
        fewer_numbers(by_spikes.xaxis)
    columns = legend_columns(handles, style.TWO_COLUMNS)
    part.legend(handles=handles, loc="outside lower center", ncols=columns)
    return -(-len(handles) // columns)


def _course(by_step, by_spikes, group, course):
    """The lines of a spiking network; returns what stands for it in the legend."""
    position = group[0].position
    look = {"color": style.colour(position), "lw": style.width(position)}
    mark = {"marker": style.marker(position), "ms": style.size(position)}
    settled = [int((course["settled_pct"] >= SETTLED_PCT).to_numpy().argmax())]
    for axis, column in ((by_step, "step"), (by_spikes, "spikes_per_sample")):
        (line,) = axis.plot(
            *(course[column], course["accuracy_pct"]),
            **(look | mark),
            markevery=settled,
            label=group[0].label,
        )
    return line


def _towards_100(axis):
    """By powers of ten of what lacks to 100 %, where a network comes within a tenth.

    All that networks differ in lies above 90 % then: a tenth of an even axis.
    """
    shown = np.concatenate([line.get_ydata() for line in axis.lines])
    if shown.max() <= NEAR_PCT:
        return
    axis.set_yscale("function", functions=(_scaled, _unscaled))
    ends = _scaled(np.array([shown.min(), shown.max()]))
    margin = MARGIN * (ends[1] - ends[0])
    low, high = _unscaled(ends + [-margin, margin])
    axis.set_ylim(low, high)
    axis.set_yticks([tick for tick in TICKS if low <= tick <= high])
    axis.yaxis.set_major_formatter("{x:g}")
    axis.yaxis.set_minor_locator(NullLocator())


def _scaled(pct):
    return -np.log10(np.maximum(TOP_PCT - pct, TOP_PCT - 100))


def _unscaled(value):
    return TOP_PCT - 10.0**-value


def _across(by_step, by_spikes, group, accuracy, number):
    """The lines of a network without spikes; returns what stands for it."""
    look = {"color": style.colour(group[0].position), "lw": 1.2, "marker": ""}
    look |= {"ls": DASHES[number % len(DASHES)], "label": group[0].label}
    by_spikes.axhline(accuracy, **look)
    return by_step.axhline(accuracy, **look)


def _accuracy(group):
    """The mean test accuracy of a network without spikes; None for others."""
    tested = [run for run in group if run.test is not None and not run.spiking]
    values = [series.cell(run.test, "test_accuracy_pct") for run in tested]
    return stats.mean_ci(values)[0] if values else None


def _spoken(group, course):
    if course is None:
        accuracy = _accuracy(group)
        told = None if accuracy is None else f"{series.number(accuracy)} %"
        return told and f"{_name(group)}: {told} at once."
    settled = int((course["settled_pct"] >= SETTLED_PCT).to_numpy().argmax())
    first, last = course.iloc[0], course.iloc[-1]
    return (
        f"{_name(group)}: {series.number(first['accuracy_pct'])} % after 1 step, "
        f"{series.number(last['accuracy_pct'])} % after {last['step']:.0f} with "
        f"{series.number(last['spikes_per_sample'])} spikes; {SETTLED_PCT} % of the "
        f"answers settled after {course['step'][settled]:.0f}."
    )


def _name(group):
    return f"{group[0].experiment}, {group[0].label}"


def _key(group):
    return group[0].experiment, group[0].network
