"""`make setup` says what is installed and how big; a stand-in plays pip."""

import sys
from pathlib import Path

import pytest

from loose_scripts import module_at

PATH = Path(__file__).parents[3] / "envs" / "install.py"


@pytest.fixture(scope="module")
def install():
    return module_at(PATH)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Collecting numpy==2.4.6 (from -r envs/requirements.lock)", None),
        (
            "  Downloading numpy-2.4.6-cp311-cp311-linux_x86_64.whl (16.9 MB)",
            "  numpy 2.4.6, 16.9 MB",
        ),
        (
            "  Downloading https://host/whl/torch-2.13.0%2Bcpu-cp311.whl (188.1 MB)",
            "  torch 2.13.0%2Bcpu, 188.1 MB",
        ),
        ("  Downloading tonic-1.7.0.tar.gz (90 kB)", "  tonic 1.7.0, 90 kB"),
        (
            "Using cached tqdm-4.70.1-py3-none-any.whl (78 kB)",
            "  tqdm 4.70.1, 78 kB, from the cache",
        ),
        ("  Downloading tqdm-4.70.1-py3-none-any.whl.metadata (57 kB)", None),
        (
            "Installing collected packages: a, b, c",
            "  installing 3 packages: unpacking may take minutes, without a word",
        ),
        ("Successfully installed a-1 b-2 c-3", None),
    ],
)
def test_a_line_of_pips_becomes_name_version_and_size(install, line, shown):
    assert install.shown(line + "\n") == shown


PIP = """
import sys
print(sys.argv[1:])
print("  Downloading numpy-2.4.6-cp311.whl (16.9 MB)")
print("ERROR: no torch", file=sys.stderr)
sys.exit(3)
"""


def test_elsewhere_lines_are_few_and_errors_and_exit_status_are_pips(install, capfd):
    status = install.run(
        ["install", "-r", "x"], (sys.executable, "-c", PIP), lively=False
    )
    out, err = capfd.readouterr()
    assert status == 3
    assert out == "  numpy 2.4.6, 16.9 MB\n"
    assert err == "ERROR: no torch\n"


def test_on_a_terminal_pip_speaks_for_itself(install, capfd):
    assert install.run(["install", "x"], (sys.executable, "-c", PIP), lively=True) == 3
    assert capfd.readouterr().out.splitlines()[0] == "['install', 'x']"
