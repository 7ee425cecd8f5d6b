"""At which input density adding events stops beating dense sums, layer by layer.

    python bench/density.py --out results/bench

Takes the CPU time of one layer, forward and weight gradient, at several densities,
random spikes, one thread, both ways, and writes density.csv and density.svg.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from paired import config, save, say, write_csv

from spikewatt.network.describe import describe
from spikewatt.network.neuron.settings import Neuron, Surrogate
from spikewatt.network.weights import Network
from spikewatt.stack.fast import spike_events, spiking_network
from spikewatt.stack.fast.records import Block

NETWORKS = {"dense": (1, 28, 28), "conv5": (3, 32, 32), "conv2": (2, 34, 34)}
DENSITIES = (0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1.0)
STEPS, BATCH = 25, 16
NEURON = Neuron("lif", 0.8, 1.0, Surrogate("atan", 2.0), "subtract")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="results/bench")
    out = Path(parser.parse_args().out)
    torch.set_num_threads(1)
    architectures = config()["architectures"]
    rows = []
    for name, shape in NETWORKS.items():
        layers = describe(architectures[name], shape, "lif")
        network = Network(layers, torch.Generator().manual_seed(0))
        runner = spiking_network.SpikingNetwork(network, NEURON, None)
        for number, layer in enumerate(runner.layers, start=1):
            rows += measured(f"{name} {number}", layer)
    table = pd.DataFrame(rows)
    write_csv(out / "density.csv", table)
    draw(table, out / "density.svg")


def measured(name, layer):
    """Seconds of forward, neurons backward and weight gradient in both ways."""
    for density in DENSITIES:
        generator = torch.Generator().manual_seed(1)
        shape = (STEPS, BATCH, layer.shape.inputs)
        spikes = (torch.rand(shape, generator=generator) < density).float()
        events = spike_events.from_frames(spikes)
        row = {"layer": name, "density": density}
        for way, crossover in (("events_s", 2.0), ("dense_s", -1.0)):
            layer.crossover = crossover
            row[way] = min(passed(layer, events) for _ in range(4))
        say(row)
        yield row


def passed(layer, events):
    start = time.process_time()
    _, record = layer.forward(events, keep=True, output=False)
    shape = (events.steps, events.batch, layer.shape.neurons)
    grad = Block(np.full(shape, 1e-3, np.float32), start=0)
    layer.backward(record, grad, layer.sums(record), inputs=False)
    return time.process_time() - start


def draw(table, path):
    """Time of the dense way over that of the events; above 1 the events win."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), layout="constrained")
    axes = figure.subplots(1, len(NETWORKS), sharex=True, sharey=True)
    for axis, network in zip(axes, NETWORKS, strict=True):
        layers = [name for name in table.layer.unique() if name.startswith(network)]
        for name, mark in zip(layers, "os^Dv<>", strict=False):
            part = table[table.layer == name]
            ratio = part.dense_s / part.events_s
            axis.plot(part.density, ratio, marker=mark, label=name)
        axis.axhline(1, color="black", linewidth=0.8)
        axis.set(xscale="log", yscale="log", xlabel="spikes per input and step")
        axis.legend(fontsize="small")
    axes[0].set_ylabel("dense time / event time")
    save(figure, path)


if __name__ == "__main__":
    main()
