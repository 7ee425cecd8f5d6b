"""Figure of our own: what each network costs on each stack, and against another."""

import textwrap

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from spikewatt.figures import series, stacks_words, style
from spikewatt.figures.axes import (
    ends,
    far_apart,
    fewer_numbers,
    interval_mark,
    logarithmic,
    say,
)
from spikewatt.results import by_stack, stack_notes

NAMES = {"reference": "reference: snnTorch's loop", "fast": "fast stack"}
# Inches: a line of a network, of a pair of networks, and all around them.
LINE, PAIR, AROUND = 0.27, 0.38, 1.8
LETTERS = 0.115  # inches of a line of letters
# Letters of a name on one line, and of a line of one that takes several.
LONGEST_LABEL, LONGEST_LINE = 20, 24
# A whisker is cut where it would shrink the panel's values to this part of the axis.
WIDEST = 2.5
PAPER_DASH = (2, 1.2)  # short, so that it is seen beside a mark that covers it
NARROW = 24  # letters of a line in an empty panel


@style.styled
def draw(runs):
    """Cost of each network, and ratios within experiments; (Figure, Caption).

    runs: of one stack or both; a stack that was not run is named in the legend.
    """
    every = by_stack.rows(runs)
    rows = [row for row in every if row.quantity.role in stacks_words.ROLES]
    unloaded = {_of(row): row for row in every if row.quantity.role == "compute"}
    costs, ratios = (
        [
            [r for r in rows if r.quantity.role == role and bool(r.against) == pair]
            for role in stacks_words.ROLES
        ]
        for pair in (False, True)
    )
    heights = [_height(costs[0], LINE), _height(ratios[0], PAIR)]
    size = (style.TWO_COLUMNS, sum(heights) + AROUND)
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(2, len(stacks_words.ROLES), height_ratios=heights)
    present = [stack for stack in by_stack.STACKS if stack in {r.stack for r in runs}]
    for column in range(len(stacks_words.ROLES)):
        parts = unloaded if stacks_words.ROLES[column] == "time" else {}
        _costs(panels[0][column], costs[column], "ABC"[column], present, parts)
        _ratios(panels[1][column], ratios[column], "DEF"[column], present, parts)
    for row, part in zip(panels, (costs, ratios), strict=True):
        _name(row[0], part[0])
    handles = _handles(present, rows, unloaded)
    figure.legend(handles=handles, loc="outside upper center", ncols=2)
    return figure, stacks_words.caption(runs, rows, every)


def _of(row):
    return row.experiment, row.label


def _costs(axis, rows, letter, present, unloaded):
    """The panel of a quantity: a line per network, from reference to fast.

    unloaded: of a panel of times, the rows without loading, by what they are of.
    """
    if not rows:
        say(axis, "no network in these runs", NARROW)
        return
    quantity = rows[0].quantity
    _head(axis, letter, stacks_words.capital(quantity.words))
    axis.set_xlabel(f"{quantity.words.removeprefix('peak ')} / {quantity.unit}")
    if _nothing(rows):
        say(axis, series.why_empty(rows[0].runs, quantity.column), NARROW)
    else:
        _fill(axis, rows, unloaded)
        _beside(axis, rows, present, "fast / ref.", stacks_words.factor)
    _separate(axis, rows)


def _ratios(axis, rows, letter, present, unloaded):
    """The panel of a quantity's ratios, a line per pair; unloaded: as of `_costs`."""
    if not rows:
        say(axis, "no network is compared with another", NARROW)
        return
    _head(axis, letter, "Ratio")
    axis.set_xlabel(f"ratio of {rows[0].quantity.words}")
    if _nothing(rows):
        say(axis, "no pair of networks was measured", NARROW)
    else:
        _fill(axis, rows, unloaded)
        axis.axvline(1, color=style.GREY, linewidth=0.8, zorder=1)
        for line, row in enumerate(rows):
            if row.paper is not None:
                axis.vlines(row.paper, line - 0.4, line + 0.4, **_dashed())
        _beside(axis, rows, present, "ref. → fast", stacks_words.both)
    _separate(axis, rows)


def _head(axis, letter, words):
    axis.set_title(f"({letter}) {words}", pad=15)


def _nothing(rows):
    return not any(part.n for row in rows for part in row.stacks.values())


def _fill(axis, rows, unloaded):
    """Marks of both stacks with intervals, joined by a line, on a fitting axis.

    A bar stands where the reference would be without waiting for its samples.
    """
    bars = [_without_loading(unloaded.get(_of(row))) for row in rows]
    left, right, wide = _limits(rows, [bar for bar in bars if bar])
    axis.set_xlim(left, right)
    if wide:
        logarithmic(axis.xaxis)
        axis.xaxis.set_major_formatter(FuncFormatter(_short))
        fewer_numbers(axis.xaxis)
    axis.grid(True, axis="x")
    for line, row in enumerate(rows):
        known = {stack: part for stack, part in row.stacks.items() if part.n}
        joined = [part.value for part in known.values()]
        axis.plot(joined, [line] * len(joined), color=style.GREY, linewidth=1, zorder=2)
        for stack, part in known.items():
            _mark(axis, line, row, stack, part)
        if bars[line]:
            axis.plot(bars[line], line, **_bar(_look(row, "reference")["color"]))


def _without_loading(row):
    """The reference's time, or ratio of times, without loading; None if unknown."""
    part = None if row is None else row.stacks["reference"]
    return part.value if part is not None and part.n else None


def _bar(colour):
    look = {"marker": "|", "markersize": 9, "markeredgewidth": 1.6}
    return look | {"color": colour, "linestyle": "none", "zorder": 5}


def _mark(axis, line, row, stack, part):
    low, high = ends(part)
    if axis.get_xscale() == "log":  # what is 0 or less lies far to the left
        low = max(low, axis.get_xlim()[0] / 10)
    look = {"elinewidth": 0.9, "zorder": 3 if stack == "reference" else 4}
    look |= _look(row, stack)
    interval_mark(axis, part.value, line, low, high, capsize=2, **look)


def _short(value, _):
    """A number of a narrow axis: 0.5, 20, 500, 2k."""
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"


def _look(row, stack):
    """Colour and mark say the network; filling and size say the stack."""
    colour = style.INK if row.against else style.colour(row.position)
    filled = stack == "fast"
    return {
        "color": colour,
        "marker": "D" if row.against else style.marker(row.position),
        "markersize": 3.8 if filled else 6,
        "markerfacecolor": colour if filled else "white",
        "markeredgewidth": 1.1,
        "linestyle": "none",
    }


def _limits(rows, bars):
    """(left, right, whether logarithmic): all values, and whiskers within reason."""
    parts = [part for row in rows for part in row.stacks.values() if part.n]
    values = [*(part.value for part in parts), *bars]
    if rows[0].against:
        values += [1.0, *(row.paper for row in rows if row.paper is not None)]
    whiskers = [e for part in parts for e in (part.low, part.high) if e is not None]
    low, high = min(values), max(values)
    top = min(max([high, *whiskers]), high * WIDEST)
    if not far_apart(values):
        return 0.0, top * 1.08 or 1.0, False
    bottom = max(min([low, *whiskers]), low / WIDEST)
    return bottom / 1.35, top * 1.35, True


def _beside(axis, rows, present, heading, words):
    """A column of numbers to the right of a panel, one a row."""
    both = len(present) == len(by_stack.STACKS)
    side = {"color": style.INK, "fontsize": 6.5, "annotation_clip": False}
    axis.annotate(
        heading if both else present[0],
        (1.03, 1),
        (0, 4),
        xycoords="axes fraction",
        textcoords="offset points",
        **side | {"color": style.GREY},
    )
    for line, row in enumerate(rows):
        known = any(part.n for part in row.stacks.values())
        text = (words if both else stacks_words.only)(row) if known else "not measured"
        where = axis.get_yaxis_transform()
        axis.annotate(text, (1.03, line), xycoords=where, va="center", **side)


def _separate(axis, rows):
    """Lines of equal height, from the top, with a faint line between experiments."""
    axis.set(ylim=(len(rows) - 0.5, -0.5), yticks=[])
    axis.grid(False, axis="y")
    for line in range(1, len(rows)):
        if not rows[0].against and rows[line].experiment != rows[line - 1].experiment:
            axis.axhline(line - 0.5, color=style.FAINT, linewidth=0.7, zorder=1)


def _name(axis, rows):
    """The names of networks, or pairs, at the left of the first panel."""
    labels = list(map(_on_lines, rows))
    axis.set_yticks(range(len(rows)), labels)
    axis.tick_params(axis="y", length=0)


def _height(rows, least):
    """Inches of the panels of rows: as high as the longest name asks for."""
    lines = max((_on_lines(row).count("\n") + 1 for row in rows), default=1)
    return max(1, len(rows)) * max(least, LETTERS * (lines + 0.5))


def _on_lines(row):
    """The name of a row; where that of a pair is long, on a line for each network."""
    name = f"{row.experiment}  {stack_notes.marked(row, 'train')}"
    if not row.against or len(name) <= LONGEST_LABEL:
        return textwrap.fill(name, LONGEST_LINE)
    mark = name.removeprefix(f"{row.experiment}  {row.label}")
    parts = f"{row.experiment}  {row.labels[0]}", f"/ {row.labels[1]}{mark}"
    return "\n".join(textwrap.fill(part, LONGEST_LINE) for part in parts)


def _dashed():
    dash = (0, PAPER_DASH)
    return {"color": style.PURPLE, "linewidth": 1.4, "linestyle": dash, "zorder": 2}


def _handles(present, rows, unloaded):
    """What filling, bars and dashes mean; a stack that was not run says so."""
    handles = []
    for stack in by_stack.STACKS:
        run = stack in present
        colour = style.INK if run else style.FAINT
        handles.append(
            Line2D(
                [],
                [],
                color=colour,
                marker="o",
                markersize=4.5 if stack == "fast" else 6,
                markerfacecolor=colour if stack == "fast" else "white",
                linestyle="none",
                label=NAMES[stack] if run else f"{NAMES[stack]} (was not run)",
            )
        )
    if any(map(_without_loading, unloaded.values())):
        label = "reference without loading"
        handles.append(Line2D([], [], label=label, **_bar(style.INK)))
    if any(row.against and row.paper is not None for row in rows):
        dashed = {key: _dashed()[key] for key in ("color", "linewidth", "linestyle")}
        handles.append(Line2D([], [], label="the paper's ratio", **dashed))
    return handles
