"""Results made up for tests: the files of runs, without training anything."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from spikewatt.network.describe import describe
from spikewatt.network.operations import Activity, count
from spikewatt.results import operations, runs

NETWORKS = {
    "exp1": {"ann": "ANN", "snn": "SNN"},
    "exp2": {"cnn": "CNN", "snn": "SNN"},
    "exp3": {"snn_mnist": "SNN: MNIST", "snn_nmnist": "SNN: N-MNIST"},
}


def expected(
    results,
    seeds=(0,),
    stacks=("reference",),
    experiments=("exp1", "exp2", "exp3"),
    networks=NETWORKS,
):
    """The list that the workflow hands to `runs.read_all`.

    networks: experiment → network → label; each is compared with the first.
    """
    return [
        {
            "experiment": experiment,
            "network": network,
            "stack": stack,
            "seed": seed,
            "label": label,
            "folder": f"{results}/runs/{experiment}/{network}/{stack}/seed{seed}",
            "position": position,
            "against": next(iter(networks[experiment])) if position else None,
        }
        for experiment in experiments
        for position, (network, label) in enumerate(networks[experiment].items())
        for stack in stacks
        for seed in seeds
    ]


def make(results, gpu=True, epochs=3, **choice):
    """Write a plausible run for each expected one; returns the list of `expected`."""
    listed = expected(results, **choice)
    for number, entry in enumerate(listed):
        write_run(entry, number, gpu, epochs)
    return listed


def write_run(entry, number, gpu, epochs):
    generator = np.random.default_rng(number)
    spiking = "snn" in entry["network"]
    count = np.arange(1, epochs + 1)
    meter = {
        "mean_gpu_memory_pct": 13.0 + number,
        "max_gpu_memory_pct": 14.0 + number,
        "mean_gpu_power_w": 40.0 + 10 * number,
        "gpu_energy_j": 400.0 + 100 * number,
    }
    measured = dict.fromkeys(meter, np.nan) | {"cpu_time_s": 9.0, "max_rss_mib": 700.0}
    measured |= meter if gpu else {}
    noise = generator.uniform(0, 0.3, epochs)
    named = {key: entry[key] for key in runs.RUN_COLUMNS}
    table = pd.DataFrame({"epoch": count}).assign(
        **named,
        train_loss=1.0 / count,
        train_accuracy_pct=99 - 5 / count + noise,
        val_loss=1.1 / count,
        val_accuracy_pct=97 - 5 / count + noise,
        train_time_s=8.0 * (1 + 2 * spiking) + noise,
        val_time_s=1.0 + noise,
        train_load_time_s=2.0,
        val_load_time_s=0.5,
        train_samples=480,
        val_samples=120,
        spikes_per_neuron_step=0.1 if spiking else np.nan,
        flags="",
        **measured,
    )
    test = {
        **named,
        "test_loss": 0.2,
        "test_accuracy_pct": 96.5 + noise[0],
        "test_time_s": 1.3 * (1 + spiking),
        "test_load_time_s": 0.3,
        **measured,
        "recall_macro": 0.965,
        "f1_macro": 0.964,
        "f1_paper": 0.965,
        "samples": 200,
        "spikes_per_neuron_step": 0.1 if spiking else np.nan,
        "flags": "",
    }
    folder = Path(entry["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    table[runs.EPOCH_COLUMNS].to_csv(folder / "epochs.csv", index=False)
    pd.DataFrame([test])[runs.TEST_COLUMNS].to_csv(folder / "test.csv", index=False)
    rates = pd.DataFrame({"layer": [1, 2], "neurons": [256, 10]})
    rates = rates.assign(spikes_per_neuron_step=[0.1, 0.2 + 0.01 * entry["seed"]])
    rates = rates if spiking else rates.head(0)
    rates.to_csv(folder / "firing_rates.csv", index=False)
    write_operations(folder, spiking)
    (folder / "run.json").write_text(json.dumps(information(entry, gpu, epochs)))


def write_operations(folder, spiking, samples=200, steps=25, rate=0.1):
    """operations.csv of 784-256-10 whose places are active at a `rate` each.

    A network without spikes has no steps, and half of its values are not 0.
    """
    entries = [{"linear": 256}, {"linear": 10}]
    rows, together = [], samples * (steps if spiking else 1)
    share = rate if spiking else 0.5
    for one in describe(entries, (1, 28, 28), "lif" if spiking else "relu"):
        inputs = np.full(one.in_shape, round(share * together), np.int64)
        handed = None if one.neuron == "none" else round(share * together * one.neurons)
        weight = np.ones((one.neurons, inputs.size))
        active = int(inputs.sum())
        seen = Activity(inputs, active, not spiking, handed, together, samples)
        rows.append({"layer": len(rows) + 1, "kind": one.kind})
        rows[-1] |= count(one, weight, seen)
    table = pd.DataFrame(rows, dtype=object)[operations.COLUMNS]
    table.to_csv(folder / "operations.csv", index=False)


def information(entry, gpu, epochs):
    """A `run.json` with the keys that the training stage writes."""
    reason = "no NVIDIA driver: libnvidia-ml.so.1 was not found"
    return {
        **{key: entry[key] for key in ("experiment", "network", "stack", "seed")},
        "spikewatt": "0.1.0",
        "config": {"epochs": epochs, "training": {"learning_rate": 0.001}},
        "code_digest": "0" * 16,
        "started": "2026-11-24T10:00:00+00:00",
        "finished": "2026-11-24T10:10:00+00:00",
        "epochs": epochs,
        "best_epoch": epochs,
        "interruptions": 0,
        "hardware": {
            "cpu": "a CPU",
            "cores": 2,
            "memory_gib": 24.0,
            "gpu": "a GPU" if gpu else None,
            "system": "Linux",
        },
        "versions": {"python": "3.11.7", "torch": "2.13.0", "snntorch": "1.0.0"},
        "meter": {
            "backends": ["host", "nvml"] if gpu else ["host"],
            "unavailable": {} if gpu else {"nvml": reason},
        },
        "warnings": [],
    }
