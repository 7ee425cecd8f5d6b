"""The rooms of the library: what stands where, and which way imports point."""

import ast
import fnmatch
import re
import shutil
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCRIPTS = ROOT / "workflow" / "scripts"
LIBRARY = SCRIPTS / "spikewatt"
RULES = [ROOT / "Snakefile", *sorted((ROOT / "workflow" / "rules").glob("*.smk"))]
LINTER = [
    *(sys.executable, "-c"),
    "from importlinter.cli import lint_imports_command as run; run()",
    *("--no-cache", "--no-logo"),
]
HEAVY = {"torch", "snntorch", "numba", "triton", "matplotlib", "scipy", "sklearn"}


def rooms():
    """The names of the library's folders."""
    return {path.parent.name for path in LIBRARY.glob("*/__init__.py")}


def settings():
    """What pyproject.toml says of imports."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["tool"]["importlinter"]


def contract(name):
    return next(c for c in settings()["contracts"] if c["id"] == name)


def checked(folder, scripts):
    """The import linter's run with the pyproject.toml of `folder`."""
    return subprocess.run(
        LINTER,
        cwd=folder,
        env={"PYTHONPATH": str(scripts), "COLUMNS": "500"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def broken(text):
    """The names of the contracts that the import linter found broken."""
    return set(re.findall(r"^(.+) BROKEN$", text, flags=re.MULTILINE))


def test_every_import_keeps_to_the_contracts():
    done = checked(ROOT, SCRIPTS)
    assert done.returncode == 0, done.stdout


# A file, a wrong import in it, and the contracts that it breaks.
WRONG = {
    "up": ("data/names.py", "from spikewatt.stack import reference", "stack"),
    "beside": ("network/weights.py", "from spikewatt.data import arrays", "data"),
    "a door": ("results/runs.py", "from spikewatt.network import describe", "network"),
    "late": (
        "files/contents.py",
        "def late():\n    from spikewatt.meter import ticker",
        "meter",
    ),
    "circle": (
        "stack/fast/geometry.py",
        "from spikewatt.stack.fast import spiking_network",
        "no-circles",
    ),
    "heavy": ("workflow/plan.py", "import torch", "light"),
    "heavy by a detour": (
        "workflow/plan.py",
        "from spikewatt.network.neuron import numba_kernels",
        "light",
    ),
    "meter": ("meter/ticker.py", "import numpy", "light-meter"),
    "new room": ("garage/__init__.py", "", "one-way"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_import_is_caught(tmp_path, case):
    file, line, name = WRONG[case]
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(LIBRARY, tmp_path / "spikewatt", ignore=skip)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / "spikewatt" / file
    path.parent.mkdir(exist_ok=True)
    with open(path, "a", encoding="utf-8") as handle:
        handle.write(f"\n{line}\n")
    done = checked(tmp_path, tmp_path)
    assert done.returncode == 1, done.stdout
    assert contract(name)["name"] in broken(done.stdout), done.stdout


def test_every_room_has_its_contract():
    ids = {c["id"] for c in settings()["contracts"] if c["type"] == "protected"}
    assert ids == rooms()


def test_no_module_stands_loose():
    assert [path.name for path in LIBRARY.glob("*.py")] == ["__init__.py"]
    folders = {path.parent for path in LIBRARY.rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_unit_tests_have_the_same_rooms():
    unit = ROOT / "tests" / "unit"
    assert {path.parent.name for path in unit.glob("*/test_*.py")} <= rooms()
    assert list(unit.glob("test_*.py")) == []


def test_files_that_are_called_slow_exist():
    tests = ROOT / "tests"
    tree = ast.parse((tests / "conftest.py").read_text(encoding="utf-8"))
    (slow,) = (
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "SLOW"
    )
    assert len(slow) > 9
    for name in slow:
        file, _, test = name.partition("::")
        assert f"def {test}" in (tests / file).read_text(encoding="utf-8"), name


def test_no_two_classes_share_a_name():
    files = defaultdict(list)
    for path in sorted(LIBRARY.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                files[node.name].append(str(path.relative_to(LIBRARY)))
    assert {name: where for name, where in files.items() if len(where) > 1} == {}


def imported_by_the_workflow():
    """The library's modules that the Snakefile and its rules import."""
    modules = set()
    for path in RULES:
        text = path.read_text(encoding="utf-8")
        for module, names in re.findall(
            r"^from (spikewatt\S*) import (\([^)]+\)|[^\n]+)", text, re.MULTILINE
        ):
            for name in re.findall(r"(\w+)(?: as \w+)?", names):
                inner = SCRIPTS.joinpath(*module.split("."), name)
                is_module = inner.is_dir() or inner.with_suffix(".py").exists()
                modules.add(f"{module}.{name}" if is_module else module)
    return modules


def test_what_the_snakefile_imports_is_under_the_contract():
    """The contract names what is light; nothing else may be imported there."""
    allowed = contract("light")["source_modules"]
    modules = imported_by_the_workflow()
    assert "spikewatt.workflow.config" in modules
    for module in modules:
        parts = module.split(".")
        packages = {".".join(parts[:n]) for n in range(1, len(parts) + 1)}
        named = any(fnmatch.fnmatch(p, name) for p in packages for name in allowed)
        assert named, f"{module} is in no contract"


def test_what_the_snakefile_imports_loads_nothing_heavy():
    """Packages too, whose __init__ a contract on modules does not see."""
    names = sorted(imported_by_the_workflow())
    code = f"import sys, {', '.join(names)}\nprint({HEAVY!r} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(SCRIPTS)},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "set()\n", done.stderr
