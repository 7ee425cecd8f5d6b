"""How time and memory of a training step grow with time steps, batch and width.

    python bench/growth.py --datasets resources/official/datasets --out results/bench

Takes exp1's spiking network in both stacks and writes growth.csv (every point),
growth_lines.csv (the straight line through each curve) and growth.svg. No pass or
fail.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from paired import (
    STACKS,
    Worker,
    add_options,
    save,
    say,
    write_csv,
)

NETWORK = "exp1/snn"
OVER = {
    "steps": (10, 30, 100, 300, 1000),
    "batch_size": (16, 64, 128, 256, 512),
    "width": (64, 256, 512, 1024),
}
QUANTITIES = {"seconds": "training step / s", "peak_mb": "peak memory / MB"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args = add_options(parser).parse_args()
    table = pd.DataFrame([
        point(args, what, value, stack)
        for what, values in OVER.items()
        for value in values
        for stack in STACKS
    ])  # fmt: skip
    out = Path(args.out)
    write_csv(out / "growth.csv", table)
    write_csv(out / "growth_lines.csv", lines(table))
    draw(table, out / "growth.svg")


def point(args, what, value, stack):
    """Seconds (the best of three) and peak memory of a step at one setting."""
    with Worker(args, NETWORK, stack, **{what: value}) as run:
        seconds = min(run("train") for _ in range(3))
        memory = run.peaks["train"]
    row = {"over": what, "value": value, "stack": stack}
    row |= {"seconds": seconds, "peak_mb": memory}
    say(row)
    return row


def lines(table):
    """quantity = constant + slope · value, the relative errors' squares smallest.

    exponent: of the power law between the two largest settings; 1 is linear.
    """
    rows = []
    for (what, stack), part in table.groupby(["over", "stack"], sort=False):
        for quantity in QUANTITIES:
            at, measured = part["value"].to_numpy(float), part[quantity].to_numpy(float)
            slope, constant = np.polyfit(at, measured, 1, w=1 / measured)
            off = np.abs((constant + slope * at) / measured - 1).max()
            exponent = np.log(measured[-1] / measured[-2]) / np.log(at[-1] / at[-2])
            row = {"over": what, "stack": stack, "quantity": quantity}
            row |= {"constant": constant, "slope": slope}
            row |= {"largest_deviation_pct": 100 * off, "exponent": exponent}
            rows.append(row)
    return pd.DataFrame(rows)


def draw(table, path):
    """Growth as log-log curves: time above, memory below."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5), layout="constrained")
    axes = figure.subplots(len(QUANTITIES), len(OVER), sharey="row", sharex="col")
    looks = {"reference": ("o", "#d97700"), "fast": ("s", "#00508f")}
    for column, what in enumerate(OVER):
        for row, quantity in enumerate(QUANTITIES):
            axis = axes[row][column]
            for stack, (mark, colour) in looks.items():
                part = table[(table["over"] == what) & (table["stack"] == stack)]
                points = part["value"], part[quantity]
                axis.loglog(*points, marker=mark, color=colour, label=stack)
        axes[1][column].set_xlabel(what.replace("_", " "))
        axes[1][column].set_xticks(OVER[what], labels=OVER[what])
        axes[1][column].tick_params(axis="x", which="minor", bottom=False)
        axes[1][column].xaxis.set_minor_formatter("")
    for row, label in enumerate(QUANTITIES.values()):
        axes[row][0].set_ylabel(label)
    axes[0][0].legend()
    save(figure, path)


if __name__ == "__main__":
    main()
