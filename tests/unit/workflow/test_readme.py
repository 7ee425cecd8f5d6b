"""The README says what the project does: rows, links and names that drift are found."""

import csv
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
PAPER = PROJECT / "workflow" / "scripts" / "spikewatt" / "paper"
PAGES = [*sorted(PROJECT.glob("*.md")), *sorted((PROJECT / "docs").rglob("*.md"))]


def text(path):
    return path.read_text(encoding="utf-8")


def test_it_shows_every_choice_as_the_report_does():
    with open(PAPER / "choices.csv", encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    shown = text(PROJECT / "README.md")
    assert len(rows) > 9
    for row in rows:
        assert f"| {row['open']} | {row['choice']} | {row['why']} |" in shown


def test_choices_without_a_key_are_those_that_the_readme_names():
    with open(PAPER / "choices.csv", encoding="utf-8", newline="") as handle:
        fixed = [row["open"] for row in csv.DictReader(handle) if not row["config_key"]]
    assert fixed == [
        "order of denoising and binning",
        "normalisation and augmentation",
        "recall, F1",
        "training accuracy",
        "place of pooling",
        "initial weights",
        "enlarging images",
        "several events in one cell",
    ]
    assert "a key of `config.yaml`, but for eight" in text(PROJECT / "README.md")


def test_every_key_of_a_choice_is_one_of_the_config():
    import yaml

    config = yaml.safe_load(text(PROJECT / "config.yaml"))
    network = {"<experiment>": "exp1", "<network>": "snn"}
    with open(PAPER / "choices.csv", encoding="utf-8", newline="") as handle:
        keys = [row["config_key"] for row in csv.DictReader(handle)]
    for key in filter(None, keys):
        inner = config
        for part in key.split("."):
            inner = inner[network.get(part, part)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_inside_the_project_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?://)([^)#]+)\)", text(page))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_direct_dependency_is_justified():
    wanted = re.findall(
        r"^([a-z][\w-]*)", text(PROJECT / "envs" / "requirements.in"), re.MULTILINE
    )
    shown = text(PROJECT / "README.md").lower()
    assert len(wanted) > 20
    assert [name for name in wanted if name not in shown] == []


def test_make_targets_that_are_named_exist():
    pattern = r"(?:^|`)make ([a-z]+)"
    named = {name for page in PAGES for name in re.findall(pattern, text(page), re.M)}
    made = set(re.findall(r"^([a-z]+):", text(PROJECT / "Makefile"), re.MULTILINE))
    assert named and named <= made
