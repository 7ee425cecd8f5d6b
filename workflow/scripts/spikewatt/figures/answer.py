"""The first figure: what a network costs and gains against the one it is held against.

Ratios of time, memory, power and energy on one logarithmic axis, and below it the
difference in test accuracy. It is narrow, so that it can be read on a phone.
"""

import textwrap

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spikewatt.figures import answer_rows, style
from spikewatt.figures.axes import (
    ends,
    fewer_numbers,
    interval_mark,
    logarithmic,
    say,
)
from spikewatt.figures.saving import Caption
from spikewatt.results import notes
from spikewatt.results.protocol import made_up
from spikewatt.results.table import number, signed
from spikewatt.results.useful import no_interval

TITLE = "What each network costs and gains against another"
# Inches: of all, of a row, of a line of a label, of what is no row.
WIDTH, LINE, LETTERS, AROUND = 4.9, 0.19, 0.13, 1.25
LONGEST = 24  # letters of a line of a label
# Where the columns of numbers beside the axes begin, in points from their edge.
OURS_AT, PAPERS_AT = 6, 86
# An axis of ratios reaches at least from 1 / LEAST to LEAST.
LEAST = 1.5
MADE_UP = "The data were made up on the spot: these numbers say nothing about networks."


@style.styled
def draw(runs, source=None):
    """All pairs of networks in one picture; returns (Figure, Caption).

    runs: of one stack; source: of the data, as in the config.
    """
    shown = answer_rows.of_runs(runs)
    rows = sum(1 + len(pair.costs) for pair in shown) or 4
    heights = [rows * LINE, _height(shown)]
    figure = Figure(figsize=(WIDTH, sum(heights) + AROUND), layout="constrained")
    costs, accuracy = figure.subplots(2, 1, height_ratios=heights)
    _costs(costs, shown)
    _accuracies(accuracy, shown)
    if shown:
        handles = _handles(shown)
        figure.legend(handles=handles, loc="outside upper right", ncols=len(handles))
    return figure, _caption(runs, shown, source)


def _costs(axis, shown):
    """Ratios of all pairs, a block of rows each, under the pair's name."""
    axis.set_title("Costs: ratio", pad=13)
    lines, heads = [], []
    for pair in shown:
        heads.append((len(lines), pair))
        lines += [None, *pair.costs]
    rows = list(filter(None, lines))
    if not any(row.n for row in rows):
        say(axis, "no pair of networks was trained here", 40)
        return
    axis.set_xlim(*_limits(rows))
    logarithmic(axis.xaxis)
    fewer_numbers(axis.xaxis)
    axis.axvline(1, color=style.GREY, linewidth=0.9, zorder=1)
    _rows(axis, lines, _ratio, _short)
    labels = [_label(row) if row else "" for row in lines]
    axis.set_yticks(range(len(lines)), labels)
    for line, pair in heads:
        _heading(axis, line, pair.name)
        if line:
            axis.axhline(line - 0.5, color=style.FAINT, linewidth=0.7)
    axis.set_xlabel("network / network that it is compared with")


def _accuracies(axis, shown):
    """Differences in test accuracy, a row a pair."""
    axis.set_title("Test accuracy: difference", pad=13)
    lines = [pair.accuracy for pair in shown]
    if not any(row.n for row in lines):
        say(axis, "no pair of networks was tested here", 40)
        return
    reach = max(0.5, *map(abs, _extent(lines))) * 1.15
    axis.set_xlim(-reach, reach)
    axis.axvline(0, color=style.GREY, linewidth=0.9, zorder=1)
    _rows(axis, lines, _points, lambda value: signed(value, 2))
    axis.set_yticks(range(len(lines)), map(_of_accuracy, shown), weight="bold")
    axis.set_xlabel("difference / percentage points")


def _rows(axis, lines, words, papers):
    """Marks with intervals, the paper's marks, and both in words to the right."""
    axis.set_ylim(len(lines) - 0.5, -0.5)
    axis.grid(False, axis="y")
    axis.grid(True, axis="x")
    axis.tick_params(axis="y", length=0)
    published = any(row and row.paper is not None for row in lines)
    _beside(axis, None, OURS_AT, "this run", color=style.GREY)
    if published:
        _beside(axis, None, PAPERS_AT, "paper", color=style.PURPLE)
    for line, row in enumerate(lines):
        if row is None:
            continue
        if row.n:
            look = {"elinewidth": 1.2, "zorder": 3, **_ours()}
            interval_mark(axis, row.value, line, *ends(row), capsize=2.5, **look)
        if row.paper is not None:
            axis.plot(row.paper, line, **_papers())
            _beside(axis, line, PAPERS_AT, papers(row.paper), color=style.PURPLE)
        _beside(axis, line, OURS_AT, words(row) if row.n else "not measured")


def _extent(rows):
    """All numbers that are drawn of these rows."""
    drawn = [end for row in rows if row.n for end in ends(row)]
    return [*drawn, *(row.paper for row in rows if row.paper is not None)]


def _limits(rows):
    """Ends of the logarithmic axis: all marks and intervals, and 1 within."""
    drawn = _extent(rows)
    return min(1 / LEAST, *drawn) / 1.2, max(LEAST, *drawn) * 1.2


def _ours():
    return {
        "color": style.BLUE,
        "marker": "o",
        "markersize": 4.6,
        "linestyle": "none",
    }


def _papers():
    return {
        "color": style.PURPLE,
        "marker": "D",
        "markersize": 6,
        "markerfacecolor": "none",
        "markeredgewidth": 1.1,
        "linestyle": "none",
        "zorder": 4,
    }


def _ratio(row):
    """«2.81 [2.70, 2.93]»; without an interval that says something «2.81, n = 2»."""
    if row.low is not None:
        return f"{_short(row.value)} [{_short(row.low)}, {_short(row.high)}]"
    return f"{_short(row.value)}, n = {row.n}"


def _short(ratio):
    """A ratio with two decimals, or from 10 and 100 on with one and none."""
    return number(ratio, 2 if ratio < 9.995 else 1 if ratio < 99.95 else 0)


def _points(row):
    """«+0.25 ± 0.11», or «+0.25, n = 1»."""
    middle = signed(row.value, 2)
    if row.low is not None:
        return f"{middle} ± {number(row.high - row.value, 2)}"
    return f"{middle}, n = {row.n}"


def _label(row):
    return f"{row.words} †" if row.flagged else row.words


def _beside(axis, line, points, text, color=style.INK):
    """Words to the right of the axes: at a row, or without one as head of a column."""
    head = line is None
    axis.annotate(
        text,
        (1, 1 if head else line),
        (points, 4 if head else 0),
        xycoords=axis.transAxes if head else axis.get_yaxis_transform(),
        textcoords="offset points",
        va="bottom" if head else "center_baseline",
        annotation_clip=False,
        color=color,
        fontsize=7,
    )


def _heading(axis, line, text):
    """The name of a pair in a row of its own, over the grid's lines."""
    axis.text(
        0.01,
        line,
        text,
        transform=axis.get_yaxis_transform(),
        va="center",
        weight="bold",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
    )


def _of_accuracy(pair):
    """«exp1: SNN − ANN», on several lines where it is long."""
    mark = " †" if pair.accuracy.flagged else ""
    return textwrap.fill(pair.name.replace(" / ", " − ") + mark, LONGEST)


def _height(shown):
    """Inches of the rows of accuracy: as high as the longest label asks for."""
    lines = max((_of_accuracy(pair).count("\n") + 1 for pair in shown), default=1)
    return max(len(shown), 2) * max(LINE, LETTERS * (lines + 0.5))


def _handles(shown):
    """The legend: our mark, and the paper's where it is drawn."""
    rows = [row for pair in shown for row in (*pair.costs, pair.accuracy)]
    ours = "this run"
    if any(row.low is not None for row in rows):
        ours += ", 95 % interval over seeds"
    handles = [Line2D([], [], label=ours, **_ours())]
    if any(row.paper is not None for row in rows):
        handles.append(Line2D([], [], label="the paper", **_papers()))
    return handles


def _caption(runs, shown, source):
    words = [
        "Each network against the one that it is compared with: ratios of what a "
        "training epoch costs (left of 1 is cheaper), and below the difference in test "
        "accuracy in percentage points (right of 0 is better)."
    ]
    rows = [(pair, row) for pair in shown for row in (*pair.costs, pair.accuracy)]
    if any(row.n > 1 for _, row in rows):
        words.append(
            "Bars are 95 % confidence intervals over the seeds that both have."
        )
    if any(row.flagged for _, row in rows):
        words.append("† rests on a flagged measurement.")
    wide = [f"{pair.name}, {row.words}" for pair, row in rows if row.wide]
    if wide:
        n = min(row.n for _, row in rows if row.wide)
        words.append(f"{no_interval(n)}: {'; '.join(wide)}.")
    if made_up(runs, source):
        words.insert(0, MADE_UP)
    told = [
        *answer_rows.stand_ins(shown),
        *(note.text for note in notes.flags(runs, *notes.ALL_STAGES)),
        *(note.text for note in notes.conditions(runs)),
    ]
    alt = " ".join(map(_spoken, shown)) or "No network is compared with another."
    return Caption(TITLE, " ".join(words), alt, notes=tuple(told))


def _spoken(pair):
    """«exp1: SNN / ANN: time per epoch 2.81 (the paper 2.81), …»."""
    parts = [f"{row.words} {_said(row, _ratio, _short)}" for row in pair.costs]
    points = _said(pair.accuracy, _points, lambda value: signed(value, 2))
    return f"{pair.name}: {', '.join(parts)}, test accuracy {points} points."


def _said(row, words, papers):
    text = words(row) if row.n else "not measured"
    return text if row.paper is None else f"{text} (the paper {papers(row.paper)})"
