"""operations.csv of whole passes: both stacks, blocks, batches, threads, by looking."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from made_networks import CASES, built
from spikewatt.network.describe import describe
from spikewatt.network.weights import Network
from spikewatt.results.operations import COLUMNS
from spikewatt.stack import padding
from spikewatt.stack.fast import places
from spikewatt.stack.fast import stack as fast_stack
from spikewatt.stack.tally import Tally
from spikewatt.train import operations
from spikewatt.train.loop import one_pass

POOLS = {
    "max": torch.nn.functional.max_pool2d,
    "average": torch.nn.functional.avg_pool2d,
}
STACKS = ("reference", "fast", "fast, dense")


def passed(stack, objective, count=20):
    batches = stack.batches("test", np.arange(count), shuffle=False)
    return one_pass(stack, objective, batches, tallied=True)


def table(stack, objective, count=20):
    return operations.table(stack.network, passed(stack, objective, count))


def inputs_seen(stack, count=20):
    """[(input T·B×…, a batch)] of each layer, as observers see them."""
    seen = [[] for _ in stack.network.layers]
    stack.network.eval()
    stack.observer = lambda number, values: seen[number].append(values)
    found = []
    with torch.no_grad():
        for samples, _ in stack.batches("test", np.arange(count), shuffle=False):
            for spikes in seen:
                spikes.clear()
            stack(samples)
            frames, _ = padding.unpacked(samples)
            shown = [frames.flatten(0, 1), *(torch.cat(spikes) for spikes in seen)]
            found.append(shown)
    stack.observer = None
    return found


def convolved(layer, weight, values):
    """Operations by convolving what is there with the weights that are."""
    there, kept = values.double(), (weight != 0).double()
    if layer.kind == "linear":
        return int((there.flatten(1) @ kept.T).sum())
    options = {"stride": layer.stride, "padding": layer.padding}
    return int(torch.nn.functional.conv2d(there, kept, **options).sum())


@pytest.mark.parametrize(
    "case",
    ["latency", "strided", "averaged", "plain", "events", "masked", "dense"],
)
def test_counts_are_those_of_every_spike(case):
    """What observers saw of the reference stack, convolved with ones."""
    stack, objective = built(case)
    state = stack.streams.state()
    expected = [0] * len(stack.network.layers)
    spikes = [0] * len(stack.network.layers)
    for shown in inputs_seen(stack):
        for number, layer in enumerate(stack.network.layers):
            weight = stack.network.weights[number].weight.detach()
            values = shown[number].view(-1, *layer.in_shape)
            expected[number] += convolved(layer, weight, values)
            spikes[number] += int(shown[number + 1].sum())
    stack.streams.restore(state)
    made = table(stack, objective)
    assert made["effective_acs"].tolist() == expected
    assert made["active_outputs"].tolist() == spikes
    assert (made["effective_macs"] == 0).all() and (made["input"] == "spikes").all()
    assert min(expected) > 0 and made["zero_weight_operations"].sum() > 0


@pytest.mark.parametrize("case", ["relu", "relu, strided", "relu, averaged"])
def test_values_are_counted_where_they_are_not_zero(case):
    stack, objective = built(case)
    made = table(stack, objective)
    expected = [0] * len(stack.network.layers)
    for samples, _ in stack.batches("test", np.arange(20), shuffle=False):
        values = samples
        for number, layer in enumerate(stack.network.layers):
            module = stack.network.weights[number]
            there = (values != 0).float()
            expected[number] += convolved(layer, module.weight.detach(), there)
            values = module(values.flatten(1) if layer.kind == "linear" else values)
            if layer.pool > 1:
                values = POOLS[layer.pooling](values, layer.pool)
            values = values.relu()
    assert made["effective_macs"].tolist() == expected
    assert (made["effective_acs"] == 0).all()
    assert made["active_outputs"].iloc[-1] is None
    assert (made["steps"] == 20).all()


@pytest.mark.parametrize("case", [name for name in CASES if name != "dense"])
@pytest.mark.parametrize("kind", STACKS[1:])
def test_both_stacks_count_the_same(case, kind):
    """Their rate coding draws other numbers; all other input is the same."""
    expected = table(*built(case))
    assert table(*built(case, kind)).equals(expected)
    assert list(expected) == COLUMNS


@pytest.mark.parametrize("kind", STACKS)
@pytest.mark.parametrize("case", ["plain", "masked", "relu"])
def test_batches_do_not_matter(case, kind):
    """But for the empty steps that recordings of a batch are filled up with."""
    found = [table(*built(case, kind, size)) for size in (1, 7, 20)]
    assert found[0].equals(found[1]) and found[0].equals(found[2])


@pytest.mark.parametrize("case", ["plain", "events"])
def test_threads_do_not_matter(case):
    before, found = torch.get_num_threads(), []
    try:
        for threads in (1, 3):
            torch.set_num_threads(threads)
            found.append(table(*built(case, "fast")))
    finally:
        torch.set_num_threads(before)
    assert found[0].equals(found[1])


@pytest.mark.parametrize("shape", [(40, 1, 9, 9), (40, 3, 5, 4), (40, 17)])
@pytest.mark.parametrize("few", [0, 2**40], ids=["threads", "one"])
def test_values_are_counted_by_place(shape, few, monkeypatch):
    """Compiled, in one thread or three, in either memory layout; numpy as the judge."""
    monkeypatch.setattr(places, "FEW", few)
    values = torch.randn(shape, generator=torch.Generator().manual_seed(1)).relu()
    layouts = [values]
    if len(shape) == 4:
        layouts.append(values.contiguous(memory_format=torch.channels_last))
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        found = [places.active_by_place(one) for one in layouts]
    finally:
        torch.set_num_threads(before)
    expected = np.count_nonzero(values.numpy(), axis=0)
    assert all(np.array_equal(one.numpy(), expected) for one in found)


def test_chunks_of_time_do_not_matter(monkeypatch):
    expected = table(*built("plain", "fast, dense"))
    monkeypatch.setattr(fast_stack, "CHUNK_BYTES", 1)
    assert table(*built("plain", "fast, dense")).equals(expected)


def test_a_batch_that_is_run_anew_counts_once(monkeypatch):
    """Memory gives out after the first layer has been counted."""
    expected = table(*built("plain", "fast, dense"))
    stack, objective = built("plain", "fast, dense")
    original, calls = stack._chunk, []

    def short_of_memory(*arguments):
        output = original(*arguments)
        calls.append(1)
        if len(calls) == 1:
            raise torch.OutOfMemoryError("out of memory")
        return output

    monkeypatch.setattr(stack, "_chunk", short_of_memory)
    assert table(stack, objective).equals(expected)
    assert len(calls) > 3


@pytest.mark.parametrize("kind", STACKS)
def test_two_events_in_a_pixel_are_two_accumulates_and_one_active_place(kind):
    stack, objective = built("events", kind)
    part = stack.data.split("test")
    rows = slice(int(part.indptr[0]), int(part.indptr[8]))
    sample = np.repeat(np.arange(8), np.diff(part.indptr[:9]))
    events = np.stack([sample, part.bin[rows], part.address[rows]])
    distinct = np.unique(events, axis=1).shape[1]
    made = table(stack, objective, 8).iloc[0]
    assert made["input_events"] == events.shape[1] > distinct
    assert made["active_inputs"] == distinct
    places = 2 * 34 * 34 * made["steps"]
    assert made["input_sparsity"] == pytest.approx(1 - distinct / places)


def test_steps_of_padded_recordings_are_their_own():
    stack, objective = built("masked")
    lengths = stack.data.split("test").num_bins[:20]
    assert (table(stack, objective)["steps"] == lengths.sum()).all()
    stack, objective = built("events")
    longest = [lengths[at : at + 8] for at in (0, 8, 16)]
    expected = sum(len(part) * part.max() for part in longest)
    assert (table(stack, objective)["steps"] == expected).all()


def test_input_that_is_no_spikes_is_multiplied():
    """As of direct coding: frames of grey values go into a spiking network."""
    stack, objective = built("plain", "fast, dense")
    with torch.no_grad():
        stack.network.eval()
        frames = torch.rand(4, 8, 1, 28, 28) + 0.1
        targets = torch.arange(8)
        result = one_pass(stack, objective, [(frames, targets)], tallied=True)
    made = operations.table(stack.network, result)
    assert made["input"].tolist() == ["values", "spikes"]
    assert made["effective_macs"].iloc[0] > 0 == made["effective_macs"].iloc[1]
    assert made["effective_acs"].iloc[0] == 0 < made["effective_acs"].iloc[1]


def test_rates_are_those_without_a_tally():
    stack, objective = built("plain", "fast")
    batches = stack.batches("test", np.arange(20), shuffle=False)
    plain = one_pass(stack, objective, batches)
    assert passed(stack, objective).rates == plain.rates
    assert plain.tally is None and stack.tally is None and stack.counter is None


def test_weights_of_few_bits_count_as_they_are_multiplied():
    """Of 3 bits: what is below a sixth of its channel's largest is rounded to 0."""
    entries = [{"linear": 4}]
    layers = describe(entries, (1, 1, 3), "relu")
    network = Network(layers, torch.Generator(), weight_bits=3)
    with torch.no_grad():
        network.weights[0].weight[:] = torch.tensor([0.1, 0.9, -0.4])
    tally = Tally()
    tally.input_values(torch.ones(5, 1, 1, 3))
    [row] = operations.table(
        network, SimpleNamespace(tally=tally, steps=5, samples=5)
    ).to_dict("records")
    # ±3 steps of 0.3 each: 0.1 becomes 0, 0.9 and −0.4 stay, in four channels
    assert (row["weights"], row["zero_weights"]) == (12, 4)
    assert row["effective_macs"] == 5 * 8
    assert row["zero_weight_operations"] == 5 * 4
    # 12 weights of 3 bits and 4 biases of float32
    assert row["parameter_bytes"] == 12 * 3 / 8 + 4 * 4
