"""One page on all that the benchmarks found: results/bench/README.md.

    python bench/report.py --out results/bench --data sample

Takes the CSV files that are there and names those that are not.
"""

import argparse
import importlib.metadata
import sys
from pathlib import Path

import pandas as pd
from paired import ROOT  # noqa: F401  (finds the library)

from spikewatt.files import atomic
from spikewatt.train import machine

# (file, heading, what it says, figure or None)
PARTS = (
    (
        "stacks",
        "Reference against fast stack",
        "Seconds a batch, data loading included; the ratio's median over the turns, "
        "its smallest and largest; peak memory of a process that runs one batch.",
        "stacks.svg",
    ),
    (
        "profile",
        "Where the time of a fast training step goes",
        "One thread. must: arithmetic of the network itself.",
        None,
    ),
    (
        "libraries",
        "The fast stack against other libraries",
        "Each with its own neuron, on the same shapes; ratio above 1: the fast stack "
        "is faster.",
        None,
    ),
    (
        "growth_lines",
        "Growth of a training step of exp1's SNN",
        "quantity = constant + slope · value over the settings in growth.csv; "
        "exponent: between the two largest settings, 1 is linear.",
        "growth.svg",
    ),
    (
        "density",
        "Adding events against dense sums",
        "CPU seconds of one layer, forward and weight gradient, one thread.",
        "density.svg",
    ),
    (
        "roofline",
        "What dense sums reach of what the machine can do",
        "Multiply-adds a second of each layer by number format, the most that any "
        "product here reached, and the share of the roof that the layer reaches.",
        "roofline.svg",
    ),
    (
        "smoke",
        "The smoke run's jobs, and what a job pays before it works",
        "job: seconds of all jobs of a rule in the last `make smoke` here, if any; "
        "start: of a process that imports so much; first batch: compiling or not.",
        None,
    ),
)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="results/bench")
    parser.add_argument("--data", required=True, help="which data was used, in a word")
    parser.add_argument("--packages", help="folder with SpikingJelly and norse")
    args = parser.parse_args()
    sys.path += [args.packages] if args.packages else []
    out = Path(args.out)
    text = "\n".join([*head(args.data), *(section(out, *part) for part in PARTS)])
    atomic.write_text(out / "README.md", text)
    print(out / "README.md")


def head(data):
    """Title, machine and versions."""
    device = machine.pick_device("auto")
    facts = {**machine.hardware(device), **machine.versions()}
    for name in ("spikingjelly", "norse"):
        facts[name] = version(name)
    rows = [{"": key, "value": value} for key, value in facts.items() if value]
    return [
        f"# Benchmarks\n\nData: {data}. A benchmark has no pass or fail.\n",
        pd.DataFrame(rows).to_markdown(index=False) + "\n",
    ]


def version(name):
    """The version of a package, or None."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def section(out, name, heading, words, figure):
    """A CSV file as a Markdown table, with its figure."""
    path = out / f"{name}.csv"
    if not path.exists():
        return f"## {heading}\n\nNot measured: {path} is not there.\n"
    rows = pd.read_csv(path).astype(object)
    shown = rows.where(rows.notna(), "")
    table = shown.to_markdown(index=False, floatfmt=".4g")
    picture = f"\n![{heading}]({figure})\n" if figure else ""
    return f"## {heading}\n\n{words}\n\n{table}\n{picture}"


if __name__ == "__main__":
    main()
