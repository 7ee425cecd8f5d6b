"""What one seed of a run says: a number for every cell, and how sure it is."""

from dataclasses import dataclass, field

import pandas as pd

from spikewatt import paper
from spikewatt.results import measured, missing, stats
from spikewatt.results.columns import COLUMNS


@dataclass
class Evidence:
    """Numbers of one seed, under the names that formulas use.

    cells: name → number or None; bounds: name → (low, high), the 95 % interval of
    cells that have one; reasons: name → why its cell is empty.
    """

    cells: dict = field(default_factory=dict)
    bounds: dict = field(default_factory=dict)
    reasons: dict = field(default_factory=dict)

    def add(self, name, value, bounds, reason):
        missing = value is None or pd.isna(value)
        self.cells[name] = None if missing else float(value)
        if missing:
            self.reasons[name] = reason
        elif bounds:
            self.bounds[name] = bounds


def by_seed(runs):
    """The evidence of each seed, in order: a list of `Evidence`."""
    seeds = {}
    for run in runs:
        seed = seeds.setdefault(run.seed, Evidence())
        _add_tables(seed, run)
        _add_epochs(seed, run)
    return [seeds[seed] for seed in sorted(seeds)]


def _add_tables(seed, run):
    intervals = {"train": _training_bounds(run), "test": _test_bounds(run)}
    for stage, columns in COLUMNS.items():
        row = measured.ROW_OF[stage](run)
        for column in columns:
            if column.paper:
                seed.add(
                    paper.cell(stage, run.experiment, run.network, column.paper),
                    row.get(column.name),
                    intervals[stage].get(column.name),
                    missing.why_empty(run, stage, column.name).text,
                )


def _add_epochs(seed, run):
    row = measured.spread_row(run)
    for name in measured.SPREADS:
        # What the GPU's meter did not give has the reason of the power column.
        column = "mean_gpu_power_w" if "power" in name else name
        why = missing.why_empty(run, "train", column).text
        seed.add(f"run.{run.experiment}.{run.network}.{name}", row.get(name), None, why)


def _training_bounds(run):
    """Intervals of Table I's accuracies and of the best epoch, where they are known."""
    if run.epochs is None:
        return {}
    table = run.epochs.apply(pd.to_numeric, errors="coerce")
    bounds = {}
    for part in ("train", "val"):
        best = table[f"{part}_accuracy_pct"].max()
        samples = table[f"{part}_samples"].max()
        bounds[f"best_{part}_accuracy_pct"] = _percent_bounds(best, samples)
    near = bounds["best_val_accuracy_pct"]
    if near:
        # An epoch whose accuracy can't be told from the best might be the best one
        # of the next run.
        alike = table.loc[table["val_accuracy_pct"] >= near[0], "epoch"]
        bounds["epochs_to_best_val"] = (float(alike.min()), float(alike.max()))
    return bounds


def _test_bounds(run):
    """Intervals of Table II's accuracy and scores, where they are known."""
    if run.test is None:
        return {}
    row = pd.to_numeric(run.test, errors="coerce")
    known = {
        "test_accuracy_pct": _percent_bounds(row["test_accuracy_pct"], row["samples"])
    }
    # Macro scores of evenly filled classes scatter like the accuracy they follow.
    for name, column in (
        ("recall_macro", "recall_macro"),
        ("f1_formula15", "f1_paper"),
    ):
        bounds = _percent_bounds(100 * row[column], row["samples"])
        known[name] = bounds and (bounds[0] / 100, bounds[1] / 100)
    return known


def _percent_bounds(percent, samples):
    if pd.isna(percent) or pd.isna(samples) or samples < 1:
        return None
    right = min(max(percent / 100, 0.0), 1.0) * samples
    low, high = stats.binomial_interval(right, int(samples))
    return 100 * low, 100 * high
