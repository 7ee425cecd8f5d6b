"""One training loop for spiking and non-spiking networks, and for both stacks."""

import contextlib
import math
from dataclasses import dataclass
from functools import partial

import torch

from spikewatt.train.memory import within_memory


class NotFinite(RuntimeError):
    """The loss or the gradient became NaN or infinite."""


@dataclass
class Result:
    """What one pass over a set of samples gives; losses are means per sample."""

    loss: float
    accuracy_pct: float
    samples: int
    correct: int
    labels: torch.Tensor  # in the order of the pass
    predictions: torch.Tensor
    fired: torch.Tensor  # of each batch: whether the output spiked; none of logits
    gradients: torch.Tensor  # of each batch in training: see `PassRecord.add`


def one_pass(stack, objective, batches, optimiser=None, progress=iter):
    """Go through `batches` once: training with an `optimiser`, else evaluation.

    `progress` wraps the iterable and may report on it. What is kept of a batch stays
    on the device until the end, so that no batch waits for the one before it.
    Raises `NotFinite`, naming the batch, if a loss or gradient is NaN or infinite; on
    the CPU before that batch changes a weight.
    """
    training = optimiser is not None
    stack.network.train(training)
    record = PassRecord(stack.network, objective, len(batches))
    with torch.set_grad_enabled(training):
        for samples, targets in progress(batches):
            work = partial(batch, stack, objective, samples, targets, training)
            output, loss = within_memory(stack, work)
            record.add(output, loss, targets, training)
            if training:
                optimiser.step()
    return record.result()


class PassRecord:
    """What is kept of the batches of a pass."""

    def __init__(self, network, objective, count):
        self.network, self.objective, self.count = network, objective, count
        self.losses, self.labels, self.predictions = [], [], []
        self.highest, self.gradients = [], []

    def add(self, output, loss, targets, training):
        """Keep a batch's loss and predictions, and signs of a network gone wrong.

        Each sign costs one small operation: whether any output neuron spiked, and the
        gradient of the first layer's biases, which whatever goes wrong in a later
        layer's gradient goes through.
        """
        self.losses.append(loss)
        self.labels.append(targets)
        self.predictions.append(self.objective.predict(output))
        if output.dim() == 3:  # spike trains T×B×C, not logits
            self.highest.append(output.amax())
        if training:
            arrived = self.network.weights[0].bias.grad
            self.gradients.append(torch.linalg.vector_norm(arrived))
        if loss.device.type == "cpu":
            check_finite(self.losses[-1:], self.gradients[-1:], self.count, len(self))

    def __len__(self):
        return len(self.losses)

    def result(self):
        """Join the batches into a `Result`."""
        losses = torch.stack(self.losses).cpu()
        gradients = _host(self.gradients)
        check_finite(losses, gradients, self.count)
        sizes = torch.tensor([len(part) for part in self.labels], dtype=losses.dtype)
        labels = torch.cat(self.labels).cpu()
        predictions = torch.cat(self.predictions).cpu()
        correct = int((labels == predictions).sum())
        return Result(
            loss=float((losses * sizes).sum() / sizes.sum()),
            accuracy_pct=100 * correct / len(labels),
            samples=len(labels),
            correct=correct,
            labels=labels,
            predictions=predictions,
            fired=_host(self.highest) > 0,
            gradients=gradients,
        )


def _host(values):
    """Scalars on the device as one tensor on the host."""
    return torch.stack(values).cpu() if values else torch.empty(0)


def batch(stack, objective, samples, targets, training):
    """(output, loss) of one batch; in training the weights hold its gradients."""
    if training:
        stack.network.zero_grad(set_to_none=True)
    output = stack(samples)
    loss = objective.loss(output, targets)
    if training:
        loss.backward()
    return output.detach(), loss.detach()


def check_finite(losses, gradients, count, first=1):
    """Raise `NotFinite` with the first batch whose loss or gradient is no number.

    count: batches of the pass; first: the number of the first one given.
    """
    for kind, values in (("loss", losses), ("gradient", gradients)):
        for number, value in enumerate(map(float, values), start=first):
            if not math.isfinite(value):
                raise NotFinite(
                    f"the {kind} is {value} in batch {number} of {count}. A smaller "
                    "learning rate (training: learning_rate in the config) usually "
                    "helps."
                )


def spike_rates(stack, batches):
    """Spikes per neuron and time step of each spiking layer on the first batch.

    Returns one number a layer, the output layer last; an empty list for a network
    without spikes. Runs outside what is timed, and leaves the streams as they were.
    """
    with observed(stack) as (spikes, sites):
        samples, _ = next(iter(batches))
        stack(samples)
    return [spikes[number] / sites[number] for number in sorted(spikes)]


def silent_layers(stack, batches):
    """Numbers, from 1, of the spiking layers that fire in none of `batches`.

    Goes on only until every layer has fired. Otherwise as `spike_rates`.
    """
    with observed(stack) as (spikes, _):
        for samples, _ in batches:
            stack(samples)
            if all(spikes.values()):
                break
    return [number + 1 for number, count in sorted(spikes.items()) if not count]


@contextlib.contextmanager
def observed(stack):
    """Yield (spikes, neurons times steps), both by layer, growing with each batch.

    The network is evaluated, and the random streams are put back.
    """
    before = stack.streams.state()
    spikes, sites = {}, {}

    def observe(number, values):
        spikes[number] = spikes.get(number, 0) + int(values.count_nonzero())
        sites[number] = sites.get(number, 0) + values.numel()

    stack.network.eval()
    stack.observer = observe
    try:
        with torch.no_grad():
            yield spikes, sites
    finally:
        stack.observer = None
        stack.streams.restore(before)


def warm_up(stack, objective, batches, count, training):
    """Run `count` batches as the pass that follows will, without a trace.

    training: forward and backward; else evaluation, with no gradient, so that what is
    measured of a test holds no memory that backward asked for once. No weight moves
    and every random stream is put back; compilation, allocation and caches are then
    not part of what is measured.
    """
    before = stack.streams.state()
    stack.network.train(training)
    with torch.set_grad_enabled(training):
        for _, (samples, targets) in zip(range(count), batches, strict=False):
            work = partial(batch, stack, objective, samples, targets, training)
            within_memory(stack, work)
    stack.network.zero_grad(set_to_none=True)
    stack.streams.restore(before)
