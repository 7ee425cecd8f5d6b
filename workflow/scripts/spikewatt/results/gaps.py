"""What is missing from runs, in sentences: no gap of a table goes unnamed."""

import json

from spikewatt.results.measured import numbers

FILES = {"t1": "epochs.csv", "t2": "test.csv"}
FACTS = {"t1": "run.json", "t2": "test.json"}
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
# Where the meter's reason for an empty column may stand in run.json: under the column
# itself or under the backend that would give it, by the device in the column's name.
BACKENDS = {"cpu": "rapl", "gpu": "nvml"}


def of_run(run, stage, plan=None):
    """Everything that a stage of a run lacks, as a list of sentences.

    stage: «t1» (training) or «t2» (test); plan: the settings that the run should have,
    used where its own run.json is missing.
    """
    found = missing_files(run, stage)
    if stage == "t1" and run.epochs is not None:
        found += cut_short(run, plan) + partly_empty(run)
    return found


def missing_files(run, stage):
    """The stage's results file where it is missing or damaged, with the way out."""
    path = run.folder / FILES[stage]
    return [
        f"{run.name}: {problem}. Make it: snakemake --cores 1 --force {path} "
        "(with the --configfile and --config of these results)"
        for problem in run.problems
        if problem.startswith(str(path))
    ]


def cut_short(run, plan=None):
    """The sentence for a run that has fewer epochs than its config asks for."""
    wanted = ((run.info or {}).get("config") or plan or {}).get("epochs")
    done = len(run.epochs)
    if wanted is None or done >= wanted:
        return []
    return [
        f"{run.name} was cut short: {done} of {wanted} epochs; its values are of those"
    ]


def partly_empty(run):
    """A sentence for each column that has a value for some epochs but not for all."""
    found = []
    for column in NEEDED:
        missing = numbers(run.epochs[column]).isna()
        if 0 < missing.sum() < len(missing):
            empty = run.epochs.loc[missing, "epoch"]
            listed = ", ".join(f"{epoch:g}" for epoch in empty)
            found.append(
                f"{run.name}: {column} has no value for epoch {listed}; "
                "the others are used"
            )
    return found


def why_empty(run, stage, column):
    """Why a run has no number in a column of a table, as a sentence."""
    lacking = missing_files(run, stage)
    if lacking:
        return lacking[0]
    if "gpu" not in column and "energy" not in column:
        return f"{run.name}: {FILES[stage]} holds no number for {column}"
    reasons = _unavailable(run, stage)
    backends = [name for device, name in BACKENDS.items() if device in column]
    for key in (column, *(backends or BACKENDS.values())):
        if reasons.get(key):
            return f"{NOT_HERE}: {reasons[key]}"
    if reasons:
        return f"{NOT_HERE}: {'; '.join(map(str, reasons.values()))}"
    return f"{run.name}: not measured, and {FACTS[stage]} does not say why"


def _unavailable(run, stage):
    """The meter's reasons; of training where the test left none."""
    facts = run.info
    path = run.folder / FACTS["t2"]
    if stage == "t2" and path.exists():
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            facts = run.info
    return ((facts or {}).get("meter") or {}).get("unavailable") or {}
