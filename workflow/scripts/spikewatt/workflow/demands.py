"""What the jobs of a run ask a cluster for: memory and minutes, by the run's plan.

`snakemake plan` times every network where it is computed and leaves what it found
(`write`). Where it has not, time is worked out from the network's size, and generously:
a job whose minutes are over loses no whole epoch, but one that gets by with fewer waits
less in the queue.
"""

import hashlib
import json
import math
from pathlib import Path

from spikewatt.data import sizes
from spikewatt.data.catalogue import DATASETS
from spikewatt.files import atomic
from spikewatt.network.describe import describe, is_spiking, seen_shape

FILE = "forecast.json"
# Of a process that has loaded torch, with CUDA's libraries where there are any.
BASE_MB = 3000
# Float32 kept for each sum of a layer until the gradient has passed: the sum, what
# pooling left of it, the potential, the spike, the gradient, and a copy in between.
KEPT, FLOAT = 6, 4
# Of prepared data: the file in memory, and a copy while it is brought into shape.
COPIES = 2
# A forecast is of another moment, and maybe of another node.
MARGIN, START_MINUTES = 2, 10
# Many clusters let no job run longer, and a training goes on where it was cut.
MOST_MINUTES = 24 * 60
# Where nothing was timed: multiply-adds a second that a few cores, or a GPU, reach with
# small layers; what the Python around a layer takes; what a test does beside: single
# samples, counting.
RATES = {"cpu": 5e9, "gpu": 2e11}
LAYER_S, BACKWARD, AROUND_TEST_S = 1e-3, 3, 600


def device_kind(device):
    """Which of RATES holds for the config's `device`; auto is a GPU on a cluster."""
    return "cpu" if device == "cpu" else "gpu"


def memory_mb(plan, sample=None, found=None):
    """MB that a run's job needs; of two ways to know it, the larger is taken.

    sample: samples of made-up data as {"train", "test"}; found: what `read` gives.
    """
    dataset, size = DATASETS[plan["dataset"]], _size(plan, sample)
    held = KEPT * FLOAT * _sums(plan) * plan["batch_size"] * _steps(plan, size)
    data = COPIES * size.bytes(dataset)
    guess = BASE_MB + (held + data) / 1e6
    measured = found["memory_mb"] + data / 1e6 if found else 0
    return math.ceil(max(guess, measured))


def minutes(stage, plan, stack, device, sample=None, found=None):
    """Minutes that a run's job of `stage` («training», «testing») needs, with a margin.

    Other arguments as of `memory_mb`.
    """
    if found:
        seconds = found[f"{stage}_s"]
    else:
        seconds = _guessed(stage, plan, stack, device, sample)
    return min(MOST_MINUTES, START_MINUTES + math.ceil(MARGIN * seconds / 60))


def write(folder, found):
    """Keep what a forecast found in the results' folder.

    found: (name «experiment/network/stack», plan, {"training_s", "testing_s",
    "memory_mb"}) of each.
    """
    told = {name: {"plan": _digest(plan), **needs} for name, plan, needs in found}
    atomic.write_json(Path(folder) / FILE, told)


def read(folder, name, plan):
    """What a forecast of this very plan found of a run's network, or None."""
    try:
        text = (Path(folder) / FILE).read_text(encoding="utf-8")
        found = json.loads(text).get(name)
    except (OSError, ValueError):
        return None
    return found if found and found["plan"] == _digest(plan) else None


def _digest(plan):
    text = json.dumps(plan, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _guessed(stage, plan, stack, device, sample):
    """Seconds by multiply-adds and by layers that are called, of all samples."""
    size = _size(plan, sample)
    layers, steps = _layers(plan), _steps(plan, size)
    calls = len(layers) * (steps if stack == "reference" else 1)
    batch = plan["batch_size"]
    sums = sum(math.prod(one.conv_shape) * one.fan_in for one in layers)
    work = steps * batch * sums
    once = work / RATES[device_kind(device)] + calls * LAYER_S
    if stage == "testing":
        samples = _limited(size.test, plan["max_test_samples"])
        return AROUND_TEST_S + once * samples / batch
    samples = _limited(size.train, plan["max_train_samples"])
    return plan["epochs"] * BACKWARD * once * samples / batch


def _layers(plan):
    dataset = DATASETS[plan["dataset"]]
    shape = dataset.input_shape(plan["resize"], plan["events"])
    seen = seen_shape(shape, plan["frames"])
    return describe(plan["architecture"], seen, plan["neuron"]["kind"])


def _sums(plan):
    """Values of one sample and time step: the input's, and each layer's sums."""
    layers = _layers(plan)
    return math.prod(layers[0].in_shape) + sum(
        math.prod(layer.conv_shape) for layer in layers
    )


def _steps(plan, size):
    """Time steps of a sample: the plan's, or as many as a recording has bins."""
    if not is_spiking(plan):
        return 1
    return plan["steps"] or size.bins or 1


def _size(plan, sample):
    return sizes.published(DATASETS[plan["dataset"]], plan["events"], **(sample or {}))


def _limited(samples, most):
    return samples if most is None else min(samples, most)
