"""Every surrogate and reset in whole networks: the fast stack against snnTorch's."""

import logging

import numpy as np
import pytest
import torch
from snntorch import surrogate

import made_plans
from made_neurons import DEFAULTS, KINDS
from spikewatt.network.neuron import function, settings, snntorch_form, torch_form
from spikewatt.network.neuron.settings import SURROGATES, Neuron
from spikewatt.stack.fast import sparse, spiking_layer
from stack_steps import assert_equal_training, built, one_step

OTHERS = [kind for kind in KINDS if kind != ("atan", "subtract")]
# Pooling, a rest that no window covers, dropout before and after dense layers.
ARCHITECTURE = [
    {"conv": 5, "kernel": 5, "pool": 2, "dropout": 0.3},
    {"conv": 6, "kernel": 4, "padding": 1, "pool": 2},
    {"linear": 12, "dropout": 0.2},
    {"linear": 10},
]
others = pytest.mark.parametrize(("kind", "reset"), OTHERS)


def setting(kind, reset, **changes):
    """The neuron of a plan."""
    chosen = {"kind": kind, SURROGATES[kind][0]: DEFAULTS[kind]}
    return made_plans.NEURON | {"surrogate": chosen, "reset": reset} | changes


def stacks(neuron, experiment="exp3", network="snn_nmnist", **changes):
    """(reference, fast) of a network of this neuron."""
    if experiment == "exp3":
        changes = {"architecture": ARCHITECTURE} | changes
    return [
        built(name, experiment, network, neuron=neuron, **changes)
        for name in ("reference", "fast")
    ]


def assert_agrees(reference, fast):
    samples, targets = next(iter(reference.batches("train", np.arange(5), False)))
    expected = one_step(reference, samples, targets)
    assert_equal_training(one_step(fast, samples, targets), expected)
    assert 0 < expected[0].mean() < 1
    return expected


def test_the_plan_of_the_config_is_snntorchs_default():
    neuron = Neuron.of(made_plans.NEURON)
    assert (neuron.surrogate.kind, neuron.surrogate.steepness) == ("atan", 2.0)
    assert (neuron.beta, neuron.threshold, neuron.reset) == (0.8, 1.0, "subtract")
    assert not Neuron.of({"kind": "relu"}).spikes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "izhikevich"}, "neuron 'izhikevich': allowed are relu, lif"),
        ({"reset": "soft"}, "reset 'soft': allowed are subtract, zero, none"),
        ({"surrogate": {"kind": "box", "slope": 1}}, "surrogate 'box': allowed are"),
        ({"surrogate": {"kind": "atan", "slope": 1}}, "surrogate atan takes 'alpha'"),
    ],
)
def test_an_unknown_neuron_is_refused_by_name(changes, message):
    with pytest.raises(ValueError, match=message):
        Neuron.of(made_plans.NEURON | changes)


@others
@pytest.mark.parametrize("crossover", [-1.0, 1e9], ids=["dense", "events"])
@pytest.mark.parametrize("winners", [0, 10**9])
def test_every_way_of_summing(kind, reset, crossover, winners, monkeypatch):
    every = dict.fromkeys(spiking_layer.CROSSOVER, crossover)
    monkeypatch.setattr(spiking_layer, "CROSSOVER", every)
    monkeypatch.setattr(spiking_layer, "RECOMPUTE_BELOW", winners)
    monkeypatch.setattr(spiking_layer, "BLOCK_BYTES", 1)
    pooled = property(lambda self: winners and self.shape.pool > 1)
    monkeypatch.setattr(sparse.Sparse, "pooled", pooled)
    assert_agrees(*stacks(setting(kind, reset, beta=0.9, threshold=0.7)))


@others
def test_dense_layers_alone(kind, reset):
    assert_agrees(*stacks(setting(kind, reset), "exp1", "snn"))


@others
@pytest.mark.parametrize("most", [3, 10**9], ids=["chunks", "in one"])
def test_all_steps_together(kind, reset, most):
    reference, fast = stacks(setting(kind, reset, beta=0.9, threshold=0.7))
    fast.runner, fast.most = None, most
    assert_agrees(reference, fast)


def test_alpha_slope_and_reset_change_what_is_learnt():
    results = []
    for neuron in (
        made_plans.NEURON,
        made_plans.NEURON | {"surrogate": {"kind": "atan", "alpha": 3.0}},
        setting("fast_sigmoid", "subtract"),
        setting("sigmoid", "subtract"),
        made_plans.NEURON | {"reset": "zero"},
        made_plans.NEURON | {"reset": "none"},
    ):
        results.append(assert_agrees(*stacks(neuron)))
    for number, one in enumerate(results):
        for other in results[:number]:
            assert not torch.allclose(one[2][0], other[2][0], rtol=1e-3)
    same, zero, none = results[1][0], results[4][0], results[5][0]
    assert torch.equal(results[0][0], same)  # a surrogate changes no spike
    assert not torch.equal(same, zero) and not torch.equal(same, none)


def test_networks_side_by_side_keep_their_own_neurons():
    """Step by turns in one process, each as if it were by itself."""
    neurons = [setting("atan", "subtract"), setting("fast_sigmoid", "zero", beta=0.5)]
    pairs = [stacks(neuron) for neuron in neurons]
    for _ in range(2):
        for pair in pairs:
            assert_agrees(*pair)


def test_a_steep_sigmoid_trains_in_both_stacks():
    """Far below the threshold snnTorch's own form gives inf/inf in float32."""
    steep = {"kind": "sigmoid", "slope": 25.0}
    neuron = made_plans.NEURON | {"surrogate": steep, "beta": 0.95}
    made = stacks(neuron)
    for one in made:
        for weights in one.network.weights:
            weights.weight.data *= 4
    expected = assert_agrees(*made)
    assert all(gradient.isfinite().all() for gradient in expected[2])


def test_the_mended_sigmoid_is_snntorchs_where_that_is_a_number():
    x = torch.linspace(-6, 6, 2001)
    gradients = []
    for spike in (snntorch_form.sigmoid(25.0), surrogate.sigmoid(25.0)):
        leaf = x.clone().requires_grad_()
        spikes = spike(leaf)
        assert torch.equal(spikes.detach(), (x > 0).float())
        spikes.sum().backward()
        gradients.append(leaf.grad)
    mended, original = gradients
    assert original.isnan().any()
    assert (mended[original.isnan()] == 0).all()
    assert torch.equal(mended[~original.isnan()], original[~original.isnan()])


def test_a_neuron_without_kernels_runs_densely_and_is_said_once(monkeypatch, caplog):
    """What a new surrogate needs: its name, its plain form and snnTorch's."""
    monkeypatch.setitem(settings.SURROGATES, "straight", ("slope", 1.0))
    monkeypatch.setitem(
        torch_form.SLOPES, "straight", lambda x, slope: torch.full_like(x, slope)
    )
    through = surrogate.straight_through_estimator
    monkeypatch.setitem(snntorch_form.SURROGATES, "straight", lambda slope: through())
    neuron = made_plans.NEURON | {"surrogate": {"kind": "straight", "slope": 1.0}}
    function._say_once.cache_clear()
    with caplog.at_level(logging.INFO, "spikewatt"):
        made = stacks(neuron)
        assert made[1].runner is None
        assert_agrees(*made)
    said = [record.message for record in caplog.records]
    assert len(said) == 2
    assert "No event kernels for Neuron" in said[0] and "straight" in said[0]
    assert "in plain PyTorch" in said[1]


def test_strides_run_densely_and_are_said_once(caplog):
    layers = [{"conv": 4, "kernel": 3, "stride": 2}, {"linear": 10}]
    with caplog.at_level(logging.INFO, "spikewatt"):
        made = stacks(setting("sigmoid", "zero"), architecture=layers)
        assert_agrees(*made)
    assert [record.message for record in caplog.records] == [
        "No event kernels for strides: the network runs densely."
    ]


@pytest.mark.parametrize("classes", [2, 13])
def test_any_number_of_classes(classes):
    layers = [*ARCHITECTURE[:-1], {"linear": classes}]
    made = stacks(made_plans.NEURON, architecture=layers)
    samples, _ = next(iter(made[0].batches("train", np.arange(3), False)))
    with torch.no_grad():
        outputs = [one(samples) for one in made]
    assert outputs[0].shape == (len(samples), 3, classes)
    assert torch.equal(*outputs)
