"""The paper's question, answered from the numbers in three sentences."""

from dataclasses import dataclass, field

import pandas as pd

from spikewatt.claims import counts
from spikewatt.claims.selfcheck import INCONSISTENT
from spikewatt.report.words import count_of, listed, times, was
from spikewatt.results import measured

# The paper calls 67.89 % against 69.74 % «similar»; a little more than that gap.
COMPARABLE_POINTS = 2.0
# Ten classes: a network at or below this has not learned.
LEARNED_PCT = 20.0

# What a training epoch costs: column of Table I (`measured.table1_row`) → word.
COSTS = {
    "mean_epoch_time_s": "time",
    "mean_gpu_memory_pct": "GPU memory",
    "mean_gpu_power_w": "GPU power",
    "mean_epoch_energy_j": "GPU energy",
}


@dataclass
class Pair:
    """A spiking network beside the conventional one of its experiment.

    Accuracies in percent, means over seeds; ratios are spiking / conventional.
    """

    experiment: str
    data: str
    label: str  # of the conventional network: «ANN»
    conventional_pct: float | None = None
    spiking_pct: float | None = None
    ratios: dict = field(default_factory=dict)

    @property
    def place(self):
        number = self.experiment.removeprefix("exp")
        return f"experiment {number}" if number.isdigit() else self.experiment

    @property
    def verdict(self):
        """«comparable», «short», «unlearned» or «untested»."""
        if self.conventional_pct is None or self.spiking_pct is None:
            return "untested"
        if max(self.conventional_pct, self.spiking_pct) <= LEARNED_PCT:
            return "unlearned"
        behind = self.conventional_pct - self.spiking_pct
        return "comparable" if behind <= COMPARABLE_POINTS else "short"


def sentences(runs, claims):
    """The answer as three sentences.

    runs: as `results.runs.read_all` gives them; claims: claims.csv as a table, or
    None where it does not exist.
    """
    found = pairs(runs)
    return [accuracy(found), costs(found, runs), verdicts(claims)]


def pairs(runs):
    """A `Pair` for each experiment that sets a spiking against another network."""
    found = {}
    stack = main_stack(runs)
    for run in runs:
        if run.stack == stack:
            group = found.setdefault(run.experiment, ([], []))
            group[run.spiking].append(run)
    return [
        _pair(experiment, *group) for experiment, group in found.items() if all(group)
    ]


def main_stack(runs):
    """The stack that answers for the paper: `reference`, or else the first one."""
    stacks = [run.stack for run in runs]
    return "reference" if "reference" in stacks else next(iter(stacks), None)


def _pair(experiment, conventional, spikes):
    datasets = {"mnist": "MNIST", "cifar10": "CIFAR-10", "nmnist": "N-MNIST"}
    configs = [(run.info or {}).get("config") or {} for run in (*conventional, *spikes)]
    names = [config["dataset"] for config in configs if "dataset" in config]
    tested = [_means(group, measured.table2_row) for group in (conventional, spikes)]
    trained = [_means(group, measured.table1_row) for group in (conventional, spikes)]
    pair = Pair(
        experiment,
        datasets.get(names[0], names[0]) if names else "",
        conventional[0].label,
        *(means.get("test_accuracy_pct") for means in tested),
    )
    for column in (*COSTS, "max_rss_mib"):
        below, above = (means.get(column) for means in trained)
        if below and above:
            pair.ratios[column] = above / below
    return pair


def _means(runs, row):
    """Means over seeds of a table's columns; what was not measured is left out."""
    table = pd.DataFrame([row(run) for run in runs], dtype=float)
    return table.mean().dropna().to_dict()


def accuracy(found):
    """Whether the spiking networks reach comparable accuracy."""
    if not found:
        return (
            "Whether a spiking network reaches comparable accuracy is open: no "
            "experiment here sets one against a conventional network."
        )
    opening = {
        "comparable": "reaches comparable accuracy in",
        "short": "falls short of comparable accuracy in",
        "unlearned": "proves nothing where neither network has learned yet, in",
        "untested": "has no test against its counterpart yet in",
    }
    clauses = []
    for verdict, words in opening.items():
        places = [_accuracies(pair) for pair in found if pair.verdict == verdict]
        if places:
            clauses.append(f"{words} {listed(places)}")
    return f"The spiking network {'; it '.join(clauses)}."


def _accuracies(pair):
    if pair.verdict == "untested":
        return pair.place
    data = f"{pair.data}: " if pair.data else ""
    return (
        f"{pair.place} ({data}{pair.spiking_pct:.2f}\u00a0% in the test against "
        f"{pair.conventional_pct:.2f}\u00a0% of the {pair.label})"
    )


def costs(found, runs):
    """What spiking costs as ratios, and what was not measured, with the reason."""
    clauses = [_ratios(pair) for pair in found if pair.ratios]
    if not clauses:
        return "What it costs was not measured: no pair of networks was trained here."
    absent = [
        word
        for column, word in COSTS.items()
        if not any(column in pair.ratios for pair in found)
    ]
    if absent:
        clauses.append(f"{listed(absent)} {was(absent)} not measured{_reason(runs)}")
    return f"A training epoch of it takes, {'; '.join(clauses)}."


def _ratios(pair):
    words = {**COSTS}
    if "mean_gpu_memory_pct" not in pair.ratios:
        words["max_rss_mib"] = "process memory"
    parts = [
        f"{times(pair.ratios[column])} the {word}"
        for column, word in words.items()
        if column in pair.ratios
    ]
    return f"against the {pair.label} in {pair.place}, {listed(parts)}"


def _reason(runs):
    for run in runs:
        meter = (run.info or {}).get("meter") or {}
        reason = (meter.get("unavailable") or {}).get("nvml")
        if reason:
            return f" ({str(reason).rstrip('.')})"
    return ""


def verdicts(claims):
    """How many of the paper's statements came out again."""
    if claims is None:
        return (
            "How many of the paper's statements come out again was not judged: "
            "tables/claims.csv is missing."
        )
    counted = counts(claims)
    parts = [f"{n} {was(n)} {answer}" for answer, n in counted["verdict"].items()]
    wrong = counted["self_check"][INCONSISTENT]
    own = f"{wrong or 'none'} of them {'contradicts' if wrong == 1 else 'contradict'}"
    return (
        f"Of the paper's {count_of(len(claims), 'quantitative statement')}, "
        f"{listed(parts)}; {own} the paper's own tables."
    )
