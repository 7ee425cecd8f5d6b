"""The config is checked key by key before anything runs."""

import copy
import re
from pathlib import Path

import pytest
import yaml
from snakemake.utils import update_config

from spikewatt.network.describe import NEURONS
from spikewatt.workflow.config import ConfigError, checked
from spikewatt.workflow.plan import run_plan
from spikewatt.workflow.settings import KEYS, LOSSES, SURROGATES

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def config():
    return yaml.safe_load((PROJECT / "config.yaml").read_text(encoding="utf-8"))


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
    update_config(config, extra)
    found = checked(config, PROJECT)
    assert found["experiments"]


EXP1 = ("experiments", "exp1")
SNN = (*EXP1, "networks", "snn")
ANN = (*EXP1, "networks", "ann")
NMNIST = ("experiments", "exp3", "networks", "snn_nmnist")
NEURON, LOSS = (*SNN, "neuron"), (*SNN, "loss")
BAD = [
    (("neuron", "reset"), "zeros", ["neuron.reset", "'zeros'", "did you mean «zero»"]),
    (("neuron", "surrogate"), "atn", ["neuron.surrogate", "'atn'", "«atan»"]),
    (
        ("neuron", "surrogate"),
        {"kind": "atan", "slope": 25},
        ["neuron.surrogate.slope", "its parameter is alpha"],
    ),
    (("neuron", "surrogate"), {"alpha": 2}, ["neuron.surrogate", "'kind'", "required"]),
    (NEURON, "life", [".snn.neuron", "'life'", "'relu', 'lif'", "«lif»"]),
    (NEURON, 3, [".snn.neuron", "3 is not allowed"]),
    (NEURON, {"beta": 2}, [".snn.neuron.beta", "2 is not allowed", "maximum: 1"]),
    (
        NEURON,
        {"bta": 0.5},
        [".snn.neuron", "'bta'", "did you mean «beta»", "threshold"],
    ),
    (
        NEURON,
        {"surrogate": {"kind": "sigmoid", "alpha": 2}},
        [".snn.neuron.surrogate.alpha", "its parameter is slope"],
    ),
    (
        (*ANN, "neuron"),
        {"kind": "relu", "beta": 0.5},
        [".ann.neuron.beta", "relu neuron has no beta"],
    ),
    ((*ANN, "neuron"), "qcfs", [".ann.neuron: qcfs needs its levels"]),
    (
        (*ANN, "neuron"),
        {"kind": "qcfs", "levels": 0},
        [".ann.neuron.levels: 0 is not allowed", "minimum: 1", "binary"],
    ),
    (
        (*ANN, "neuron"),
        {"kind": "qcfs", "levels": 4, "beta": 0.5},
        [".ann.neuron.beta", "qcfs neuron has no beta"],
    ),
    (
        (*SNN, "neuron"),
        {"kind": "lif", "levels": 4},
        [".snn.neuron.levels", "lif neuron has no levels"],
    ),
    ((*ANN, "weight_bits"), 1, [".ann.weight_bits: 1 is not allowed", "minimum: 2"]),
    ((*SNN, "weight_bits"), 8, [".snn.weight_bits", "without spikes"]),
    (LOSS, "mse", [".snn.loss", "'mse'", "count_mse", "count_cross_entropy"]),
    (LOSS, "cross_entropy", [".snn.loss", "lif", "count_mse, count_cross_entropy"]),
    ((*ANN, "loss"), "count_mse", [".ann.loss", "relu", "allowed: cross_entropy"]),
    (
        LOSS,
        {"kind": "count_cross_entropy", "correct_rate": 0.5},
        [".snn.loss.correct_rate", "only for count_mse"],
    ),
    (LOSS, {"correct_rate": 1.5}, [".snn.loss.correct_rate", "1.5", "maximum: 1"]),
    ((*ANN, "loss"), {"correct_rate": 0.5}, [".ann.loss.correct_rate", "cross_ent"]),
    ((*SNN, "events"), {"bin_us": 5000}, [".snn.events", "only for event data"]),
    ((*NMNIST, "events"), {"bin_us": 5}, [".snn_nmnist.events.bin_us", "5", "100"]),
    ((*NMNIST, "events"), {"bins_us": 500}, [".snn_nmnist.events", "«bin_us»"]),
    ((*SNN, "training"), {"padding": "masked"}, [".training.padding", "event data"]),
    ((*SNN, "training"), {"dropout": "per_step"}, [".training.dropout", "dropout; re"]),
    (("training", "padding"), "mask", ["training.padding", "'run_on', 'masked'"]),
    (("training", "dropout"), "per_batch", ["training.dropout", "'per_sample'"]),
    ((*SNN, "against"), "snn", [".snn.against", "the network itself", "known: ann"]),
    ((*SNN, "against"), "annn", [".snn.against", "'annn'", "did you mean «ann»"]),
    ((*SNN, "against"), "cnn", [".snn.against", "no network of this experiment"]),
    ((*SNN, "label"), "ANN", [".snn.label", ".ann.label", "'ANN'", "exp1"]),
    ((*EXP1, "networks"), {}, ["experiments.exp1.networks", "at least one"]),
    (("experiments",), {"exp1": None}, ["experiments", "at least one"]),
    (("threads",), 0, ["threads", "0 is not allowed", "minimum: 1"]),
    (("training", "learning_rate"), "5e-3", ["'5e-3'", "a text: write 0.005"]),
    (("threads",), "all", ["threads", "'all'", "auto"]),
    (("epoch",), 3, ["(top level)", "'epoch'", "known keys", "experiments"]),
    ((*EXP1, "epochs"), 0, ["experiments.exp1.epochs", "0", "minimum: 1"]),
    ((*EXP1, "epochs"), "20", ["experiments.exp1.epochs", "'20'", "integer"]),
    (("neuron", "beta"), 1.2, ["neuron.beta", "1.2", "maximum: 1"]),
    (
        ("training", "validation_fraction"),
        1,
        ["training.validation_fraction", "1", "exclusiveMaximum: 1"],
    ),
    ((*SNN, "dataset"), "imagenet", [".snn.dataset", "'imagenet'", "mnist (hand"]),
    ((*SNN, "dataset"), "fasion_mnist", ["(clothes)", "did you mean «fashion_mnist»"]),
    ((*SNN, "dataset"), "cifar100", [".snn.architecture", "10", "has 100 classes"]),
    ((*NMNIST, "dataset"), "dvs_gesture", ["dvs_gesture has 11 classes"]),
    (
        (*NMNIST, "events"),
        {"spatial_factor": 9},
        [".snn_nmnist.architecture", "layer 1", "4×4"],
    ),
    ((*NMNIST, "events"), {"spatial_factor": 0}, ["events.spatial_factor", "minimum"]),
    (("mirrors",), {"fmnist": []}, ["mirrors.fmnist", "shd (spoken", "did you mean"]),
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


THIRD = {
    "label": "Leaky ReLU's rival",
    "dataset": "mnist",
    "architecture": "dense",
    "neuron": {"beta": 0.95, "surrogate": {"kind": "sigmoid"}, "reset": "zero"},
    "loss": "count_cross_entropy",
    "encoding": "latency",
    "steps": 10,
    "against": "snn",
    "training": {"learning_rate": 0.01},
}


SHADOW = {
    "label": "Shadow",
    "dataset": "mnist",
    "architecture": "dense",
    "neuron": "if",
    "encoding": "direct",
    "steps": 25,
    "from": "ann",
}


def with_shadow(config, **changes):
    networks = config["experiments"]["exp1"]["networks"]
    networks["shadow"] = {**SHADOW, **changes}
    return config


def test_a_converted_network_is_sound_and_has_its_sources_training(config):
    config["experiments"]["exp1"]["networks"]["ann"]["training"] = {"batch_size": 64}
    checked(with_shadow(config), PROJECT)
    plan = run_plan(config, "exp1", "shadow")
    assert plan["neuron"] == {"kind": "if"} and plan["batch_size"] == 64
    assert (plan["epochs"], plan["encoding"], plan["steps"]) == (1, "direct", 25)
    assert plan["from"] == {
        "network": "ann",
        "neuron": {"kind": "relu"},
        "weight_bits": None,
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"from": "anm"}, ["shadow.from: 'anm' is no network", "mean «ann»"]),
        ({"from": "snn"}, ["shadow.from: 'snn' spikes itself", "relu or qcfs"]),
        ({"from": "shadow"}, ["in a circle: shadow from shadow"]),
        (
            {"architecture": "conv2"},
            ["shadow.from: 'ann' has the architecture dense, not conv2"],
        ),
        ({"resize": 28}, ["shadow.resize: 28, but ann has none"]),
        ({"neuron": "lif"}, ["shadow.neuron: ", "it needs neuron: if"]),
        ({"training": {"batch_size": 3}}, ["shadow.training: ", "its source's"]),
        ({"neuron": {"kind": "if", "beta": 0.9}}, ["if neuron has no beta"]),
    ],
)
def test_what_cannot_be_converted_is_refused_by_name(config, changes, words):
    with pytest.raises(ConfigError) as caught:
        checked(with_shadow(config, **changes), PROJECT)
    for word in words:
        assert word in str(caught.value)


def test_circles_of_several_and_an_if_without_a_source_are_named(config):
    networks = with_shadow(config, **{"from": "other"})["experiments"]["exp1"]
    networks["networks"]["other"] = SHADOW | {"label": "O", "from": "shadow"}
    lost = {key: value for key, value in SHADOW.items() if key != "from"}
    networks["networks"]["lost"] = lost | {"label": "L"}
    with pytest.raises(ConfigError) as caught:
        checked(config, PROJECT)
    for text in (
        "shadow.from: goes in a circle: shadow from other from shadow",
        "other.from: goes in a circle: other from shadow from other",
        "lost.neuron: if is for networks that are converted",
    ):
        assert text in str(caught.value)


FRAMED = {"label": "F", "dataset": "nmnist", "architecture": "conv2", "neuron": "relu"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"frames": 1}, []),
        ({"frames": 3, "neuron": {"kind": "qcfs", "levels": 8}}, []),
        ({"frames": 1, "neuron": "lif", "encoding": "direct", "steps": 4}, []),
        ({}, ["framed.neuron: relu cannot take event data", "frames: 1", "frames: 3"]),
        ({"frames": 0}, ["framed.frames: 0 is not allowed", "minimum: 1"]),
        ({"frames": 1, "neuron": "lif"}, ["framed.encoding: missing"]),
        ({"frames": 1, "resize": 32}, ["framed.resize: only for images"]),
        ({"frames": 1, "dataset": "mnist"}, ["framed.frames: only for event data"]),
        (
            {"frames": 1, "training": {"padding": "masked"}},
            ["framed.training.padding: only for event data"],
        ),
    ],
)
def test_networks_without_time_see_events_in_frames_alone(config, changes, words):
    config["experiments"]["exp3"]["networks"]["framed"] = FRAMED | changes
    if not words:
        checked(config, PROJECT)
        plan = run_plan(config, "exp3", "framed")
        assert plan["frames"] == changes["frames"]
        assert plan["events"]["bin_us"] == 1000 and "padding" not in plan
        return
    with pytest.raises(ConfigError) as caught:
        checked(config, PROJECT)
    for word in words:
        assert word in str(caught.value)


def test_an_experiment_has_any_number_of_networks(config):
    networks = config["experiments"]["exp1"]["networks"]
    networks |= {"third": THIRD, "fourth": THIRD | {"label": "4", "against": "third"}}
    found = checked(config, PROJECT)["experiments"]["exp1"]["networks"]
    assert list(found) == ["ann", "snn", "third", "fourth"]


def test_two_networks_are_not_compared_both_ways(config):
    networks = config["experiments"]["exp1"]["networks"]
    networks["snn"]["against"], networks["ann"]["against"] = "ann", "snn"
    with pytest.raises(ConfigError, match="against: 'ann' is compared with snn alre"):
        checked(config, PROJECT)


def test_an_experiment_of_ones_own_has_a_free_name(config):
    own = copy.deepcopy(config["experiments"]["exp1"])
    config["experiments"]["gesture_rivals"] = own
    assert list(checked(config, PROJECT)["experiments"])[-1] == "gesture_rivals"


def rules():
    """The names of the workflow's rules."""
    files = [PROJECT / "Snakefile", *(PROJECT / "workflow" / "rules").glob("*.smk")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    return set(re.findall(r"^ *rule (\w+):", text, re.MULTILINE))


@pytest.mark.parametrize(
    "name",
    sorted(rules() | {"data", "tradeoff", "exp1_architecture", "figure_own", "fig01"}),
)
def test_names_of_rules_and_figures_are_refused(config, name):
    config["experiments"][name] = config["experiments"].pop("exp1")
    with pytest.raises(ConfigError) as caught:
        checked(config, PROJECT)
    assert f"experiments.{name}: «{name}» is the name of a rule" in str(caught.value)
    assert f"my_{name}" in str(caught.value)


def test_logs_of_two_runs_have_two_names(config):
    exp1 = config["experiments"].pop("exp1")
    config["experiments"]["a"] = exp1 | {"networks": {"b_ann": exp1["networks"]["ann"]}}
    config["experiments"]["a_b"] = exp1
    with pytest.raises(ConfigError, match="a_b.networks.ann: its logs.*of a;"):
        checked(config, PROJECT)


def test_an_overlay_drops_experiments_and_networks_with_null(config):
    """As Snakemake lays it over: `exp1: null` arrives as None."""
    overlay = {"experiments": {"exp1": None, "exp2": {"networks": {"cnn": None}}}}
    update_config(config, overlay)
    found = checked(config, PROJECT)["experiments"]
    assert list(found) == ["exp2", "exp3"]
    assert list(found["exp2"]["networks"]) == ["snn"]


def test_a_mapping_may_be_laid_over_a_word(config):
    networks = {"snn": {"neuron": {"beta": 0.5}, "loss": {"correct_rate": 1}}}
    update_config(config, {"experiments": {"exp1": {"networks": networks}}})
    update_config(config, {"neuron": {"surrogate": {"kind": "fast_sigmoid"}}})
    checked(config, PROJECT)
    plan = run_plan(config, "exp1", "snn")
    assert plan["neuron"]["beta"] == 0.5
    assert plan["neuron"]["surrogate"] == {"kind": "fast_sigmoid", "slope": 25.0}
    assert plan["loss"]["correct_rate"] == 1


def test_the_words_of_the_config_are_those_of_the_schema():
    """Losses, surrogates and neurons stand in the schema and in the code."""
    path = PROJECT / "workflow" / "schemas" / "config.schema.yaml"
    schema = yaml.safe_load(path.read_text(encoding="utf-8"))
    network = schema["$defs"]["network"]["properties"]
    words = {key: network[key]["oneOf"][0]["enum"] for key in ("neuron", "loss")}
    assert words["neuron"] == list(NEURONS)
    losses = [kind for kinds in LOSSES.values() for kind in kinds]
    assert words["loss"] == list(dict.fromkeys(losses))
    assert LOSSES.keys() == KEYS.keys() == set(NEURONS)
    word, mapping = schema["$defs"]["surrogate"]["oneOf"]
    assert word["enum"] == mapping["properties"]["kind"]["enum"] == list(SURROGATES)


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
