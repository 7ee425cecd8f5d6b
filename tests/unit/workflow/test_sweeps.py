"""A sweep becomes plain networks, and what cannot is refused before any job."""

from pathlib import Path

import pytest
import yaml
from snakemake.utils import update_config

from spikewatt.workflow import sweeps
from spikewatt.workflow.config import ConfigError, checked
from spikewatt.workflow.plan import run_plan

PROJECT = Path(__file__).parents[3]
SCHEMA = PROJECT / "workflow" / "schemas" / "config.schema.yaml"
NETWORKS = """
ann: {label: ANN, dataset: mnist, architecture: dense, neuron: relu}
snn: {label: SNN, dataset: mnist, architecture: dense, neuron: lif, encoding: rate,
      steps: 25}
"""
EVENTS = "snn: {label: SNN, dataset: nmnist, architecture: conv2, neuron: lif}"


def config(sweep, networks=NETWORKS, **changes):
    """The paper's config with one experiment, «mine», that has this sweep."""
    made = yaml.safe_load((PROJECT / "config.yaml").read_text(encoding="utf-8"))
    mine = {"title": "Mine", "epochs": 2, "networks": yaml.safe_load(networks)}
    made["experiments"] = {"mine": {**mine, "sweep": sweep}}
    update_config(made, changes)
    return made


def mine(*arguments, **changes):
    """The expanded experiment and the config that it stands in."""
    found = checked(config(*arguments, **changes), PROJECT)
    return found["experiments"]["mine"], found


def plan(found, network):
    return run_plan(found, "mine", network)


def test_each_combination_is_a_network_with_a_telling_name():
    setting, found = mine({"of": "snn", "steps": [4, 8], "beta": [0.5, 0.9]})
    assert list(setting["networks"]) == [
        *("ann", "snn", "snn_steps4_beta0_5", "snn_steps4_beta0_9"),
        *("snn_steps8_beta0_5", "snn_steps8_beta0_9"),
    ]
    assert setting["networks"]["snn_steps8_beta0_5"]["label"] == "SNN, 8 steps, β 0.5"
    made = plan(found, "snn_steps8_beta0_5")
    assert (made["steps"], made["neuron"]["beta"]) == (8, 0.5)
    changed = {"network", "steps", "neuron"}
    for key, value in plan(found, "snn").items():
        assert key in changed or made[key] == value, key
    assert setting["swept"]["points"]["snn_steps4_beta0_9"] == {
        "steps": 4,
        "beta": 0.9,
    }
    assert "sweep" not in setting


def test_a_combination_that_is_the_network_itself_is_not_run_twice():
    """25 steps, β 0.8 and width 1 are what `snn` has: by the common `neuron:`."""
    setting, _ = mine({"of": "snn", "steps": [10, 25], "beta": [0.8], "width": [1]})
    assert list(setting["networks"]) == ["ann", "snn", "snn_steps10_beta0_8_width1"]
    points = setting["swept"]["points"]
    assert points["snn"] == {"steps": 25, "beta": 0.8, "width": 1}
    assert list(points) == ["snn_steps10_beta0_8_width1", "snn"]


def test_width_scales_all_layers_but_the_last():
    _, found = mine({"of": "ann", "width": [0.5, 1.1, 2]})
    widths = {
        name: [layer["linear"] for layer in plan(found, name)["architecture"]]
        for name in ("ann", "ann_width0_5", "ann_width1_1", "ann_width2")
    }
    assert widths == {
        "ann": [256, 256, 10],
        "ann_width0_5": [128, 128, 10],
        "ann_width1_1": [282, 282, 10],
        "ann_width2": [512, 512, 10],
    }
    conv = {"conv": 3, "kernel": 5, "pool": 2}
    assert sweeps.wider(conv, 0.5) == conv | {"conv": 2}
    assert sweeps.wider(conv, 0.01) == conv | {"conv": 1}


@pytest.mark.parametrize(
    ("sweep", "networks", "place", "value"),
    [
        ({"of": "ann", "weight_bits": [4]}, NETWORKS, ["weight_bits"], 4),
        ({"of": "snn", "encoding": ["direct"]}, NETWORKS, ["encoding"], "direct"),
        ({"of": "snn", "reset": ["zero"]}, NETWORKS, ["neuron", "reset"], "zero"),
        (
            {"of": "snn", "surrogate": [{"kind": "atan", "alpha": 4}]},
            *(NETWORKS, ["neuron", "surrogate"], {"kind": "atan", "alpha": 4.0}),
        ),
        (
            {"of": "snn", "loss": ["count_cross_entropy"]},
            *(NETWORKS, ["loss", "kind"], "count_cross_entropy"),
        ),
        ({"of": "snn", "correct_rate": [0.7]}, NETWORKS, ["loss", "correct_rate"], 0.7),
        ({"of": "snn", "learning_rate": [1e-5]}, NETWORKS, ["learning_rate"], 1e-5),
        ({"of": "ann", "max_train_samples": [99]}, NETWORKS, ["max_train_samples"], 99),
        ({"of": "snn", "bin_us": [30000]}, EVENTS, ["events", "bin_us"], 30000),
        (
            {"of": "snn", "filter_time_us": [None]},
            *(EVENTS, ["events", "filter_time_us"], None),
        ),
    ],
)
def test_settings_of_all_kinds_are_swept(sweep, networks, place, value):
    setting, found = mine(sweep, networks)
    [name] = setting["swept"]["points"]
    inner = plan(found, name)
    for key in place:
        inner = inner[key]
    assert inner == value


def test_names_hold_what_files_and_rules_take():
    setting, _ = mine({"of": "snn", "learning_rate": [1e-5, 0.01]})
    assert list(setting["swept"]["points"]) == [
        *("snn_learning_rate1e-05", "snn_learning_rate0_01"),
    ]
    setting, _ = mine({"of": "snn", "filter_time_us": [None]}, EVENTS)
    assert list(setting["swept"]["points"]) == ["snn_filter_time_usnone"]


def test_levels_of_a_quantised_network_and_whom_it_is_compared_with():
    networks = NETWORKS + (
        "twin: {label: T, dataset: mnist, architecture: dense, against: snn, "
        "neuron: {kind: qcfs, levels: 25}}"
    )
    setting, found = mine({"of": "twin", "levels": [1, 4, 25]}, networks)
    assert list(setting["networks"])[3:] == ["twin_levels1", "twin_levels4"]
    assert plan(found, "twin_levels4")["neuron"] == {
        "kind": "qcfs",
        "levels": 4,
        "clip": 1.0,
    }
    assert setting["networks"]["twin_levels4"]["against"] == "snn"


@pytest.mark.parametrize(
    ("sweep", "words"),
    [
        ({"of": "snm", "steps": [4]}, ["mine.sweep.of: 'snm'", "mean «snn»", "ann"]),
        ({"of": "snn", "stepps": [4]}, ["mine.sweep: 'stepps'", "mean «steps»"]),
        ({"of": "snn"}, ["mine.sweep: names no setting", "steps: [4, 8, 15, 25]"]),
        ({"steps": [4]}, ["mine.sweep", "'of'"]),
        ({"of": "snn", "steps": 4}, ["mine.sweep.steps: 4 is not allowed", "a list"]),
        ({"of": "snn", "steps": []}, ["mine.sweep.steps"]),
        ({"of": "snn", "steps": [4, 4]}, ["mine.sweep.steps"]),
        ({"of": "snn", "steps": [4, "8"]}, ["mine.sweep.steps.1: '8'", "integer"]),
        ({"of": "snn", "beta": [0.5, 2]}, ["mine.sweep.beta.1: 2", "maximum: 1"]),
        ({"of": "snn", "width": [0]}, ["mine.sweep.width.0: 0", "exclusiveMinimum"]),
        ({"of": "snn", "encoding": ["morse"]}, ["sweep.encoding.0: 'morse'", "rate"]),
        (
            {"of": "ann", "beta": [0.1, 0.2, 0.3]},
            ["mine.sweep: ann_beta0_1 and 2 more: neuron.beta: a relu neuron has no"],
        ),
        ({"of": "snn", "weight_bits": [4]}, ["sweep: snn_weight_bits4: weight_bits:"]),
        ({"of": "ann", "bin_us": [500]}, ["sweep: ann_bin_us500: events: only for"]),
        ({"of": "ann", "architecture": ["dens"]}, ["'dens' is not def", "«dense»"]),
        ({"of": "snn", "surrogate": [{"kind": "atan", "slope": 2}]}, ["no slope"]),
    ],
)
def test_what_cannot_be_swept_is_refused_by_name(sweep, words):
    with pytest.raises(ConfigError) as caught:
        checked(config(sweep), PROJECT)
    for word in words:
        assert word in str(caught.value)
    assert len(str(caught.value).splitlines()) == 2  # one sentence, not one a network


def test_a_name_or_a_label_that_another_network_has_is_refused():
    taken = NETWORKS + (
        "snn_steps4: {label: Other, dataset: mnist, architecture: dense, neuron: relu}"
    )
    with pytest.raises(ConfigError, match="sweep: snn_steps4 would be made, and a net"):
        checked(config({"of": "snn", "steps": [4]}, taken), PROJECT)
    taken = taken.replace("snn_steps4", "four").replace("Other", '"SNN, 4 steps"')
    with pytest.raises(ConfigError, match="four.label: 'SNN, 4 steps' is the label of"):
        checked(config({"of": "snn", "steps": [4]}, taken), PROJECT)


def test_a_label_that_grows_too_long_is_refused():
    long = NETWORKS.replace("label: SNN", "label: A spiking network of no short name")
    with pytest.raises(ConfigError) as caught:
        checked(config({"of": "snn", "steps": [4, 8]}, long), PROJECT)
    assert "at most 40 letters; give snn a shorter one" in str(caught.value)


def test_ten_thousand_runs_are_refused_with_their_number():
    rates = [round(0.001 * n, 3) for n in range(1, 101)]
    sweep = {"of": "snn", "steps": list(range(1, 101)), "learning_rate": rates}
    with pytest.raises(ConfigError) as caught:
        checked(config(sweep), PROJECT)
    told = str(caught.value)
    assert "mine.sweep: 10,000 networks, with all others 10,002 runs" in told
    assert "at most 3,000" in told and "leave out values" in told
    few = {"of": "snn", "learning_rate": rates}
    with pytest.raises(ConfigError, match=r"3,060 runs \(30 seeds × 1 stacks\)"):
        checked(config(few, seeds=list(range(30))), PROJECT)
    checked(config(few, seeds=list(range(29))), PROJECT)


def test_an_overlay_drops_a_sweep_with_null():
    made = config({"of": "snn", "steps": [4]})
    update_config(made, {"experiments": {"mine": {"sweep": None}}})
    found = checked(made, PROJECT)["experiments"]["mine"]
    assert list(found["networks"]) == ["ann", "snn"] and "swept" not in found


def test_the_config_that_came_in_is_not_changed():
    made = config({"of": "snn", "width": [2], "beta": [0.5]})
    before = yaml.safe_dump(made)
    checked(made, PROJECT)
    assert yaml.safe_dump(made) == before


def test_every_key_of_the_schema_has_a_place_in_a_network():
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    keys = schema["$defs"]["sweep"]["properties"].keys()
    assert keys == {sweeps.OF, sweeps.WIDTH, *sweeps.WHERE}
