"""Whether two folders hold the same results, what depends on the clock left out."""

import json

import pandas as pd

# Columns and keys that no clock, meter or earlier kill decides.
STEADY = {
    "epochs.csv": ["epoch", "train_loss", "train_accuracy_pct", "val_loss"]
    + ["val_accuracy_pct", "train_samples", "val_samples", "spikes_per_neuron_step"],
    "test.csv": ["experiment", "network", "stack", "seed", "test_loss", "samples"]
    + ["test_accuracy_pct", "recall_macro", "f1_macro", "f1_paper"]
    + ["spikes_per_neuron_step"],
    "inference.csv": ["experiment", "network", "stack", "seed", "path", "samples"],
    "run.json": ["experiment", "network", "stack", "seed", "spikewatt", "config"]
    + ["identity", "code_digest", "data_digest", "data", "conditions"]
    + ["epochs", "best_epoch", "parameters", "hardware", "versions"],
}
# Written by the meter alone: their header is compared.
MEASURED = {"telemetry.csv", "test_telemetry.csv"}
LEFT_OUT = {"test.json"}  # the meter and digests of files with times in them


def files(folder):
    """Paths of all files under a folder that are no hidden ones, sorted."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if not path.name.startswith("."))


def differences(one, other):
    """The files in which two folders differ; a file that is in one only counts."""
    first, second = files(one), files(other)
    different = {str(path) for path in set(first) ^ set(second)}
    return sorted(
        different
        | {
            str(path)
            for path in set(first) & set(second)
            if content(one / path) != content(other / path)
        }
    )


def content(path):
    """What of a file has to be the same each time."""
    if path.name in LEFT_OUT:
        return None
    if path.name in MEASURED:
        return list(pd.read_csv(path))
    steady = STEADY.get(path.name)
    if steady is None:
        return path.read_bytes()
    if path.suffix == ".csv":
        return pd.read_csv(path)[steady].to_csv()
    found = json.loads(path.read_text(encoding="utf-8"))
    return {key: found[key] for key in steady}
