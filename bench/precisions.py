"""The fast stack in other precisions against itself in float32: time of a batch.

    python bench/precisions.py --datasets resources/official/datasets

Writes precisions.csv: for each network, phase and precision the seconds of a batch, the
median of the turns, and float32's over them in each turn (median, smallest, largest).
`reference` among the precisions is the reference stack in float32, on prepared data. On
a CPU: CPU seconds of one thread, which suffer less than wall time from other work on
the machine; caches are shared all the same. Whole numbers are for spiking networks
alone. On a card: what its tensor cores round, wall time.
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

from spikewatt.stack.fixed_point import DIGITS
from spikewatt.stack.precision import NAMES
from spikewatt.train import loop

PRECISIONS = ("reference", *NAMES)
# What is measured beside float32 where nothing else is asked for.
USUAL = {"cpu": ("bfloat16", *DIGITS), "cuda": ("tf32", "bfloat16")}
CLOCKS = {
    "cpu": ("cpu_s", time.process_time),
    "cuda": ("wall_s", time.perf_counter),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument(
        *("--precisions",),
        **{"nargs": "+", "choices": PRECISIONS, "metavar": "PRECISION"},
        help=f"some of {', '.join(PRECISIONS)}, beside float32",
    )
    args = parser.parse_args()
    args.precisions = args.precisions or USUAL[device(args)]
    if device(args) == "cpu":
        args.threads = 1
    names = args.networks or networks()
    table = pd.DataFrame([row for name in names for row in rows(args, name)])
    write_csv(Path(args.out) / "precisions.csv", table)


def rows(args, name):
    """The rows of one network; all precisions run once in a turn, in turning order."""
    column, _ = CLOCKS[device(args)]
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
            row[column] = statistics.median(seconds)
            row |= ratio(taken["float32"], seconds)
            say(row)
            yield row


def precisions_of(args, name):
    """What the network runs in: whole numbers only where it spikes."""
    spiking = plan_of(args, name)["neuron"]["kind"] == "lif"
    asked = dict.fromkeys(["float32", *args.precisions])
    return [p for p in asked if spiking or p not in DIGITS]


def batch_of(args, name, precision):
    """A function of the phase that runs a batch and returns its seconds."""
    _, clock = CLOCKS[device(args)]
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
        start = clock()
        one()
        synchronise(setup.device.type)
        return clock() - start

    return run


if __name__ == "__main__":
    main()
