"""What the report takes from the paper's data files (`spikewatt/paper`)."""

import functools

import pandas as pd

from spikewatt import paper


@functools.cache
def records(name):
    """The rows of the data file `name`.csv as dicts of strings."""
    table = pd.read_csv(paper.FOLDER / f"{name}.csv", dtype=str, keep_default_na=False)
    return table.to_dict("records")


def networks():
    """(experiment, network) of the paper's six networks, in its order."""
    return [(row["experiment"], row["network"]) for row in records("table1")]


def among(runs):
    """Whether all networks of one of the paper's experiments are among the runs."""
    present = {(run.experiment, run.network) for run in runs}
    lacking = {experiment for experiment, _ in set(networks()) - present}
    return any(experiment not in lacking for experiment, _ in networks())


def labels():
    """How the paper writes its networks' names: (experiment, network) → label."""
    special = {"snn_mnist": "SNN: MNIST", "snn_nmnist": "SNN: N-MNIST"}
    return {name: special.get(name[1], name[1].upper()) for name in networks()}
