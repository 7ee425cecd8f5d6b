"""Each file in config/ is sound over the protocol and named in its README."""

import re
from pathlib import Path

import pytest
import yaml
from snakemake.utils import update_config

from spikewatt.workflow.config import checked

PROJECT = Path(__file__).parents[3]
OVERLAYS = sorted((PROJECT / "config").glob("*.yaml"))


def read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", OVERLAYS, ids=lambda path: path.name)
def test_an_overlay_is_sound_and_keeps_to_its_own_results(path):
    config = read(PROJECT / "config.yaml")
    update_config(config, read(path) | {"archives": "~"})
    assert checked(config, PROJECT)["results"].startswith("results/")


# What the smoke run may have otherwise: how much, and what it is called by.
SMALLER = {"label", "steps", "neuron", "events"}


def test_the_smoke_run_of_the_rivals_has_the_networks_of_the_rivals():
    whole, small = (
        read(PROJECT / "config" / f"{name}.yaml")["experiments"]
        for name in ("rivals", "smoke_rivals")
    )
    assert whole.keys() == small.keys()
    for experiment in filter(whole.get, whole):
        networks = (one[experiment]["networks"] for one in (whole, small))
        expected, found = (
            {
                name: {key: value for key, value in one.items() if key not in SMALLER}
                for name, one in some.items()
            }
            for some in networks
        )
        assert found == expected


@pytest.mark.parametrize("path", OVERLAYS, ids=lambda path: path.name)
def test_the_readme_of_the_folder_names_it(path):
    text = (PROJECT / "config" / "README.md").read_text(encoding="utf-8")
    assert f"| `{path.name}` |" in text
    assert f"--configfile config/{path.name}" in path.read_text(encoding="utf-8")


def test_the_readmes_own_experiment_is_sound():
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(# mine\.yaml.*?)```", text, flags=re.DOTALL)
    config = read(PROJECT / "config.yaml")
    update_config(config, yaml.safe_load(block))
    assert list(checked(config, PROJECT)["experiments"]) == ["mine"]
