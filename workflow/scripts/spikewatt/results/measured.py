"""From a run's files to the numbers of Tables I and II.

A number that was not measured is NaN. Means of memory and power are weighted by time;
means leave out epochs without a value; that they did is told by
`spikewatt.results.missing`.
"""

import math
from dataclasses import replace
from functools import partial

import pandas as pd

from spikewatt.results import weighted
from spikewatt.results.runs import NETWORK_FLAGS

# Energies of a stage → the column that they are means of, in a run's CSV.
ENERGIES = {
    "train": {
        "mean_epoch_energy_j": "gpu_energy_j",
        "mean_epoch_cpu_energy_j": "cpu_energy_j",
    },
    "test": {"test_energy_j": "gpu_energy_j", "test_cpu_energy_j": "cpu_energy_j"},
}
# Per epoch, beside the paper's columns: what the paper did not measure. RAPL's columns
# are no part of the contract of epochs.csv: they may be absent.
EXTRA_MEANS = {
    **ENERGIES["train"],
    "mean_epoch_cpu_time_s": "cpu_time_s",
}
# Mean power → energy, mean power and their standard uncertainties, in a run's CSV.
POWERS = {
    f"mean_{device}_power_w": (
        f"{device}_energy_j",
        f"mean_{device}_power_w",
        f"{device}_energy_uncertainty_j",
        f"{device}_power_standard_error_w",
    )
    for device in ("gpu", "cpu")
}
EXTRA_PEAKS = ("max_gpu_memory_pct", "max_rss_mib")
SPREADS = (
    "max_epoch_time_s",
    "epoch_of_max_time",
    "epochs",
    "first_epoch_time_ratio",
    "first_epoch_power_ratio",
)


def epoch_times(run):
    """Seconds of each epoch, training and validation together (NaN with gaps)."""
    return numbers(run.epochs["train_time_s"] + run.epochs["val_time_s"])


def load_times(run):
    """Seconds of each epoch in which the loop waited for samples (NaN with gaps)."""
    return numbers(run.epochs["train_load_time_s"] + run.epochs["val_load_time_s"])


def numbers(column):
    """A column as numbers, NaN for what is none; quick where it has only numbers."""
    if column.dtype.kind in "if":
        return column
    return pd.to_numeric(column, errors="coerce")


def table1_row(run):
    """The run's row of Table I as a dict; all NaN without epochs.csv."""
    if run.epochs is None:
        return {}
    validation = numbers(run.epochs["val_accuracy_pct"])
    reached = validation.notna().any()
    return {
        "best_train_accuracy_pct": numbers(run.epochs["train_accuracy_pct"]).max(),
        "best_val_accuracy_pct": validation.max(),
        "epochs_to_best_val": (
            float(numbers(run.epochs["epoch"])[validation.idxmax()])
            if reached
            else math.nan
        ),
        "mean_epoch_time_s": epoch_times(run).mean(),
        "mean_epoch_load_time_s": load_times(run).mean(),
        "mean_epoch_compute_time_s": (epoch_times(run) - load_times(run)).mean(),
        "mean_gpu_memory_pct": weighted.mean(
            numbers(run.epochs["mean_gpu_memory_pct"]), epoch_times(run)
        ),
        **_powers(run.epochs, epoch_times(run)),
        **{
            name: numbers(run.epochs[column]).mean()
            for name, column in EXTRA_MEANS.items()
            if column in run.epochs
        },
        **{name: numbers(run.epochs[name]).max() for name in EXTRA_PEAKS},
    }


def table2_row(run):
    """The run's row of Table II as a dict; empty without test.csv."""
    if run.test is None:
        return {}
    row = pd.to_numeric(run.test, errors="coerce")
    return {
        "test_accuracy_pct": row["test_accuracy_pct"],
        "test_time_s": row["test_time_s"],
        "test_load_time_s": row["test_load_time_s"],
        "test_compute_time_s": row["test_time_s"] - row["test_load_time_s"],
        "mean_gpu_memory_pct": row["mean_gpu_memory_pct"],
        **_powers(row.to_frame().T, row[["test_time_s"]]),
        "recall_macro": row["recall_macro"],
        "f1_macro": row["f1_macro"],
        "f1_formula15": row["f1_paper"],
        "test_energy_j": row["gpu_energy_j"],
        "test_cpu_energy_j": row.get("cpu_energy_j", math.nan),
    }


def uncertainties(run, stage):
    """Standard uncertainties by the meter alone: name → W or J, NaN where unknown.

    Names are those of POWERS and of the stage's ENERGIES; empty without its file.
    """
    if stage == "test":
        table = None if run.test is None else run.test.to_frame().T
        seconds = None if table is None else numbers(table["test_time_s"])
    else:
        table = run.epochs
        seconds = None if table is None else epoch_times(run)
    if table is None:
        return {}
    errors = {}
    for name, columns in POWERS.items():
        joules, watts, joule_errors, watt_errors = (_column(table, c) for c in columns)
        errors[name] = weighted.power_uncertainty(
            joule_errors, watt_errors, seconds, joules, watts
        )
    for name, column in ENERGIES[stage].items():
        error = column.replace("_energy_j", "_energy_uncertainty_j")
        errors[name] = weighted.mean_uncertainty(
            _column(table, error), _column(table, column)
        )
    return errors


def _powers(table, seconds):
    """POWERS → mean power in W over the rows of a table, which took `seconds` each."""
    return {
        name: weighted.power(_column(table, joules), _column(table, watts), seconds)
        for name, (joules, watts, *_) in POWERS.items()
    }


def _column(table, name):
    """A column as numbers; all NaN where a table has no such column."""
    if name not in table:
        return pd.Series(math.nan, table.index)
    return numbers(table[name])


def spread_row(run):
    """What the text says of single epochs and no table holds: SPREADS as a dict.

    max_epoch_time_s and epoch_of_max_time; epochs, how many were run;
    first_epoch_time_ratio and first_epoch_power_ratio, the first epoch against the
    mean of the others (NaN for a single epoch).
    """
    if run.epochs is None:
        return {}
    times = epoch_times(run)
    known = times.notna().any()
    return {
        "max_epoch_time_s": times.max(),
        "epoch_of_max_time": (
            float(run.epochs.loc[times.idxmax(), "epoch"]) if known else math.nan
        ),
        "epochs": float(len(run.epochs)),
        "first_epoch_time_ratio": times.iloc[0] / times.iloc[1:].mean(),
        "first_epoch_power_ratio": _first_to_others(run.epochs, times),
    }


def _first_to_others(epochs, times):
    """Mean GPU power of the first epoch over that of the others, both energy / time."""
    first, others = (
        _powers(epochs.iloc[part], times.iloc[part])["mean_gpu_power_w"]
        for part in (slice(1), slice(1, None))
    )
    return first / others if others else math.nan


def flags(run, stage):
    """Flags of a stage's measurements: word → epochs (empty list for the test).

    stage: «train» (training and validation) or «test».
    """
    if stage == "test":
        words = [] if run.test is None else _words(run.test["flags"])
        return {word: [] for word in words}
    epochs_of = {}
    if run.epochs is not None:
        for epoch, cell in zip(run.epochs["epoch"], run.epochs["flags"], strict=True):
            for word in _words(cell):
                epochs_of.setdefault(word, []).append(int(epoch))
    return epochs_of


def raised(runs, stage):
    """The words that any of these runs is flagged with in a stage, as they come up."""
    return list(dict.fromkeys(word for run in runs for word in flags(run, stage)))


def flag_words(runs, stage):
    """The words that any of these runs is flagged with in a stage, sorted.

    A number made from flagged ones is flagged: its CSV's column `flags` holds them.
    """
    return sorted(raised(runs, stage))


def disturbing_words(runs, stage):
    """Words of the meter's, as they come up: they spoil times, memory and power."""
    return [word for word in raised(runs, stage) if word not in NETWORK_FLAGS]


def by_network(runs):
    """Runs of each network in the order given: (experiment, network) → list."""
    groups = {}
    for run in runs:
        groups.setdefault((run.experiment, run.network), []).append(run)
    return groups


def _words(cell):
    return cell.split() if isinstance(cell, str) else []


ROW_OF = {"train": table1_row, "test": table2_row}


def undisturbed_row(run, stage):
    """As ROW_OF[stage], of undisturbed epochs only; all NaN where none is left.

    Disturbed is what the meter flagged; what training flags says nothing of the
    measurement. A row's accuracies are then of those epochs as well.
    """
    clean = _undisturbed(run)
    if (clean.epochs if stage == "train" else clean.test) is None:
        return dict.fromkeys(ROW_OF[stage](run), math.nan)
    return ROW_OF[stage](clean)


def undisturbed_spread_row(run):
    """As `spread_row`, of undisturbed epochs; NaN for what rests on a disturbed one."""
    clean = _undisturbed(run)
    if clean.epochs is None:
        return dict.fromkeys(spread_row(run), math.nan)
    row = spread_row(clean)
    if _disturbed(run.epochs).iloc[0]:
        of_first = ("first_epoch_time_ratio", "first_epoch_power_ratio")
        row |= dict.fromkeys(of_first, math.nan)
    return row


def _undisturbed(run):
    """The run without its disturbed epochs, and without a disturbed test."""
    epochs, test = run.epochs, run.test
    if epochs is not None:
        epochs = epochs[~_disturbed(epochs)].reset_index(drop=True)
        epochs = None if epochs.empty else epochs
    if test is not None and _of_the_meter(test["flags"]):
        test = None
    return replace(run, epochs=epochs, test=test)


def _disturbed(epochs):
    return epochs["flags"].map(_of_the_meter).astype(bool)


def _of_the_meter(cell):
    return bool(set(_words(cell)) - set(NETWORK_FLAGS))


class Rows:
    """The rows of runs, each worked out once, when it is first asked for.

    Likewise those of undisturbed epochs, and what the meter states of uncertainty.
    """

    def __init__(self):
        self._rows, self._undisturbed, self._uncertainties = {}, {}, {}

    def value(self, run, stage, name):
        """A number of a run's row of a stage; None where the run does not have it."""
        return _once(self._rows, run, stage, ROW_OF[stage]).get(name)

    def undisturbed(self, run, stage, name):
        """As `value`, of `undisturbed_row`."""
        if not disturbing_words([run], stage):  # nothing is left out
            return self.value(run, stage, name)
        work = partial(undisturbed_row, stage=stage)
        return _once(self._undisturbed, run, stage, work).get(name)

    def mean_uncertainty(self, group, stage, name):
        """Standard uncertainty of a mean over seeds by the meter alone, or None.

        None where a run that has the number has no uncertainty of it.
        """
        work = partial(uncertainties, stage=stage)
        errors = [
            _once(self._uncertainties, run, stage, work).get(name, math.nan)
            for run in group
            if not pd.isna(self.value(run, stage, name))
        ]
        if not errors or any(map(math.isnan, errors)):
            return None
        return math.sqrt(sum(error**2 for error in errors)) / len(errors)


def _once(kept, run, stage, work):
    """What `work` makes of a run, kept for the stage."""
    key = (id(run), stage)
    if key not in kept:
        # The run is kept, so that no other one gets its id.
        kept[key] = (run, work(run))
    return kept[key][1]
