"""What runs will take by the time of a batch: estimates, and words that say so."""

import math
import textwrap
from dataclasses import dataclass

from spikewatt.files.progress import duration
from spikewatt.train import sampling
from spikewatt.train.conversion import SAMPLES as CONVERTED

# Settings that do not change what a batch costs: networks that differ in these alone
# are timed once.
SAME_COST = (
    *("experiment", "network", "epochs", "learning_rate", "validation_fraction"),
    *("max_train_samples", "max_test_samples", "from", "meter"),
)
# Bytes: of a row of the meter, of a row of the predictions, of all other files.
ROW, PREDICTION, REST = 250, 12, 60_000
WIDTH = 80  # letters of a line
LEFT_OUT = (
    "An estimate, not a measurement: a few batches of untrained networks on made-up "
    "input of the data's shape, times batches and epochs, as fast as this machine is "
    "now. Spikes, and with them the fast stack's time, change while a network learns. "
    "Left out: downloads, preparing data, tables and figures, single samples after a "
    "test (meter: single_samples), and what torchvision and tonic take to load with "
    "loading: library, which may be more than all of this."
)


@dataclass(frozen=True)
class Needs:
    """What one run needs: seconds of training and of testing, bytes of its files."""

    training: float
    testing: float
    bytes: int

    @property
    def seconds(self):
        """Of the whole run."""
        return self.training + self.testing


def cost_key(plan, stack):
    """What decides the time of a batch, as text: equal for networks to time once."""
    kept = {key: value for key, value in plan.items() if key not in SAME_COST}
    return f"{stack} {sorted(kept.items())!r}"


def needs(plan, timing, size, start, cold=False):
    """The `Needs` of one run of a plan.

    timing: a `timed.Timing`; size: a `sizes.Size`; start: seconds until a job's
    process computes; cold: whether the first epoch has no warm-up.
    """
    batch, meter = plan["batch_size"], plan["meter"]
    learning, validating = parts(size.train, plan)
    tested = limited(size.test, plan["max_test_samples"])
    around = start + meter["idle_s"]
    if timing.train is None:  # converted: thresholds' samples, then validation
        seconds = (min(CONVERTED, learning) + validating) * timing.evaluate / batch
    else:
        epoch = learning * timing.train + validating * timing.evaluate
        warm = 0 if cold else meter["warmup_batches"] * timing.train
        seconds = plan["epochs"] * epoch / batch + warm
    training = around + seconds
    testing = around + (tested / batch + meter["warmup_batches"]) * timing.test
    rows = meter["rate_hz"] * (training + testing)
    weights = 4 * timing.parameters
    return Needs(training, testing, round(weights + ROW * rows + PREDICTION * tested))


def parts(samples, plan):
    """How many of a training set's samples a run learns and validates with."""
    used = limited(samples, plan["max_train_samples"])
    validating = sampling.validating(used, plan)
    return used - validating, validating


def limited(samples, most):
    """A number of samples, at most `most`, which may be None."""
    return samples if most is None else min(samples, most)


@dataclass(frozen=True)
class Forecast:
    """One network on one stack: its name, how many runs, how many are done, `Needs`."""

    experiment: str
    network: str
    stack: str
    runs: int
    done: int
    needs: Needs


def told(rows, data, free):
    """The page that `snakemake plan` prints, as lines.

    rows: `Forecast`s; data: bytes of archives and prepared sets still to be had; free:
    bytes free on the disk.
    """
    lines = [_heading(rows), ""]
    lines += _columns(_experiments(rows)) + [""]
    lines += _columns(_networks(rows)) + [""]
    files = sum(row.needs.bytes * (row.runs - row.done) for row in rows)
    lines.append(
        f"disk: about {size_of(files + data)} more, {size_of(files)} of it for runs "
        f"and {size_of(data)} for data; {size_of(free)} are free"
    )
    if files + data > free:
        lines.append("THE DISK IS TOO SMALL: make room, or let results: lie elsewhere")
    return [*lines, "", *textwrap.wrap(LEFT_OUT, WIDTH)]


def _heading(rows):
    runs, done = sum(row.runs for row in rows), sum(row.done for row in rows)
    left = sum(row.needs.seconds * (row.runs - row.done) for row in rows)
    there = f", {done:,} of them there" if done else ""
    return (
        f"{runs:,} run{'s' if runs != 1 else ''}{there}; about {duration(left)} still, "
        "one after the other"
    )


def _experiments(rows):
    yield "experiment", "networks", "runs", "there", "still"
    for name in dict.fromkeys(row.experiment for row in rows):
        own = [row for row in rows if row.experiment == name]
        left = sum(row.needs.seconds * (row.runs - row.done) for row in own)
        networks = len({row.network for row in own})
        counts = sum(row.runs for row in own), sum(row.done for row in own)
        yield name, networks, *counts, duration(left)


def _networks(rows):
    yield "network", "stack", "training", "testing", "files"
    for row in rows:
        seconds = map(duration, (row.needs.training, row.needs.testing))
        called = f"{row.experiment}/{row.network}"
        yield called, row.stack, *seconds, size_of(row.needs.bytes)


def _columns(rows):
    """Rows of cells as lines with columns under one another, numbers to the right."""
    texts = [list(map(str, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    return [
        "  ".join(
            text.ljust(width) if place == 0 else text.rjust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in texts
    ]


def size_of(count):
    """Bytes as a person would say them: «3.1 MB», «1.2 GB»."""
    if count < 1000:
        return f"{count} B"
    power = min(4, int(math.log10(count) // 3))
    return f"{count / 1000**power:.3g} {' kMGT'[power]}B"
