"""Answers after each time step: anytime.csv and early_exit.csv of a run, read back."""

import pandas as pd

from spikewatt.results import beside
from spikewatt.results.stages import ANYTIME

# step: from 1; spikes: of all layers, up to and with this step; settled: samples whose
# answer changes no more.
COLUMNS = ["step", "accuracy_pct", "spikes_per_sample", "settled_pct"]
# The first four are of the validation samples, which the margin was chosen on.
EXIT_COLUMNS = [
    "allowed_loss_points",
    "margin",
    "val_accuracy_pct",
    "val_mean_steps",
    "mean_steps",
    "accuracy_pct",
]


def of_run(run):
    """anytime.csv of a run, a row a time step; empty without spikes.

    None where it is missing or damaged.
    """
    return beside.read(run, ANYTIME.numbers, COLUMNS)


def exits_of_run(run):
    """early_exit.csv of a run, a row an allowed loss; as `of_run`."""
    return beside.read(run, "early_exit.csv", EXIT_COLUMNS)


def mean_by_step(group):
    """The means over a network's runs of each column of COLUMNS; None without any."""
    tables = [table for table in map(of_run, group) if table is not None]
    tables = [table for table in tables if len(table)]
    return pd.concat(tables).groupby("step", as_index=False).mean() if tables else None


def missing(runs):
    """A sentence on spiking runs whose file is missing or damaged, in a list."""
    return beside.missing([run for run in runs if run.spiking], of_run, ANYTIME)
