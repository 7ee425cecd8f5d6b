"""Recordings of unequal length in one batch: which time steps are a sample's own.

The shorter ones are padded with empty steps at the end. Under `padding: run_on` these
steps are like all others: neurons go on from what they hold, and their spikes count.
Under `masked` no neuron of a sample fires after its own last step. Since no step sees
a later one, that is all it takes: own steps and their gradients know nothing of it.
"""

from typing import NamedTuple

import torch


class Padded(NamedTuple):
    """A stack's input that says how long each sample is, as `padding: masked` needs.

    values: spike trains T×B×… in a form that the stack takes; lengths: own time steps
    of each sample, int64, shape B, between 1 and T.
    """

    values: object
    lengths: torch.Tensor

    def to(self, device, **options):
        """The same on `device`; options: as of `torch.Tensor.to`."""
        return Padded(*(part.to(device, **options) for part in self))


def masks(plan):
    """Whether a run's plan masks padded steps; plans of images say nothing of it."""
    return plan.get("padding") == "masked"


def unpacked(samples):
    """(spike trains, lengths) of a stack's input; lengths: None where none are said."""
    return samples if isinstance(samples, Padded) else (samples, None)


def own_steps(lengths, steps):
    """1 where a time step is a sample's own, else 0: float32, T×B."""
    step = torch.arange(steps, device=lengths.device)
    return (step[:, None] < lengths).float()


def apart(own, spikes):
    """`own` (T×B or B) with axes of size 1 so that it multiplies `spikes`."""
    return own.view(*own.shape, *[1] * (spikes.dim() - own.dim()))
