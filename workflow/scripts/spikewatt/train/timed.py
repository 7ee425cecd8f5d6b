"""How long batches of a network take here: a few of them, on made-up data."""

import contextlib
import statistics
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from spikewatt.data import made_up
from spikewatt.data.catalogue import DATASETS
from spikewatt.train import assembly, machine
from spikewatt.train.course import Course
from spikewatt.train.loop import one_pass

# A kind of batch is repeated until it took so long or was run so often.
SECONDS, MOST = 1.0, 3
FIRST = 8  # samples of the batch that compiles and allocates, which is not timed


@dataclass(frozen=True)
class Timing:
    """Seconds of one batch of a network, whole, and what it weighs.

    train: forward, backward and a step of Adam; evaluate: as in validation; test: as in
    a test, in which places are tallied too. train is None for a converted network.
    memory_mb: the most that the process held meanwhile, None where that is unknown.
    """

    train: float | None
    evaluate: float
    test: float
    parameters: int
    memory_mb: float | None = None


def timed(plan, stack, size, conditions, folder, clock=time.perf_counter):
    """The `Timing` of a plan's network on a stack, on noise of its data's shape.

    size: a `sizes.Size`; conditions: a `machine.Conditions`; folder: where the noise
    is written, for a moment. Nothing that is learned is kept.
    """
    forget_peak()
    known, batch = DATASETS[plan["dataset"]], plan["batch_size"]
    path = Path(folder) / "noise.safetensors"
    made_up.write(path, known, plan["events"], size, max(batch, FIRST))
    given = replace(conditions, loading="prepared")
    setup = assembly.build(plan, path, stack, 0, "train", given)
    wait = machine.synchronise(setup.device) or (lambda: None)
    trained = None if plan["from"] else _training(setup, wait, clock)
    evaluated = _repeated(setup, wait, clock, course=Course())
    tested = _repeated(setup, wait, clock, course=Course(), tallied=True)
    parameters = sum(one.numel() for one in setup.network.parameters())
    return Timing(trained, evaluated, tested, parameters, peak_mb())


def forget_peak():
    """Have Linux count the peak of this process's memory from now on."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_mb():
    """MB of memory that this process held at most, or None where that is unknown."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            name, _, told = line.partition(":")
            if name == "VmHWM":
                return int(told.split()[0]) * 1024 / 1e6
    return None


def _training(setup, wait, clock):
    rate = setup.plan["learning_rate"]
    adam = torch.optim.Adam(setup.network.parameters(), lr=rate)
    return _repeated(setup, wait, clock, optimiser=adam)


def _repeated(setup, wait, clock, **how):
    """The median time of one batch; `how`: what else `one_pass` is told."""
    _pass(setup, FIRST, **how)
    took = []
    while not took or (sum(took) < SECONDS and len(took) < MOST):
        wait()
        started = clock()
        _pass(setup, setup.plan["batch_size"], **how)
        wait()
        took.append(clock() - started)
    return statistics.median(took)


def _pass(setup, samples, **how):
    batches = setup.stack.batches("train", np.arange(samples), shuffle=False)
    one_pass(setup.stack, setup.objective, batches, **how)
