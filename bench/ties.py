"""How many spikes whole numbers and snnTorch's float32 decide otherwise, and how near.

    python bench/ties.py --datasets resources/official/datasets --out results/bench

A full batch through each spiking network, layer by layer: both get the same input
spikes and the same rounded weights, so that a spike that differs is the layer's own.
What differs first in a neuron is a tie if its exact potential is no farther from the
threshold than float32 sums may be off; what differs later in it follows from that.
Writes ties.csv; times do not matter, so it may run on a busy machine.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from paired import add_options, built, networks, plan_of, say, write_csv
from torch.nn import functional

from spikewatt.network.weights import current
from spikewatt.stack.fast import spike_events
from spikewatt.stack.fast.spike_events import channel_last
from spikewatt.stack.fixed_point import DIGITS, FixedPoint

TOGETHER = 16  # samples
ROUNDING = 2.0**-24  # of float32, relative


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    spiking = [name for name in networks() if "snn" in name]
    add_options(parser, spiking)
    parser.add_argument("--precisions", nargs="*", default=list(DIGITS))
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--biases", type=float, default=0.1, help="drawn up to ±this")
    args = parser.parse_args()
    names = args.networks or spiking
    table = pd.DataFrame(
        [row for name in names for p in args.precisions for row in rows(args, name, p)]
    )
    write_csv(Path(args.out) / "ties.csv", table)


def rows(args, name, precision):
    """A row a hidden layer of one network in one precision."""
    plan = plan_of(args, name, precision=precision, batch_size=TOGETHER)
    fast, reference = (built(args, plan, s) for s in ("fast", "reference"))
    with torch.no_grad():
        for setup in (fast, reference):
            drawn = torch.Generator().manual_seed(0)
            for module in setup.network.weights:
                # of many bits: float32's sums of few bits would be exact as well
                module.bias.uniform_(-args.biases, args.biases, generator=drawn)
        for module in reference.network.weights:
            fixed = FixedPoint.of(module.weight, DIGITS[precision])
            module.weight.copy_(fixed.values())
    hidden = fast.stack.runner.layers[:-1]
    found = [
        dict.fromkeys(("places", "spikes", "differ", "first", "ties"), 0)
        | {"farthest_from_threshold": 0.0}
        for _ in hidden
    ]
    batches = reference.stack.batches("train", np.arange(args.batch), False)
    for samples, _ in batches:
        events = spike_events.from_frames(samples).counted()
        for layer, row, module in zip(
            hidden, found, reference.network.weights, strict=False
        ):
            events = compared(layer, module, events, reference.stack.neurons[0], row)
    for number, row in enumerate(found):
        made = {"network": name, "precision": precision, "layer": number} | row
        say(made)
        yield made


@torch.no_grad()
def compared(layer, module, events, neuron, row):
    """Add what a layer does with `events` to `row`; its spikes as events."""
    spikes, saved = layer.forward(events, keep=True, output=True)
    potential = saved.kept.potential
    threshold = np.float32(layer.neuron.threshold)
    ours = potential > threshold
    frames = shaped(layer, events)
    theirs = stepped(layer, module, frames, neuron)
    differ = ours != theirs
    first = differ & (np.cumsum(differ, 0) == 1)
    row["places"] += ours.size
    row["spikes"] += int(ours.sum())
    row["differ"] += int(differ.sum())
    row["first"] += int(first.sum())
    for t, b, n in zip(*np.nonzero(first), strict=True):
        distance = abs(float(potential[t, b, n]) - float(threshold))
        off = reach(layer, module, frames[: t + 1, b], n)
        row["ties"] += distance <= off
        row["farthest_from_threshold"] = max(row["farthest_from_threshold"], distance)
    return spikes


def shaped(layer, events):
    """Events as dense frames T×b×C×H×W, or T×b×N."""
    frames = events.counts(0, events.batch)
    shape = layer.layer.in_shape
    if len(shape) == 1:
        return frames
    channels, height, width = shape
    frames = frames.view(*frames.shape[:2], height, width, channels)
    return frames.permute(0, 1, 4, 2, 3).contiguous()


def stepped(layer, module, frames, neuron):
    """snnTorch's spikes, step by step: bool T×b×N with channels innermost."""
    fired, potential = [], neuron.reset_mem()
    for frame in frames:
        spikes, potential = neuron(current(layer.layer, module, frame), potential)
        fired.append(spikes > 0)
    return channel_last(torch.stack(fired)).numpy()


def reach(layer, module, frames, neuron):
    """How far rounding can take a neuron's potential after the last of its frames.

    n weights that add up to a in size are off by n·a roundings at most, in any order;
    potentials by one rounding of what they are for each of their three operations.
    """
    size = summed(layer, module.weight.abs(), frames, module.bias.abs())[:, neuron]
    count = summed(layer, torch.ones_like(module.weight), frames, None)[:, neuron]
    beta = float(layer.neuron.beta)
    decay = beta ** torch.arange(len(frames) - 1, -1, -1, dtype=torch.float64)
    most = (decay * size).sum() + float(layer.neuron.threshold)
    return ROUNDING * float((decay * (count + 1) * size).sum() + 3 * most / (1 - beta))


def summed(layer, weight, frames, bias):
    """Sums of `weight` over frames T×…, pooled: float64 T×N, channels innermost."""
    weight, frames = weight.double(), frames.double()
    bias = None if bias is None else bias.double()
    if layer.layer.kind == "linear":
        return functional.linear(frames.flatten(1), weight, bias)
    made = functional.conv2d(frames, weight, bias, padding=layer.layer.padding)
    if layer.layer.pool > 1:
        made = functional.max_pool2d(made, layer.layer.pool)
    return made.permute(0, 2, 3, 1).flatten(1)


if __name__ == "__main__":
    main()
