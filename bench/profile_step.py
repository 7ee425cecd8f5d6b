"""Where the time of a fast training step goes, network by network (CPU, one thread).

    python bench/profile_step.py --datasets FOLDER --out results/bench

Writes profile.csv: seconds a batch and share of each kind of work. «must» marks the
arithmetic of the networks themselves (weighted sums, neurons, gradients); the rest is
feeding, loss, Adam and Python. Python's profiler counts the compiled kernels with the
function that calls them; its own cost is small beside theirs. No pass or fail.
"""

import argparse
import cProfile
import pstats
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from paired import add_options, built, networks, plan_of, say, write_csv

from spikewatt.compute import process
from spikewatt.train import loop

# Of a spiking network, torch's backward is a call of ours, counted by its parts.
BACKWARD = "backward (ReLU network)"
# kind: (must, functions that stand for it: (file, name))
KINDS = {
    "feeding": (False, {("feed.py", "__call__"), ("feed.py", "__iter__")}),
    "sums and neurons by events": (
        True,
        {("sparse.py", "forward"), ("sparse.py", "recompute")},
    ),
    "sums and neurons, dense": (True, {("dense.py", "forward")}),
    "neurons backward": (True, {("spiking_layer.py", "_through_neurons")}),
    "weight gradients, gathered": (True, {("sparse.py", "weights_back")}),
    "input gradients, pooling winners": (True, {("sparse.py", "inputs_back")}),
    "gradients, dense": (True, {("spiking_layer.py", "_dense_back")}),
    "weighted sums (ReLU network)": (True, {("weights.py", "non_spiking")}),
    BACKWARD: (True, {("graph.py", "_engine_run_backward")}),
    "loss": (False, {("objective.py", "loss")}),
    "Adam": (False, {("adam.py", "step")}),
}
BATCHES = 4


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args = add_options(parser).parse_args()
    args.device, args.threads = "cpu", 1
    rows = [row for name in args.networks or networks() for row in profiled(args, name)]
    write_csv(Path(args.out) / "profile.csv", pd.DataFrame(rows))


def profiled(args, name):
    """The rows of one network."""
    plan = plan_of(args, name)
    process.keep_memory("fast")
    setup = built(args, plan, "fast")
    optimiser = torch.optim.Adam(setup.network.parameters(), plan["learning_rate"])
    count = min(2 * plan["batch_size"], len(setup.data.split("train")))

    def step():
        part = setup.stack.batches("train", np.arange(count), True)
        loop.one_pass(setup.stack, setup.objective, part, optimiser)
        return len(part)

    step()
    profile = cProfile.Profile()
    batches = sum(profile.runcall(step) for _ in range(BATCHES // 2))
    profiled = pstats.Stats(profile)
    total, rest = profiled.total_tt, profiled.total_tt
    for kind, (must, functions) in KINDS.items():
        if kind == BACKWARD and setup.stack.spiking:
            continue
        seconds = sum(
            cumulative
            for (file, _, function), (_, _, _, cumulative, _) in profiled.stats.items()
            if (Path(file).name, function) in functions
        )
        rest -= seconds
        if seconds:
            yield row(name, kind, must, seconds, total, batches)
    yield row(name, "everything else", False, rest, total, batches)


def row(name, kind, must, seconds, total, batches):
    line = {"network": name, "kind": kind, "must": must}
    line |= {"seconds": seconds / batches, "share_pct": 100 * seconds / total}
    say(line)
    return line


if __name__ == "__main__":
    main()
