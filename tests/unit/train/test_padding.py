"""`padding: masked`: a recording in a batch is as if it were alone; `run_on`: not so.

The oracle is the reference stack, run as ever, with one recording in the batch: it has
no padding then, and snnTorch's own loss knows its number of steps.
"""

import numpy as np
import pytest
import torch

import made_plans
from spikewatt.stack.padding import Padded, own_steps
from spikewatt.train.loop import one_pass
from spikewatt.train.objective import Objective, own_count_mse
from stack_steps import assert_equal_training, built, one_step

KINDS = ("reference", "fast", "fast, dense", "fast, in chunks")
ARCHITECTURE = [
    {"conv": 6, "kernel": 5, "pool": 2},
    {"conv": 8, "kernel": 5, "pool": 2},
    {"linear": 10},
]
COUNT_MSE = {"kind": "count_mse", "correct_rate": 0.7, "incorrect_rate": 0.3}
COUNT_CROSS_ENTROPY = {"kind": "count_cross_entropy"}


def stack_of(kind, monkeypatch, **changes):
    """A stack on the made recordings; all of them have hidden and output spikes."""
    if "chunks" in kind:
        monkeypatch.setattr("spikewatt.stack.fast.stack.CHUNK_BYTES", 1)
    changes = {"architecture": ARCHITECTURE} | changes
    made = built(kind.partition(",")[0], "exp3", "snn_nmnist", **changes)
    if "," in kind:
        made.runner = None
    return made


def batch_of(made, indices):
    return next(iter(made.batches("train", np.asarray(indices), shuffle=False)))


def lengths(made):
    return made.data.split("train").num_bins


def alone(index, loss=COUNT_MSE):
    """(output T×C, loss, gradients) of one recording, without any padding."""
    made = built(
        "reference", "exp3", "snn_nmnist", architecture=ARCHITECTURE, loss=loss
    )
    output, value, gradients, _ = one_step(made, *batch_of(made, [index]))
    return output[:, 0], value, gradients


def among_longer(made):
    """A recording of the shortest and others that are longer."""
    order = np.argsort(lengths(made)[:8], kind="stable")
    assert lengths(made)[order[0]] < lengths(made)[order[-1]]
    return order[[0, -1, -2]]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("loss", [COUNT_MSE, COUNT_CROSS_ENTROPY])
def test_masked_a_batch_is_its_recordings_alone(kind, loss, monkeypatch):
    made = stack_of(kind, monkeypatch, padding="masked", loss=loss)
    indices = among_longer(made)
    samples, targets = batch_of(made, indices)
    output, value, gradients, _ = one_step(made, samples, targets)
    singles = [alone(index, loss) for index in indices]
    for number, (expected, _, _) in enumerate(singles):
        own = len(expected)
        assert torch.equal(output[:own, number], expected)
        assert not output[own:, number].any()
        assert expected.sum() > 0
    assert value == pytest.approx(np.mean([single[1] for single in singles]), rel=1e-5)
    for got, *each in zip(gradients, *[single[2] for single in singles], strict=True):
        wanted = torch.stack(each).mean(0)
        assert (got - wanted).norm() <= 1e-4 * wanted.norm().clamp_min(1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_run_on_it_is_not(kind, monkeypatch):
    """By default: the shortest goes on firing, and its target is of all steps."""
    made = stack_of(kind, monkeypatch)
    index = among_longer(made)
    samples, targets = batch_of(made, index)
    with torch.no_grad():
        output = made(samples)
    expected, value, _ = alone(index[0])
    assert torch.equal(output[: len(expected), 0], expected)
    assert len(output) > len(expected)
    plan = made.plan | {"loss": COUNT_MSE}
    among = Objective(plan).loss(output[:, :1], targets[:1]).item()
    assert among != pytest.approx(value, rel=1e-2)


@pytest.mark.parametrize("padding", ["run_on", "masked"])
def test_a_prediction_depends_on_batch_mates_only_where_padding_runs_on(padding):
    """Class 1 fires twice in two steps, then class 0 goes on from what it holds."""
    output = torch.zeros(5, 1, 2)
    output[:2, 0, 1] = 1
    output[2:, 0, 0] = 1
    objective = Objective(made_plans.plan("exp3", "snn_nmnist", padding=padding))
    if padding == "masked":
        output = output * own_steps(torch.tensor([2]), 5)[:, :, None]
    assert objective.predict(output).tolist() == [1 if padding == "masked" else 0]


def test_the_loss_of_own_steps_by_hand():
    """Targets of 7 and 3 of 10 steps and, rounded down, 2 and 1 of 4 (2.8 and 1.2)."""
    output = torch.zeros(10, 2, 2)
    output[:5, 0, 0] = output[:1, 0, 1] = 1
    output[:4, 1, 0] = output[:2, 1, 1] = 1
    found = own_count_mse(output, torch.tensor([0, 1]), torch.tensor([10, 4]), 0.7, 0.3)
    first = ((5 - 7) ** 2 + (1 - 3) ** 2) / 2 / 10
    second = ((4 - 1) ** 2 + (2 - 2) ** 2) / 2 / 4
    assert found.item() == pytest.approx((first + second) / 2)


@pytest.mark.parametrize("kind", KINDS[1:])
@pytest.mark.parametrize("padding", ["run_on", "masked"])
def test_the_stacks_stay_equal(kind, padding, monkeypatch):
    steps = [
        one_step(made, *batch_of(made, range(7)))
        for made in (
            stack_of("reference", monkeypatch, padding=padding),
            stack_of(kind, monkeypatch, padding=padding),
        )
    ]
    assert_equal_training(steps[1], steps[0])


@pytest.mark.parametrize("kind", KINDS)
def test_rates_are_of_own_steps_alone(kind, monkeypatch):
    """Spikes of all layers, counted in each recording on its own."""
    made = stack_of(kind, monkeypatch, padding="masked")
    single = stack_of("reference", monkeypatch)
    fired, own = {}, int(lengths(made)[:8].sum())

    def look(number, spikes):
        fired[number] = fired.get(number, 0) + int(spikes.sum())

    single.observer = look
    single.network.eval()
    with torch.no_grad():
        for index in range(8):
            single(batch_of(single, [index])[0])
    objective = Objective(made.plan)
    result = one_pass(made, objective, made.batches("train", np.arange(8), False))
    layers = made.network.layers
    expected = [fired[n] / (own * layer.neurons) for n, layer in enumerate(layers)]
    assert result.rates == pytest.approx(expected)
    assert min(expected) > 0


def test_lengths_come_with_the_batch_only_where_they_are_asked_for():
    for name in ("reference", "fast"):
        made = built(name, "exp3", "snn_nmnist", padding="masked")
        samples, _ = batch_of(made, [3, 4, 5])
        assert isinstance(samples, Padded)
        assert samples.lengths.tolist() == lengths(made)[3:6].tolist()
        plain = built(name, "exp3", "snn_nmnist")
        assert not isinstance(batch_of(plain, [3, 4, 5])[0], Padded)
