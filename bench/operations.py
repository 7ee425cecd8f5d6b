"""What counting operations costs a test: a pass of the fast stack with it and without.

    python bench/operations.py --datasets FOLDER --networks exp1/ann --threads 1

CPU seconds of the process, in which other work on the machine shows least, or seconds
on a GPU. One way after the other in turns, the order alternating; the ratios within the
turns, median and quartiles. Results: operations_cost.csv in --out.
"""

import argparse
import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from paired import (
    add_options,
    built,
    device,
    networks,
    plan_of,
    say,
    synchronise,
    write_csv,
)

from spikewatt.train import loop

QUARTILES = (0.25, 0.5, 0.75)


def passes(args, name):
    """{way: a function that passes over test samples and returns the seconds}."""
    setup = built(args, plan_of(args, name), "fast")
    setup.network.eval()
    count = min(args.samples, len(setup.data.split("test").labels))
    kind = device(args)
    clock = time.perf_counter if kind == "cuda" else time.process_time

    def run(tallied):
        part = setup.stack.batches("test", np.arange(count), shuffle=False)
        start = clock()
        loop.one_pass(setup.stack, setup.objective, part, tallied=tallied)
        synchronise(kind)
        return clock() - start

    return {"with": partial(run, True), "without": partial(run, False)}


def measured(args, name):
    """A row: what share of a test counting adds, with the spread over the turns."""
    ways = passes(args, name)
    for run in ways.values():
        run()  # compiles and allocates
    ratios, without = [], []
    for turn in range(args.turns):
        order = list(ways)[:: -1 if turn % 2 else 1]
        taken = {way: ways[way]() for way in order}
        ratios.append(taken["with"] / taken["without"])
        without.append(taken["without"])
    low, middle, high = np.quantile(ratios, QUARTILES)
    return {
        "network": name,
        "added_pct": 100 * (middle - 1),
        "added_lower_quartile_pct": 100 * (low - 1),
        "added_upper_quartile_pct": 100 * (high - 1),
        "pass_without_s": float(np.median(without)),
        "turns": args.turns,
        "threads": torch.get_num_threads(),
        "device": device(args),
    }


def main():
    parser = add_options(argparse.ArgumentParser(description=__doc__))
    parser.add_argument("--turns", type=int, default=31)
    parser.add_argument("--samples", type=int, default=2_000)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    rows = []
    for name in args.networks or networks():
        rows.append(measured(args, name))
        say(rows[-1])
    write_csv(Path(args.out) / "operations_cost.csv", pd.DataFrame(rows))


if __name__ == "__main__":
    main()
