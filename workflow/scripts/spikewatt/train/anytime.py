"""How early a spiking network could have answered.

After each time step the answer is the output neuron that has fired most, the lower
class where several have; its margin is by how many spikes it leads. Early exit stops a
sample at the first step whose margin reaches a threshold, and at its last step
otherwise. The thresholds are chosen on validation samples, as the smallest ones that
lose no more than so many points of accuracy there; what they are worth is measured on
others.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from spikewatt.results.anytime import COLUMNS, EXIT_COLUMNS

# Points of validation accuracy that an early exit may cost.
ALLOWED = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


@dataclass
class Answers:
    """Of N samples after each of T time steps.

    answers, margins: N×T; a batch of fewer steps keeps its last ones. steps: of each
    sample, N; labels: N; spikes: so far, of all samples together, T.
    """

    answers: np.ndarray
    margins: np.ndarray
    steps: np.ndarray
    labels: np.ndarray
    spikes: np.ndarray

    @property
    def accuracy_pct(self):
        """After each time step, T."""
        return 100 * (self.answers == self.labels[:, None]).mean(0)


def followed(course, labels):
    """The `Answers` of a `Course` over samples of these labels; None without spikes."""
    if not course.outputs:
        return None
    most = max(len(output) for output in course.outputs)
    parts = [led(output) for output in course.outputs]
    answers, margins = (
        np.concatenate([_lengthened(part[k].T.cpu().numpy(), most) for part in parts])
        for k in (0, 1)
    )
    steps = [np.full(output.shape[1], len(output)) for output in course.outputs]
    spikes = [
        _lengthened(counts.double().cumsum(0).cpu().numpy(), most)
        for counts in course.spikes
    ]
    labels = np.asarray(labels)
    return Answers(answers, margins, np.concatenate(steps), labels, sum(spikes))


def led(output):
    """(answer, margin) after each step, int32 T×B, of output spikes T×B×C."""
    classes = output.shape[2]
    lower_first = torch.arange(classes - 1, -1, -1, device=output.device)
    keys = output.cumsum(0, dtype=torch.int32) * classes + lower_first.int()
    first = keys.amax(2)
    second = keys.masked_fill(keys == first[:, :, None], -1).amax(2)
    margin = first // classes - second.clamp_min(0) // classes
    return classes - 1 - first % classes, margin


def table(found):
    """A row for each time step, with COLUMNS of `results.anytime`.

    found: `Answers`, or None for a network without spikes, which has no row.
    """
    if found is None:
        return pd.DataFrame(columns=COLUMNS)
    count, steps = found.answers.shape
    other = found.answers != found.answers[:, -1:]
    # how many steps there are up to the last one with another answer
    unsettled = steps - other[:, ::-1].argmax(1)
    unsettled[~other.any(1)] = 0
    numbers = (
        np.arange(1, steps + 1),
        found.accuracy_pct,
        found.spikes / count,
        100 * (unsettled[:, None] < np.arange(1, steps + 1)).mean(0),
    )
    return pd.DataFrame(dict(zip(COLUMNS, numbers, strict=True)))


def exits(found, margin):
    """(mean time steps used, accuracy in percent) of early exit by this margin."""
    reached = found.margins >= margin
    step = np.where(reached.any(1), reached.argmax(1) + 1, found.steps)
    used = np.minimum(step, found.steps)
    answers = np.take_along_axis(found.answers, used[:, None] - 1, axis=1)[:, 0]
    return float(used.mean()), float(100 * (answers == found.labels).mean())


def chosen(found):
    """The margins for `ALLOWED`, by the validation samples: a dict each, for run.json.

    The smallest margin that costs no more than so many points; one that no sample
    reaches costs none. Empty for None, a network without spikes.
    """
    if found is None:
        return []
    whole, margin, rows = found.accuracy_pct[-1], 1, []
    for allowed in sorted(ALLOWED, reverse=True):
        while whole - exits(found, margin)[1] > allowed + 1e-9:
            margin += 1
        mean_steps, accuracy = exits(found, margin)
        rows.append(
            {
                "allowed_loss_points": allowed,
                "margin": margin,
                "val_accuracy_pct": accuracy,
                "val_mean_steps": mean_steps,
            }
        )
    return rows[::-1]


def exit_table(found, margins):
    """A row for each of `chosen`'s margins on other samples, with EXIT_COLUMNS."""
    if found is None:
        return pd.DataFrame(columns=EXIT_COLUMNS)
    rows = []
    for one in margins:
        mean_steps, accuracy = exits(found, one["margin"])
        rows.append(one | {"mean_steps": mean_steps, "accuracy_pct": accuracy})
    return pd.DataFrame(rows, columns=EXIT_COLUMNS)


def _lengthened(values, steps):
    """Values over time, last axis, with the last one repeated up to `steps`."""
    missing = steps - values.shape[-1]
    widths = [(0, 0)] * (values.ndim - 1) + [(0, missing)]
    return np.pad(values, widths, mode="edge")
