"""operations.csv beside NeuroBench 2.3.0 and SpikingJelly 2.0.0, on the same batches.

Where definitions agree the numbers are equal, to the last operation; each difference of
definition (docs/OPERATIONS.md) has a test that shows it.
"""

import numpy as np
import pytest
import snntorch
import torch
from torch.utils.data import DataLoader, TensorDataset

from made_networks import built
from oracles import oracle
from spikewatt.stack import padding
from spikewatt.train import operations
from spikewatt.train.loop import one_pass

oracle("neurobench")

from neurobench.benchmarks import Benchmark  # noqa: E402
from neurobench.metrics.static import (  # noqa: E402
    ConnectionSparsity,
    Footprint,
    ParameterCount,
)
from neurobench.metrics.workload import (  # noqa: E402
    ActivationSparsity,
    MembraneUpdates,
    SynapticOperations,
)
from neurobench.models import SNNTorchModel, TorchModel  # noqa: E402

SPIKING = ("latency", "strided", "plain", "averaged")
RELU = ("relu", "relu, strided", "relu, averaged")
POOLS = {"max": torch.nn.MaxPool2d, "average": torch.nn.AvgPool2d}


class Modules(torch.nn.Module):
    """Our network as modules that hooks can be hung on, with our very weights."""

    def __init__(self, network, beta=None):
        super().__init__()
        layers = []
        for layer, weights in zip(network.layers, network.weights, strict=True):
            if layer.kind == "linear":
                layers.append(torch.nn.Flatten())
            layers.append(weights)
            if layer.pool > 1:
                layers.append(POOLS[layer.pooling](layer.pool))
            if layer.neuron == "relu":
                layers.append(torch.nn.ReLU())
            elif layer.neuron != "none":
                layers.append(snntorch.Leaky(beta=beta, init_hidden=True))
        self.layers = torch.nn.Sequential(*layers)
        self.spiking = beta is not None

    def forward(self, values):
        output = self.layers(values)
        return (output, None) if self.spiking else output

    def reset(self):
        """What NeuroBench calls; snnTorch's own passes nested neurons over."""
        for module in self.layers:
            if isinstance(module, snntorch.Leaky):
                module.reset_mem()

    def buffer_bytes(self):
        return sum(b.numel() * b.element_size() for b in self.buffers())


def measured(case, batch_size=8):
    """(operations.csv of a pass, bytes of buffers, what NeuroBench says of it)."""
    stack, objective = built(case, batch_size=batch_size)
    batches = list(stack.batches("test", np.arange(20), shuffle=False))
    table = operations.table(
        stack.network, one_pass(stack, objective, batches, tallied=True)
    )
    samples = torch.cat([one[0] for one in batches], dim=int(case not in RELU))
    targets = torch.cat([one[1] for one in batches])
    if case in RELU:
        modules = Modules(stack.network)
        model = TorchModel(modules)
    else:
        modules = Modules(stack.network, stack.plan["neuron"]["beta"])
        model, samples = SNNTorchModel(modules), samples.transpose(0, 1)
    loader = DataLoader(TensorDataset(samples, targets), batch_size=batch_size)
    workload = [SynapticOperations, ActivationSparsity]
    workload += [] if case in RELU else [MembraneUpdates]
    buffers = modules.buffer_bytes()
    static = [Footprint, ConnectionSparsity, ParameterCount]
    said = Benchmark(model, loader, [], [], [static, workload]).run(quiet=True)
    return table, buffers, said


@pytest.fixture(scope="module", params=[*SPIKING, *RELU])
def both(request):
    with torch.no_grad():
        return request.param, *measured(request.param)


def whole(value):
    """A sum over samples that was divided by their number: a whole number again."""
    assert value == pytest.approx(round(value), abs=1e-4)
    return round(value)


def test_synaptic_operations_are_equal_to_the_last_one(both):
    _, table, _, said = both
    found = said["SynapticOperations"]
    ours = table[["effective_macs", "effective_acs", "dense_macs"]].sum()
    asked = ("Effective_MACs", "Effective_ACs", "Dense")
    assert [whole(20 * found[name]) for name in asked] == ours.tolist()
    assert ours[["effective_macs", "effective_acs"]].max() > 0


def test_sparsity_is_equal(both):
    _, table, _, said = both
    neurons = table[table["active_outputs"].notna()]
    places = (neurons["neurons"] * neurons["steps"]).sum()
    ours = 1 - neurons["active_outputs"].sum() / places
    assert said["ActivationSparsity"] == pytest.approx(ours, abs=1e-12)
    zeros = table["zero_weights"].sum() / table["weights"].sum()
    assert said["ConnectionSparsity"] == round(zeros, 4) > 0


def test_footprint_is_equal_but_for_buffers(both):
    """NeuroBench adds snnTorch's own, which hold settings and the potentials too."""
    _, table, buffers, said = both
    assert said["Footprint"] - buffers == table["parameter_bytes"].sum()
    assert said["ParameterCount"] == table["parameter_bytes"].sum() / 4


def test_membrane_updates_are_equal_where_every_potential_moves(both):
    case, table, _, said = both
    if case in RELU:
        assert table["membrane_updates"].sum() == 0
        return
    ours = table["membrane_updates"].sum()
    assert whole(20 * said["MembraneUpdates"]) <= ours
    # ours are clocked: each neuron in each step; theirs leave out what stays the same
    assert 20 * said["MembraneUpdates"] > 0.9 * ours


def test_neurobench_multiplies_a_whole_batch_where_one_pixel_has_two_events():
    """Ours are accumulates, one for each event; the places that meet are the same."""
    stack, objective = built("events")
    [(frames, targets)] = stack.batches("test", np.arange(8), shuffle=False)
    frames, _ = padding.unpacked(frames)
    result = one_pass(stack, objective, [(frames, targets)], tallied=True)
    ours = operations.table(stack.network, result).iloc[0]
    count = oracle("neurobench.metrics.utils.layers").single_layer_MACs
    layer = stack.network.weights[0]
    found = [count(frame, layer) for frame in frames]
    assert {spiking for _, spiking in found} == {False}
    once = (frames > 0).float()
    seen = [count(frame, layer) for frame in once]
    assert {spiking for _, spiking in seen} == {True}
    # both count a place once, whatever it holds
    theirs = sum(int(number) for number, _ in found)
    assert theirs == sum(int(number) for number, _ in seen)
    assert ours["effective_macs"] == 0 < theirs < ours["effective_acs"]
    result = one_pass(stack, objective, [(once, targets)], tallied=True)
    again = operations.table(stack.network, result).iloc[0]
    assert again["effective_acs"] == theirs


@pytest.mark.parametrize("case", SPIKING)
def test_spikingjelly_counts_zero_weights_too(case):
    """Its counter convolves the spikes with ones: ours and those of zero weights."""
    counter = oracle("spikingjelly.activation_based.op_counter")
    stack, objective = built(case)
    batches = list(stack.batches("test", np.arange(20), shuffle=False))
    with torch.no_grad():
        table = operations.table(
            stack.network, one_pass(stack, objective, batches, tallied=True)
        )
        modules = Modules(stack.network, stack.plan["neuron"]["beta"]).eval()
        synops = counter.SynOpCounter()
        for samples, _ in batches:
            modules.reset()
            with counter.DispatchCounterMode([synops]):
                for values in samples:
                    modules(values)
    ours = table[["effective_acs", "zero_weight_operations"]].sum().sum()
    assert synops.get_total() == ours > table["effective_acs"].sum()
