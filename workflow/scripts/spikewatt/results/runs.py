"""The files of one run: their columns, and reading them back.

A run is one network of one experiment on one stack with one seed. It leaves a folder
`<results>/runs/<experiment>/<network>/<stack>/seed<k>/` with `epochs.csv`, `test.csv`,
`predictions.csv`, `firing_rates.csv`, `operations.csv`, `inference.csv`,
`telemetry.csv`, `model.safetensors` and `run.json`.
Missing values are empty cells. Units are in the names: _pct percent, _s seconds,
_w watts, _j joules, _mib mebibytes.
"""

import json
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pandas as pd

from spikewatt.results.stages import STAGES, TRAIN

# What the meter tells of one phase (train, val, test). Each column may be empty.
# In epochs.csv the unprefixed columns cover training and validation of an epoch
# together, as the paper's averages do.
METER_COLUMNS = [
    "mean_gpu_memory_pct",
    "max_gpu_memory_pct",
    "mean_gpu_power_w",
    "gpu_energy_j",
    "cpu_time_s",
    "max_rss_mib",
]

# Which run a row is of, in every file of its numbers.
RUN_COLUMNS = ["experiment", "network", "stack", "seed"]

EPOCH_COLUMNS = [
    *RUN_COLUMNS,
    "epoch",  # from 1
    "train_loss",
    "train_accuracy_pct",
    "val_loss",
    "val_accuracy_pct",
    "train_time_s",
    "val_time_s",
    "train_load_time_s",
    "val_load_time_s",
    *METER_COLUMNS,
    "train_samples",
    "val_samples",
    "spikes_per_neuron_step",  # mean over hidden neurons, validation; empty for ReLU
    "flags",  # words separated by spaces; empty for a clean measurement
]

# What the flags that training adds mean (see `train.health`); those of the meter
# stand in run.json.
NETWORK_FLAGS = {
    "dead": "a layer none of whose neurons fired in any validation batch",
    "chance": "an accuracy no better than guessing",
    "gradient": "a gradient that has grown beyond all measure",
    "uneven": "epochs of the run differ in time by more than a factor of three",
    "cores": "CPU time is far from wall time times threads",
}
# What to do about each.
NETWORK_ADVICE = {
    "dead": "look at the threshold, the scaling of the input and the learning rate",
    "chance": "train longer, or look at the learning rate",
    "gradient": "lower the learning rate",
    "uneven": "stop who else computes, and repeat it alone; `threads: 1` is the "
    "steadier measurement",
    "cores": "stop who else computes, or give it the threads that it uses; "
    "`threads: 1` is the steadier measurement",
}

TEST_COLUMNS = [
    *RUN_COLUMNS,
    "test_loss",
    "test_accuracy_pct",
    "test_time_s",
    "test_load_time_s",
    *METER_COLUMNS,
    "recall_macro",
    "f1_macro",
    "f1_paper",  # the paper's formula (15): accuracy in the place of precision
    "samples",
    "spikes_per_neuron_step",
    "flags",
]

# Runs of older versions lack these: empty then.
LATER_COLUMNS = ("train_load_time_s", "val_load_time_s", "test_load_time_s")
# Neurons that spike; the list of `network.describe`, which this room may not read.
SPIKING = ("lif", "if")

PREDICTION_COLUMNS = ["index", "label", "prediction"]


@dataclass
class Run:
    """One run as read from its folder; what is missing is None and named."""

    experiment: str
    network: str
    stack: str
    seed: int
    label: str  # «SNN: N-MNIST»
    folder: Path
    position: int = 0  # place of the network in its experiment: 0 orange, 1 blue
    against: str | None = None  # the network that it is compared with
    epochs: pd.DataFrame | None = None
    test: pd.Series | None = None
    info: dict | None = None
    problems: dict[str, str] = field(default_factory=dict)  # name of a file → what

    @property
    def name(self):
        return f"{self.experiment}/{self.network}/{self.stack}/seed{self.seed}"

    @property
    def spiking(self):
        """Whether the network spikes: its run.json says, or else its name."""
        neuron = ((self.info or {}).get("config") or {}).get("neuron")
        if isinstance(neuron, dict):
            return neuron.get("kind") in SPIKING
        return "snn" in self.network


def read(
    experiment,
    network,
    stack,
    seed,
    label,
    folder,
    position=0,
    against=None,
    tested=True,
):
    """Read a run's folder. Never fails on a missing or damaged file: it names it.

    tested: whether what the test left is read too.
    """
    names = (experiment, network, stack, int(seed), label)
    run = Run(*names, Path(folder), position, against)
    run.epochs = _read(run, "epochs.csv", partial(_read_epochs, run))
    run.test = _read(run, "test.csv", _read_test) if tested else None
    run.info = _read(run, "run.json", _read_info)
    if run.test is not None and not _of_these_weights(run):
        run.test = None
        path = run.folder / "test.csv"
        run.problems["test.csv"] = f"{path} is the test of other weights"
    return run


def read_all(expected, stages=tuple(STAGES)):
    """Read the runs that `expected` lists, each a dict of `read`'s arguments.

    stages: which are asked for. A table of training alone does not see tests, which may
    be there already or not: its content must not depend on that.
    """
    tested = any(stage != TRAIN.name for stage in stages)
    return [read(**entry, tested=tested) for entry in expected]


def _read(run, name, reader):
    path = run.folder / name
    if not path.exists():
        run.problems[name] = f"{path} is missing"
        return None
    try:
        return reader(path)
    except Exception as error:  # any damage is named, and the rest is still used
        run.problems[name] = f"{path} cannot be read: {error}"
        return None


def _read_epochs(run, path):
    table = _with_later(pd.read_csv(path), EPOCH_COLUMNS)
    if not set(RUN_COLUMNS) & set(table):  # as written before it said so itself
        named = {name: getattr(run, name) for name in RUN_COLUMNS}
        table = ordered(table.assign(**named), RUN_COLUMNS)
    _require(table, EPOCH_COLUMNS)
    if table.empty:
        raise ValueError("it has no epoch")
    return table


def _read_test(path):
    table = _with_later(pd.read_csv(path), TEST_COLUMNS)
    _require(table, TEST_COLUMNS)
    if len(table) != 1:
        raise ValueError(f"it has {len(table)} rows instead of 1")
    return table.iloc[0]


def _read_info(path):
    info = json.loads(path.read_text(encoding="utf-8"))
    for part in (info, *(info.get(key) or {} for key in ("config", "meter"))):
        if not isinstance(part, dict):
            raise ValueError(f"{part!r:.40} stands where an object belongs")
    return info


def test_facts(run):
    """What a run's test.json holds; empty where it is missing or damaged."""
    try:
        facts = json.loads((run.folder / "test.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _of_these_weights(run):
    """Whether test.json names the weights that run.json does, where both name some."""
    try:
        trained = run.info["outputs"]["model.safetensors"]
    except (LookupError, TypeError):
        return True  # it doesn't say
    return test_facts(run).get("model", trained) == trained


def _with_later(table, columns):
    """The table with those of LATER_COLUMNS that it should have, empty if they lack."""
    lacking = [n for n in LATER_COLUMNS if n in columns and n not in table.columns]
    return table.assign(**dict.fromkeys(lacking, float("nan")))


def _require(table, columns):
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise ValueError(f"columns missing: {', '.join(missing)}")


def ordered(table, columns):
    """`table` with the contract's `columns` first and what else it has behind them."""
    return table[[*columns, *(name for name in table if name not in columns)]]
