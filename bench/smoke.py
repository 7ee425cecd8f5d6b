"""Where the time of `make smoke` goes: its jobs, and what a job pays before it works.

    make smoke && python bench/smoke.py --out results/bench

Writes smoke.csv: seconds of each rule's jobs, from what Snakemake notes of the
project's jobs (.snakemake/metadata: the last run of each), and start-up costs, each the
least of several fresh processes. «first batch» trains one batch of exp1's SNN on the
fast stack: once with nothing compiled yet, once with numba's cache. No pass or fail.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from paired import ROOT, say, write_csv

RESULTS = "results/smoke/"
# What jobs import, from nothing to a training's modules.
STARTS = {
    "Python": "pass",
    "Snakemake's part of a script": "import snakemake.script",
    "tables (pandas)": "import spikewatt.results.table",
    "figures (matplotlib)": "import matplotlib.figure, spikewatt.figures.style",
    "torch": "import torch",
    "a training on the reference stack": (
        "import spikewatt.train.training, spikewatt.stack.reference"
    ),
    "a training on the fast stack": (
        "import spikewatt.train.training, spikewatt.stack.fast.stack"
    ),
    "a test": "import spikewatt.train.testing, spikewatt.stack.reference",
}
# One batch of made-up images through exp1's SNN, the clock starting after the imports.
BATCH = """
import time
import torch
from paired import config
from spikewatt.network.describe import describe
from spikewatt.network.weights import Network
from spikewatt.network.neuron.settings import Neuron, Surrogate
from spikewatt.stack.fast import spike_events
from spikewatt.stack.fast.spiking_network import SpikingNetwork

layers = describe(config()["architectures"]["dense"], (1, 28, 28), "lif")
network = Network(layers, torch.Generator().manual_seed(0))
spikes = (torch.rand(10, 32, 1, 28, 28) < 0.1).float()
neuron = Neuron("lif", 0.8, 1.0, Surrogate("atan", 2.0), "subtract")
start = time.perf_counter()
runner = SpikingNetwork(network, neuron, torch.Generator())
runner(spike_events.from_frames(spikes)).sum().backward()
print(time.perf_counter() - start)
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="results/bench")
    parser.add_argument("--project", default=str(ROOT), help="where smoke was run")
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    rows = [*jobs(Path(args.project)), *starts(args.repeats), *first_batch()]
    write_csv(Path(args.out) / "smoke.csv", pd.DataFrame(rows))


def jobs(project):
    """A row for each rule of the smoke run, the longest first, and their sum."""
    of_jobs = {}
    for path in (project / ".snakemake" / "metadata").rglob("*"):
        note = json.loads(path.read_text()) if path.is_file() else {}
        logs = note.get("log") or []
        if any(log.startswith(RESULTS) for log in logs):
            # one note for each output of a job; its log is the job's own
            of_jobs[logs[0]] = note["rule"], note["endtime"] - note["starttime"]
    if not of_jobs:  # no smoke run in this project yet
        return
    table = pd.DataFrame(of_jobs.values(), columns=["what", "seconds"])
    sums = table.groupby("what")["seconds"].agg(["count", "sum"])
    for rule, (count, seconds) in sums.sort_values("sum", ascending=False).iterrows():
        yield row("job", rule, int(count), seconds)
    yield row("job", "all", len(table), float(table["seconds"].sum()))


def starts(repeats):
    """A row for each thing that jobs import: seconds of a whole process."""
    for what, code in STARTS.items():
        seconds = min(run(code)[1] for _ in range(repeats))
        yield row("start", what, repeats, seconds)


def first_batch():
    """The first batch of a fast spiking network without numba's cache, and with it."""
    with tempfile.TemporaryDirectory() as folder:
        for what in ("compiled", "from the cache"):
            output, _ = run(BATCH, NUMBA_CACHE_DIR=folder)
            yield row("first batch", what, 1, float(output))


def run(code, **variables):
    """(what `code` prints, seconds) of a process of its own."""
    paths = [ROOT / "bench", ROOT / "workflow" / "scripts"]
    variables["PYTHONPATH"] = os.pathsep.join(map(str, paths))
    command, start = [sys.executable, "-c", code], time.perf_counter()
    output = subprocess.check_output(command, env=os.environ | variables, text=True)
    return output, time.perf_counter() - start


def row(kind, what, count, seconds):
    line = {"kind": kind, "what": what, "count": count, "seconds": seconds}
    say(line)
    return line


if __name__ == "__main__":
    main()
