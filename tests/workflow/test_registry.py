"""Tables and figures by the registry: a config of one's own, and one more of each."""

import json
import re

import pytest

from project import Project

pytestmark = pytest.mark.workflow

LIBRARY = "workflow/scripts/spikewatt"
OWN = """source: sample
results: results/own
sample: {train: 60, test: 30}
allow_missing: true
"""
# As config.yaml has them, without the paper's.
EXPERIMENTS = """experiments:
  exp7:
    title: Three networks on MNIST
    epochs: 1
    networks:
      ann: {label: ANN, dataset: mnist, architecture: dense, neuron: relu}
      wide: {label: Wide ANN, dataset: mnist, architecture: dense, neuron: relu}

# --- measuring"""
TABLE = '''"""How many runs there are."""

import pandas as pd

from spikewatt.results.notes import Note
from spikewatt.results.table import Table


def counted(runs, title):
    made = Table("counted", title, ["Runs"], pd.DataFrame({"runs": [len(runs)]}))
    made.add([[str(len(runs))]])
    made.note(Note("reading", "Counted, not measured."))
    return made
'''
FIGURE = '''"""A line."""

from matplotlib.figure import Figure

from spikewatt.figures import style
from spikewatt.figures.saving import Caption


@style.styled
def draw():
    figure = Figure(figsize=(2, 2))
    figure.subplots().plot([0, 1])
    return figure, Caption("A line", "From 0 to 1.", "A rising line.")
'''


@pytest.fixture
def own(tmp_path):
    """A project without the paper's experiments, with one on MNIST alone."""
    project = Project.copy(tmp_path / "project")
    path = project.folder / "config.yaml"
    text = path.read_text(encoding="utf-8")
    text = re.sub(
        "^experiments:.*^# --- measuring", EXPERIMENTS, text, flags=re.M | re.S
    )
    path.write_text(text, encoding="utf-8")
    (project.folder / "tiny.yaml").write_text(OWN, encoding="utf-8")
    return project


def test_one_experiment_on_mnist_wants_no_other_data(own):
    own.edit("tiny.yaml", "allow_missing: true", "allow_missing: false")
    planned = " ".join(own.planned())
    assert "mnist" in planned
    assert not re.search("nmnist|cifar10", planned)
    for name in ("fig_exp7", "fig_exp7_architecture", "fig_stacks", "fig_tradeoff"):
        assert f"Figure {name}: " in planned
    assert not re.search(r"Figure \d|claims", planned)


def test_an_own_experiment_gives_its_tables_and_figures(own):
    own.snakemake("tables", "figures")
    made = {path.name for path in (own.folder / "results/own").glob("*/*.json")}
    assert made == {
        *("table1.json", "table2.json", "ratios.json", "paired.json", "stacks.json"),
        *("fig_exp7.json", "fig_exp7_architecture.json", "fig_stacks.json"),
        *("fig_tradeoff.json", "fig_epoch_times.json", "fig_answer.json"),
        *("firing.json", "fig_firing.json", "fig_anytime.json"),
    }
    table = (own.folder / "results/own/tables/table1.md").read_text(encoding="utf-8")
    assert "Wide ANN" in table and "the paper |" not in table


def test_one_more_table_and_figure_are_a_module_and_a_line_each(own):
    library = own.folder / LIBRARY
    (library / "tables" / "counted.py").write_text(TABLE, encoding="utf-8")
    own.edit(
        f"{LIBRARY}/tables/registry.py",
        "ENTRIES = (\n",
        "ENTRIES = (\n"
        '    _table("counted", "Count", "spikewatt.tables.counted:counted",'
        ' stages=BOTH, settings=(), arguments={"title": "Number of runs"}),\n',
    )
    (library / "figures" / "line.py").write_text(FIGURE, encoding="utf-8")
    own.edit(
        f"{LIBRARY}/figures/registry.py",
        "OVERALL = (\n",
        'OVERALL = (\n    _result("fig_line", "A line", "line", "fig_line"),\n',
    )
    for name in ("counted", "fig_line"):
        (own.folder / f"workflow/report/{name}.rst").write_text("Its caption.\n")
    # The jobs are to import this copy, not what is installed.
    copy = {"PYTHONPATH": str(own.folder / "workflow" / "scripts")}
    own.snakemake("counted", "fig_line", env=copy)
    results = own.folder / "results/own"
    table = json.loads((results / "tables/counted.json").read_text(encoding="utf-8"))
    assert table["groups"] == [[["2"]]] and table["title"] == "Number of runs"
    for suffix in ("csv", "md", "tex"):
        assert (results / f"tables/counted.{suffix}").exists()
    words = json.loads((results / "figures/fig_line.json").read_text(encoding="utf-8"))
    assert words["alt"] == "A rising line."
    # Its module reruns it, and no other.
    targets = ("counted", "fig_line", "fig_exp7_architecture")
    own.snakemake("fig_exp7_architecture")
    assert own.planned(*targets) == []
    own.edit(f"{LIBRARY}/figures/line.py", "[0, 1]", "[0, 2]")
    assert own.planned(*targets) == ["Figure fig_line: A line"]
    own.edit(f"{LIBRARY}/tables/counted.py", "Counted, not", "Counted, never")
    assert own.planned(*targets) == [
        "Figure fig_line: A line",
        "Table counted: Count",
    ]


def test_an_experiment_whose_figure_has_anothers_name_is_refused(own):
    own.edit("config.yaml", "\n  exp7:\n", "\n  stacks:\n")
    done = own.snakemake("--dry-run", check=False)
    assert done.returncode and "Traceback" not in done.stdout
