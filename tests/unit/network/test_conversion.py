"""Conversion: folding by hand, and spike counts against the twin's integers."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from spikewatt.network import conversion
from spikewatt.network.describe import describe
from spikewatt.network.neuron.settings import Neuron
from spikewatt.network.quantised import qcfs
from spikewatt.network.weights import Network, activations, current
from spikewatt.stack.fast import stack as fast_module
from stack_steps import built

STEPS = 25
TWIN = {"kind": "qcfs", "levels": STEPS, "clip": 1.0}
DENSE = [{"linear": 40}, {"linear": 30}, {"linear": 10}]
CONV = [
    {"conv": 6, "kernel": 5, "padding": 2, "pool": 2},
    {"conv": 8, "kernel": 3, "padding": 1, "pool": 2},
    {"linear": 10},
]
AVERAGE = [
    layer | {"pooling": "average"} if "pool" in layer else layer for layer in CONV
]
ARCHITECTURES = {"dense": DENSE, "conv": CONV, "average": AVERAGE}
architectures = pytest.mark.parametrize(
    "architecture", ARCHITECTURES.values(), ids=ARCHITECTURES
)
IF = {"encoding": "direct", "steps": STEPS, "neuron": {"kind": "if"}}
IF |= {"batch_size": 20}


def twin(architecture, shape=(1, 28, 28)):
    """A quantised network with clips of its own, all of whose layers are active."""
    layers = describe(architecture, shape, "qcfs")
    made = Network(layers, torch.Generator().manual_seed(3), Neuron.of(TWIN)).eval()
    with torch.no_grad():
        for number, clip in enumerate(made.clips):
            clip.fill_(0.9 + 0.3 * number)
        for module in made.weights:
            module.bias.uniform_(-0.1, 0.2, generator=torch.Generator().manual_seed(5))
    return made


def spiking(name, architecture, source, images, **changes):
    """The converted network in a stack: (what it observes of each layer, images)."""
    made = built(name, "exp1", "snn", architecture=architecture, **IF | changes)
    found = conversion.thresholds(source, images)
    made.network.load_state_dict(conversion.converted(source, found))
    made.network.eval()
    seen = {}

    def observer(number, spikes):
        steps = spikes if name == "fast" else spikes[None]
        seen.setdefault(number, []).append(steps.detach())

    made.observer = observer
    with torch.no_grad():
        made(next(iter(made.batches("train", np.arange(20), False)))[0])
    return made, [torch.cat(seen[number]) for number in sorted(seen)]


def images_of(count=20):
    made = built("reference", "exp1", "snn")
    images = made.data.split("train").images[:count]
    return torch.from_numpy(images).float() / 255


def test_weights_are_folded_by_hand():
    """θ = 2, 4 and logits' 8: W' = 1/2·W, 2/4·W, 4/8·W; b' = b/θ."""
    layers = describe([{"linear": 1}, {"linear": 1}, {"linear": 2}], (1,), "relu")
    made = Network(layers, torch.Generator())
    with torch.no_grad():
        for module, weight, bias in zip(
            made.weights, (2.0, 2.0, 1.0), (0.0, 0.4, 0.8), strict=True
        ):
            module.weight.fill_(weight), module.bias.fill_(bias)
    new = conversion.converted(made, [2.0, 4.0, 8.0])
    values = {name: tensor.flatten().tolist() for name, tensor in new.items()}
    assert values == {
        "weights.0.weight": [1.0],
        "weights.0.bias": [0.0],
        "weights.1.weight": [1.0],
        "weights.1.bias": [pytest.approx(0.1)],
        "weights.2.weight": [0.5, 0.5],
        "weights.2.bias": [pytest.approx(0.1)] * 2,
    }


def test_thresholds_are_percentiles_of_relu_and_clips_of_qcfs():
    layers = describe([{"linear": 1}, {"linear": 2}], (1,), "relu")
    made = Network(layers, torch.Generator())
    with torch.no_grad():
        made.weights[0].weight.fill_(3.0)
        made.weights[1].weight.copy_(torch.tensor([[1.0], [-1.0]]))
    values = torch.arange(1001.0)[:, None] / 1000  # activations 0 … 3, in order
    assert conversion.thresholds(made, values) == pytest.approx([2.997, 2.997])
    dense = twin(DENSE)
    assert conversion.thresholds(dense, images_of())[:2] == pytest.approx([0.9, 1.2])


def test_a_layer_that_is_never_above_0_is_named():
    layers = describe([{"linear": 1}, {"linear": 2}], (1,), "relu")
    made = Network(layers, torch.Generator())
    with torch.no_grad():
        made.weights[0].weight.fill_(-1.0)
    with pytest.raises(ValueError, match="layer 1 of 2 .* never fire"):
        conversion.thresholds(made, torch.rand(9, 1))


@pytest.mark.parametrize("name", ["reference", "fast"])
@architectures
def test_spike_counts_are_the_twins_integers_where_theory_says_so(name, architecture):
    source, images = twin(architecture), images_of()
    _, spikes = spiking(name, architecture, source, images)
    with torch.no_grad():
        *hidden, _ = activations(source, images)
        integers = [
            torch.round(a * STEPS / clip)
            for a, clip in zip(hidden, source.clips, strict=True)
        ]
        first = current(source.layers[0], source.weights[0], images)
    # The first layer's input is constant: exact, but where a count changes.
    sums = first / source.clips[0] * STEPS + 0.5
    tie = (sums - sums.round()).abs() < 1e-3
    assert tie.float().mean() < 0.01 and integers[0].unique().numel() > 10
    assert torch.equal(spikes[0].sum(0)[~tie], integers[0][~tie])
    # The second: exact where all that it sees is, and its last potential in [0, 1).
    counts, share = spikes[1].sum(0), spikes[0].sum(0) / STEPS
    with torch.no_grad():
        mean = current(source.layers[1], source.weights[1], share * source.clips[0])
        left = STEPS * mean / source.clips[1] + 0.5 - counts
    settled = (left >= 1e-3) & (left < 1 - 1e-3)
    seen = qcfs(mean, source.clips[1], STEPS) * STEPS / source.clips[1]
    assert settled.float().mean() > 0.5
    assert torch.equal(counts[settled], seen.round()[settled])
    # Elsewhere within the stated bound.
    unsettled = (counts - seen.round()).abs() <= left.abs().ceil() + 1e-3
    assert unsettled.all()
    # And what it sees is the twin's, so that so are most of its own counts.
    assert (counts == integers[1]).float().mean() > 0.5


def test_without_half_a_threshold_counts_are_lower():
    """What the start is for: half a spike less on average, and 0 at T·z̄ = 0.9."""
    made = built("reference", "exp1", "snn", architecture=[{"linear": 10}], **IF)
    assert made.neuron.start == 0.5
    made.network.weights[0].weight.data.zero_()
    rates = torch.tensor([0.0, 0.01, 0.019, 0.021, 0.49, 0.979, 0.981, 1.0, 1.5, -0.3])
    made.network.weights[0].bias.data.copy_(rates)
    with torch.no_grad():
        output = made(torch.zeros(STEPS, 1, 1, 28, 28))
    # clip(⌊25·z + ½⌋, 0, 25)
    assert output.sum((0, 1)).tolist() == [0, 0, 0, 1, 12, 24, 25, 25, 25, 0]


def test_pooling_over_time_adds_up_to_the_largest_sum():
    torch.manual_seed(0)
    currents = torch.randn(30, 2, 3, 6, 6)
    pooled, _ = conversion.grown(currents, 2)
    largest = functional.max_pool2d(currents.sum(0), 2)
    assert torch.allclose(pooled.sum(0), largest, atol=1e-4)
    naive = torch.stack([functional.max_pool2d(step, 2) for step in currents]).sum(0)
    assert (naive > largest + 1).all()
    halves, state = [], None
    for part in currents.split(7):
        some, state = conversion.grown(part, 2, state)
        halves.append(some)
    assert torch.allclose(torch.cat(halves), pooled, atol=1e-4)


@pytest.mark.parametrize("room", [1, 2**30], ids=["step by step", "in one"])
@architectures
@pytest.mark.parametrize("encoding", ["direct", "latency"])
def test_both_stacks_give_the_same_spikes(architecture, room, encoding, monkeypatch):
    monkeypatch.setattr(fast_module, "CHUNK_BYTES", room)
    source, images = twin(architecture), images_of()
    layers = [
        spiking(name, architecture, source, images, encoding=encoding)[1]
        for name in ("reference", "fast")
    ]
    for one, other in zip(*layers, strict=True):
        assert one.sum() > 0
        assert (one != other).float().mean() < 1e-3  # ties within float32's rounding
