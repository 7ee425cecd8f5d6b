"""Architectures: shapes by hand, weights by Kaiming, equal for twins."""

from pathlib import Path

import pytest
import torch
import yaml

from spikewatt.network.describe import describe
from spikewatt.network.weights import Network, dropout_mask

CONFIG = yaml.safe_load(
    (Path(__file__).parents[3] / "config.yaml").read_text(encoding="utf-8")
)["architectures"]


def test_the_papers_shapes():
    dense = describe(CONFIG["dense"], (1, 28, 28), "relu")
    assert [layer.out_shape for layer in dense] == [(256,), (256,), (10,)]
    assert [layer.neuron for layer in dense] == ["relu", "relu", "none"]
    conv5 = describe(CONFIG["conv5"], (3, 32, 32), "lif")
    assert [layer.out_shape for layer in conv5] == [
        (32, 16, 16),
        (64, 8, 8),
        (128, 4, 4),
        (256, 2, 2),
        (512, 1, 1),
        (512,),
        (10,),
    ]
    assert conv5[5].dropout == 0.2
    for edge in (32, 34):  # resized MNIST and N-MNIST: «800 neurons» in both
        conv2 = describe(CONFIG["conv2"], (2, edge, edge), "lif")
        assert conv2[1].neurons == 32 * 5 * 5 == 800
        assert conv2[-1].neuron == "lif"


def test_parameters_agree_with_torch():
    layers = describe(CONFIG["conv5"], (3, 32, 32), "lif")
    network = Network(layers, torch.Generator())
    counted = [sum(p.numel() for p in w.parameters()) for w in network.weights]
    assert counted == [layer.parameters for layer in layers]


def test_twins_start_equal_and_weights_are_kaimings():
    twins = [
        Network(
            describe(CONFIG["dense"], (1, 28, 28), neuron),
            torch.Generator().manual_seed(3),
        )
        for neuron in ("relu", "lif")
    ]
    for left, right in zip(*(twin.parameters() for twin in twins), strict=True):
        assert torch.equal(left, right)
    weight = twins[0].weights[0].weight
    assert weight.std().item() == pytest.approx((2 / 784) ** 0.5, rel=0.02)
    assert torch.count_nonzero(twins[0].weights[0].bias) == 0


@pytest.mark.parametrize(
    ("architecture", "words"),
    [
        ([{"conv": 4, "kernel": 9, "pool": 2}] * 3, "nothing is left"),
        ([{"linear": 4}, {"conv": 4, "kernel": 3}], "cannot follow"),
        ([{"linear": 4, "kernel": 3}], "unknown keys kernel"),
        ([{"linear": 4, "pooling": "max"}], "unknown keys pooling"),
        ([{"conv": 4, "kernel": 3, "pooling": "average"}], "say its edge, as pool: 2"),
        (
            [{"conv": 4, "kernel": 3, "pool": 2, "pooling": "mean"}],
            "'mean': allowed are max, average",
        ),
    ],
)
def test_what_cannot_be_built_is_named(architecture, words):
    with pytest.raises(ValueError, match=words):
        describe(architecture, (1, 20, 20), "lif")


def test_dropout_keeps_the_mean():
    mask = dropout_mask((400, 400), 0.2, torch.Generator().manual_seed(0))
    assert sorted(mask.unique().tolist()) == [0.0, 1.25]
    assert mask.mean().item() == pytest.approx(1, abs=0.01)
