"""docs/ARCHITECTURE.md and its picture show the house as it stands."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[3]
LIBRARY = ROOT / "workflow" / "scripts" / "spikewatt"
PICTURE = ROOT / "docs" / "images" / "architecture.svg"
NAMES = ("README.md", "CONTRIBUTING.md", "docs/ARCHITECTURE.md", "docs/FAST.md")
PAGES = [ROOT / name for name in (*NAMES, "docs/METER.md", "docs/VERDICTS.md")]
DESCRIPTION = "{http://purl.org/dc/elements/1.1/}description"


def arrows(picture):
    """The arrows that a picture says it shows."""
    return ElementTree.parse(picture).find(f".//{DESCRIPTION}").text


def test_the_picture_shows_the_imports_of_today(tmp_path):
    """Where this fails: python docs/make_architecture.py"""
    made = tmp_path / "made.svg"
    script = ROOT / "docs" / "make_architecture.py"
    subprocess.run(
        [sys.executable, str(script), "--out", str(made)],
        check=True,
        env={"PYTHONPATH": str(LIBRARY.parent), "PATH": ""},
        cwd=tmp_path,
    )
    shown = arrows(made)
    assert "results → energy, files, paper" in shown
    assert arrows(PICTURE) == shown


def test_every_room_is_in_the_table():
    table = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", table, flags=re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == {path.parent.name for path in LIBRARY.glob("*/__init__.py")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_are_named_exist(page):
    """Paths in backticks: from the root of the project or of the library."""
    text = page.read_text(encoding="utf-8")
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    paths = re.findall(r"`((?:[\w.]+/)+(?:[\w.]+\.(?:py|md|smk|yaml|c|csv))?)`", text)
    skip = ("results/", "resources/", "tracking/", "FOLDER/", "MNIST/")
    paths = [path for path in paths if not path.startswith(skip)]
    assert [
        path
        for path in paths
        if not (ROOT / path).exists() and not (LIBRARY / path).exists()
    ] == []
