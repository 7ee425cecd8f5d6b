"""Loss and prediction, the only things in which the networks' training differs."""

import snntorch.functional as spiking
import torch
from torch.nn import functional

from spikewatt.network.describe import is_spiking


class Objective:
    """What is minimised, and how an output is read.

    Spiking networks (output T×B×C) are read by how often each output neuron fires, the
    others (output B×C) by their logits.
    """

    def __init__(self, plan):
        self.spiking = is_spiking(plan)
        self.kind = plan["loss"]
        self.of_all_steps = loss_function(plan["loss"])

    def loss(self, output, targets, lengths=None):
        """The mean over the batch, a scalar.

        targets: int64, shape B; lengths: own time steps of each sample where padded
        ones count for nothing (`padding: masked`), int64, shape B. Output is silent
        there, so that of the losses only one that has target counts needs to know.
        """
        if lengths is None or self.kind["kind"] != "count_mse":
            return self.of_all_steps(output, targets)
        rates = self.kind["correct_rate"], self.kind["incorrect_rate"]
        return own_count_mse(output, targets, lengths, *rates)

    def predict(self, output):
        """The class of each sample, int64, shape B. A tie goes to the lower class."""
        counts = output.detach().sum(0) if self.spiking else output.detach()
        return torch.argmax(counts, dim=1)


def own_count_mse(output, targets, lengths, correct_rate, incorrect_rate):
    """snnTorch's MSE of spike counts, each sample by as many steps as are its own.

    output: spikes T×B×C, none past a sample's length; targets and lengths: int64,
    shape B. Target counts are rounded down, as snnTorch does.
    """
    counts = output.sum(0)
    right, wrong = (
        (lengths.double() * rate).long()[:, None]
        for rate in (correct_rate, incorrect_rate)
    )
    correct = functional.one_hot(targets, counts.shape[1]).bool()
    wanted = torch.where(correct, right, wrong).to(counts.dtype)
    return ((counts - wanted).square().mean(1) / lengths).mean()


def loss_function(loss):
    """The function of (output, targets) that a plan's `loss` names.

    cross_entropy: of logits. count_mse: snnTorch's MSE of spike counts against target
    rates, one for the correct class and one for the others. count_cross_entropy:
    snnTorch's cross-entropy that takes spike counts for logits. Raises ValueError for
    another kind.
    """
    if loss["kind"] == "cross_entropy":
        return functional.cross_entropy
    if loss["kind"] == "count_mse":
        return spiking.mse_count_loss(
            correct_rate=loss["correct_rate"], incorrect_rate=loss["incorrect_rate"]
        )
    if loss["kind"] == "count_cross_entropy":
        return spiking.ce_count_loss()
    raise ValueError(f"loss {loss['kind']!r} is not known")
