"""Reference against fast stack, network by network: time and memory.

    python bench/stacks.py --datasets resources/official/datasets --out results/bench

Writes stacks.csv and stacks.svg. Each stack has a process of its own, as in the
workflow; they take turns, on the same samples, data loading included. A ratio is taken
within each turn, and the table gives the median with the smallest and largest. Peak
memory is that of the whole process after two batches. --precisions runs the fast stack
in several, each in a process of its own, in the same turns; the figure has the first.
No pass or fail.
"""

import argparse
import statistics
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pandas as pd
from paired import (
    Worker,
    add_options,
    device,
    networks,
    plan_of,
    ratio,
    save,
    say,
    turns,
    write_csv,
)

from spikewatt.stack.fixed_point import DIGITS
from spikewatt.stack.precision import NAMES

PHASES = ("train", "infer")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=12, help="per network, phase")
    parser.add_argument(
        *("--precisions",),
        **{"nargs": "+", "choices": NAMES, "default": ["float32"]},
        **{"metavar": "PRECISION"},
        help=f"of the fast stack, some of {', '.join(NAMES)} (default: float32)",
    )
    args = parser.parse_args()
    names = args.networks or networks()
    table = pd.DataFrame([row for name in names for row in rows(args, name)])
    write_csv(Path(args.out) / "stacks.csv", table)
    first = table[table["precision"] == args.precisions[0]]
    draw(first, Path(args.out) / "stacks.svg")


def rows(args, name):
    """The rows of one network: seconds a batch in both stacks, and peak memory."""
    with ExitStack() as open_:
        slow = open_.enter_context(Worker(args, name, "reference"))
        quick = {
            precision: open_.enter_context(
                Worker(args, name, "fast", precision=precision)
            )
            for precision in precisions_of(args, name)
        }
        for phase in PHASES:
            ways = {"reference": partial(slow, phase)}
            ways |= {way: partial(worker, phase) for way, worker in quick.items()}
            timed = turns(ways, args.repeats, args.seconds * len(quick))
            for precision, worker in quick.items():
                row = {"network": name, "phase": phase, "precision": precision}
                row["device"] = device(args)
                row["reference_s"] = statistics.median(timed["reference"])
                row["fast_s"] = statistics.median(timed[precision])
                row |= ratio(timed["reference"], timed[precision])
                row["reference_peak_mb"] = slow.peaks[phase]
                row["fast_peak_mb"] = worker.peaks[phase]
                say(row)
                yield row


def precisions_of(args, name):
    """Those asked for that the network has: whole numbers are for spikes."""
    spiking = plan_of(args, name)["neuron"]["kind"] == "lif"
    return [p for p in args.precisions if spiking or p not in DIGITS]


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
