"""Reference against fast stack, network by network: time and memory.

    python bench/stacks.py --datasets resources/official/datasets --out results/bench

Writes stacks.csv and stacks.svg. Each stack has a process of its own, as in the
workflow; they take turns, on the same samples, data loading included. A ratio is taken
within each turn, and the table gives the median with the smallest and largest. Peak
memory is that of the whole process after two batches. No pass or fail.
"""

import argparse
import statistics
from functools import partial
from pathlib import Path

import pandas as pd
from paired import (
    Worker,
    add_options,
    device,
    networks,
    ratio,
    save,
    say,
    turns,
    write_csv,
)

PHASES = ("train", "infer")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=12, help="per network, phase")
    args = parser.parse_args()
    names = args.networks or networks()
    table = pd.DataFrame([row for name in names for row in rows(args, name)])
    write_csv(Path(args.out) / "stacks.csv", table)
    draw(table, Path(args.out) / "stacks.svg")


def rows(args, name):
    """The rows of one network: seconds a batch in both stacks, and peak memory."""
    with Worker(args, name, "reference") as slow, Worker(args, name, "fast") as quick:
        for phase in PHASES:
            ways = {"reference": partial(slow, phase), "fast": partial(quick, phase)}
            timed = turns(ways, args.repeats, args.seconds)
            row = {"network": name, "phase": phase, "device": device(args)}
            row |= {f"{way}_s": statistics.median(s) for way, s in timed.items()}
            row |= ratio(timed["reference"], timed["fast"])
            row["reference_peak_mb"] = slow.peaks[phase]
            row["fast_peak_mb"] = quick.peaks[phase]
            say(row)
            yield row


def draw(table, path):
    """How many times faster the fast stack is; training above, inference below."""
    from matplotlib.figure import Figure

    names = list(dict.fromkeys(table["network"]))
    figure = Figure(figsize=(7, 0.6 + 0.6 * len(names)), layout="constrained")
    axis = figure.subplots()
    for phase, shift, mark, colour in zip(
        PHASES, (-0.12, 0.12), "os", ("#d97700", "#00508f"), strict=True
    ):
        part = table[table["phase"] == phase]
        middle = part["ratio"]
        ends = [middle - part["ratio_low"], part["ratio_high"] - middle]
        places = [names.index(name) + shift for name in part["network"]]
        look = {"fmt": mark, "color": colour, "capsize": 3}
        axis.errorbar(middle, places, xerr=ends, label=phase, **look)
    axis.axvline(1, color="black", linewidth=0.8)
    axis.set(xscale="log", xlabel="time of the reference stack / of the fast stack")
    most = 2 * table["ratio"].max()
    ticks = [tick for tick in (0.5, 1, 2, 5, 10, 20, 50) if tick <= most]
    axis.set_xticks(ticks, labels=[f"{tick:g}" for tick in ticks])
    axis.xaxis.set_minor_formatter("")
    axis.set_yticks(range(len(names)), labels=names)
    axis.invert_yaxis()
    axis.legend()
    save(figure, path)


if __name__ == "__main__":
    main()
