"""Names in the config that want out: refused with the key, or harmless."""

import copy
from pathlib import Path

import pytest
from snakemake.common.configfile import load_configfile
from snakemake.exceptions import WorkflowError

import made_plans
from spikewatt.workflow.config import ConfigError, checked

ROOT = Path(__file__).parents[3]
HOSTILE = [
    "../out",
    "a/../../b",
    "/etc/passwd/",
    "a b",
    "$(touch pwned)",
    "`id`",
    "a;rm -rf b",
    "a|b",
    "a\nb",
    "a\x00b",
    "{wildcard}",
    "ö",
    "-rf",
    "",
    "%2e%2e",
    "a" * 300,
]


def config():
    return copy.deepcopy(made_plans.CONFIG)


def named(place, name):
    """The config with `name` as a name in one place."""
    made = config()
    networks = made["experiments"]["exp1"]["networks"]
    if place == "experiment":
        made["experiments"][name] = made["experiments"].pop("exp1")
    elif place == "network":
        networks[name] = networks.pop("ann")
    elif place == "architecture":
        made["architectures"][name] = made["architectures"]["dense"]
        networks["ann"]["architecture"] = name
    elif place == "dataset":
        networks["ann"]["dataset"] = name
    elif place == "mirrors":
        made["mirrors"] = {name: ["http://127.0.0.1/"]}
    elif place == "checksums":
        made["checksums"] = {name: {}}
    else:
        made[place] = name
    return made


PLACES = ["experiment", "network", "architecture", "dataset", "mirrors", "checksums"]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
@pytest.mark.parametrize("place", [*PLACES, "results", "source", "device"])
def test_hostile_names_are_refused(place, name):
    long = name == "a" * 300 and place in ("results", "architecture", "network")
    if long or (place == "results" and name == "-rf"):
        pytest.skip("harmless there: no shell sees it, and the system bounds lengths")
    with pytest.raises(ConfigError):
        checked(named(place, name), ROOT)


def test_archives_that_snakemake_would_take_for_wildcards_are_refused():
    made = config() | {"source": "local", "archives": "/data/{mnist}"}
    with pytest.raises(ConfigError, match="archives.*takes for wildcards"):
        checked(made, ROOT)
    made["archives"] = "/Daten mit Lücken/$(x); 'y'"
    assert checked(made, ROOT)["archives"] == made["archives"]


@pytest.mark.parametrize(
    "address", ["file:///etc/", "ftp://x/", "http://x", "http://x y/", "javascript:/"]
)
def test_other_mirrors_than_web_addresses_are_refused(address):
    made = config() | {"mirrors": {"mnist": [address]}}
    with pytest.raises(ConfigError, match="mirrors"):
        checked(made, ROOT)


def test_no_rule_runs_a_shell():
    """So nothing from the config can reach one."""
    for path in [ROOT / "Snakefile", *(ROOT / "workflow" / "rules").glob("*.smk")]:
        words = path.read_text(encoding="utf-8").split()
        assert not {"shell:", "run:"} & set(words), path


def test_a_config_file_builds_no_object(tmp_path):
    """Loaded by Snakemake's own loader."""
    path, mark = tmp_path / "hostile.yaml", tmp_path / "pwned"
    path.write_text(f"results: !!python/object/apply:os.mkdir ['{mark}']\n")
    with pytest.raises(WorkflowError, match="not valid JSON or YAML"):
        load_configfile(path)
    assert not mark.exists()
