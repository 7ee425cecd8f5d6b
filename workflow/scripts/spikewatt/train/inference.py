"""Inference as it is used: single samples, one after the other.

A sample lies in memory as the stack keeps it. What is timed is all that follows until
its class is known to the host: moving it to the device, encoding, the network, the
answer. That is first done once for each of the first samples, each timed on its own,
and then over and over for a window long enough for the meter. Both come after the test,
in phases of their own, and leave no trace in its numbers.
"""

import itertools
import logging
import time
from functools import partial

import numpy as np
import pandas as pd
import torch

from spikewatt.meter import backends
from spikewatt.meter.flags import UPDATES
from spikewatt.meter.summary import over
from spikewatt.results.inference import COLUMNS, ONNX, OWN
from spikewatt.stack.onnx_int8 import Int8, Int8Unavailable
from spikewatt.train.emulation import emulated

log = logging.getLogger("spikewatt")

# Seconds that a window lasts at least: where energy can be read, shorter ones are noisy
# even of a counter that changes often; where it can't, CPU seconds come in steps of
# 10 ms, 2 % of it.
WINDOW_S, SHORT_S = 5.0, 0.5


def measured(setup, meter, indices):
    """(rows of inference.csv less what says of which run, facts for test.json).

    setup: an `assembly.Setup` after its test; meter: the test's; indices: of the test
    samples to take, in order. Without any, nothing is done. Raises nothing for a path
    that cannot be taken: the facts say why.
    """
    if not len(indices):
        return [], {}
    before = setup.stack.streams.state()
    setup.network.eval()
    try:
        with torch.no_grad():
            own = _Path(setup, meter, OWN, setup.device.type)
            answers = partial(_own, setup, indices)
            row, facts, classes = own.measured(answers, len(indices))
    finally:
        setup.stack.streams.restore(before)
    facts["emulated"] = emulated(setup.plan, setup.device, setup.stack)
    if setup.plan["weight_bits"] is None and setup.plan["neuron"]["kind"] != "qcfs":
        return [row], {OWN: facts}
    others, told = _by_onnx(setup, meter, indices, classes)
    return [row, *others], {OWN: facts, ONNX: told}


def _own(setup, indices):
    """For each sample a function that gives its class by the run's stack."""

    def answer(single):
        samples, _ = single()
        return int(setup.objective.predict(setup.stack(samples)))

    for single in setup.stack.singles("test", indices):
        yield partial(answer, single)


def _by_onnx(setup, meter, indices, own):
    """(the row of ONNX Runtime's int8 path in a list, its facts).

    own: the classes that the run's own path gave.
    """
    try:
        if setup.device.type != "cpu":
            raise Int8Unavailable(
                f"ONNX Runtime's int8 path is one of the CPU, and the device of this "
                f"run is {setup.device}"
            )
        network = Int8(setup.plan, setup.network, torch.get_num_threads())
    except Int8Unavailable as error:
        log.info("No %s path: %s.", ONNX, error)
        return [], {"why_not": str(error)}
    images = setup.data.split("test").images

    def answers():
        for index in indices:
            yield partial(network, np.ascontiguousarray(images[index][None]))

    path = _Path(setup, meter, ONNX, "cpu")
    row, facts, classes = path.measured(answers, len(indices))
    same = np.mean(np.equal(classes, own))
    return [row], facts | {
        "emulated": None,
        "operations": network.kinds,
        "onnxruntime": network.version,
        "same_answers_pct": 100 * float(same),
    }


class _Path:
    """How one path is measured.

    device: type of the torch device that computes, whose energy counts.
    """

    def __init__(self, setup, meter, name, device):
        self.plan, self.meter, self.name = setup.plan, meter, name
        self.energy = "cpu" if device == "cpu" else "gpu"

    def measured(self, answers, count):
        """(row, facts for test.json, the classes of the samples) of a path.

        answers: to be called for an iterable of functions, one a sample, that give its
        class; count: of the samples.
        """
        # As many at once as a batch of the test held.
        held = list(itertools.islice(answers(), min(count, self.plan["batch_size"])))
        self._warm_up(held)
        seconds, classes = self._one_by_one(answers())
        median, high = np.percentile(seconds, [50, 95])
        repeats, numbers = self._window(held)
        row = {
            "path": self.name,
            "samples": count,
            "repeats": repeats,
            "latency_median_ms": 1000 * median,
            "latency_p95_ms": 1000 * high,
            "window_s": numbers["measured_time_s"],
            "joules_per_sample": over(numbers[self.above("")], repeats),
            "cpu_s_per_sample": over(numbers["cpu_time_s"], repeats),
        }
        log.info("%s: a sample in %.3g ms (median)", self.name, 1000 * median)
        return row, self._facts(numbers, repeats), classes

    def above(self, what):
        """The meter's column of energy above idle, or of its «_uncertainty»."""
        return f"{self.energy}_energy_above_idle{what}_j"

    def _warm_up(self, held):
        with self.meter.phase(f"warmup_{self.name}"):
            for answer in held[: max(1, self.plan["meter"]["warmup_batches"])]:
                answer()

    def _one_by_one(self, answers):
        """(seconds, class) of each sample; getting it from memory is not in them."""
        seconds, classes = [], []
        with self.meter.phase(f"latency_{self.name}"):
            for answer in answers:
                begin = time.perf_counter()
                classes.append(answer())
                seconds.append(time.perf_counter() - begin)
        return seconds, classes

    def _window(self, held):
        """(how many samples went through, the meter's numbers of the window)."""
        phase, least, repeats = f"window_{self.name}", self._least_s(), 0
        with self.meter.phase(phase):
            end = time.perf_counter() + least
            for answer in itertools.cycle(held):
                answer()
                repeats += 1
                if time.perf_counter() >= end:
                    break
        return repeats, self.meter.row((phase,), samples=repeats)

    def _least_s(self):
        """Seconds that the window lasts at least: ten updates of the reading."""
        news = self.meter.news_s(self.energy, ("test",))
        if news is None or not self.plan["meter"]["idle_s"]:
            return SHORT_S
        return max(WINDOW_S, UPDATES * news)

    def _facts(self, numbers, repeats):
        """What goes with the row: uncertainty, flags, and why there is no energy."""
        error = over(numbers[self.above("_uncertainty")], repeats)
        return {
            "energy_of": self.energy,
            "joules_per_sample_uncertainty": error,
            "why_no_joules": self._why() if numbers[self.above("")] is None else None,
            "flags": numbers["flags"],
        }

    def _why(self):
        known = {"gpu": backends.OF_GPUS, "cpu": (backends.Rapl.name,)}[self.energy]
        reasons = [self.meter.unavailable.get(name) for name in known]
        if any(reasons):
            return next(filter(None, reasons))
        if not self.plan["meter"]["idle_s"]:
            return "energy above idle needs an idle phase: meter: idle_s is 0"
        working = backends.of_gpu(self.meter.backends) if len(known) > 1 else None
        return f"{working or known[-1]} read no energy"


def table(run, rows):
    """inference.csv; run: an `identity.Identity`; rows: as of `measured`."""
    return pd.DataFrame([run.columns | row for row in rows], columns=COLUMNS)
