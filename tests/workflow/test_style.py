"""The project's style: linters, and what every rule must have."""

import ast
import functools
import importlib
import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from project import ROOT, Project
from spikewatt.figures import registry as figure_registry
from spikewatt.tables import registry as table_registry
from spikewatt.workflow import digest

SCRIPTS = ROOT / "workflow" / "scripts"
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
RULES = sorted((ROOT / "workflow" / "rules").glob("*.smk"))
TOOLS = [
    ["ruff", "check", "."],
    ["ruff", "format", "--check", "."],
    ["snakefmt", "--check", "Snakefile", "workflow/Snakefile", "workflow/rules"],
]

# What rules do without, and say so: in no environment of theirs.
OPTIONAL = {
    line.split("==")[0].lower().replace("_", "-")
    for line in (ROOT / "envs" / "onnx.txt").read_text(encoding="utf-8").splitlines()
    if "==" in line
}


@pytest.mark.parametrize("command", TOOLS, ids=lambda command: " ".join(command[:2]))
def test_linters_are_content(command):
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.workflow
def test_snakemake_lint(tmp_path):
    project = Project.copy(tmp_path / "project")
    done = project.snakemake("--lint", check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_every_rule_says_what_it_does(path):
    text = path.read_text(encoding="utf-8")
    for rule in re.split(r"^ *rule\b", text, flags=re.MULTILINE)[1:]:
        if re.search(r"^ +script:", rule, flags=re.MULTILINE):
            for part in ('"""', "log:", "conda:", "message:"):
                stands = re.search(rf"^ +{part}", rule, flags=re.MULTILINE)
                assert stands, f"the rule{rule[:40]}… has no {part}"


def modules(script):
    """The files that run when a script does, with the makers that it loads by name."""
    registry = {"table.py": table_registry, "figure.py": figure_registry}
    # What a recorder's library is called is known only when it runs.
    files = set(digest.reached(script, SCRIPTS, ("spikewatt.tracking.errors",)))
    if script.name in registry:
        for entry in registry[script.name].entries(CONFIG["experiments"]):
            module = importlib.import_module(entry.module)
            files |= digest.reached(Path(module.__file__), SCRIPTS)
    return files


@functools.cache
def distributions():
    """{module: the distributions that bring it}; asking takes a second."""
    return importlib.metadata.packages_distributions()


@functools.cache
def imported(script):
    """The distributions that a script and what it reaches of ours import."""
    known = distributions()
    found = set()
    for path in modules(script):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in getattr(node, "names", [])]
            if isinstance(node, ast.ImportFrom):
                names = [] if node.level else [node.module]
            elif not isinstance(node, ast.Import):
                names = []
            for name in names:
                found.update(known.get(name.split(".")[0], []))
    plain = {name.lower().replace("_", "-") for name in found}
    return plain - {"spikewatt"} - OPTIONAL


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_environments_hold_what_the_scripts_import(path):
    text = path.read_text(encoding="utf-8")
    for rule in re.split(r"^ *rule\b", text, flags=re.MULTILINE)[1:]:
        script = re.search(r'"\.\./scripts/(\w+\.py)"', rule)
        if script:
            name = re.search(r'"\.\./\.\./envs/(\w+\.yaml)"', rule)[1]
            held = (ROOT / "envs" / name).read_text(encoding="utf-8").lower()
            lacking = {
                wanted
                for wanted in imported(SCRIPTS / script[1])
                if f"- {wanted}==" not in held.replace("_", "-")
            }
            assert lacking == set(), f"{name} for {script[1]}"


def test_environments_pin_what_the_lock_file_pins():
    files = ("requirements.lock", "nir.txt")  # the second for those who ask for it
    lock = "\n".join((ROOT / "envs" / n).read_text(encoding="utf-8") for n in files)
    pins = set(re.findall(r"^[A-Za-z0-9_.-]+==[^\s;]+", lock, flags=re.MULTILINE))
    pins = {pin.lower().replace("_", "-") for pin in pins}
    environments = sorted((ROOT / "envs").glob("*.yaml"))
    assert len(environments) == 4
    for path in environments:
        wanted = yaml.safe_load(path.read_text(encoding="utf-8"))["dependencies"]
        for pin in next(part for part in wanted if isinstance(part, dict))["pip"]:
            assert pin.lower() in pins, f"{path.name}: {pin} is not the lock file's"
