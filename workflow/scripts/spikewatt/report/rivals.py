"""«Fair rivals»: what the table of rivals comes to, two sentences an experiment."""

from dataclasses import dataclass

import pandas as pd

from spikewatt.report.answer import where
from spikewatt.report.words import listed, quoted
from spikewatt.results import rival_costs, wins
from spikewatt.results.wins import Entrant

# The costs of a network that is further behind the best count for nothing.
WITHIN_POINTS = 1.0
MADE_UP = (
    "Nothing is said of who wins: the data were made up on the spot (source: sample)."
)
ACCURACY, TIME, TO = "test_accuracy_pct", "training_time_s", "to_weakest_time_s"
TARGET = "weakest_target_pct"


@dataclass(frozen=True)
class Contest:
    """A column of rivals.csv, in words, its unit, and what 1 of that is in the CSV's.

    counted: whether it is counted, so that it is known without an interval; most:
    whether more of it is better.
    """

    column: str
    words: str
    unit: str
    scale: float = 1.0
    counted: bool = False
    most: bool = False

    def shown(self, value):
        """A value of the column in the unit."""
        if self.column == ACCURACY:
            return f"{value:.2f}"
        return amount(value / self.scale)


def _contests(costs):
    """The `RivalCost`s of a list as contests."""
    return tuple(Contest(c.name, c.words, c.unit, c.scale) for c in costs)


# Of each list the one that most networks have, the first of several.
COSTS = (
    (Contest(ACCURACY, "test accuracy", "%", most=True),),
    (Contest(TIME, "training time", "s"),),
    tuple(
        Contest(rival_costs.key(c), f"{c.words} of training", c.unit, c.scale)
        for c in rival_costs.TRAINING_ENERGIES
    ),
    (Contest("latency_median_ms", "latency", "ms"),),
    _contests(rival_costs.INFERENCE_ENERGIES),
    _contests(rival_costs.MEMORIES),
    (Contest("parameter_bytes", "size of the parameters", "kB", 1e3, counted=True),),
)


def sentences(path, learned=None, made_up=False):
    """Who reaches what at which cost, and what spiking wins: two sentences each.

    path: of rivals.csv; learned: (experiment, network) → whether it does better than
    guessing; made_up: whether the data are. Empty where the file is missing or damaged.
    """
    try:
        table = pd.read_csv(path)
        if made_up:
            return [MADE_UP]
        places = [table["experiment"], table["device"].fillna("")]
        fields = [field for _, field in table.groupby(places, sort=False)]
        told = [_of_field(field, learned or {}) for field in fields]
    except (OSError, ValueError, KeyError):
        return []
    return [one for two in told for one in two]


def _of_field(field, learned):
    """The two sentences of an experiment; one where there is nothing to compare."""
    name = where(field["experiment"].iloc[0])
    tested = field[field[ACCURACY].notna()]
    if tested.empty:
        return [f"In {name} no network was tested yet."]
    keys = zip(tested["experiment"], tested["network"], strict=True)
    if not any(learned.get(key, True) for key in keys):
        return [f"In {name} no network has learned yet, so that none wins anything."]
    best = tested.loc[tested[ACCURACY].idxmax()]
    return [f"In {name}, {reached(tested, best)}.", f"{won(tested, best)}."]


def reached(tested, best):
    """Who reaches what, at which cost: the best of each kind, and a target."""
    kinds = {1: "the most accurate that spikes", 0: "the most accurate without spikes"}
    parts = [f"{_named(best)} is the most accurate, {_at(best)}"]
    others = tested[tested["spiking"] != best["spiking"]]
    if not others.empty:
        other = others.loc[others[ACCURACY].idxmax()]
        parts.append(f"{kinds[int(other['spiking'])]} is {_named(other)}, {_at(other)}")
    quick = [rows.loc[rows[TO].idxmin()] for rows in _kinds(tested[tested[TO].notna()])]
    if quick:
        took = [f"{_named(one)} {amount(one[TO])}\u00a0s" for one in quick]
        target = f"{tested[TARGET].iloc[0]:.2f}\u00a0%"
        parts.append(
            f"the quickest to {target} in validation took {' and '.join(took)}"
        )
    return "; ".join(parts)


def won(tested, best):
    """What spiking networks win among those that are within a point of the best."""
    near = tested[tested[ACCURACY] >= best[ACCURACY] - WITHIN_POINTS]
    if near["spiking"].nunique() < 2:
        return _one_kind(tested, best)
    outcomes, unknown = {}, []
    for kinds in COSTS:
        cost = _chosen(tested, kinds)
        outcome = wins.judge(_entrants(near, cost), cost.most)
        if outcome is None:
            unknown.append(cost.words)
        else:
            told = _against(cost, outcome)
            outcomes.setdefault(outcome.answer, []).append(told)
    return _told(outcomes, unknown)


def _one_kind(tested, best):
    """The sentence where no network of one kind is within a point of the best."""
    others = tested[tested["spiking"] != best["spiking"]]
    kind = "does not spike" if best["spiking"] else "spikes"
    if others.empty:
        return f"No network here {kind}, so that nothing can be won"
    nearest = others.loc[others[ACCURACY].idxmax()]
    behind = best[ACCURACY] - nearest[ACCURACY]
    wins_it = "accuracy" if best["spiking"] else "nothing"
    return (
        f"No network that {kind} comes within a point of that ({_named(nearest)} is "
        f"{behind:.2f} points behind), so that spiking wins {wins_it} and costs are "
        "not held against each other"
    )


def _told(outcomes, unknown):
    """«Among those …, spiking wins nothing, loses in … and is inconclusive in …»."""
    won_in = outcomes.get(wins.WINS)
    parts = [f"spiking wins in {listed(won_in)}" if won_in else "spiking wins nothing"]
    if lost := outcomes.get(wins.LOSES):
        parts.append(f"it loses in {listed(lost)}")
    if alike := outcomes.get(wins.ALIKE):
        parts.append(f"both are alike in {listed(alike)}")
    if open_ := outcomes.get(wins.INCONCLUSIVE):
        parts.append(f"inconclusive: {listed(open_)}")
    if unknown:
        parts.append(f"not measured for both kinds: {listed(unknown)}")
    return f"Among networks within a point of the best, {'; '.join(parts)}"


def _chosen(tested, kinds):
    """Of several costs that stand for each other the one that most networks have."""
    return max(kinds, key=lambda cost: tested[cost.column].notna().sum())


def _entrants(near, cost):
    """Those that have the cost; an interval of 0 where it is counted."""
    rows = near[near[cost.column].notna()]
    halves = rows[f"{cost.column}_ci"].fillna(-1.0)
    return [
        Entrant(
            *(label, bool(spiking), mean),
            half=0.0 if cost.counted else None if half < 0 else half,
        )
        for label, spiking, mean, half in zip(
            rows["label"], rows["spiking"], rows[cost.column], halves, strict=True
        )
    ]


def _against(cost, outcome):
    """«latency («SNN» 0.4 ms against 0.05 ms of «ANN»)»."""
    both = outcome.spiking, outcome.other
    mine, other = (f"{cost.shown(one.mean)}\u00a0{cost.unit}" for one in both)
    if outcome.answer == wins.ALIKE:
        return f"{cost.words} ({mine})"
    label, rival = (quoted(one.label) for one in both)
    return f"{cost.words} ({label} {mine} against {other} of {rival})"


def _kinds(table):
    """The rows of networks that spike, and of those that don't; none of them empty."""
    parts = (table[table["spiking"] == 1], table[table["spiking"] == 0])
    return [part for part in parts if not part.empty]


def _named(row):
    return quoted(row["label"])


def _at(row):
    """«97.73 % in the test for 74.3 s of training»."""
    reached_pct = f"{row[ACCURACY]:.2f}\u00a0% in the test"
    if pd.isna(row[TIME]):
        return reached_pct
    return f"{reached_pct} for {amount(row[TIME])}\u00a0s of training"


def amount(value):
    """A cost with three digits: «1,250», «74.3», «0.0501»."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:#.3g}"
