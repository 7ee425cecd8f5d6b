"""The networks of an experiment against its first one: differences and ratios."""

import pandas as pd

from spikewatt import paper
from spikewatt.results import measured, stats
from spikewatt.results.columns import COLUMNS, NAMES
from spikewatt.results.table import (
    EMPTY,
    INTERVAL,
    MINUS,
    Table,
    frame,
    number,
    signed,
    spread,
)

# (stage, name in `measured`, in words, name in the paper's CSV)
COSTS = (
    ("t1", "mean_epoch_time_s", "time per epoch", "mean_epoch_time_s"),
    ("t1", "mean_gpu_memory_pct", "memory, training", "mean_gpu_memory_pct"),
    ("t1", "mean_gpu_power_w", "power, training", "mean_gpu_power_w"),
    ("t1", "mean_epoch_energy_j", "energy per epoch", None),
    ("t2", "test_time_s", "time, testing", "test_time_s"),
    ("t2", "mean_gpu_memory_pct", "memory, testing", "mean_gpu_memory_pct"),
    ("t2", "mean_gpu_power_w", "power, testing", "mean_gpu_power_w"),
    ("t2", "test_energy_j", "energy, testing", None),
)
QUANTITIES = [(stage, column) for stage in COLUMNS for column in COLUMNS[stage]]
PAIRED_TITLE = "Differences between the networks of an experiment, seed by seed"
RATIOS_TITLE = "What a network costs against the first one of its experiment"
PHASES = {"t1": "Table I", "t2": "Table II"}


def paired(runs):
    """Second − first network of each experiment, over the seeds that both have.

    Runs of a seed share split and initial weights, so their difference has less
    spread than the networks themselves. CSV columns: experiment, first, second, table,
    quantity, difference, ci (half width, 95 %, Student t), n, paper.
    """
    header = ["Experiment", "Networks", "Quantity", "Difference", "n", "The paper"]
    made, records = Table("paired", PAIRED_TITLE, header, pd.DataFrame()), []
    for first, second in pairs(runs):
        names = [first[0].experiment, f"{second[0].label} {MINUS} {first[0].label}"]
        made.groups.append(len(made.rows))
        for stage, column in QUANTITIES:
            record = _difference(stage, column, first, second)
            records.append(record)
            cell = spread(record["difference"], record["ci"], column.digits, signed)
            stated = signed(record["paper"], column.digits)
            what = f"{column.header} ({PHASES[stage]})"
            made.rows.append([*names, what, cell, str(record["n"]), stated])
            names = ["", ""]
    return _finished(made, records)


def ratios(runs):
    """Second / first network of each experiment: time, memory, power and energy.

    CSV columns: experiment, first, second, quantity, ratio (geometric mean over the
    seeds that both have), low, high (95 %), n, paper.
    """
    header = ["Experiment", "Networks", "Quantity", "Ratio", "n", "The paper"]
    made, records = Table("ratios", RATIOS_TITLE, header, pd.DataFrame()), []
    for first, second in pairs(runs):
        names = [first[0].experiment, f"{second[0].label} / {first[0].label}"]
        made.groups.append(len(made.rows))
        for cost in COSTS:
            record = _ratio(cost, first, second)
            records.append(record)
            cell, stated = interval_text(record), number(record["paper"], 2)
            made.rows.append([*names, cost[2], cell, str(record["n"]), stated])
            names = ["", ""]
    return _finished(made, records)


def pairs(runs):
    """(runs of the first network, runs of another one) for each experiment.

    Both lists hold the same seeds in the same order.
    """
    experiments = {}
    for group in measured.by_network(runs).values():
        experiments.setdefault(group[0].experiment, []).append(group)
    return [
        same_seeds(groups[0], other)
        for groups in experiments.values()
        for other in groups[1:]
    ]


def same_seeds(a, b):
    """The runs of two lists whose seeds are in both, in the same order."""
    others = {run.seed: run for run in b}
    common = [run for run in a if run.seed in others]
    return common, [others[run.seed] for run in common]


def values(runs, stage, name):
    """A number of each run; None where a run does not have it."""
    return [measured.ROW_OF[stage](run).get(name) for run in runs]


def interval_text(record):
    """A ratio for people: «2.81», «2.81 [2.70, 2.93]», «—»."""
    text = number(record["ratio"], 2)
    if record["low"] is None or text == EMPTY:
        return text
    return f"{text} [{record['low']:.2f}, {record['high']:.2f}]"


def _difference(stage, column, first, second):
    mean, half, n = stats.paired_difference(
        values(second, stage, column.name), values(first, stage, column.name)
    )
    before, after = (
        _stated(stage, group[0], column.paper) for group in (first, second)
    )
    return {
        **_names(first, second),
        "table": NAMES[stage],
        "quantity": column.name,
        "difference": mean,
        "ci": half,
        "n": n,
        "paper": None if before is None or after is None else after - before,
    }


def _ratio(cost, first, second):
    stage, name, words, stated = cost
    middle, low, high, n = stats.paired_ratio(
        values(second, stage, name), values(first, stage, name)
    )
    before, after = (_stated(stage, group[0], stated) for group in (first, second))
    return {
        **_names(first, second),
        "quantity": words,
        "ratio": middle,
        "low": low,
        "high": high,
        "n": n,
        "paper": stats.ratio(after, before),
    }


def _names(first, second):
    return {
        "experiment": first[0].experiment,
        "first": first[0].network,
        "second": second[0].network,
    }


def _stated(stage, run, column):
    return paper.value(stage, run.experiment, run.network, column)


def _finished(made, records):
    made.data = frame(records)
    if any(record["n"] > 1 for record in records):
        made.note(INTERVAL)
    if any(record["n"] == 0 for record in records):
        made.note("— stands where a network of the pair was not measured: see Table I.")
    if any(record["n"] == 1 for record in records):
        made.note("One seed (n = 1) gives no interval.")
    return made
