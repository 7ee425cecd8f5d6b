"""The config is checked key by key before anything runs."""

import copy
from pathlib import Path

import pytest
import yaml

from spikewatt.workflow.config import ConfigError, checked

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def config():
    return yaml.safe_load((PROJECT / "config.yaml").read_text(encoding="utf-8"))


def merged(base, overlay):
    """Lay one config over another, as Snakemake does."""
    result = copy.deepcopy(base)
    for key, value in overlay.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else value
    return result


def test_the_papers_protocol_is_sound(config):
    assert checked(config, PROJECT) == config


def test_an_overlay_does_not_change_the_order_of_networks(config):
    """Snakemake puts an overlay's keys first; colours and ratios go by the order."""
    networks = config["experiments"]["exp1"]["networks"]
    flipped = dict(reversed(networks.items()))
    config["experiments"]["exp1"]["networks"] = flipped
    found = checked(config, PROJECT)["experiments"]["exp1"]["networks"]
    assert list(found) == ["ann", "snn"]


@pytest.mark.parametrize("overlay", sorted((PROJECT / "config").glob("*.yaml")))
def test_overlays_are_sound(config, overlay):
    extra = yaml.safe_load(overlay.read_text(encoding="utf-8"))
    if extra.get("source") == "local":
        extra["archives"] = "some/folder"
    checked(merged(config, extra), PROJECT)


EXP1 = ("experiments", "exp1")
SNN = (*EXP1, "networks", "snn")
BAD = [
    (("epoch",), 3, ["(top level)", "'epoch'", "known keys", "experiments"]),
    ((*EXP1, "epochs"), 0, ["experiments.exp1.epochs", "0", "minimum: 1"]),
    ((*EXP1, "epochs"), "20", ["experiments.exp1.epochs", "'20'", "integer"]),
    (("neuron", "beta"), 1.2, ["neuron.beta", "1.2", "maximum: 1"]),
    (
        ("training", "validation_fraction"),
        1,
        ["training.validation_fraction", "1", "exclusiveMaximum: 1"],
    ),
    ((*SNN, "dataset"), "imagenet", [".snn.dataset", "'imagenet'", "mnist"]),
    ((*SNN, "architecture"), "deep", [".snn.architecture", "'deep'", "dense"]),
    ((*SNN, "encoding"), "morse", [".snn.encoding", "'morse'", "rate"]),
    (("source",), "local", ["archives", "--config source=local archives=FOLDER"]),
    (("seeds",), [], ["seeds"]),
    (("seeds",), [0, 0], ["seeds"]),
    (("results",), "../elsewhere", ["results", "'../elsewhere'"]),
    (("results",), "a b; rm -rf $HOME", ["results"]),
    (("results",), "résultats", ["results"]),
    (("results",), "a/{seed}", ["results"]),
    (("device",), "gpu", ["device", "'gpu'"]),
    (("architectures", "dense"), [{"linear": 10}, {"conv": 3}], ["dense", "kernel"]),
    (("architectures", "dense"), [{"linear": 7}], ["(7,)", "10 classes"]),
    (
        ("architectures", "conv2"),
        [{"conv": 4, "kernel": 40}, {"linear": 10}],
        ["nothing is left", "padding"],
    ),
    (
        ("experiments", "exp1", "networks", "../x"),
        {"label": "X", "dataset": "mnist", "architecture": "dense", "neuron": "relu"},
        ["../x"],
    ),
]


@pytest.mark.parametrize(("path", "value", "words"), BAD)
def test_a_bad_value_is_named_with_what_is_allowed(config, path, value, words):
    inner = config
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    if path[0] == "experiments" and path[-1] == "../x":
        del inner["ann"]
    with pytest.raises(ConfigError) as caught:
        checked(config, PROJECT)
    for word in words:
        assert word in str(caught.value)


def test_images_need_an_encoding_and_events_take_none(config):
    networks = config["experiments"]["exp3"]["networks"]
    del networks["snn_mnist"]["steps"]
    networks["snn_nmnist"]["encoding"] = "rate"
    with pytest.raises(ConfigError) as caught:
        checked(config, PROJECT)
    assert "snn_mnist.steps: missing" in str(caught.value)
    assert "snn_nmnist.encoding: only for images" in str(caught.value)


def test_every_key_of_the_schema_is_described():
    path = PROJECT / "workflow" / "schemas" / "config.schema.yaml"
    schema = yaml.safe_load(path.read_text(encoding="utf-8"))
    undescribed = []

    def walk(node, place):
        for group in ("properties", "patternProperties", "$defs"):
            for key, inner in node.get(group, {}).items():
                if "description" not in inner and "$ref" not in inner:
                    undescribed.append(f"{place}.{key}")
                walk(inner, f"{place}.{key}")
        for group in ("items", "additionalProperties"):
            if isinstance(node.get(group), dict):
                walk(node[group], f"{place}.{group}")
        for inner in node.get("oneOf", []):
            walk(inner, place)

    walk(schema, "")
    assert undescribed == []


def test_every_top_level_key_of_the_config_is_commented():
    lines = (PROJECT / "config.yaml").read_text(encoding="utf-8").splitlines()
    bare = [
        line
        for number, line in enumerate(lines)
        if line and line[0].isalpha() and not lines[number - 1].startswith("#")
    ]
    assert bare == []
