"""What `snakemake nir` says of a config before any job starts."""

import importlib.util
from pathlib import Path

import pytest
import yaml
from snakemake.utils import update_config

from spikewatt.workflow import nir

PROJECT = Path(__file__).parents[3]


def read(name):
    return yaml.safe_load((PROJECT / name).read_text(encoding="utf-8"))


def networks(config):
    for experiment, setting in config["experiments"].items():
        for network in (setting or {}).get("networks", ()):
            yield experiment, network


def test_the_config_for_chips_can_be_exported_as_it_stands():
    config = read("config.yaml")
    update_config(config, read("config/nir.yaml"))
    found = {name: nir.refused(config, *name) for name in networks(config)}
    assert len(found) == 3 and not any(found.values())
    made = config["architectures"]
    layers = [*made["averaged"], *made["strided"]]
    assert any(layer.get("pooling") == "average" for layer in layers)
    assert any(layer.get("stride", 1) > 1 for layer in layers)


def test_none_of_the_papers_can():
    config = read("config.yaml")
    found = {name: nir.refused(config, *name) for name in networks(config)}
    assert len(found) == 6 and all(found.values())
    told = nir.told("exp3/snn_nmnist", found["exp3", "snn_nmnist"])
    assert told.startswith("exp3/snn_nmnist has no NIR file:\n  layers 1 to 3: ")
    assert told.count("\n  layer ") == 2


def test_a_networks_own_neuron_counts():
    config = read("config.yaml")
    snn = config["experiments"]["exp1"]["networks"]["snn"]
    assert nir.refused(config, "exp1", "snn")
    snn["neuron"] = {"reset": "zero"}
    assert nir.refused(config, "exp1", "snn") == []


@pytest.mark.parametrize("there", [True, False])
def test_a_missing_package_is_told_with_the_command(monkeypatch, there):
    found = (lambda name: object()) if there else (lambda name: None)
    monkeypatch.setattr(importlib.util, "find_spec", found)
    said = nir.missing_package(PROJECT / "envs" / "nir.txt")
    assert (said is None) == there
    if not there:
        assert f"pip install --no-deps -r {PROJECT}/envs/nir.txt" in said
        assert "nir==1." in (PROJECT / "envs" / "nir.txt").read_text(encoding="utf-8")
