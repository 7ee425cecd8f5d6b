"""Which runs are looked for where no config says so."""

import json
from pathlib import Path

import pytest

import made_results
from spikewatt.report import discover, memory
from spikewatt.results import runs


def run(folder, experiment, network, *, stack="fast", seed=7, **info):
    """Make a run of one's own; `info` goes into its run.json."""
    entry = made_results.expected(folder, seeds=[seed], stacks=[stack])[0]
    entry |= {"experiment": experiment, "network": network}
    entry["folder"] = f"{folder}/runs/{experiment}/{network}/{stack}/seed{seed}"
    made_results.write_run(entry, 0, True, 1)
    path = Path(entry["folder"]) / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | info))


def networks(listed):
    """(experiment, network, position, against) of each network that is listed."""
    keys = ("experiment", "network", "position", "against")
    return list(dict.fromkeys(tuple(entry[key] for key in keys) for entry in listed))


def test_without_a_config_the_papers_networks_are_expected(tmp_path):
    listed = discover.expected(tmp_path)
    assert [entry["network"] for entry in listed] == [
        *("ann", "snn", "cnn", "snn", "snn_mnist", "snn_nmnist")
    ]
    assert listed == made_results.expected(tmp_path)


def test_what_else_lies_in_the_folder_is_expected_too(tmp_path):
    run(tmp_path, "exp1", "mine")
    (tmp_path / "runs/exp1/mine/fast/seedling").mkdir()
    listed = discover.expected(tmp_path)
    assert len(listed) == 7
    assert {(entry["stack"], entry["seed"]) for entry in listed} == {("fast", 7)}
    assert networks(listed)[:3] == [
        ("exp1", "ann", 0, None),
        ("exp1", "snn", 1, "ann"),
        ("exp1", "mine", 2, "ann"),
    ]


def test_an_experiment_of_ones_own_is_not_the_papers(tmp_path):
    run(tmp_path, "mine", "a_snn")
    run(tmp_path, "mine", "b", config={"neuron": {"kind": "relu"}, "label": "B"})
    listed = discover.expected(tmp_path)
    assert networks(listed) == [("mine", "b", 0, None), ("mine", "a_snn", 1, "b")]
    assert [entry["label"] for entry in listed] == ["B", "a_snn"]
    assert len(runs.read_all(listed)) == 2


def test_run_json_says_the_order_and_the_pairs(tmp_path):
    run(tmp_path, "mine", "a", position=2, against="c")
    run(tmp_path, "mine", "b", position=1, against=None)
    run(tmp_path, "mine", "c", position=0, against=["?"])
    assert networks(discover.expected(tmp_path)) == [
        ("mine", "c", 0, None),
        ("mine", "b", 1, None),
        ("mine", "a", 2, "c"),
    ]


def test_an_earlier_report_says_what_belongs_here(tmp_path):
    """Order, pairs and a network that is missing; what else is there comes last."""
    run(tmp_path, "mine", "b")
    run(tmp_path, "mine", "extra")
    kept = {
        "mine": {
            "c": {"label": "The third", "against": "b"},
            "b": {"label": "The second", "against": None},
        }
    }
    listed = discover.expected(tmp_path, kept)
    assert [entry["label"] for entry in listed] == ["The third", "The second", "extra"]
    assert networks(listed) == [
        ("mine", "c", 0, "b"),
        ("mine", "b", 1, None),
        ("mine", "extra", 2, "c"),
    ]


def test_a_seed_that_one_network_alone_has_is_expected_of_the_known_ones(tmp_path):
    run(tmp_path, "exp1", "ann", seed=1)
    run(tmp_path, "mine", "a", seed=0)
    listed = discover.expected(tmp_path)
    seeds = {
        name: [e["seed"] for e in listed if e["experiment"] == name]
        for name in ("exp2", "mine")
    }
    assert seeds == {"exp2": [0, 1, 0, 1], "mine": [0]}


@pytest.mark.parametrize("text", ["", "[1]", '{"config": [1]}', "[" * 100_000])
def test_a_damaged_run_json_stops_nothing(tmp_path, text):
    run(tmp_path, "mine", "a")
    path = tmp_path / "runs/mine/a/fast/seed7/run.json"
    path.write_text(text)
    listed = discover.expected(tmp_path)
    assert networks(listed) == [("mine", "a", 0, None)]
    [read] = runs.read_all(listed)
    assert read.info is None


def page(folder, content):
    path = folder / "report.html"
    path.write_text(f"<meta name='{memory.NAME}' content='{content}'>")
    return path


def test_what_a_report_kept_is_recalled(tmp_path):
    read = runs.read_all(made_results.expected(tmp_path, experiments=["exp1"]))
    kept = memory.kept(read, "a command", "sample")
    assert memory.recall(page(tmp_path, json.dumps(kept))) == {
        "command": "a command",
        "source": "sample",
        "networks": {
            "exp1": {
                "ann": {"label": "ANN", "against": None},
                "snn": {"label": "SNN", "against": "ann"},
            }
        },
    }


@pytest.mark.parametrize(
    "networks",
    [
        *(None, [], {}, "ann", {"exp1": ["ann"]}, {"exp1": {"ann": 1}}),
        {"exp1": {"ann": {"label": None, "against": None}}},
        {"exp1": {"ann": {"label": "ANN", "against": ["snn"]}}},
        {"..": {"../..": {"label": "ANN", "against": None}}},
    ],
)
def test_what_is_not_sound_is_not_recalled(tmp_path, networks):
    kept = {"command": "c", "source": None, "networks": networks}
    assert memory.recall(page(tmp_path, json.dumps(kept))) == {"command": "c"}


@pytest.mark.parametrize("content", ["", "[]", "3", "{", "[" * 100_000])
def test_a_damaged_page_recalls_nothing(tmp_path, content):
    assert memory.recall(page(tmp_path, content)) == {}
