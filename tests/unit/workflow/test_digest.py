"""A code digest changes with the meaning of what a script reaches, and only then."""

import pytest

from spikewatt.workflow.digest import code_digest, reached


@pytest.fixture
def scripts(tmp_path):
    files = {
        "run.py": "from lib import used\nused.f()\n",
        "lib/__init__.py": "",
        "lib/used.py": '"""Doc."""\nfrom . import deeper\n\ndef f():\n    return 1\n',
        "lib/deeper.py": "X = 1\n",
        "lib/unused.py": "Y = 1\n",
        "lib/chosen/__init__.py": (
            "import importlib\n\ndef load(n):\n"
            "    return importlib.import_module(f'lib.chosen.{n}')\n"
        ),
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


def test_imports_inside_functions_and_dynamic_ones_count(scripts):
    run = "def main():\n    from lib.chosen import load\n    load('one')\n"
    (scripts / "run.py").write_text(run)
    names = {path.name for path in reached(scripts / "run.py", scripts)}
    assert names == {"run.py", "__init__.py", "one.py"}
    assert changed(scripts, "lib/chosen/one.py", "Z = 2\n")
