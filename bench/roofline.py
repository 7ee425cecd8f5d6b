"""What each layer's dense sums reach of what this machine can do, by number format.

    python bench/roofline.py --out results/bench

A roofline (Williams, Waterman, Patterson, CACM 52(4), 2009, 65): operations a second
against operations a byte. The roof is the lower of two lines, the most multiply-adds a
second that any product here reached and the bytes a second of a copy times the layer's
multiply-adds a byte. A layer's bytes are those of its inputs, weights and currents,
each moved once. Products with padding count, since they are made. Writes roofline.csv
and roofline.svg: random spikes (one input in ten), the layers of the paper's three
spiking networks, 25 steps of some samples at once. No pass or fail.
"""

import argparse
from pathlib import Path

import pandas as pd
import torch
from density import NETWORKS
from paired import clocked, config, save, say, write_csv

from spikewatt.network.describe import describe
from spikewatt.stack.fast.geometry import geometry
from spikewatt.stack.fast.int8_products import int8_products
from spikewatt.stack.fast.products import products

FORMATS = {"float32": 4, "bfloat16": 2, "int8": 1}  # bytes of an input and a weight
SUM_BYTES = 4  # int8 products give float32 sums, too
IMAGES, DENSITY = 25 * 8, 0.1
# Dense layers on which the most that a product can reach is looked for.
SQUARES = (1024, 2048)
COPIED = 1 << 26  # float32 values of a copy: far more than any cache
SLICE_S, TURNS = 0.1, 5


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="results/bench")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    with torch.inference_mode():
        table = pd.DataFrame(measured())
    table.insert(0, "threads", args.threads)
    write_csv(Path(args.out) / "roofline.csv", table)
    draw(table, Path(args.out) / "roofline.svg")


def measured():
    """A row a layer and format; the roofs stand in each row of their format."""
    bandwidth = copied_bytes_per_s()
    layers = dict(all_layers())
    for form, size in FORMATS.items():
        reached = {name: speed(layer, form) for name, layer in layers.items()}
        squares = [speed(square(edge), form) for edge in SQUARES]
        most = max(filter(None, [*squares, *reached.values()]), default=None)
        for name, layer in layers.items():
            macs, moved = macs_per_image(layer), bytes_per_image(layer, size)
            row = {"layer": name, "format": form, "macs_per_byte": macs / moved}
            row["gmac_per_s"] = reached[name] and reached[name] / 1e9
            row["most_gmac_per_s"] = most and most / 1e9
            row["copy_gb_per_s"] = bandwidth / 1e9
            row["of_roof"] = of_roof(row)
            say(row)
            yield row


def of_roof(row):
    """The share of the roof that a layer reaches, or None where it was not measured."""
    if row["gmac_per_s"] is None:
        return None
    roof = min(row["most_gmac_per_s"], row["copy_gb_per_s"] * row["macs_per_byte"])
    return row["gmac_per_s"] / roof


def all_layers():
    """(name, described layer) of the networks that `density.py` looks at, too."""
    architectures = config()["architectures"]
    for network, shape in NETWORKS.items():
        layers = describe(architectures[network], shape, "lif")
        for number, layer in enumerate(layers, start=1):
            yield f"{network} {number}", layer


def square(edge):
    """A dense layer of `edge` inputs and as many currents."""
    return describe([{"linear": edge}], (edge, 1, 1), "lif")[0]


def macs_per_image(layer):
    """Multiply-adds of one image's dense sums, those with padding included."""
    shape = geometry(layer)
    # A whole image is one matrix, which meets no padding.
    summed = shape.inputs if shape.whole else shape.fan_in
    return shape.rows * shape.columns * shape.filters * summed


def bytes_per_image(layer, size):
    """Bytes of an image's inputs and currents, and its share of the weights."""
    shape = geometry(layer)
    weights = layer.conv_shape[0] * layer.fan_in
    currents = shape.rows * shape.columns * shape.filters
    return size * (shape.inputs + weights / IMAGES) + SUM_BYTES * currents


def speed(layer, form):
    """Multiply-adds a second, the best of some turns; None where this torch can't."""
    try:
        step = sums(layer, form)
        step()
    except (RuntimeError, AttributeError, NotImplementedError) as error:
        say(f"no {form} products here: {error}")
        return None
    run = clocked(step, "cpu")
    times = max(1, round(SLICE_S / run()))
    return IMAGES * macs_per_image(layer) / min(run(times) for _ in range(TURNS))


def sums(layer, form):
    """A function that makes a layer's dense sums of random spikes once."""
    shape, generator = geometry(layer), torch.Generator().manual_seed(0)
    drawn = torch.rand((1, IMAGES, shape.inputs), generator=generator) < DENSITY
    kernel = (shape.kernel, shape.kernel) if layer.kind == "conv" else ()
    inputs = layer.in_shape[:1] if kernel else (shape.inputs,)
    weight = torch.randint(-127, 128, (layer.conv_shape[0], *inputs, *kernel))
    if form == "int8":
        made = int8_products(layer, shape).sums(weight.to(torch.int8), IMAGES)
        frames = drawn.to(torch.uint8)
        return lambda: made(frames)
    kind, made = getattr(torch, form), products(layer, shape)
    frames, operand = drawn.to(kind), made.operand(weight.to(kind))
    return lambda: made.forward(frames, operand)


def copied_bytes_per_s():
    """Bytes read and written a second by a copy, the best of some turns."""
    source = torch.ones(COPIED)
    target = torch.empty_like(source)
    run = clocked(lambda: target.copy_(source), "cpu")
    return 2 * 4 * COPIED / min(run() for _ in range(TURNS))


def draw(table, path):
    """A panel a format: its roof and the layers, a mark a network."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4), layout="constrained")
    axes = figure.subplots(1, len(FORMATS), sharex=True, sharey=True)
    ends = [table.macs_per_byte.min() / 2, table.macs_per_byte.max() * 2]
    for axis, form in zip(axes, FORMATS, strict=True):
        part = table[(table.format == form) & table.gmac_per_s.notna()]
        axis.set(xscale="log", yscale="log", title=form, xlabel="multiply-adds a byte")
        if part.empty:
            axis.text(0.5, 0.5, "not to be had here", transform=axis.transAxes)
            continue
        most, bytes_ = part.most_gmac_per_s.max(), part.copy_gb_per_s.max()
        knee = most / bytes_
        line = sorted([*ends, min(max(knee, ends[0]), ends[1])])
        axis.plot(line, [min(most, bytes_ * x) for x in line], color="black")
        for network, mark in zip(NETWORKS, "os^", strict=True):
            mine = part[part.layer.str.startswith(f"{network} ")]
            axis.plot(
                *(mine.macs_per_byte, mine.gmac_per_s, mark),
                **{"label": network, "fillstyle": "none", "color": "black"},
            )
            for row in mine.itertuples():
                axis.annotate(
                    *(row.layer.split()[-1], (row.macs_per_byte, row.gmac_per_s)),
                    **{"xytext": (4, 4), "textcoords": "offset points", "fontsize": 7},
                )
    axes[0].set_ylabel("10⁹ multiply-adds a second")
    axes[0].legend(title="layers of", fontsize="small")
    save(figure, path)


if __name__ == "__main__":
    main()
