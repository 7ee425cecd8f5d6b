"""Figures 10 to 12: an experiment's accuracy, time, memory and power."""

import textwrap

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from spikewatt import paper
from spikewatt.figures import panels, series, style
from spikewatt.figures.axes import far_apart, legend_columns, logarithmic, say
from spikewatt.figures.saving import Caption
from spikewatt.results import devices

# Inches: of all but the legend's lines beyond two, and of each of those.
HEIGHT, LINE = 4.9, 0.15
TRAINING = {"linewidth": 0.9, "linestyle": (0, (2, 1.2)), "markerfacecolor": "white"}
# With more networks than this, the legend explains the look of training once for all.
FEW = 2


@style.styled
def draw(runs, number, title):
    """The four panels of one experiment; returns (Figure, Caption).

    runs: those of the experiment, as `results.runs.read_all` gives them, of one
    stack; number: of the figure in the paper, or None; title: of the experiment.
    """
    groups = devices.networks(runs)
    handles = _handles(groups)
    columns = _columns(groups, handles)
    lines = -(-len(handles) // columns)
    size = (style.TWO_COLUMNS, HEIGHT + LINE * max(0, lines - 2))
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(2, 2)
    alts = [_accuracy(axes[0, 0], groups)]
    shown = panels.chosen(groups)
    for axis, panel in zip((axes[0, 1], axes[1, 0], axes[1, 1]), shown, strict=True):
        alts.append(_quantity(axis, panel, groups))
    figure.legend(handles=handles, loc="outside upper center", ncols=columns)
    words = _caption(groups, shown), " ".join(alts)
    told = *panels.why(shown, groups), *series.notes_on(groups)
    return figure, Caption(title, *words, number, told)


def _accuracy(axis, groups):
    """Panel A: training dashed and hollow, validation solid. Returns its alt text."""
    axis.set_title("(A) Accuracy")
    axis.set_ylabel("accuracy / %")
    ends, empty = [], []
    for group in groups:
        training = series.per_epoch(group, "train_accuracy_pct")
        validation = series.per_epoch(group, "val_accuracy_pct")
        _line(axis, training, group[0].position, training=True)
        _line(axis, validation, group[0].position)
        if validation.present:
            verb = "at" if ends else "ends at"
            ends.append(f"{group[0].label} {verb} {validation.last:.1f} %")
        else:
            reason = series.why_empty(group, "val_accuracy_pct")
            empty.append((group[0].label, reason))
    _finish(axis, empty, len(groups))
    if not ends:
        return "Validation accuracy per epoch: no values."
    return f"Validation accuracy per epoch; {', '.join(ends)}."


def _quantity(axis, panel, groups):
    """Panels B to D: one line a network. Returns the alt text."""
    axis.set_title(f"({panel.letter}) {panel.title}")
    axis.set_ylabel(panel.axis)
    means, empty, seen = [], [], []
    for group in groups:
        quantity = series.per_epoch(group, panel.column)
        if not quantity.present:
            reason = series.why_empty(group, panel.column)
            empty.append((group[0].label, reason))
            continue
        _line(axis, quantity, group[0].position)
        edges = np.concatenate([quantity.mean, quantity.mean + quantity.half])
        seen += [*edges[np.isfinite(edges)]]
        average = f"{series.number(quantity.average)}{panel.unit}"
        means.append(f"{group[0].label} {average}")
    if means:
        seen += _paper_lines(axis, panel, groups)
        _scale(axis, seen)
    _finish(axis, empty, len(groups))
    if not means:
        return f"{panel.title}: {_shared_reason(empty)}."
    return f"{panel.title}, mean over epochs: {', '.join(means)}."


def _line(axis, values, position, training=False):
    if not values.present:
        return
    colour = style.colour(position)
    # With many epochs marks would touch.
    every = max(1, len(values.epochs) // 15)
    axis.plot(
        values.epochs,
        values.mean,
        color=colour,
        marker=style.marker(position),
        markevery=every,
        markersize=style.size(position),
        markeredgewidth=0.8,
        zorder=2 if training else 3,
        **(TRAINING if training else {"linewidth": style.width(position)}),
    )
    if values.banded:
        low, high = values.mean - values.half, values.mean + values.half
        axis.fill_between(
            values.epochs, low, high, color=colour, alpha=0.18, linewidth=0
        )


def _paper_lines(axis, panel, groups):
    """Draw the paper's means; returns their values."""
    stated = []
    for group in groups:
        first = group[0]
        value = paper.value("train", first.experiment, first.network, panel.paper)
        if value is None:
            continue
        # Shifted dashes leave two lines of one height both visible.
        dash, gap = style.PAPER_DASH
        shift = (dash + gap) / len(groups) * first.position
        axis.axhline(
            value,
            color=style.colour(first.position),
            linewidth=0.9,
            linestyle=(shift, style.PAPER_DASH),
            zorder=1.5,
        )
        stated.append(value)
    return stated


def _scale(axis, seen):
    """From zero; logarithmic where values lie far apart."""
    low, high = min(seen), max(seen)
    if far_apart(seen):
        logarithmic(axis.yaxis)
        axis.set_ylim(low / 1.5, high * 1.5)
    else:
        axis.set_ylim(0, high * 1.12 or 1)


def _finish(axis, empty, networks):
    """The epochs' axis, and what is said of networks without values."""
    if len(empty) == networks:
        say(axis, _shared_reason(empty))
        return
    axis.set_xlabel("epoch")
    axis.xaxis.set_major_locator(
        MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10])
    )
    low, high = axis.get_xlim()
    if high - low < 1:  # a single epoch
        axis.set_xlim(low - 0.5, high + 0.5)
    if empty:
        lines = [textwrap.fill(text, 62) for text in _by_reason(empty)]
        axis.set_xlabel("\n".join(["epoch", *lines]))


def _shared_reason(empty):
    reasons = dict.fromkeys(why for _, why in empty)
    if len(reasons) == 1:
        return next(iter(reasons))
    return "; ".join(_by_reason(empty))


def _by_reason(empty):
    """«ANN, CNN: why», a text for each reason."""
    labels = {}
    for label, why in empty:
        labels.setdefault(why, []).append(label)
    return [f"{', '.join(names)}: {why}" for why, names in labels.items()]


def _handles(groups):
    """The legend: validation and training of each network, and the paper's means."""
    handles = []
    for group in groups:
        look = _look(group[0].position)
        wide = style.width(group[0].position)
        label = group[0].label
        handles.append(Line2D([], [], linewidth=wide, label=label, **look))
        if len(groups) <= FEW:
            text = f"{label}, training"
            handles.append(Line2D([], [], label=text, **look | TRAINING))
    if len(groups) > FEW:
        grey = _look(0) | {"color": style.GREY, "markersize": 3.4}
        handles.append(Line2D([], [], label="training", **grey | TRAINING))
    if _published(groups):
        dashed = {"linewidth": 0.9, "linestyle": (0, style.PAPER_DASH)}
        look = {"color": style.GREY, "label": "paper's mean"} | dashed
        handles.append(Line2D([], [], **look))
    return handles


def _columns(groups, handles):
    """Columns of the legend: with few networks one each, and one for the paper."""
    if len(groups) <= FEW:
        return len(groups) + _published(groups)
    return legend_columns(handles, style.TWO_COLUMNS)


def _look(position):
    return {
        "color": style.colour(position),
        "marker": style.marker(position),
        "markeredgewidth": 0.8,
        "markersize": style.size(position),
    }


def _published(groups):
    return any(paper.has(group[0].experiment, group[0].network) for group in groups)


def _caption(groups, shown):
    parts = [
        "(A) accuracy on the training (dashed, hollow) and validation part (solid) of "
        f"each epoch; {'; '.join(panels.clauses(shown))}."
    ]
    if _published(groups):
        parts.append(
            "Thin dashed lines: the paper's means, in the colour of their network"
            f"{_without_the_papers(shown)}."
        )
    parts += series.interval_note([len(group) for group in groups])
    return " ".join(parts)


def _without_the_papers(shown):
    """«; none in (C) and (D), …» where panels show what the paper has not."""
    letters = [f"({panel.letter})" for panel in shown if panel.paper is None]
    if not letters:
        return ""
    return f"; none in {' and '.join(letters)}, where the paper has another quantity"
