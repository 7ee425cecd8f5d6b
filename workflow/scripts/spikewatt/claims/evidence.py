"""What one seed of a run says: a number for every cell, and why it has none.

Numbers of the machine (times, memory, power) are those of undisturbed epochs; where
none is left, those of all, and the cell is known as resting on flagged numbers.
"""

from dataclasses import dataclass, field

import pandas as pd

from spikewatt import paper
from spikewatt.paper import protocol
from spikewatt.results import measured, missing, undisturbed
from spikewatt.results.columns import COLUMNS
from spikewatt.results.conditions import loading
from spikewatt.results.devices import device
from spikewatt.results.protocol import flattened, settings_of
from spikewatt.results.runs import test_facts
from spikewatt.results.stages import STAGES

# What is another number where the first epoch is not as the paper's was.
OF_FIRST_EPOCH = (
    *("max_epoch_time_s", "epoch_of_max_time"),
    *("first_epoch_time_ratio", "first_epoch_power_ratio"),
)


@dataclass
class Evidence:
    """Numbers of one seed, under the names that formulas use.

    cells: name → number or None; reasons: name → why its cell is empty; whole: name →
    the number of all epochs, where flagged ones were left out; flags: name → the words
    that epochs of it were flagged with; flagged: names whose number rests on flagged
    epochs alone; card: the GPU's name; baselines: name → what the idle device showed of
    it; memory_mib: all of the device's; unlike: name → why it is not what the paper's
    number of that name is; devices: «exp1/ann» → what computed it, where that is known.
    """

    cells: dict = field(default_factory=dict)
    reasons: dict = field(default_factory=dict)
    device: str = "gpu"  # or cpu, where a run of this seed had no GPU
    whole: dict = field(default_factory=dict)
    flags: dict = field(default_factory=dict)
    flagged: set = field(default_factory=set)
    card: str | None = None
    baselines: dict = field(default_factory=dict)
    memory_mib: float | None = None
    unlike: dict = field(default_factory=dict)
    devices: dict = field(default_factory=dict)

    def add(self, name, value, reason):
        missing = _none(value)
        self.cells[name] = None if missing else float(value)
        if missing:
            self.reasons[name] = reason

    def add_of_machine(self, name, undisturbed, whole, words, reason):
        """A number that another program on the machine would change."""
        only_flagged = _none(undisturbed) and not _none(whole) and bool(words)
        self.add(name, whole if only_flagged else undisturbed, reason)
        if words:
            self.flags[name] = words
            if only_flagged:
                self.flagged.add(name)
            elif self.cells[name] is not None and not _none(whole):
                self.whole[name] = float(whole)


def by_seed(runs):
    """The evidence of each seed, in order: a list of `Evidence`."""
    seeds = {}
    for run in runs:
        seed = seeds.setdefault(run.seed, Evidence())
        for stage in STAGES:
            _add_table(seed, run, stage)
            _add_baselines(seed, run, stage)
        _add_epochs(seed, run)
        _add_settings(seed, run)
        if name := device(run):
            seed.devices[f"{run.experiment}/{run.network}"] = name
        if not _on_gpu(run):
            seed.device = "cpu"
        seed.card = seed.card or ((run.info or {}).get("hardware") or {}).get("gpu")
    return [seeds[seed] for seed in sorted(seeds)]


def of_a_machine(name):
    """Whether a cell's number would be another on another machine."""
    return undisturbed.of_a_machine(name.split(".")[-1])


def _none(value):
    return value is None or pd.isna(value)


def _on_gpu(run):
    """Whether a GPU computed the run: its run.json says, or else what is built in."""
    info = run.info or {}
    device = (info.get("conditions") or {}).get("device")
    if device is not None:
        return str(device) != "cpu"
    return bool((info.get("hardware") or {}).get("gpu"))


def _add_table(seed, run, stage):
    whole, clean = measured.ROW_OF[stage](run), measured.undisturbed_row(run, stage)
    words = tuple(measured.disturbing_words([run], stage))
    for column in COLUMNS[stage]:
        if not column.paper:
            continue
        cell = paper.cell(stage, run.experiment, run.network, column.paper)
        values, why = (clean.get(column.name), whole.get(column.name)), None
        if not of_a_machine(cell):
            values = values[1], values[1]
        if _none(values[0]):
            why = missing.why_empty(run, stage, column.name).text
        seed.add_of_machine(cell, *values, words if of_a_machine(cell) else (), why)


def _add_epochs(seed, run):
    whole, clean = measured.spread_row(run), measured.undisturbed_spread_row(run)
    words = tuple(measured.disturbing_words([run], "train"))
    unlike = _unlike_first(run)
    for name in measured.SPREADS:
        # What the GPU's meter did not give has the reason of the power column.
        column = "mean_gpu_power_w" if "power" in name else name
        why = missing.why_empty(run, "train", column).text
        cell = f"run.{run.experiment}.{run.network}.{name}"
        if unlike and name in OF_FIRST_EPOCH:
            seed.unlike[cell] = unlike
        if name == "epochs":
            seed.add(cell, whole.get(name), why)
        else:
            seed.add_of_machine(cell, clean.get(name), whole.get(name), words, why)


def _unlike_first(run):
    """Why a run's first epoch is not as the paper's was; None where nothing says so."""
    made = ((run.info or {}).get("config") or {}).get("meter") or {}
    warm = made.get("warmup_batches") and made.get("first_epoch") != "cold"
    if warm:
        return (
            f"batches ran before the first epoch of {run.name}, so that it is not the "
            "paper's; set meter: first_epoch: cold, stack reference"
        )
    if (loading(run) or "library") != "library":
        return (
            f"the samples of {run.name} came from prepared arrays, so that its first "
            "epoch loads none; set loading: library"
        )
    return None


def _add_settings(seed, run):
    """What the run was made with, as far as it is a number that the paper states."""
    made = flattened(settings_of(run))
    for key in protocol.of_network(run.experiment, run.network):
        value = made.get(key)
        known = isinstance(value, int | float) and not isinstance(value, bool)
        why = f"{run.name} has no number for {key}"
        cell = setting_cell(run.experiment, run.network, key)
        seed.add(cell, value if known else None, why)


def setting_cell(experiment, network, key):
    """A setting's name in formulas: «set.exp1.ann.architecture.layer1.linear»."""
    parts = [f"layer{part}" if part.isdigit() else part for part in key.split(".")]
    return f"set.{experiment}.{network}.{'.'.join(parts)}"


def _add_baselines(seed, run, stage):
    """What the meter saw of the idle device before this stage."""
    facts = (run.info or {}) if stage == "train" else test_facts(run)
    idle = (facts.get("meter") or {}).get("baseline") or {}
    for column in ("mean_gpu_memory_pct", "mean_gpu_power_w"):
        if idle.get(column) is not None:
            name = paper.cell(stage, run.experiment, run.network, column)
            seed.baselines[name] = float(idle[column])
    seed.memory_mib = idle.get("gpu_memory_total_mib") or seed.memory_mib
