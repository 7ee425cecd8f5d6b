"""One training loop for spiking and non-spiking networks, and for both stacks."""

import contextlib
import math
from dataclasses import dataclass
from functools import partial

import torch

from spikewatt.stack import padding
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
    load_s: float | None  # seconds that the pass waited for its samples
    rates: list  # spikes per neuron and step of each layer in evaluation, output last


def one_pass(stack, objective, batches, optimiser=None, progress=iter, course=None):
    """Go through `batches` once: training with an `optimiser`, else evaluation.

    `progress` wraps the iterable and may report on it; an evaluation adds what goes on
    in its time steps to `course`, a `Course`. What is kept of a batch stays
    on the device until the end, so that no batch waits for the one before it.
    Raises `NotFinite`, naming the batch, if a loss or gradient is NaN or infinite; on
    the CPU before that batch changes a weight.
    """
    training = optimiser is not None
    stack.network.train(training)
    record = PassRecord(stack.network, objective, len(batches))
    with torch.set_grad_enabled(training):
        for samples, targets in progress(batches):
            work = partial(batch, stack, objective, samples, targets, training, course)
            output, loss, spikes = within_memory(stack, work)
            record.add(output, loss, targets, spikes, own_steps(output, samples))
            if course:
                course.add(output)
            if training:
                optimiser.step()
    return record.result(getattr(batches, "waited_s", None))


class PassRecord:
    """What is kept of the batches of a pass."""

    def __init__(self, network, objective, count):
        self.network, self.objective, self.count = network, objective, count
        self.losses, self.labels, self.predictions = [], [], []
        self.highest, self.gradients = [], []
        self.spikes, self.steps = [], 0

    def add(self, output, loss, targets, spikes, steps):
        """Keep a batch's loss and predictions, and signs of a network gone wrong.

        spikes: as `batch` gives them; steps: as `own_steps` does. Each sign costs one
        small operation: whether any output neuron spiked, and the gradient of the first
        layer's biases, which whatever goes wrong in a later layer's gradient goes
        through.
        """
        self.losses.append(loss)
        self.labels.append(targets)
        self.predictions.append(self.objective.predict(output))
        if output.dim() == 3:  # spike trains T×B×C, not logits
            self.highest.append(output.amax())
            self.steps += steps
        self.spikes.append(spikes)
        if self.network.training:
            arrived = self.network.weights[0].bias.grad
            self.gradients.append(torch.linalg.vector_norm(arrived))
        if loss.device.type == "cpu":
            check_finite(self.losses[-1:], self.gradients[-1:], self.count, len(self))

    def __len__(self):
        return len(self.losses)

    def result(self, load_s=None):
        """Join the batches into a `Result`; load_s: as there."""
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
            load_s=load_s,
            rates=self.rates(),
        )

    def rates(self):
        """Spikes per neuron and step of each layer, of all batches together."""
        layers = self.network.layers
        totals = [
            sum(_numbers(spikes[number] for spikes in self.spikes))
            for number in self.spikes[0]
        ]
        return [
            total / (int(self.steps) * layer.neurons)
            for total, layer in zip(totals, layers, strict=False)
        ]


def own_steps(output, samples):
    """Time steps of a batch's samples together; of logits, their number.

    Without padded ones where `samples`, the stack's input, says the samples' lengths:
    a scalar on the device then, so that nothing waits for it.
    """
    _, lengths = padding.unpacked(samples)
    return output.shape[:-1].numel() if lengths is None else lengths.sum()


def _host(values):
    """Scalars on the device as one tensor on the host."""
    return torch.stack(values).cpu() if values else torch.empty(0)


def _numbers(counts):
    """Counts on the host: one transfer where they are on a device."""
    counts = list(counts)
    return torch.stack(counts).tolist() if torch.is_tensor(counts[0]) else counts


def batch(stack, objective, samples, targets, training, course=None):
    """(output, loss, spikes) of one batch; in training the weights hold its gradients.

    spikes: those of each layer in evaluation, number of layer → how many, where
    the device works still a scalar on it; empty in training and for logits. course: as
    of `one_pass`.
    """
    spikes = {}
    if training:
        stack.network.zero_grad(set_to_none=True)
    with counting(stack, None if training else spikes), following(stack, course):
        output = stack(samples)
    _, lengths = padding.unpacked(samples)
    loss = objective.loss(output, targets, lengths)
    if training:
        loss.backward()
    return output.detach(), loss.detach(), spikes


@contextlib.contextmanager
def counting(stack, spikes):
    """Let `stack` add its layers' spikes to the dict `spikes`, or not where None."""

    def count(number, fired):
        spikes[number] = spikes.get(number, 0) + fired

    stack.counter = None if spikes is None else count
    try:
        yield
    finally:
        stack.counter = None


@contextlib.contextmanager
def following(stack, course):
    """Let `stack` tell `course` of a batch's time steps, or nobody where None."""
    if course:
        course.begin()
        stack.pace = course.layer
    try:
        yield
    finally:
        stack.pace = None


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
