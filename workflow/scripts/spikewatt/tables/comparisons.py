"""The networks of an experiment against those they are compared with."""

import math

import pandas as pd

from spikewatt import paper
from spikewatt.results import devices, measured, notes, stats
from spikewatt.results.columns import COLUMNS, NAMES
from spikewatt.results.notes import INTERVAL, Note
from spikewatt.results.pairs import pairs, same_seeds
from spikewatt.results.protocol import settings_notes
from spikewatt.results.quantities import COSTS
from spikewatt.results.table import (
    MINUS,
    Table,
    frame,
    interval,
    number,
    signed,
    spread,
)
from spikewatt.results.undisturbed import of_a_machine
from spikewatt.results.useful import no_interval, note_on, useful, useful_ratio

PAIRED_TITLE = "Differences between the networks of an experiment, seed by seed"
RATIOS_TITLE = "What a network costs against the one it is compared with"
HEADER = ["Experiment", "Networks", "Quantity"]
PAPERS = "The paper"
PHASES = {"train": "Table I", "test": "Table II"}
NOT_MEASURED = Note(
    "empty", "— stands where a network of the pair was not measured: see Table I."
)
ONE_SEED = Note("one seed", "One seed (n = 1) gives no interval.")


QUANTITIES = [(stage, column) for stage in COLUMNS for column in COLUMNS[stage]]


def paired(runs, plans=None):
    """A network minus the one it is compared with, over the seeds that both have.

    Runs of a seed share split and initial weights, so their difference has less
    spread than the networks themselves. Costs are those that one device computed. CSV
    columns: experiment, first, second, device, table, quantity, difference, ci (half
    width, 95 %, Student t), n, paper (where the paper has one of the pairs), flags (of
    all that the number rests on).
    """

    def lines(pair):
        for stage, column in QUANTITIES:
            record = pair.difference(stage, column)
            says = useful(column.name, record["ci"], pair.larger(stage, column.name))
            half = record["ci"] if says else None
            cell = spread(record["difference"], half, column.digits, signed)
            cell += "" if says else f" ({no_interval(record['n'])})"
            stated = signed(record["paper"], column.digits)
            yield record, f"{column.header} ({PHASES[stage]})", cell, stated

    compared = _pairs(runs)
    shown = ("paired", PAIRED_TITLE, "Difference", MINUS)
    return _table(*shown, lines, compared, runs, plans)


def ratios(runs, plans=None):
    """A network over the one it is compared with: time, memory, power and energy.

    A row a device, where runs come from unlike ones. CSV columns: experiment, first,
    second, device, quantity, ratio (geometric mean over the
    seeds that both have), low, high (95 %), n, paper (where the paper has one of the
    pairs), flags (of all that the number rests on).
    """

    def lines(pair):
        for cost in COSTS:
            record = pair.ratio(cost)
            says = useful_ratio(record["low"], record["high"])
            low = record["low"] if says else None
            cell = interval(record["ratio"], low, record["high"])
            cell += "" if says else f" ({no_interval(record['n'])})"
            yield record, cost.words, cell, number(record["paper"], 2)

    compared = [pair for part in devices.parts(runs) for pair in _pairs(part)]
    return _table("ratios", RATIOS_TITLE, "Ratio", "/", lines, compared, runs, plans)


class Pair:
    """A network (`second`) and the one that it is compared with (`first`).

    Both are lists of runs with the same seeds in the same order; rows: `measured.Rows`.
    """

    def __init__(self, first, second, rows):
        self.names = first[0], second[0]
        self.first, self.second = same_seeds(first, second)
        self.alike = devices.on_one_device(first, second)
        self.rows = rows

    @property
    def both(self):
        """The runs that its numbers rest on."""
        return [*self.first, *self.second]

    @property
    def device(self):
        """What computed both; empty where it is not known."""
        runs = [run for part in self.alike for run in part]
        names = dict.fromkeys(map(devices.device, runs))
        return next(filter(None, names), "")

    @property
    def of_paper(self):
        """Whether the paper has numbers of both."""
        return all(paper.has(run.experiment, run.network) for run in self.names)

    def difference(self, stage, column):
        """A row of the table of differences."""
        mean, half, n = stats.paired_difference(*self._values(stage, column.name))
        after, before = self._stated(stage, column.paper)
        return {
            **self._named(),
            "table": NAMES[stage],
            "quantity": column.name,
            "difference": mean,
            "ci": half,
            "n": n,
            "paper": None if before is None or after is None else after - before,
            "flags": self._flags(stage, n),
        }

    def ratio(self, cost):
        """A row of the table of ratios."""
        values = self._values(cost.stage, cost.name)
        middle, low, high, n = stats.paired_ratio(*values)
        return {
            **self._named(),
            "quantity": cost.words,
            "ratio": middle,
            "low": low,
            "high": high,
            "n": n,
            "paper": stats.ratio(*self._stated(cost.stage, cost.paper)),
            "flags": self._flags(cost.stage, n),
        }

    def larger(self, stage, name):
        """The larger of both means of a quantity; NaN where neither has one."""
        means = [stats.mean_ci(values)[0] for values in self._values(stage, name)]
        return max(stats.present(means), default=math.nan)

    def _values(self, stage, name):
        """Numbers of both, of a machine only those that one device computed."""
        first, second = self.alike if of_a_machine(name) else (self.first, self.second)
        return [
            [self.rows.value(run, stage, name) for run in runs]
            for runs in (second, first)
        ]

    def _flags(self, stage, n):
        """The words of the runs behind n values; none where there is no number."""
        runs = self.both if n else []
        return " ".join(measured.flag_words(runs, stage))

    def _stated(self, stage, column):
        first, second = self.names
        return [
            paper.value(stage, run.experiment, run.network, column)
            for run in (second, first)
        ]

    def _named(self):
        first, second = self.names
        return {
            "experiment": first.experiment,
            "first": first.network,
            "second": second.network,
            "device": self.device,
        }


def _pairs(runs):
    """A `Pair` for each pair of networks among these runs."""
    rows = measured.Rows()
    return [Pair(first, second, rows) for first, second in pairs(runs)]


def _table(name, title, quantity, sign, lines, compared, runs, plans):
    """A table of `lines` (record, words, cell, the paper's cell) of each pair."""
    published = any(pair.of_paper for pair in compared)
    header = [*HEADER, quantity, "n", *([PAPERS] if published else [])]
    made, records = Table(name, title, header, pd.DataFrame(), keys=3), []
    for pair in compared:
        first, second = pair.names
        names = [first.experiment, f"{second.label} {sign} {first.label}"]
        group = []
        for record, what, cell, stated in lines(pair):
            if not published:
                del record["paper"]
            records.append(record)
            cell = f"{cell} †" if record["flags"] else cell
            shown = [what, cell, str(record["n"]), *([stated] if published else [])]
            group.append([*(names if not group else ["", ""]), *shown])
        made.add(group)
    made.data = frame(records)
    for note, there in (
        (INTERVAL, any(record["n"] > 1 for record in records)),
        (NOT_MEASURED, any(record["n"] == 0 for record in records)),
        (ONE_SEED, any(record["n"] == 1 for record in records)),
    ):
        if there:
            made.note(note)
    note_on(made)
    for note in (
        *settings_notes(runs, plans),
        *notes.flags([run for pair in compared for run in pair.both], *COLUMNS),
        *notes.conditions(runs),
    ):
        made.note(note)
    return made
