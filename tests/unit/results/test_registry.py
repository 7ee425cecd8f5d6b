"""The registries of tables and figures: whole, and as a config's experiments ask."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from made_plans import CONFIG
from spikewatt.figures import registry as figures
from spikewatt.results import registry
from spikewatt.tables import registry as tables

CAPTIONS = Path(__file__).parents[3] / "workflow" / "report"
EXPERIMENTS = CONFIG["experiments"]
OWN = {"mine": {"title": "Mine", "networks": {"a": {"dataset": "mnist"}}}}
POINTS = {"a_steps4": {"steps": 4}, "a_steps8": {"steps": 8}}
SWEPT = {"lots": OWN["mine"] | {"swept": {"of": "a", "points": POINTS}}}
NETWORK = {"dataset": "mnist"}
THREE = {"mine": {"title": "Mine", "networks": dict.fromkeys("abc", NETWORK)}}
ALL = EXPERIMENTS | THREE | SWEPT
ENTRIES = [*tables.entries(ALL), *figures.entries(ALL)]
# What stands in workflow/report/ beside captions of tables and figures.
OTHERS = {"report", "workflow"}


def names(entries):
    return [entry.name for entry in entries]


@pytest.mark.parametrize("entry", ENTRIES, ids=names(ENTRIES))
def test_an_entry_is_whole(entry):
    assert entry.title and entry.category and entry.formats
    assert (CAPTIONS / f"{entry.caption}.rst").read_text(encoding="utf-8").strip()
    maker = inspect.signature(registry.load(entry.maker))
    data = (["runs"] if entry.stages else []) + list(entry.datasets)
    # As the scripts call it.
    maker.bind(*data, **entry.arguments | dict.fromkeys(entry.settings))


def test_no_caption_is_left_over():
    assert {path.stem for path in CAPTIONS.glob("*.rst")} - OTHERS == {
        entry.caption for entry in ENTRIES
    }


def test_every_module_that_makes_a_table_or_figure_is_entered():
    entered = {entry.module for entry in ENTRIES}
    folder = Path(inspect.getfile(figures)).parent
    drawing = {
        f"spikewatt.figures.{path.stem}"
        for path in folder.glob("*.py")
        if "\n    return figure, " in path.read_text(encoding="utf-8")
    }
    assert drawing and drawing <= entered


def test_the_papers_config_has_all_twelve_figures_and_the_claims():
    made = names(figures.entries(EXPERIMENTS))
    assert {f"fig{number:02}" for number in range(1, 13)} < set(made)
    overall = {"fig_stacks", "fig_firing", "fig_anytime", "fig_tradeoff"}
    overall |= {"fig_epoch_times", "fig_breakeven", "fig_estimates"}
    assert set(made[4:11]) == overall
    assert names(tables.entries(EXPERIMENTS)) == [
        *("table1", "table2", "ratios", "paired", "stacks", "firing"),
        *("operations", "estimates", "claims"),
    ]
    assert figures.entries(EXPERIMENTS)[1].title == "Figure 10: exp1"


def test_own_experiments_have_figures_of_their_name_and_nothing_of_the_paper():
    made = figures.entries(OWN)
    assert names(made) == [
        *("fig_answer", "fig_mine", "fig_stacks", "fig_firing", "fig_anytime"),
        *("fig_breakeven", "fig_estimates", "fig_tradeoff", "fig_epoch_times"),
        "fig_mine_architecture",
    ]
    assert not any(entry.datasets for entry in made)
    assert "claims" not in names(tables.entries(OWN))
    assert "stacks" in names(tables.entries(OWN))


def test_a_sweep_has_a_figure_of_its_values():
    [entry] = [one for one in figures.entries(SWEPT) if "sweep" in one.name]
    assert (entry.name, entry.experiment) == ("fig_sweep_lots", "lots")
    assert entry.arguments == {"points": POINTS}
    with pytest.raises(ValueError, match="two things would be called fig_sweep_lots"):
        figures.entries(SWEPT | {"sweep_lots": OWN["mine"]})


def test_what_compares_rivals_is_there_where_an_experiment_has_some():
    """The paper's pairs have none: nothing of it stands in the paper's results."""
    rivals = {"rivals", "fig_pareto", "fig_cost_to_accuracy"}
    for experiments, there in ((EXPERIMENTS, set()), (OWN, set()), (THREE, rivals)):
        made = [*tables.entries(experiments), *figures.entries(experiments)]
        assert set(names(made)) & rivals == there


def test_an_experiment_alone_has_its_rivals_too():
    of_one = tables.of_one("mine", THREE["mine"], several=False)
    assert "mine/rivals" in names(of_one) and "mine/claims" not in names(of_one)
    of_pair = tables.of_one("exp1", EXPERIMENTS["exp1"], several=True)
    assert "exp1/stacks" in names(of_pair) and "exp1/rivals" not in names(of_pair)


def test_only_data_sets_that_are_used_are_asked_for():
    made = figures.entries({"exp1": EXPERIMENTS["exp1"]} | OWN)
    assert not {"fig01", "fig02"} & set(names(made))  # CIFAR-10 and N-MNIST
    assert {"fig03", "fig07", "fig10", "fig_mine"} < set(names(made))
    with_cifar10 = names(figures.entries({k: EXPERIMENTS[k] for k in ("exp1", "exp2")}))
    assert "fig01" in with_cifar10 and "fig02" not in with_cifar10


def test_half_of_one_of_the_papers_experiments_is_ones_own():
    half = {"exp1": {"networks": {"snn": EXPERIMENTS["exp1"]["networks"]["snn"]}}}
    assert names(figures.entries(half))[1] == "fig_exp1"
    assert "claims" not in names(tables.entries(half))


def test_two_figures_of_one_name_are_refused():
    with pytest.raises(ValueError, match="fig_stacks.*the experiment stacks"):
        figures.entries({"stacks": OWN["mine"]})


def test_files_of_a_run_stand_once():
    paired = next(entry for entry in ENTRIES if entry.name == "paired")
    assert paired.files == ["epochs.csv", "run.json", "test.csv", "test.json"]


def test_the_registries_import_nothing_heavy():
    code = (
        "import sys; from spikewatt.tables import registry; "
        "from spikewatt.figures import registry; "
        "print({'torch', 'pandas', 'numpy', 'matplotlib', 'numba'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr
