"""One training loop for spiking and non-spiking networks, and for both stacks."""

import math
from dataclasses import dataclass
from functools import partial

import torch

from spikewatt.memory import fitted


class NotFinite(RuntimeError):
    """The loss became NaN or infinite."""


@dataclass
class Result:
    """What one pass over a set of samples gives; losses are means per sample."""

    loss: float
    accuracy_pct: float
    samples: int
    correct: int
    labels: torch.Tensor  # in the order of the pass
    predictions: torch.Tensor


def one_pass(stack, objective, batches, optimiser=None, progress=iter):
    """Go through `batches` once: training with an `optimiser`, else evaluation.

    `progress` wraps the iterable and may report on it. Losses and predictions stay on
    the device until the end, so that no batch waits for the one before it.
    Raises `NotFinite`, naming the batch, if a loss is NaN or infinite.
    """
    training = optimiser is not None
    stack.network.train(training)
    losses, labels, predictions = [], [], []
    with torch.set_grad_enabled(training):
        for samples, targets in progress(batches):
            work = partial(batch, stack, objective, samples, targets, training)
            output, loss = fitted(stack, work)
            if training:
                optimiser.step()
            losses.append(loss)
            labels.append(targets)
            predictions.append(objective.predict(output))
    return summarise(losses, labels, predictions)


def batch(stack, objective, samples, targets, training):
    """(output, loss) of one batch; in training the weights hold its gradients."""
    if training:
        stack.network.zero_grad(set_to_none=True)
    output = stack(samples)
    loss = objective.loss(output, targets)
    if training:
        loss.backward()
    return output.detach(), loss.detach()


def summarise(losses, labels, predictions):
    """Join the batches of one pass into a `Result`."""
    losses = torch.stack(losses).cpu()
    check_finite(losses)
    sizes = torch.tensor([len(batch) for batch in labels], dtype=losses.dtype)
    labels, predictions = torch.cat(labels).cpu(), torch.cat(predictions).cpu()
    correct = int((labels == predictions).sum())
    return Result(
        loss=float((losses * sizes).sum() / sizes.sum()),
        accuracy_pct=100 * correct / len(labels),
        samples=len(labels),
        correct=correct,
        labels=labels,
        predictions=predictions,
    )


def check_finite(losses):
    """Raise `NotFinite` with the first batch whose loss is no number."""
    for number, loss in enumerate(losses.tolist(), start=1):
        if not math.isfinite(loss):
            raise NotFinite(
                f"the loss is {loss} in batch {number} of {len(losses)}. A smaller "
                "learning rate (training: learning_rate in the config) usually helps."
            )


def spike_rates(stack, batches):
    """Spikes per neuron and time step of each spiking layer on the first batch.

    Returns one number a layer, the output layer last; an empty list for a network
    without spikes. Runs outside what is timed, and leaves the streams as they were.
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
            samples, _ = next(iter(batches))
            stack(samples)
    finally:
        stack.observer = None
        stack.streams.restore(before)
    return [spikes[number] / sites[number] for number in sorted(spikes)]


def warm_up(stack, objective, batches, count):
    """Run `count` batches forward and backward without a trace.

    No weight moves and every random stream is put back; compilation, allocation and
    caches are then not part of the first epoch.
    """
    before = stack.streams.state()
    stack.network.train()
    for _, (samples, targets) in zip(range(count), batches, strict=False):
        fitted(stack, partial(batch, stack, objective, samples, targets, True))
    stack.network.zero_grad(set_to_none=True)
    stack.streams.restore(before)
