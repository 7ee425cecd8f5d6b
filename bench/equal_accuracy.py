"""Whether both stacks reach the same test accuracy: an equivalence test over seeds.

    python bench/equal_accuracy.py results --margin 0.2 --out results/bench
    python bench/equal_accuracy.py results/float32 --against results/int8

Reads test.csv of every run in `results` and writes equal_accuracy.csv, a row a network
that was tested on both stacks: accuracies seed by seed, the mean difference fast −
reference over the seeds that both have, its 90 % interval (Student t, paired by seed),
and the answer of two one-sided tests at 5 %: «equivalent» where the interval lies
within ± margin (percentage points), «different» where it lies wholly outside,
«inconclusive» else. State the margin before you look. With `--against`, the fast
stack's runs of the two folders are compared, the second minus the first: other
precisions, say.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from paired import STACKS, say, write_csv
from scipy import stats

LEVEL = 0.9  # two one-sided tests at 5 % each


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", help="a results folder with runs of both stacks")
    parser.add_argument("--against", help="another folder, with the fast stack's runs")
    parser.add_argument("--margin", type=float, default=0.2, help="percentage points")
    parser.add_argument("--out", default="results/bench")
    args = parser.parse_args()
    table, names = tested(Path(args.results)), STACKS
    if args.against:
        names = (args.results, args.against)
        fast = [table["fast"], tested(Path(args.against))["fast"]]
        table = pd.concat(fast, axis=1, keys=names)
    rows = list(compared(table, names, args.margin))
    if not rows:
        both = " and ".join(names)
        parser.error(f"no network was tested with seeds on both of {both}")
    write_csv(Path(args.out) / "equal_accuracy.csv", pd.DataFrame(rows))


def tested(results):
    """Test accuracies in percent: index network, seed; a column a stack."""
    rows = [
        pd.read_csv(path).iloc[0]
        for path in sorted(results.glob("runs/*/*/*/seed*/test.csv"))
    ]
    table = pd.DataFrame(rows, columns=["experiment", "network", "stack", "seed"] + [
        "test_accuracy_pct"
    ])  # fmt: skip
    table["network"] = table["experiment"] + "/" + table["network"]
    return table.pivot_table("test_accuracy_pct", ["network", "seed"], "stack")


def compared(accuracies, names, margin):
    """A row for each network that has at least two seeds in both columns `names`."""
    if not set(names) <= set(accuracies):
        return
    first, second = names
    both = accuracies[[first, second]].dropna()
    for network, part in both.groupby(level="network"):
        if len(part) < 2:
            continue
        low, high = interval(part[second] - part[first])
        row = {"network": network, "seeds": len(part)}
        row |= {name: " ".join(f"{v:.2f}" for v in part[name]) for name in names}
        row |= {"difference": (low + high) / 2, "low": low, "high": high}
        row |= {"margin": margin, "answer": answer(low, high, margin)}
        say(row)
        yield row


def interval(differences):
    """The 90 % interval of the mean of paired differences."""
    mean, error = np.mean(differences), stats.sem(differences)
    half = stats.t.ppf((1 + LEVEL) / 2, len(differences) - 1) * error
    return float(mean - half), float(mean + half)


def answer(low, high, margin):
    """What an interval of a difference says about equivalence within ± margin."""
    if -margin < low and high < margin:
        return "equivalent"
    return "different" if low > margin or high < -margin else "inconclusive"


if __name__ == "__main__":
    main()
