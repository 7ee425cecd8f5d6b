"""Conversion beside SpikingJelly's converter (2.0.0, its rate coding), of the same ANN.

| | ours | SpikingJelly's |
|---|---|---|
| threshold of a layer | 99.9th percentile, all samples | of a batch; a running mean |
| potential at the start | θ/2 | 0 |
| fires | above θ | at θ |
| output | a spiking layer, with a threshold | weighted sums of every step |
| max-pooling | of what has come so far | of each step |

Where these agree, or are made to, thresholds are equal and so are the spikes; each
difference has a test that shows it.
"""

import numpy as np
import pytest
import torch
from torch import nn

from oracles import oracle
from spikewatt.network import conversion
from spikewatt.network.describe import describe
from spikewatt.network.weights import Network, activations
from stack_steps import built

oracle("spikingjelly")

from spikingjelly.activation_based import ann2snn, functional, neuron  # noqa: E402

STEPS, SAMPLES = 25, 40
DENSE = [{"linear": 60}, {"linear": 50}, {"linear": 10}]
CONV = [
    {"conv": 4, "kernel": 5, "padding": 2, "stride": 2},
    {"conv": 6, "kernel": 3},
    {"linear": 10},
]
LATER = [
    {"conv": 4, "kernel": 5, "stride": 2},
    {"conv": 6, "kernel": 3, "pool": 2},
    {"linear": 10},
]
POOLED = [{"conv": 4, "kernel": 5, "pool": 2}, {"linear": 10}]
IF = {"encoding": "direct", "steps": STEPS, "neuron": {"kind": "if"}}


def source_of(architecture):
    """A ReLU network of ours, and images that it is converted with."""
    made = built("reference", "exp1", "snn")
    images = made.data.split("train").images[:SAMPLES]
    layers = describe(architecture, images.shape[1:], "relu")
    network = Network(layers, torch.Generator().manual_seed(3)).eval()
    generator = torch.Generator().manual_seed(5)
    for module in network.weights:
        nn.init.uniform_(module.bias, -0.1, 0.2, generator=generator)
    return network, torch.from_numpy(images).float() / 255


def theirs(network, batches):
    """SpikingJelly's converted network, of modules that hold our very weights."""
    modules = []
    for layer, module in zip(network.layers, network.weights, strict=True):
        modules += [nn.Flatten()] if layer.kind == "linear" else []
        modules.append(module)
        modules += [nn.MaxPool2d(layer.pool)] if layer.pool > 1 else []
        modules += [nn.ReLU()] if layer.neuron == "relu" else []
    recipe = ann2snn.RateCodingRecipe(batches, mode="99.9%")
    return ann2snn.FXConverter(recipe).convert(nn.Sequential(*modules))


def their_scales(made):
    """The thresholds that it found, layer by layer."""
    scalers = [
        m for m in made.modules() if isinstance(m, ann2snn.modules.VoltageScaler)
    ]
    return [scaler.scale.item() for scaler in scalers[1::2]]


def their_spikes(made, images, start):
    """(spikes of each hidden layer T×B×…, the output's sums T×B×10)."""
    nodes = [m for m in made.modules() if isinstance(m, neuron.IFNode)]
    seen, outputs = [[] for _ in nodes], []
    functional.reset_net(made)
    for number, node in enumerate(nodes):
        node.v = start
        node.register_forward_hook(
            lambda _, __, spikes, number=number: seen[number].append(spikes)
        )
    with torch.no_grad():
        for _ in range(STEPS):
            outputs.append(made(images))
    return [torch.stack(spikes) for spikes in seen], torch.stack(outputs)


def our_spikes(architecture, network, images):
    """(thresholds, spikes of every layer T×B×…)."""
    made = built("reference", "exp1", "snn", architecture=architecture, **IF)
    found = conversion.thresholds(network, images)
    made.network.load_state_dict(conversion.converted(network, found))
    made.network.eval()
    seen = {}
    made.observer = lambda number, spikes: seen.setdefault(number, []).append(spikes)
    with torch.no_grad():
        made(images.expand(STEPS, *images.shape))
    return found, [torch.stack(seen[number]) for number in sorted(seen)]


@pytest.mark.parametrize("architecture", [DENSE, CONV], ids=["dense", "conv"])
def test_thresholds_and_spikes_are_equal_where_definitions_agree(architecture):
    """All samples in one batch, and their potentials started at half a threshold."""
    network, images = source_of(architecture)
    made = theirs(network, [images])
    found, spikes = our_spikes(architecture, network, images)
    assert their_scales(made) == pytest.approx(found[:-1], rel=1e-5)
    others, outputs = their_spikes(made, images, 0.5)
    assert len(others) == len(spikes) - 1
    for ours, other in zip(spikes, others, strict=False):
        assert 0.02 < ours.mean() < 0.9
        # a spike moves by a step where float32 rounds to another side of θ
        assert (ours != other).float().mean() < 1e-3
        assert (ours.sum(0) != other.sum(0)).float().mean() < 1e-3


def test_our_output_layer_counts_what_theirs_sums_up():
    """Their sums of each step, in thresholds, given to a neuron by hand."""
    network, images = source_of(DENSE)
    _, outputs = their_spikes(theirs(network, [images]), images, 0.5)
    found, spikes = our_spikes(DENSE, network, images)
    potential, counts = 0.5, 0
    for sums in outputs.double() / found[-1]:
        potential = potential + sums
        fired = potential > 1
        potential, counts = potential - fired.double(), counts + fired.long()
    assert counts.unique().numel() > 10
    assert (counts == spikes[-1].sum(0)).float().mean() > 0.995


def test_difference_of_the_start():
    """From 0 each neuron of the first layer that fires at all lacks half a spike."""
    network, images = source_of(DENSE)
    made = theirs(network, [images])
    zero, half = (their_spikes(made, images, start)[0][0] for start in (0.0, 0.5))
    lacking = half.sum(0) - zero.sum(0)
    assert set(lacking.unique().tolist()) == {0.0, 1.0}
    between = (half.sum(0) > 0) & (half.sum(0) < STEPS)
    assert lacking[between].mean() == pytest.approx(0.5, abs=0.1)


def test_difference_of_the_threshold_of_several_batches():
    """Theirs: 0.9 of the first batch's and 0.1 of the second's; ours: of all."""
    network, images = source_of(DENSE)
    parts = images.split(SAMPLES // 2)
    with torch.no_grad():
        seen = [next(iter(activations(network, part))).numpy() for part in parts]
    first, second = (np.percentile(one, 99.9) for one in seen)
    scales = their_scales(theirs(network, parts))
    assert scales[0] == pytest.approx(0.9 * first + 0.1 * second, rel=1e-5)
    ours = conversion.thresholds(network, images)[0]
    assert ours == pytest.approx(np.percentile(np.concatenate(seen), 99.9), rel=1e-6)
    assert abs(ours - scales[0]) > 1e-3 * ours


def test_pooled_currents_that_stay_are_the_same_in_both():
    """The first layer's, of an image given directly."""
    network, images = source_of(POOLED)
    found, spikes = our_spikes(POOLED, network, images)
    made = theirs(network, [images])
    assert their_scales(made) == pytest.approx(found[:1], rel=1e-5)
    others, _ = their_spikes(made, images, 0.5)
    assert (spikes[0] != others[0]).float().mean() < 1e-3


def test_difference_of_pooling():
    """Behind spikes theirs adds up each step's largest: more than any member's sum."""
    network, images = source_of(LATER)
    _, spikes = our_spikes(LATER, network, images)
    others, _ = their_spikes(theirs(network, [images]), images, 0.5)
    assert (spikes[0] != others[0]).float().mean() < 1e-3
    ours, other = spikes[1].sum(0), others[1].sum(0)
    assert (other >= ours - 1).all()
    assert other.mean() > 1.05 * ours.mean()
    with torch.no_grad():
        _, wanted, _ = activations(network, images)
    wanted = (STEPS * wanted / conversion.thresholds(network, images)[1]).clamp(
        0, STEPS
    )
    off = [(counts - wanted).abs().mean() for counts in (ours, other)]
    assert off[0] < off[1]  # from the rate that the ANN asks for
