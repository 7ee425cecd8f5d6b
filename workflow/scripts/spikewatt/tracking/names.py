"""Our columns under the names that users of W&B and TensorBoard expect.

Device readings are named and meant as W&B's own system metrics are
(https://docs.wandb.ai/models/ref/python/experiments/system-metrics).
"""

import math

import numpy as np

EPOCH = {
    "epoch": "epoch",
    "train_loss": "train/loss",
    "train_accuracy_pct": "train/accuracy",
    "val_loss": "val/loss",
    "val_accuracy_pct": "val/accuracy",
}
OTHER = "epoch/"
# Columns of telemetry.csv, by name as in `SYSTEM`: the meter is not imported for one.
MOMENT = "monotonic_s"
# Column of telemetry.csv: W&B's name, and what to multiply by for W&B's unit.
SYSTEM = {
    "gpu_power_w": ("gpu.{}.powerWatts", 1),
    "gpu_power_limit_w": ("gpu.{}.enforcedPowerLimitWatts", 1),
    "gpu_memory_pct": ("gpu.{}.memoryAllocated", 1),
    "gpu_memory_used_mib": ("gpu.{}.memoryAllocatedBytes", 2**20),
    "gpu_utilisation_pct": ("gpu.{}.gpu", 1),
    "gpu_memory_utilisation_pct": ("gpu.{}.memory", 1),
    "gpu_temperature_c": ("gpu.{}.temp", 1),
    "gpu_sm_clock_mhz": ("gpu.{}.smClock", 1),
    "gpu_memory_clock_mhz": ("gpu.{}.memoryClock", 1),
    "rss_mib": ("proc.memory.rssMB", 1),
}


def metrics(row):
    """A row of epochs.csv as {name: number}; what was not measured is left out.

    Accuracies stay in percent. Columns without a name of their own become
    «epoch/<column>».
    """
    return {
        EPOCH.get(column, OTHER + column): value
        for column, value in row.items()
        if isinstance(value, int | float) and math.isfinite(value)
    }


def readings(samples, start, device):
    """The meter's samples as (seconds since `start`, {W&B's name: mean}), one a second.

    samples: {column: array} of telemetry with «monotonic_s», in s, rising; start: in
    monotonic s. device: «cuda:1» is W&B's gpu.1.
    """
    number = device.partition(":")[2] or "0"
    moments = samples[MOMENT]
    # from the first sample on, so that a short phase is not cut into two points
    seconds = np.floor(moments - moments[:1]).astype(int)
    points = []
    for second in np.unique(seconds):
        there = seconds == second
        values = {
            name.format(number): factor * float(np.mean(known))
            for column, (name, factor) in SYSTEM.items()
            if len(known := _known(samples, column, there))
        }
        points.append((float(moments[there].mean()) - start, values))
    return points


def _known(samples, column, there):
    values = samples.get(column, np.array([]))
    return values[there & np.isfinite(values)] if len(values) else values
