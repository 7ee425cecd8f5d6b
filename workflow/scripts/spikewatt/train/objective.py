"""Loss and prediction, the only things in which the networks' training differs."""

import snntorch.functional as spiking
import torch
from torch.nn import functional


class Objective:
    """What is minimised, and how an output is read.

    Spiking networks (output T×B×C): the MSE count loss of snnTorch, with target rates
    for the correct class and the others, and the class that fires most. The others
    (output B×C): cross-entropy, and the largest logit.
    """

    def __init__(self, plan):
        self.spiking = plan["neuron"]["kind"] != "relu"
        self.loss = functional.cross_entropy
        if self.spiking:
            self.loss = spiking.mse_count_loss(
                correct_rate=plan["loss"]["correct_rate"],
                incorrect_rate=plan["loss"]["incorrect_rate"],
            )

    def predict(self, output):
        """The class of each sample, int64, shape B. A tie goes to the lower class."""
        counts = output.detach().sum(0) if self.spiking else output.detach()
        return torch.argmax(counts, dim=1)
