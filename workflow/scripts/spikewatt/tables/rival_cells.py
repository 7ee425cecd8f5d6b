"""The cells of the table of rivals: numbers with intervals, or why there is none."""

import math
from functools import partial

from spikewatt.results import latency, rivals, to_accuracy
from spikewatt.results.converted import COSTS
from spikewatt.results.missing import why_empty
from spikewatt.results.notes import about
from spikewatt.results.rival_costs import (
    INFERENCE_ENERGIES,
    MEMORIES,
    TRAINING_ENERGIES,
    training,
)
from spikewatt.results.stages import ANYTIME, OPERATIONS
from spikewatt.results.table import EMPTY, signed, spread
from spikewatt.results.useful import no_interval, useful

TARGET_HEADS = {
    "paper": "To the paper's accuracy",
    "weakest": "To the weakest's less a point",
}
ACCURACY = "test_accuracy_pct"
ALIKE = 1e-9
NO_PAPER = "the paper has no network on these data with these layers"


def columns(fields):
    """(heading, function of the table, field and rival that gives the cell) each."""
    energy = rivals.shown(fields, TRAINING_ENERGIES)
    single = rivals.shown(fields, INFERENCE_ENERGIES)
    memory = rivals.shown(fields, MEMORIES)
    costs = (("time_s", "time / s"), (energy.name, energy.heading))
    return [
        (
            "Test accuracy / %",
            _mean("test_accuracy_pct", _empty("test", "test_accuracy_pct"), digits=2),
        ),
        ("Compared with", lambda made, field, rival: _partner(rival)),
        ("Difference / points", _difference),
        ("Verdict", lambda made, field, rival: rival.difference.verdict or EMPTY),
        ("Training / s", _training("time_s")),
        (energy.heading, _training(energy.name, energy.scale)),
        *(
            (f"{words}: {of_cost}", _to(target, cost))
            for target, words in TARGET_HEADS.items()
            for cost, of_cost in costs
        ),
        ("Latency, median / ms", _of_single("latency_median_ms")),
        ("95th percentile / ms", _of_single("latency_p95_ms")),
        (single.heading, _of_single(single.name, single.scale)),
        (memory.heading, _mean(memory.name, _empty("train", memory.column))),
        ("Parameters / kB", _mean("parameter_bytes", _no_file(OPERATIONS), 1e3)),
        ("Spikes or zeros", _activity),
    ]


def _mean(name, why, unit=1, digits=None):
    """Cells of a mean; why: the note on why a run has none."""

    def cell(made, field, rival):
        text = _shown(name, rival.mean(name), unit, digits, len(rival.group))
        return _or_why(made, text, map(why, rival.group))

    return cell


def _or_why(made, text, reasons):
    """A cell, with the marks of its reasons where it is empty."""
    if text != EMPTY:
        return text
    return " ".join([EMPTY, *dict.fromkeys(map(made.note, reasons))])


def _empty(stage, column):
    """Why a run has no number in a column of a stage's file, as a function of it."""
    return partial(why_empty, stage=stage, column=column)


def _training(cost, unit=1):
    """Cells of a cost of the whole training."""
    return _mean(training(cost), partial(_why_training, cost=cost), unit)


def _why_training(run, cost):
    if run.epochs is not None and math.isnan(to_accuracy.before(run, cost)):
        what = f"the training that it was converted from has no {COSTS[cost][0]}"
        return about("empty", run.name, f"{what}.")
    return why_empty(run, "train", COSTS[cost][0])


def _no_file(stage):
    """A note on a run whose file of a part of the test is not whole."""
    return lambda run: about("empty", run.name, f"no whole {stage.numbers}.")


def _of_single(name, unit=1):
    """Cells of what was measured a sample at a time."""

    def cell(made, field, rival):
        text = _shown(name, rival.mean(name), unit, None, len(rival.group))
        return _or_why(made, text, _why_single(rival))

    return cell


def _why_single(rival):
    """Notes on why a network has no latency, or no energy beside it."""
    name = f"{rival.group[0].experiment}/{rival.group[0].network}"
    for run in rival.group:
        if why := latency.why_empty(run) or latency.why_no_joules(run):
            yield about("not measured", name, f"{why}.")
        else:
            yield why_empty(run, "test", "cpu_energy_j")


def _to(target, cost):
    """Cells of what it costs to reach a target."""

    def cell(made, field, rival):
        found = rival.to[target, cost]
        if found is None:
            why = NO_PAPER if target == "paper" else "no network was trained"
            return f"{EMPTY} {made.note(about('empty', field.name, f'{why}.'))}"
        if found.never:
            return f"never (0 of {found.seeds})"
        text = _shown(cost, (found.mean, found.half, found.n))
        if text != EMPTY and found.reached < found.seeds:
            return f"{text} ({found.reached} of {found.seeds} seeds)"
        reasons = (_why_training(run, cost) for run in rival.group)
        return _or_why(made, text, reasons)

    return cell


def _partner(rival):
    return rival.partner[0].label if rival.partner else EMPTY


def _difference(made, field, rival):
    one = rival.difference
    if one.mean is None:
        return EMPTY
    says = useful(ACCURACY, one.half, one.mean)
    text = spread(one.mean, one.half if says else None, 2, signed)
    return text if says else f"{text} ({no_interval(one.n)})"


def _activity(made, field, rival):
    """«412 spikes» of a spiking network, «63 % zeros» of another's hidden neurons."""
    name = "spikes_per_sample" if rival.spiking else "hidden_sparsity"
    text = _shown(name, rival.mean(name), *((1, None) if rival.spiking else (0.01, 1)))
    if text != EMPTY:
        return f"{text} spikes" if rival.spiking else f"{text} % zeros"
    stage = ANYTIME if rival.spiking else OPERATIONS
    return _or_why(made, text, map(_no_file(stage), rival.group))


def _shown(name, estimate, unit=1, digits=None, seeds=None):
    """A mean for people with its interval, in `unit`s of the CSV's.

    seeds: how many there are, where fewer having the number is to be said.
    """
    mean, half, n = estimate
    if mean is None:
        return EMPTY
    says = useful(name, half, mean)
    # Seeds that are all alike, but for rounding, have no interval.
    half = half / unit if half and says and half > ALIKE * abs(mean) else None
    digits = _digits(mean / unit, half) if digits is None else digits
    text = spread(mean / unit, half, digits)
    if not says:
        return f"{text} ({no_interval(n)})"
    return text if seeds in (None, n) else f"{text} (n = {n})"


def _digits(value, half):
    """Decimals that leave three digits (584, 81.2, 0.0128), and one of the interval."""
    shown = [max(0, 2 - _power(value))] if value else [0]
    if half:
        shown.append(min(shown[0] + 2, -_power(half)))
    return max(shown)


def _power(value):
    """The power of ten of a value's first digit."""
    return math.floor(math.log10(abs(value)))
