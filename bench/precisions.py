"""The fast stack in other precisions against itself in float32: CPU time of a batch.

    python bench/precisions.py --datasets resources/official/datasets

Writes precisions.csv: for each network, phase and precision the CPU seconds of a batch
on one thread, the median of the turns, and float32's over them in each turn (median,
smallest, largest). `reference` among the precisions is the reference stack in float32,
on prepared data. Whole numbers are for spiking networks alone. CPU time suffers less
than wall time from other work on the machine; caches are shared all the same.
"""

import argparse
import statistics
import time
from functools import partial
from pathlib import Path

import pandas as pd
import torch
from paired import add_options, built, networks, plan_of, ratio, say, write_csv

from spikewatt.stack.fixed_point import DIGITS
from spikewatt.stack.precision import NAMES
from spikewatt.train import loop

PRECISIONS = ("reference", *NAMES)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument(
        *("--precisions",),
        **{"nargs": "+", "choices": PRECISIONS, "metavar": "PRECISION"},
        default=["bfloat16", *DIGITS],
        help=f"some of {', '.join(PRECISIONS)}, beside float32",
    )
    args = parser.parse_args()
    args.threads = 1
    names = args.networks or networks()
    table = pd.DataFrame([row for name in names for row in rows(args, name)])
    write_csv(Path(args.out) / "precisions.csv", table)


def rows(args, name):
    """The rows of one network; all precisions run once in a turn, in turning order."""
    ways = {p: batch_of(args, name, p) for p in precisions_of(args, name)}
    for phase in ("train", "infer"):
        taken = {precision: [] for precision in ways}
        for turn in range(args.repeats + 1):
            for precision in list(ways)[:: -1 if turn % 2 else 1]:
                seconds = ways[precision](phase)
                if turn:  # the first compiles
                    taken[precision].append(seconds)
        for precision, seconds in taken.items():
            row = {"network": name, "phase": phase, "precision": precision}
            row["cpu_s"] = statistics.median(seconds)
            row |= ratio(taken["float32"], seconds)
            say(row)
            yield row


def precisions_of(args, name):
    """What the network runs in: whole numbers only where it spikes."""
    spiking = plan_of(args, name)["neuron"]["kind"] == "lif"
    asked = dict.fromkeys(["float32", *args.precisions])
    return [p for p in asked if spiking or p not in DIGITS]


def batch_of(args, name, precision):
    """A function of the phase that runs a batch and returns its CPU seconds."""
    reference = precision == "reference"
    plan = plan_of(
        *(args, name),
        precision=None if reference else precision,
        batch_size=args.batch,
    )
    setup = built(args, plan, "reference" if reference else "fast")
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
