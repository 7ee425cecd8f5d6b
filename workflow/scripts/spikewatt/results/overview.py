"""summary.csv: a row a run, with what it cost in all and what came of it."""

import math

import pandas as pd

from spikewatt.files import atomic
from spikewatt.results import measured, missing, stats
from spikewatt.results.converted import source_cost
from spikewatt.results.devices import device
from spikewatt.results.protocol import deviations_of

# Totals of a run → the column of epochs.csv and of test.csv that is added up.
TOTALS = {
    "total_gpu_energy_j": "gpu_energy_j",
    "total_cpu_energy_j": "cpu_energy_j",
    "total_cpu_time_s": "cpu_time_s",
}
# Energies whose absence is explained, and what they are called there.
EXPLAINED = {"gpu_energy_j": "GPU", "cpu_energy_j": "CPU"}


def overview(runs, plans=None):
    """A DataFrame with a row a run, in their order; missing numbers are NaN.

    Totals are of all epochs, training and validation, and of the test; a total of which
    a part was not measured is empty, never a part of itself. A converted network's have
    its source's training in them. plans: see
    `spikewatt.results.mismatches`.
    """
    return pd.DataFrame([_row(run, plans) for run in runs])


def write(table, path):
    """Write a table as CSV, whole or not at all."""
    with atomic.writing(path) as handle:
        table.to_csv(handle, index=False, float_format="%.10g")


def _row(run, plans):
    trained, tested = measured.table1_row(run), measured.table2_row(run)
    rate = None if run.test is None else run.test["spikes_per_neuron_step"]
    totals = {name: _total(run, column) for name, column in TOTALS.items()}
    numbers = {
        "epochs": None if run.epochs is None else len(run.epochs),
        "best_epoch": trained.get("epochs_to_best_val"),
        "best_train_accuracy_pct": trained.get("best_train_accuracy_pct"),
        "best_val_accuracy_pct": trained.get("best_val_accuracy_pct"),
        "test_accuracy_pct": tested.get("test_accuracy_pct"),
        "spikes_per_neuron_step": rate,
        "total_time_s": _total_time(run),
        **totals,
    }
    return {
        "experiment": run.experiment,
        "network": run.network,
        "label": run.label,
        "stack": run.stack,
        "device": device(run) or "",
        "seed": run.seed,
        **{name: _number(value) for name, value in numbers.items()},
        "why_no_energy": "; ".join(_why_no_energy(run)),
        "flags": " ".join(measured.flag_words([run], "train")),
        "test_flags": " ".join(measured.flag_words([run], "test")),
        "deviations": "; ".join(one.words for one in deviations_of(run, plans)),
        "missing": "; ".join(dict.fromkeys(run.problems.values())),
        "folder": str(run.folder),
    }


def _number(value):
    return math.nan if value is None or pd.isna(value) else float(value)


def _total_time(run):
    """Seconds of all epochs and of the test; None where a part is missing."""
    if run.epochs is None or run.test is None:
        return None
    own = [*measured.epoch_times(run), run.test["test_time_s"]]
    return _sum([*own, source_cost(run, "time_s")])


def _total(run, column):
    """As `_total_time`, of a column that epochs and test both have."""
    if run.epochs is None or run.test is None or column not in run.epochs:
        return None
    own = [*run.epochs[column], run.test.get(column)]
    return _sum([*own, source_cost(run, column)])


def _sum(parts):
    values = pd.to_numeric(pd.Series(parts, dtype=object), errors="coerce")
    return None if values.isna().any() else float(values.sum())


def _why_no_energy(run):
    """«GPU: no NVIDIA driver …», for each device without a total energy."""
    for column, kind in EXPLAINED.items():
        if stats.present([_total(run, column)]).size:
            continue
        for stage, numbers in (("train", run.epochs), ("test", run.test)):
            told = None if numbers is None else _sum([*_column(numbers, column)])
            if told is None:
                note = missing.why_empty(run, stage, column)
                what = note.what if note.kind == "not measured" else note.text
                yield f"{kind}: {what}"
                break


def _column(numbers, column):
    """A column of epochs.csv, or the one number of test.csv, as a list."""
    value = numbers.get(column)
    return list(value) if isinstance(value, pd.Series) else [value]
