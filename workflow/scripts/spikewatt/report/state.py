"""What is wrong with the runs of a results folder, each with the way to mend it."""

import json
import shlex
from dataclasses import dataclass

import numpy as np
import pandas as pd

from spikewatt.files import contents
from spikewatt.results import measured

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
class Gap:
    """Something missing: of which run, what, and the command that makes it anew."""

    run: str
    what: str
    command: str


def gaps(runs, command):
    """Runs that are missing, damaged, cut short or hold NaN, as a list of `Gap`.

    runs: as `results.runs.read_all` gives them. command: what starts Snakemake on
    this results folder, without a target.
    """
    found = []
    for run in runs:
        told = [*_absent(run), *_incomplete(run)]
        if told:
            rerun = _rerun(run, command)
            found.append(Gap(run.name, "; ".join(told), rerun))
    return found


def _absent(run):
    if not _files(run):
        return ["the run is missing"]
    return [problem.replace(f"{run.folder}/", "") for problem in run.problems.values()]


def _files(run):
    return [name for name in ("epochs.csv", "test.csv") if (run.folder / name).exists()]


def _incomplete(run):
    if run.epochs is not None:
        wanted = _config(run).get("epochs") or 0
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
    found = []
    for run in runs:
        for name, digest in _promised(run).items():
            path = run.folder / name
            if not path.is_file():
                found.append((run.name, name, "is gone since"))
            elif contents.sha256(path) != digest:
                found.append((run.name, name, "was changed after"))
    return found


def _promised(run):
    promised = {}
    for voucher in VOUCHERS:
        try:
            text = (run.folder / voucher).read_text(encoding="utf-8")
            promised |= json.loads(text).get("outputs", {})
        except (OSError, ValueError, AttributeError, TypeError):
            continue  # a missing or damaged voucher is a gap of its own
    # Only names of the run's own folder: a path in the file is no reason to read it.
    return {name: value for name, value in promised.items() if "/" not in name}


def remarks(runs):
    """What to know about runs that are there: interruptions, warnings and flags.

    Returns (run, sentence) tuples.
    """
    found = []
    for run in runs:
        info = run.info or {}
        count = info.get("interruptions") or 0
        if count:
            times = "once" if count == 1 else f"{count} times"
            text = f"interrupted {times} and continued from a checkpoint"
            found.append((run.name, text))
        warnings = info.get("warnings") or []
        found += [(run.name, _warning(warning)) for warning in warnings]
        found += [(run.name, text) for text in _flagged(run)]
    return found


def _warning(warning):
    if isinstance(warning, dict):
        return f"epoch {warning.get('epoch')}: {warning.get('what')}"
    return str(warning)


def _flagged(run):
    """One sentence for each flag: in how many epochs it stands, and in the test."""
    meanings = ((run.info or {}).get("meter") or {}).get("flags") or {}
    for flag, epochs in measured.flags(run, "train").items():
        what = _meaning(meanings, flag)
        yield f"flag «{flag}»{what} in {len(epochs)} of {len(run.epochs)} epochs"
    for flag in measured.flags(run, "test"):
        yield f"flag «{flag}»{_meaning(meanings, flag)} in the test"


def _meaning(meanings, flag):
    return f" ({meanings[flag]})" if flag in meanings else ""


def _config(run):
    config = (run.info or {}).get("config")
    return config if isinstance(config, dict) else {}
