"""What runs lack, as notes: nothing that a table leaves empty goes unnamed."""

import json
from itertools import chain

from spikewatt.results.measured import numbers
from spikewatt.results.notes import Note, about
from spikewatt.results.stages import STAGES, TEST

# Columns of epochs.csv that Table I is made of, and those that a GPU's meter gives.
NEEDED = (
    "train_accuracy_pct",
    "val_accuracy_pct",
    "train_time_s",
    "val_time_s",
    "mean_gpu_memory_pct",
    "mean_gpu_power_w",
)
NOT_HERE = "not measured on this machine"
# Words in the names of columns that a machine may be unable to fill.
OF_METER = ("gpu", "energy", "power")
# Where the meter's reason for an empty column may stand in run.json: under the column
# itself or under the backend that would give it, by the device in the column's name.
BACKENDS = {"cpu": ("rapl",), "gpu": ("apple", "amd", "jetson", "nvml")}


def of_run(run, stage, plan=None):
    """Everything that a stage of a run lacks, as a list of notes.

    stage: «train» or «test»; plan: the settings that the run should have, used where
    its own run.json is missing.
    """
    lost = missing_file(run, stage)
    if lost:
        return [lost]
    if stage == "train":
        return [*cut_short(run, plan), *partly_empty(run)]
    return []


def missing_file(run, stage):
    """The note on a stage's numbers that are missing or damaged, with the way out."""
    name = STAGES[stage].numbers
    if name not in run.problems:
        return None
    command = f"snakemake --cores 1 --force {run.folder / name}"
    what = (
        f"{run.problems[name]}. Make it: {command} "
        "(with the --configfile and --config of these results)"
    )
    return about("missing", run.name, what, command)


def cut_short(run, plan=None):
    """The note on a run that has fewer epochs than its config asks for, in a list."""
    wanted = ((run.info or {}).get("config") or plan or {}).get("epochs")
    done = len(run.epochs)
    if wanted is None or done >= wanted:
        return []
    what = f"cut short: {done} of {wanted} epochs; its values are of those"
    return [Note("cut short", f"{run.name} was {what}", run.name, what)]


def partly_empty(run, drawn=False):
    """A note for each column that has a value for some epochs but not for all.

    drawn: of what is shown epoch by epoch, where energy is no way to a mean.
    """
    notes = []
    for column in NEEDED:
        missing = numbers(run.epochs[column]).isna()
        # Mean power is energy over time: it is only asked where there is no energy.
        if column == "mean_gpu_power_w" and not drawn:
            missing &= numbers(run.epochs["gpu_energy_j"]).isna()
        if 0 < missing.sum() < len(missing):
            empty = run.epochs.loc[missing, "epoch"]
            listed = ", ".join(f"{epoch:g}" for epoch in empty)
            what = f"{column} has no value for epoch {listed}; the others are used"
            notes.append(about("partly empty", run.name, what))
    return notes


def why_empty(run, stage, column):
    """Why a run has no number in a column of a table, as a note.

    Its kind is «not measured» where the machine could not; `what` is then the reason
    alone.
    """
    lost = missing_file(run, stage)
    if lost:
        return lost
    files = STAGES[stage]
    if not any(word in column for word in OF_METER):
        return about("empty", run.name, f"{files.numbers} holds no number for {column}")
    reasons = _unavailable(run, stage)
    of_column = [names for device, names in BACKENDS.items() if device in column]
    for key in (column, *chain.from_iterable(of_column or BACKENDS.values())):
        if reasons.get(key):
            return _not_here(reasons[key])
    if reasons:
        return _not_here("; ".join(map(str, reasons.values())))
    what = f"not measured, and {files.facts} does not say why"
    return about("empty", run.name, what)


def _not_here(reason):
    return Note("not measured", f"{NOT_HERE}: {reason}", what=str(reason))


def _unavailable(run, stage):
    """The meter's reasons; of training where the test left none."""
    facts = run.info
    path = run.folder / TEST.facts
    if stage == TEST.name and path.exists():
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            facts = run.info
    return ((facts or {}).get("meter") or {}).get("unavailable") or {}
