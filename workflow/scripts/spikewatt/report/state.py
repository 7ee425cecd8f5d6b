"""What is wrong with the runs of a results folder, each with the way to mend it."""

import json
import shlex
from dataclasses import dataclass

import numpy as np
import pandas as pd

from spikewatt.files import contents
from spikewatt.report import settings
from spikewatt.results.notes import ALL_STAGES, flags

# Without these a row of epochs.csv or test.csv is no measurement.
NEEDED = {
    "epochs.csv": [
        "train_loss",
        "train_accuracy_pct",
        "val_loss",
        "val_accuracy_pct",
        "train_time_s",
        "val_time_s",
    ],
    "test.csv": ["test_loss", "test_accuracy_pct", "test_time_s"],
}
# These may be empty for a whole run, with a reason, but not for some of its epochs.
METER = ["mean_gpu_memory_pct", "mean_gpu_power_w", "gpu_energy_j"]
VOUCHERS = ("run.json", "test.json")


@dataclass
class Incomplete:
    """A run that is not whole: which, what is wrong, and the command that mends it."""

    run: str
    what: str
    command: str


def incomplete(runs, command):
    """Runs that are missing, damaged, cut short or hold NaN, as `Incomplete` each.

    runs: as `results.runs.read_all` gives them. command: what starts Snakemake on
    this results folder, without a target.
    """
    told = [(run, [*_absent(run), *_unfinished(run)]) for run in runs]
    return [
        Incomplete(run.name, "; ".join(what), _rerun(run, command))
        for run, what in told
        if what
    ]


def _absent(run):
    if not _files(run):
        return ["the run is missing"]
    return [problem.replace(f"{run.folder}/", "") for problem in run.problems.values()]


def _files(run):
    return [name for name in ("epochs.csv", "test.csv") if (run.folder / name).exists()]


def _unfinished(run):
    if run.epochs is not None:
        wanted = settings.of(run).get("epochs") or 0
        if len(run.epochs) < wanted:
            yield f"cut short: {len(run.epochs)} of {wanted} epochs"
        yield from _not_numbers(run.epochs, "epochs.csv")
    if run.test is not None:
        yield from _not_numbers(run.test.to_frame().T, "test.csv")


def _not_numbers(table, name):
    columns = [*NEEDED[name], *METER]
    finite = np.isfinite(_numbers(table[columns]))
    for column in finite.columns[~finite.all()]:
        bad = table.index[~finite[column]]
        if column not in METER or len(bad) < len(table):
            where = f", row {', '.join(str(row + 1) for row in bad[:5])}"
            yield f"{name}: no number in {column}{where if len(table) > 1 else ''}"


def _numbers(table):
    """The table as floats; what is no number is NaN."""
    try:
        return table.astype(float)
    except (TypeError, ValueError):
        return table.apply(pd.to_numeric, errors="coerce")


def _rerun(run, command):
    """The command that makes the run's two tables; damaged files need `--force`."""
    names = ("epochs.csv", "test.csv")
    targets = [shlex.quote((run.folder / name).as_posix()) for name in names]
    if not _files(run):
        return f"{command} {targets[1]}"
    return f"{command} --force {' '.join(targets)}"


def edited(runs):
    """Files that are not what their run wrote, as (run, file, what) tuples.

    `run.json` and `test.json` hold the SHA-256 of the files beside them.
    """
    changes = []
    for run in runs:
        for name, digest in _promised(run).items():
            path = run.folder / name
            if not path.is_file():
                changes.append((run.name, name, "is gone since"))
            elif contents.sha256(path) != digest:
                changes.append((run.name, name, "was changed after"))
    return changes


def _promised(run):
    promised = {}
    for voucher in VOUCHERS:
        try:
            text = (run.folder / voucher).read_text(encoding="utf-8")
            promised |= json.loads(text).get("outputs", {})
        except (OSError, ValueError, AttributeError, TypeError):
            continue  # a missing or damaged voucher is told as a damaged run
    # Only names of the run's own folder: a path in the file is no reason to read it.
    return {name: value for name, value in promised.items() if "/" not in name}


def incidents(runs):
    """What happened to runs that are there: interruptions, warnings, flags.

    Returns sentences, without full stop where they are about one run.
    """
    told = [f"{run.name}: {what}" for run in runs for what in _told(run.info or {})]
    flagged = [note.text.removeprefix("† ") for note in flags(runs, *ALL_STAGES)]
    return [*told, *flagged]


def _told(info):
    """What a run.json tells of interruptions and warnings."""
    count = info.get("interruptions") or 0
    if count:
        times = "once" if count == 1 else f"{count} times"
        yield f"interrupted {times} and continued from a checkpoint"
    for warning in info.get("warnings") or []:
        if isinstance(warning, dict) and "flag" in warning:
            continue  # told with all other flags, each once
        if isinstance(warning, dict):
            yield f"epoch {warning.get('epoch')}: {warning.get('what')}"
        else:
            yield str(warning)
