"""Reference against fast stack: time, memory and growth, in pairs on one machine.

    python bench/stacks.py --datasets resources/official/datasets --out results/bench

Writes stacks.csv (a row for each network and phase), growth.csv, growth.svg and
stacks.md. Both stacks take turns within one process, on the same samples, data loading
included; a ratio is taken within each turn, and the table gives the median with the
smallest and largest. Peak memory is that of a whole process which trains one batch.
No pass or fail.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

import numpy as np
import pandas as pd
import torch
import yaml

from spikewatt import assembly, atomic, loop
from spikewatt.plan import run_plan

ROOT = Path(__file__).parents[1]
STACKS = ("reference", "fast")
GROWTH = {
    "steps": (10, 30, 100, 300, 1000),
    "batch_size": (16, 32, 64, 128, 256, 512),
    "width": (64, 128, 256, 512, 1024),
}


def main():
    args = arguments()
    if args.peak:
        return print(json.dumps(peak(args)))
    out = Path(args.out)
    table = pd.DataFrame([row for name in args.networks for row in pairs(args, name)])
    write_csv(out / "stacks.csv", table)
    atomic.write_text(out / "stacks.md", report(table, args))
    if args.growth:
        grown = growth(args)
        write_csv(out / "growth.csv", grown)
        draw(grown, out / "growth.svg")
    return None


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--datasets", required=True, help="folder of prepared datasets")
    parser.add_argument("--out", default="results/bench")
    parser.add_argument("--config", default=ROOT / "config.yaml")
    parser.add_argument("--networks", nargs="*", help="exp1/snn … (default: all)")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--batches", type=int, default=2, help="batches in a slice")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="auto")
    parser.add_argument("--growth", action="store_true", help="growth curves as well")
    parser.add_argument("--set", default="{}", help="JSON laid over each plan")
    parser.add_argument("--peak", choices=STACKS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    text = Path(args.config).read_text(encoding="utf-8")
    args.config_text = yaml.safe_load(text)
    args.networks = args.networks or [
        f"{experiment}/{network}"
        for experiment, setting in args.config_text["experiments"].items()
        for network in setting["networks"]
    ]
    return args


def plan_of(args, name, **changes):
    plan = run_plan(args.config_text, *name.split("/"))
    changes = {**json.loads(args.set), **changes}
    width = changes.pop("width", None)
    if width:
        plan["architecture"] = [{"linear": width}, {"linear": width}, {"linear": 10}]
    return plan | {"device": args.device, "threads": args.threads} | changes


def built(args, plan, stack):
    """Setup, optimiser and a function that runs one slice in a phase."""
    dataset = Path(args.datasets) / f"{plan['dataset']}.safetensors"
    setup = assembly.build(plan, dataset, stack, seed=0, stage="train")
    optimiser = torch.optim.Adam(setup.network.parameters(), plan["learning_rate"])

    def run(phase, batches):
        count = min(batches * plan["batch_size"], len(setup.data.split("train")))
        part = setup.stack.batches("train", np.arange(count), phase == "train")
        chosen = optimiser if phase == "train" else None
        start = time.perf_counter()
        loop.one_pass(setup.stack, setup.objective, part, chosen)
        if setup.device.type == "cuda":
            torch.cuda.synchronize()
        return (time.perf_counter() - start) / len(part)

    return run


def pairs(args, name):
    """The rows of one network: seconds a batch in both stacks, and peak memory."""
    plan = plan_of(args, name)
    runs = {stack: built(args, plan, stack) for stack in STACKS}
    peaks = {stack: measured_peak(args, name, stack) for stack in STACKS}
    for phase in ("train", "infer"):
        times = {stack: [] for stack in STACKS}
        for turn in range(-1, args.repeats):
            for stack in STACKS[:: -1 if turn % 2 else 1]:
                seconds = runs[stack](phase, args.batches if turn >= 0 else 1)
                if turn >= 0:  # the first turn compiles and allocates
                    times[stack].append(seconds)
        row = {"network": name, "phase": phase, "device": device(args)} | compared(
            times
        )
        if phase == "train":
            row |= {f"{stack}_peak_mb": peaks[stack] for stack in STACKS}
        print(row, file=sys.stderr, flush=True)
        yield row


def compared(times):
    """Medians of both stacks and of the ratios within the turns."""
    ratios = [a / b for a, b in zip(*times.values(), strict=True)]
    return {
        "reference_s": statistics.median(times["reference"]),
        "fast_s": statistics.median(times["fast"]),
        "ratio": statistics.median(ratios),
        "ratio_low": min(ratios),
        "ratio_high": max(ratios),
    }


def measured_peak(args, name, stack, **changes):
    """Peak memory in MB of a process that trains one batch."""
    command = [
        *(sys.executable, __file__, "--datasets", args.datasets, "--peak", stack),
        *("--networks", name, "--device", args.device, "--config", str(args.config)),
        *("--threads", str(args.threads)),
        *("--set", json.dumps({**json.loads(args.set), **changes})),
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])["peak_mb"]


def peak(args):
    run = built(args, plan_of(args, args.networks[0]), args.peak)
    seconds = [run("train", 1) for _ in range(2)][-1]
    if device(args) == "cuda":
        used = torch.cuda.max_memory_allocated()
    else:
        # not ru_maxrss, which a child inherits from the process that started it
        status = Path("/proc/self/status").read_text()
        used = int(status.partition("VmHWM:")[2].split()[0]) * 1024
    return {"peak_mb": round(used / 1e6, 1), "seconds": seconds}


def device(args):
    if args.device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return args.device


def growth(args):
    """Seconds and peak memory of a training step over steps, batch and width."""
    rows = []
    for what, values in GROWTH.items():
        for value in values:
            for stack in STACKS:
                run = built(args, plan_of(args, "exp1/snn", **{what: value}), stack)
                run("train", 1)
                seconds = min(run("train", 1) for _ in range(3))
                memory = measured_peak(args, "exp1/snn", stack, **{what: value})
                row = {"over": what, "value": value, "stack": stack}
                rows.append(row | {"seconds": seconds, "peak_mb": memory})
                print(rows[-1], file=sys.stderr, flush=True)
    return pd.DataFrame(rows)


def draw(table, path):
    """Growth as log-log curves: time above, memory below."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5), layout="constrained")
    axes = figure.subplots(2, len(GROWTH), sharey="row", sharex="col")
    for column, what in enumerate(GROWTH):
        for row, quantity in enumerate(("seconds", "peak_mb")):
            axis = axes[row][column]
            for stack in STACKS:
                part = table[(table["over"] == what) & (table["stack"] == stack)]
                axis.loglog(part["value"], part[quantity], marker="o", label=stack)
        axes[1][column].set_xlabel(what.replace("_", " "))
        axes[1][column].set_xticks(GROWTH[what], labels=GROWTH[what])
        axes[1][column].tick_params(axis="x", which="minor", bottom=False)
        axes[1][column].xaxis.set_minor_formatter("")
    axes[0][0].set_ylabel("training step (s)")
    axes[1][0].set_ylabel("peak memory (MB)")
    axes[0][0].legend()
    with atomic.placing(path) as temporary:
        figure.savefig(temporary)


def report(table, args):
    shown = table.round(4).to_markdown(index=False)
    return (
        f"# Reference against fast stack\n\nSeconds a batch, data loading included; "
        f"{args.repeats} turns; torch {torch.__version__}, {args.threads} threads, "
        f"{processor()}.\n\n{shown}\n"
    )


def processor():
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "unknown processor"


def write_csv(path, table):
    with atomic.writing(path) as handle:
        table.to_csv(handle, index=False)


if __name__ == "__main__":
    main()
