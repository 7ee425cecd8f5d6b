"""The fast stack in whole numbers against itself in float32: CPU time of a batch.

    python bench/precisions.py --datasets resources/official/datasets

Writes precisions.csv: for each spiking network, phase and precision the CPU seconds of
a batch on one thread, the median of the turns, and float32's over them in each turn
(median, smallest, largest). CPU time suffers less than wall time from other work on the
machine; caches are shared all the same.
"""

import argparse
import statistics
import time
from functools import partial
from pathlib import Path

import pandas as pd
import torch
from paired import add_options, built, networks, plan_of, ratio, say, write_csv

from spikewatt.train import loop

PRECISIONS = ("float32", "int8", "fixed16", "fixed24")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    args.threads = 1
    names = args.networks or [name for name in networks() if "snn" in name]
    table = pd.DataFrame([row for name in names for row in rows(args, name)])
    write_csv(Path(args.out) / "precisions.csv", table)


def rows(args, name):
    """The rows of one network; all precisions run once in a turn, in turning order."""
    ways = {p: batch_of(args, plan_of(args, name, precision=p)) for p in PRECISIONS}
    for phase in ("train", "infer"):
        taken = {precision: [] for precision in PRECISIONS}
        for turn in range(args.repeats + 1):
            for precision in PRECISIONS[:: -1 if turn % 2 else 1]:
                seconds = ways[precision](phase)
                if turn:  # the first compiles
                    taken[precision].append(seconds)
        for precision, seconds in taken.items():
            row = {"network": name, "phase": phase, "precision": precision}
            row["cpu_s"] = statistics.median(seconds)
            row |= ratio(taken["float32"], seconds)
            say(row)
            yield row


def batch_of(args, plan):
    """A function of the phase that runs a batch and returns its CPU seconds."""
    setup = built(args, plan, "fast")
    optimiser = torch.optim.Adam(setup.network.parameters(), plan["learning_rate"])
    batch = setup.stack.batches("train", range(plan["batch_size"]), False)

    def run(phase):
        adam = optimiser if phase == "train" else None
        one = partial(loop.one_pass, setup.stack, setup.objective, batch, adam)
        start = time.process_time()
        one()
        return time.process_time() - start

    return run


if __name__ == "__main__":
    main()
