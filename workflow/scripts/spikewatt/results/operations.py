"""Operations by layer: operations.csv of a run, read back."""

import pandas as pd

from spikewatt.results import beside
from spikewatt.results.stages import OPERATIONS

# A row a layer, counts over the whole test set; what each means: `words_operations`.
COLUMNS = [
    "layer",
    "kind",
    "input",
    "kernel",
    "inputs",
    "sums",
    "neurons",
    "weights",
    "zero_weights",
    "biases",
    "samples",
    "steps",
    "dense_macs",
    "effective_macs",
    "effective_acs",
    "zero_weight_operations",
    "input_events",
    "active_inputs",
    "input_sparsity",
    "active_outputs",
    "output_sparsity",
    "spikes_per_synapse",
    "membrane_updates",
    "weight_reads",
    "weight_reads_reused",
    "potential_reads",
    "potential_reads_reused",
    "potential_writes",
    "potential_writes_reused",
    "activation_reads",
    "activation_reads_reused",
    "activation_writes",
    "parameter_bytes",
    "state_bytes",
]
# Columns that describe the network; SUMMED are sums over the test set.
OF_NETWORK = (
    *("layer", "kind", "input", "kernel", "inputs", "sums", "neurons", "weights"),
    *("zero_weights", "biases", "samples", "input_sparsity", "output_sparsity"),
    *("spikes_per_synapse", "parameter_bytes", "state_bytes"),
)
SUMMED = [name for name in COLUMNS if name not in OF_NETWORK]


def of_run(run):
    """operations.csv of a run as a table with COLUMNS; None if missing or damaged."""
    try:
        table = pd.read_csv(run.folder / OPERATIONS.numbers)[COLUMNS]
        table[SUMMED] = table[SUMMED].astype(float)
        return None if table.empty or table[SUMMED[0]].isna().any() else table
    except (OSError, ValueError, KeyError):
        return None


def per_inference(table):
    """The layers of a run's table as dicts, sums divided by the number of samples."""
    made = table.copy()
    made[SUMMED] = made[SUMMED].div(made["samples"], axis=0)
    return made.to_dict("records")


def of_network(group):
    """(layers of a network per inference, mean over its runs, how many have them).

    ([], 0) where none has. Raises nothing: runs of another architecture are left out.
    """
    found = [per_inference(t) for t in map(of_run, group) if t is not None]
    found = [layers for layers in found if len(layers) == len(found[0])]
    if not found:
        return [], 0
    return [_mean(same) for same in zip(*found, strict=True)], len(found)


def _mean(layers):
    """One layer of several runs: the mean of each number, words of the first."""
    mean = pd.DataFrame(layers).mean(numeric_only=True).to_dict()
    return layers[0] | mean


def total(layers, name):
    """A number of all layers together; what is empty (of logits) adds nothing."""
    values = [layer[name] for layer in layers]
    return sum(value for value in values if value is not None and value == value)


def hidden_sparsity(layers):
    """The share of hidden neurons' places, of all steps, that hand on a zero.

    layers: of a network per inference; None without hidden layers.
    """
    hidden = layers[:-1]
    places = sum(layer["neurons"] for layer in hidden) * layers[0]["steps"]
    return 1 - total(hidden, "active_outputs") / places if places else None


def missing(runs):
    """A sentence on tested runs whose file is missing or damaged, in a list."""
    return beside.missing(runs, of_run, OPERATIONS)
