"""A code digest changes with the meaning of what a script reaches, and only then."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import made_plans
from spikewatt.workflow.digest import (
    OTHER_BRANCHES,
    TELLING,
    UnknownImport,
    code_digest,
    reached,
    run_digest,
)

SCRIPTS = Path(__file__).parents[3] / "workflow" / "scripts"


@pytest.fixture
def scripts(tmp_path):
    files = {
        "run.py": "from lib import used\nused.f()\n",
        "lib/__init__.py": "",
        "lib/used.py": '"""Doc."""\nfrom . import deeper\n\ndef f():\n    return 1\n',
        "lib/deeper.py": "X = 1\n",
        "lib/unused.py": "Y = 1\n",
        "lib/chosen/__init__.py": "",
        "lib/chosen/one.py": "Z = 1\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def changed(scripts, name, text):
    """Whether writing `text` to `name` changes the digest of run.py."""
    before = code_digest(scripts / "run.py", scripts)
    (scripts / name).write_text(text)
    return code_digest(scripts / "run.py", scripts) != before


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("run.py", "from lib import used\nused.f(2)\n", True),
        ("lib/used.py", "from . import deeper\ndef f():\n    return 2\n", True),
        ("lib/deeper.py", "X = 2\n", True),
        ("lib/unused.py", "Y = 2\n", False),
        (
            "lib/used.py",
            '"""Other words."""\n# why\nfrom . import deeper\ndef f(): return 1\n',
            False,
        ),
    ],
)
def test_what_counts_as_a_change(scripts, name, text, expected):
    assert changed(scripts, name, text) is expected


CHOOSES = "def main():\n    from lib.chosen import load\n    load('one')\n"
NAMES = "import importlib\n\ndef load(n):\n    return importlib.import_module({})\n"


@pytest.mark.parametrize("way", ["import_module", "__import__"])
def test_imports_inside_functions_and_dynamic_ones_count(scripts, way):
    """A dynamic import that writes its module out in full."""
    (scripts / "run.py").write_text(CHOOSES)
    text = NAMES.format("'lib.chosen.one'").replace("importlib.import_module", way)
    (scripts / "lib/chosen/__init__.py").write_text(text)
    names = {path.name for path in reached(scripts / "run.py", scripts)}
    assert names == {"run.py", "__init__.py", "one.py"}
    assert changed(scripts, "lib/chosen/one.py", "Z = 2\n")


@pytest.mark.parametrize("argument", ["f'lib.chosen.{n}'", "n", "'.one', 'lib.chosen'"])
def test_a_dynamic_import_that_cannot_be_followed_is_refused(scripts, argument):
    """With file, line and a way out; where it is left out, nobody minds."""
    (scripts / "run.py").write_text(CHOOSES)
    (scripts / "lib/chosen/__init__.py").write_text(NAMES.format(argument))
    with pytest.raises(
        UnknownImport, match=r"chosen/__init__.py, line 4: .*by its nam"
    ):
        code_digest(scripts / "run.py", scripts)
    assert code_digest(scripts / "run.py", scripts, without=["lib.chosen"])


def test_what_is_started_as_a_process_counts(scripts):
    (scripts / "run.py").write_text("start([python, '-m', 'lib.unused'])\n")
    assert changed(scripts, "lib/unused.py", "Y = 2\n")


@pytest.mark.parametrize(
    ("without", "names"),
    [
        ((), {"lib/__init__.py", "lib/used.py", "lib/deeper.py"}),
        (("lib.deeper",), {"lib/__init__.py", "lib/used.py"}),
        (("lib.used",), {"lib/__init__.py"}),  # and what it alone imports
        (("lib.deep", "ib"), {"lib/__init__.py", "lib/used.py", "lib/deeper.py"}),
        (("lib",), set()),
    ],
)
def test_what_is_left_out_by_name(scripts, without, names):
    files = reached(scripts / "run.py", scripts, without)
    found = {str(path.relative_to(scripts)) for path in files}
    assert found == names | {"run.py"}


LOADED = """
import json, sys
import numpy as np, torch
sys.path[:0] = {paths!r}
import made_plans
from spikewatt.data import arrays
from spikewatt.train import {module} as stage
arrays.load = made_plans.data
made = json.loads({plan!r})
for one in made:
    plan = one | {{"resize": None}}  # made in its size
    conditions = made_plans.CONDITIONS
    setup = stage.assembly.build(plan, one, {stack!r}, 0, "train", conditions)
    batches = setup.stack.batches("train", np.arange(2), True)
    optimiser = torch.optim.Adam(setup.network.parameters())
    stage.one_pass(setup.stack, setup.objective, batches, optimiser)
files = [getattr(m, "__file__", None) for n, m in sys.modules.items()
         if n.partition(".")[0] == "spikewatt"]
print(json.dumps(sorted(filter(None, files))))
"""


@pytest.mark.parametrize(
    ("script", "module"), [("train", "training"), ("test", "testing")]
)
@pytest.mark.parametrize("stack", OTHER_BRANCHES)
def test_whatever_a_run_of_a_stack_loads_is_in_its_digest(stack, script, module):
    """Found out by running a batch of each kind and asking Python what it loaded."""
    plans = [
        made_plans.plan(*network, precision=None if stack == "reference" else "tf32")
        for network in [("exp1", "ann"), ("exp1", "snn"), ("exp3", "snn_nmnist")]
    ]
    paths = [str(SCRIPTS), str(Path(__file__).parents[1])]
    program = LOADED.format(
        paths=paths, module=module, plan=json.dumps(plans), stack=stack
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    loaded = {Path(name) for name in json.loads(done.stdout)}
    left_out = (*TELLING, *OTHER_BRANCHES[stack])
    counted = reached(SCRIPTS / f"{script}.py", SCRIPTS, left_out)
    telling = {path for path in loaded if within(path, TELLING)}
    helpers = {SCRIPTS / "spikewatt" / name for name in ("workflow/__init__.py",)}
    planning = {  # of made_plans
        SCRIPTS / "spikewatt" / name
        for name in (
            *("workflow/plan.py", "workflow/settings.py", "data/catalogue.py"),
            *("data/dataset.py", "data/image_sets.py", "data/event_sets.py"),
        )
    }
    assert loaded - telling - helpers - planning <= counted
    assert any("fast" in path.parts for path in counted) == (stack == "fast")


def within(path, packages):
    """Whether a file is that of one of the modules or of something in it."""
    name = ".".join(path.relative_to(SCRIPTS).with_suffix("").parts)
    return any(f"{name}.".startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("script", sorted(SCRIPTS.glob("*.py")), ids=lambda s: s.name)
def test_what_is_there_for_people_reruns_nothing(script):
    """Every script imports spikewatt, and spikewatt.load all that a run is made of."""
    files = reached(script, SCRIPTS, ("spikewatt.tracking",))
    assert SCRIPTS / "spikewatt" / "__init__.py" in files
    assert SCRIPTS / "spikewatt" / "train" / "opened.py" not in files


@pytest.mark.parametrize("script", ["train.py", "test.py"])
def test_each_stack_has_a_digest_of_its_own(script, tmp_path):
    """What an edit changes, in a copy of the library."""
    root = tmp_path / "scripts"
    shutil.copytree(SCRIPTS, root, ignore=shutil.ignore_patterns("__pycache__"))

    def digests():
        return {
            stack: run_digest(root / script, root, stack) for stack in OTHER_BRANCHES
        }

    for name, touched in {
        "stack/fast/kernels.py": {"fast"},
        "network/neuron/numba_kernels.py": {"fast"},
        "stack/precision.py": {"fast"},
        "stack/reference.py": {"reference"},
        "stack/__init__.py": {"reference", "fast"},
        "train/loop.py": {"reference", "fast"},
        "meter/sampler.py": {"reference", "fast"},
        "tracking/tracker.py": set(),
        "files/progress.py": set(),
        "figures/style.py": set(),
        "train/opened.py": set(),
    }.items():
        before = digests()
        path = root / "spikewatt" / name
        path.write_text(path.read_text(encoding="utf-8") + "\nCHANGED = 1\n")
        after = digests()
        assert {stack for stack in after if after[stack] != before[stack]} == touched
