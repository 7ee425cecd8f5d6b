"""How far the same training comes apart when only the number of threads differs.

    python bench/threads.py --datasets resources/official/datasets --out results/bench

Trains exp1's ANN in the reference stack, seed 0, with one thread, with one again and
with two, each in a process of its own, and writes threads.csv: after how many updates
which relative distance (the norm of the difference of all weights over that of the
weights) there is to the first. No pass or fail.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
import torch
from paired import add_options, built, plan_of, say, write_csv

from spikewatt.train import assembly, loop

NETWORK = "exp1/ann"
AFTER = (1, 2, 5, 10, 20, 50, 100, 200, 300, 500, 1000, 2000, 3750)
RUNS = {"one thread": 1, "one thread again": 1, "two threads": 2}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--updates", type=int, default=AFTER[-1])
    parser.add_argument("--weights", help=argparse.SUPPRESS)  # of one of the runs
    args = add_options(parser).parse_args()
    if args.weights:
        torch.save(weights(args), args.weights)
        return
    with tempfile.TemporaryDirectory() as folder:
        runs = [
            trained(args, threads, Path(folder) / f"{number}.pt")
            for number, threads in enumerate(RUNS.values())
        ]
    rows = []
    for way, run in list(zip(RUNS, runs, strict=True))[1:]:
        for updates, vector in run.items():
            first = runs[0][updates]
            distance = float((vector - first).norm() / first.norm())
            rows.append({"run": way, "updates": updates, "distance": distance})
            say(rows[-1])
    write_csv(Path(args.out) / "threads.csv", pd.DataFrame(rows))


def trained(args, threads, path):
    """`weights` of a process that computes with so many threads."""
    options = vars(args) | {"threads": threads, "weights": path}
    del options["networks"]
    words = [f"--{name}={value}" for name, value in options.items()]
    subprocess.run([sys.executable, __file__, *words], check=True)
    return torch.load(path)


def weights(args):
    """{updates: all weights and biases as one vector} of a training of seed 0."""
    setup = built(args, plan_of(args, NETWORK), "reference")
    labels = setup.data.split("train").labels
    chosen, _ = assembly.split(labels, setup.plan, setup.streams.split)
    rate = setup.plan["learning_rate"]
    optimiser = torch.optim.Adam(setup.network.parameters(), lr=rate)
    setup.network.train()
    kept, updates = {}, 0
    while updates < args.updates:
        for samples, targets in setup.stack.batches("train", chosen, True):
            loop.batch(setup.stack, setup.objective, samples, targets, True)
            optimiser.step()
            updates += 1
            if updates in AFTER or updates == args.updates:
                vector = torch.nn.utils.parameters_to_vector(setup.network.parameters())
                kept[updates] = vector.detach().clone()
            if updates == args.updates:
                break
    return kept


if __name__ == "__main__":
    main()
