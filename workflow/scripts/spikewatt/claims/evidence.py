"""What one seed of a run says: a number for every cell, and why it has none."""

from dataclasses import dataclass, field

import pandas as pd

from spikewatt import paper
from spikewatt.results import measured, missing
from spikewatt.results.columns import COLUMNS


@dataclass
class Evidence:
    """Numbers of one seed, under the names that formulas use.

    cells: name → number or None; reasons: name → why its cell is empty.
    """

    cells: dict = field(default_factory=dict)
    reasons: dict = field(default_factory=dict)
    device: str = "gpu"  # or cpu, where a run of this seed had no GPU

    def add(self, name, value, reason):
        missing = value is None or pd.isna(value)
        self.cells[name] = None if missing else float(value)
        if missing:
            self.reasons[name] = reason


def by_seed(runs):
    """The evidence of each seed, in order: a list of `Evidence`."""
    seeds = {}
    for run in runs:
        seed = seeds.setdefault(run.seed, Evidence())
        _add_tables(seed, run)
        _add_epochs(seed, run)
        if not _on_gpu(run):
            seed.device = "cpu"
    return [seeds[seed] for seed in sorted(seeds)]


def _on_gpu(run):
    """Whether a GPU computed the run: its run.json says, or else what is built in."""
    info = run.info or {}
    device = (info.get("conditions") or {}).get("device")
    if device is not None:
        return str(device) != "cpu"
    return bool((info.get("hardware") or {}).get("gpu"))


def _add_tables(seed, run):
    for stage, columns in COLUMNS.items():
        row = measured.ROW_OF[stage](run)
        for column in columns:
            if column.paper:
                seed.add(
                    paper.cell(stage, run.experiment, run.network, column.paper),
                    row.get(column.name),
                    missing.why_empty(run, stage, column.name).text,
                )


def _add_epochs(seed, run):
    row = measured.spread_row(run)
    for name in measured.SPREADS:
        # What the GPU's meter did not give has the reason of the power column.
        column = "mean_gpu_power_w" if "power" in name else name
        why = missing.why_empty(run, "train", column).text
        seed.add(f"run.{run.experiment}.{run.network}.{name}", row.get(name), why)
