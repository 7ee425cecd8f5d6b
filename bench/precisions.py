"""The fast stack in other precisions against itself in float32: time of a batch.

    python bench/precisions.py --datasets resources/official/datasets

Writes precisions.csv: for each network, phase and precision the seconds of a batch, the
median of the turns, and float32's over them in each turn (median, smallest, largest).
On a CPU: whole numbers, the spiking networks, CPU seconds of one thread, which suffer
less than wall time from other work on the machine; caches are shared all the same. On a
card: what its tensor cores round, all networks, wall time.
"""

import argparse
import statistics
import time
from functools import partial
from pathlib import Path

import pandas as pd
import torch
from paired import (
    add_options,
    built,
    device,
    networks,
    plan_of,
    ratio,
    say,
    synchronise,
    write_csv,
)

from spikewatt.train import loop

PRECISIONS = {
    "cpu": ("float32", "int8", "fixed16", "fixed24"),
    "cuda": ("float32", "tf32", "bfloat16"),
}
CLOCKS = {
    "cpu": ("cpu_s", time.process_time),
    "cuda": ("wall_s", time.perf_counter),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    if device(args) == "cpu":
        args.threads = 1
        args.networks = args.networks or [name for name in networks() if "snn" in name]
    names = args.networks or networks()
    table = pd.DataFrame([row for name in names for row in rows(args, name)])
    write_csv(Path(args.out) / "precisions.csv", table)


def rows(args, name):
    """The rows of one network; all precisions run once in a turn, in turning order."""
    precisions, (column, _) = PRECISIONS[device(args)], CLOCKS[device(args)]
    ways = {p: batch_of(args, plan_of(args, name, precision=p)) for p in precisions}
    for phase in ("train", "infer"):
        taken = {precision: [] for precision in precisions}
        for turn in range(args.repeats + 1):
            for precision in precisions[:: -1 if turn % 2 else 1]:
                seconds = ways[precision](phase)
                if turn:  # the first compiles
                    taken[precision].append(seconds)
        for precision, seconds in taken.items():
            row = {"network": name, "phase": phase, "precision": precision}
            row[column] = statistics.median(seconds)
            row |= ratio(taken["float32"], seconds)
            say(row)
            yield row


def batch_of(args, plan):
    """A function of the phase that runs a batch and returns its seconds."""
    setup, (_, clock) = built(args, plan, "fast"), CLOCKS[device(args)]
    optimiser = torch.optim.Adam(setup.network.parameters(), plan["learning_rate"])
    batch = setup.stack.batches("train", range(plan["batch_size"]), False)

    def run(phase):
        adam = optimiser if phase == "train" else None
        one = partial(loop.one_pass, setup.stack, setup.objective, batch, adam)
        start = clock()
        one()
        synchronise(setup.device.type)
        return clock() - start

    return run


if __name__ == "__main__":
    main()
