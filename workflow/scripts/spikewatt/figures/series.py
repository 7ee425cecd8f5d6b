"""From runs to what is drawn: means over seeds with intervals, and what is missing."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from spikewatt.results import measured, missing, notes, stats
from spikewatt.results.stages import TRAIN
from spikewatt.results.useful import useful

EPOCHS_FILE = TRAIN.numbers


def _busy_cores(run):
    """CPU time of an epoch over its wall time: how many cores were at work."""
    return measured.numbers(run.epochs["cpu_time_s"]) / measured.epoch_times(run)


# What is worked out from columns of epochs.csv, by a name that stands for a column.
DERIVED = {"epoch_time_s": measured.epoch_times, "busy_cores": _busy_cores}


@dataclass(frozen=True)
class Series:
    """A quantity per epoch: `mean` over seeds and `half` width of its 95 % interval.

    Arrays of one length; NaN where nothing was measured, and in `half` where fewer
    than two seeds were or they lie too far apart (`results.useful`).
    """

    epochs: np.ndarray
    mean: np.ndarray
    half: np.ndarray

    @property
    def present(self):
        """Whether any epoch has a value."""
        return bool(np.isfinite(self.mean).any())

    @property
    def banded(self):
        """Whether any epoch has an interval."""
        return bool(np.isfinite(self.half).any())

    @property
    def last(self):
        """The value of the last epoch that has one; NaN without."""
        known = self.mean[np.isfinite(self.mean)]
        return float(known[-1]) if known.size else math.nan

    @property
    def average(self):
        """The mean over epochs; NaN without values."""
        known = self.mean[np.isfinite(self.mean)]
        return float(known.mean()) if known.size else math.nan


def per_epoch(group, column):
    """The `Series` of a column of epochs.csv over the runs of one network.

    column: its name, or one of DERIVED: "epoch_time_s" for training and validation
    together, "busy_cores" for CPU time per wall time.
    """
    tables = [values(run, column) for run in group if run.epochs is not None]
    if not tables:
        return Series(*(np.empty(0) for _ in range(3)))
    wide = pd.concat(tables, axis=1).sort_index()
    rows = [shown(column, *stats.mean_ci(row)) for row in wide.to_numpy(dtype=float)]
    mean, half, _ = (np.array(part, dtype=float) for part in zip(*rows, strict=True))
    return Series(wide.index.to_numpy(dtype=float), mean, half)


def shown(column, mean, half, n):
    """Mean, half width and number; without an interval too wide to say anything."""
    return mean, half if useful(column, half, mean) else None, n


def values(run, column):
    """The numbers of a column of a run by epoch; NaN for what is no number.

    So is a column that the run's file does not have, as RAPL's may be.
    """
    if column in DERIVED:
        numbers = DERIVED[column](run)
    elif column in run.epochs:
        numbers = measured.numbers(run.epochs[column])
    else:
        numbers = pd.Series(math.nan, index=run.epochs.index)
    numbers = pd.Series(numbers.to_numpy(dtype=float), index=run.epochs["epoch"])
    return numbers[~numbers.index.duplicated()]


def cell(row, column):
    """A number of test.csv's row; NaN for what is no number."""
    return float(pd.to_numeric(row[column], errors="coerce"))


def why_empty(group, column):
    """Why no run of a network has a value in a column, in a few words."""
    if all(run.epochs is None for run in group):
        return f"{EPOCHS_FILE} is missing or damaged"
    run = next(run for run in group if run.epochs is not None)
    return missing.why_empty(run, "train", column).text


def notes_on(groups):
    """What a reader must know of networks' runs: gaps, then flags, a sentence each."""
    runs = [run for group in groups for run in group]
    lost = f"has no whole {EPOCHS_FILE} and is not drawn."
    told = [
        sentence
        for run in runs
        for sentence in (
            incomplete(run) if run.epochs is not None else [f"{run.name} {lost}"]
        )
    ]
    return [*told, *(note.text for note in notes.flags(runs, "train", mark=""))]


def incomplete(run):
    """Sentences on epochs that a run lacks, wholly or in a column."""
    lacking = [*missing.cut_short(run), *missing.partly_empty(run, drawn=True)]
    return [f"{note.text}." for note in lacking]


def interval_note(group_sizes):
    """The sentence on bands, where any network has several seeds; else none."""
    most = max(group_sizes, default=0)
    if most < 2:
        return []
    return [
        "Bands and bars are 95 % confidence intervals of the mean over "
        f"{most} seeds (Student t); those too wide to say anything are not drawn."
    ]


def number(value):
    """A number for a sentence, to about three digits: 584, 81.2, 9.39, 0.0128."""
    if value == 0 or abs(value) >= 100:
        return f"{value:.0f}"
    if abs(value) >= 1:
        return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return f"{value:.3g}"
