"""What the first figure shows: each pair of networks in five numbers."""

from dataclasses import dataclass

from spikewatt import paper
from spikewatt.results import measured, missing, stats
from spikewatt.results.devices import on_one_device
from spikewatt.results.pairs import pairs, same_seeds
from spikewatt.results.useful import useful, useful_ratio


@dataclass(frozen=True)
class Kind:
    """A cost that can be shown: its name in `measured`, and the words for it."""

    name: str
    words: str
    paper: str | None = None


def _of_gpu(name, words):
    return Kind(name, words, name)


# Of each list the first that both networks of a pair have; the others stand in.
COSTS = (
    (_of_gpu("mean_epoch_time_s", "time per epoch"),),
    (
        _of_gpu("mean_gpu_memory_pct", "GPU memory"),
        Kind("max_rss_mib", "process memory"),
    ),
    (
        _of_gpu("mean_gpu_power_w", "GPU power"),
        Kind("mean_cpu_power_w", "CPU power"),
        Kind("busy_cores", "busy CPU cores"),
    ),
    (
        Kind("mean_epoch_energy_j", "GPU energy"),
        Kind("mean_epoch_cpu_energy_j", "CPU energy"),
        Kind("mean_epoch_cpu_time_s", "CPU time"),
    ),
)
ACCURACY = "test_accuracy_pct"


@dataclass(frozen=True)
class Shown:
    """A ratio or a difference of a pair, with its 95 % interval over n seeds.

    value is None where n is 0. low and high are None below two seeds, and where the
    interval is too wide to say anything (`wide`). paper: the paper's number, or None;
    flagged: whether a run that it rests on is.
    """

    words: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    paper: float | None
    flagged: bool
    wide: bool


@dataclass(frozen=True)
class PairShown:
    """A network (`second`) against the one it is compared with (`first`): runs."""

    first: tuple
    second: tuple
    costs: tuple  # a `Shown` each
    accuracy: Shown  # difference in points

    @property
    def name(self):
        """«exp1: SNN / ANN»."""
        run, other = self.second[0], self.first[0]
        return f"{run.experiment}: {run.label} / {other.label}"


def of_runs(runs):
    """A `PairShown` for each pair of networks; runs: of one stack."""
    rows = measured.Rows()
    return [_pair(first, second, rows) for first, second in pairs(runs)]


def stand_ins(shown):
    """Why another quantity stands in the place of the GPU's, sentences each once."""
    reasons = {}
    for pair in shown:
        for cost, kinds in zip(pair.costs, COSTS, strict=True):
            words = [kind.words for kind in kinds]
            for passed in kinds[: words.index(cost.words)]:
                for run in (*pair.first, *pair.second):
                    why = missing.why_empty(run, "train", _column(passed.name)).text
                    reasons.setdefault(why, {})[passed.words] = None
    return [f"{', '.join(words)}: {why}." for why, words in reasons.items()]


def _column(name):
    """The column of epochs.csv that says why a mean of it is empty."""
    return measured.EXTRA_MEANS.get(name, name)


def _pair(first, second, rows):
    below, above = same_seeds(first, second)
    costs = [_cost(kinds, first, second, rows) for kinds in COSTS]
    a, b = (
        [rows.value(run, "test", ACCURACY) for run in group] for group in (above, below)
    )
    mean, half, n = stats.paired_difference(a, b)
    wide = not useful(ACCURACY, half, mean)
    ends = (None, None) if half is None or wide else (mean - half, mean + half)
    stated = [_stated("test", group[0], ACCURACY) for group in (second, first)]
    paper_s = None if None in stated else stated[0] - stated[1]
    flagged = _flagged((*above, *below), "test")
    accuracy = Shown("test accuracy", mean, *ends, n, paper_s, flagged, wide)
    return PairShown(tuple(first), tuple(second), tuple(costs), accuracy)


def _cost(kinds, first, second, rows):
    """The ratio of the first of these kinds that both networks have."""
    below, above = on_one_device(first, second)
    for kind in kinds:
        values = [
            [_value(run, kind, rows) for run in group] for group in (above, below)
        ]
        ratio, low, high, n = stats.paired_ratio(*values)
        if n:
            break
    else:
        kind = kinds[0]
    wide = not useful_ratio(low, high)
    ends = (None, None) if wide else (low, high)
    stated = [_stated("train", group[0], kind.paper) for group in (second, first)]
    flagged = bool(n) and _flagged((*above, *below), "train")
    return Shown(kind.words, ratio, *ends, n, stats.ratio(*stated), flagged, wide)


def _value(run, kind, rows):
    if kind.name != "busy_cores":
        return rows.value(run, "train", kind.name)
    names = ("mean_epoch_cpu_time_s", "mean_epoch_time_s")
    return stats.ratio(*(rows.value(run, "train", name) for name in names))


def _stated(stage, run, column):
    return paper.value(stage, run.experiment, run.network, column)


def _flagged(runs, stage):
    return any(measured.flags(run, stage) for run in runs)
