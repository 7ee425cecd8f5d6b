"""What it costs each rival of an experiment to reach an accuracy, target by target."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spikewatt.figures import series, style
from spikewatt.figures.axes import (
    far_apart,
    fewer_numbers,
    logarithmic,
    say,
)
from spikewatt.figures.saving import Caption
from spikewatt.results import notes, rivals
from spikewatt.results.rival_costs import TRAINING_ENERGIES

TITLE = "What it costs to reach an accuracy"
CAPTION = (
    "Cost of the epochs until validation accuracy first reaches a target, one block an "
    "experiment: time (left) and {energy} (right), mean over the seeds that reach it. "
    "«never» stands where none does, «2 of 3» where some do. A converted network's "
    "cost is its source's whole training and the conversion."
)
# Inches: of what is no network, of a network.
AROUND, LINE = 1.15, 0.3
DECADES_FROM = 400  # a long axis has numbers at powers of ten alone
APART = 0.19  # of a line, by which the marks of the targets stand off its middle
WORDS = {"paper": "the paper's accuracy", "weakest": "the weakest rival's less a point"}
LOOKS = {
    "paper": {"color": style.ORANGE, "marker": "D", "markersize": 4.5},
    "weakest": {"color": style.BLUE, "marker": "o", "markersize": 5},
}


@style.styled
def draw(runs):
    """A block of two panels an experiment with rivals; returns (Figure, Caption)."""
    fields = rivals.of_runs(runs, compare=False)
    energy = rivals.shown(fields, TRAINING_ENERGIES)
    costs = (("time_s", "time / s"), (energy.name, energy.axis))
    heights = [AROUND + LINE * len(field.rivals) for field in fields] or [2.0]
    figure = Figure(figsize=(style.TWO_COLUMNS, sum(heights)), layout="constrained")
    parts = np.atleast_1d(figure.subfigures(len(heights), 1, height_ratios=heights))
    for part, field in zip(parts, fields, strict=False):
        _block(part, field, costs)
    if not fields:
        say(parts[0].subplots(), "no experiment has more than one pair of networks")
    caption = CAPTION.format(energy=energy.words)
    alt = " ".join(_spoken(field, costs) for field in fields) or "No rivals."
    return figure, Caption(TITLE, caption, alt, notes=_notes(fields))


def _block(part, field, costs):
    """The panels of an experiment, a line a network."""
    panels = part.subplots(1, len(costs), sharey=True)
    asked = [name for name, target in field.targets.items() if target]
    for axis, (cost, words) in zip(panels, costs, strict=True):
        axis.set(xlabel=words, ylim=(len(field.rivals) - 0.5, -0.5))
        axis.grid(True, axis="x")
        axis.grid(False, axis="y")
        axis.tick_params(axis="y", length=0)
        drawn = [_target(axis, field, name, cost) for name in asked]
        _scale(axis, [end for ends in drawn for end in ends])
    labels = [rival.label for rival in field.rivals]
    panels[0].set_yticks(range(len(labels)), labels)
    panels[0].set_title(field.name)
    handles = [_handle(name, field.targets[name]) for name in asked]
    if handles:
        part.legend(handles=handles, loc="outside lower center", ncols=len(handles))


def _target(axis, field, name, cost):
    """Marks and words of a target; returns all costs that are drawn."""
    alone = None in field.targets.values()
    off = 0 if alone else APART * (-1 if name == "paper" else 1)
    drawn = []
    for line, rival in enumerate(field.rivals):
        found = rival.to[name, cost]
        if found.mean is not None:
            half = series.shown(cost, found.mean, found.half, found.n)[1] or 0
            axis.errorbar(
                found.mean,
                line + off,
                xerr=half or None,
                elinewidth=1,
                capsize=1.5,
                linestyle="none",
                **LOOKS[name],
            )
            drawn += [found.mean - half, found.mean + half]
        elif found.never:
            _at_the_edge(axis, line + off, name)
        if words := _how_many(found):
            _beside(axis, line + off, words)
    return drawn


def _at_the_edge(axis, line, name):
    """A hollow mark on the right edge: it tells which target is never reached."""
    look = LOOKS[name] | {"markerfacecolor": "white", "zorder": 3, "clip_on": False}
    axis.plot(1, line, transform=axis.get_yaxis_transform(), **look)


def _how_many(found):
    """«never», «2 of 3», «not measured», or nothing where all seeds have it."""
    if found.never:
        return "never"
    if found.mean is None:
        return "not measured"
    whole = found.reached == found.seeds
    return "" if whole else f"{found.reached} of {found.seeds}"


def _beside(axis, line, text):
    """Words to the right of the axes."""
    axis.annotate(
        text,
        (1, line),
        (6, 0),
        xycoords=axis.get_yaxis_transform(),
        textcoords="offset points",
        va="center_baseline",
        annotation_clip=False,
        fontsize=6.5,
    )


def _scale(axis, drawn):
    if not drawn:
        axis.set_xticks([])
    elif far_apart(drawn):
        axis.set_xlim(min(drawn) / 1.25, max(drawn) * 1.25)
        logarithmic(axis.xaxis)
        fewer_numbers(axis.xaxis, beyond=DECADES_FROM)
    else:
        axis.set_xlim(0, 1.08 * max(drawn))


def _handle(name, target):
    label = f"to {WORDS[name]}, {target.pct:.2f} %"
    return Line2D([], [], linestyle="none", label=label, **LOOKS[name])


def _spoken(field, costs):
    (cost, _), *_ = costs
    told = []
    for name, target in field.targets.items():
        if target is None:
            continue
        parts = [_said(rival, rival.to[name, cost]) for rival in field.rivals]
        told.append(f"To {target.words}: {'; '.join(parts)}.")
    return f"{field.name}. {' '.join(told)}"


def _said(rival, found):
    if found.mean is None:
        return f"{rival.label} {_how_many(found)}"
    seeds = "" if found.reached == found.seeds else f" ({_how_many(found)} seeds)"
    return f"{rival.label} {series.number(found.mean)} s{seeds}"


def _notes(fields):
    """Where a target is from, gaps and flags: sentences."""
    everyone = rivals.everyone(fields)
    runs = [run for rival in everyone for run in rival.group]
    told = [
        f"{field.name}: {' and '.join(t.words for t in field.targets.values() if t)}."
        for field in fields
        if any(field.targets.values())
    ]
    told += series.interval_note([len(rival.group) for rival in everyone])
    told += [note.text for note in notes.flags(runs, "train", mark="")]
    return (*told, *(note.text for note in notes.conditions(runs)))
