"""One line that says what a table is made from, and tables that bear it."""

import json

import pandas as pd

import made_results
from spikewatt.results import origin, runs
from spikewatt.results.table import Table


def read(folder, **choice):
    return runs.read_all(made_results.make(folder, **choice))


def test_epochs_data_seeds_stack_and_protocol(tmp_path):
    found = read(tmp_path, seeds=(0, 1), experiments=["exp1", "exp3"])
    for run in found:
        run.info["config"]["dataset"] = "nmnist" if "nm" in run.network else "mnist"
    assert origin.line(found, "sample", True) == (
        "exp1: 3 epochs on mnist; exp3: 3 epochs on mnist and nmnist; made-up data "
        "(source: sample); seeds 0, 1; stack reference; not the paper's protocol."
    )
    assert origin.line(found[:1], "official", False) == (
        "exp1: 3 epochs on mnist; official data; seed 0; stack reference; the paper's "
        "protocol."
    )


def test_what_is_not_known_is_not_said(tmp_path):
    found = read(tmp_path, experiments=["exp1"], epochs=1)
    assert origin.line(found) == "exp1: 1 epoch; seed 0; stack reference."
    missing = runs.read_all(made_results.expected(tmp_path / "none"))
    assert origin.line(missing, "official") == "Made before any run was there."


def test_a_part_of_the_data_is_said(tmp_path):
    (run, *_) = found = read(tmp_path, experiments=["exp1"], epochs=1)[:1]
    limits = {"max_train_samples": 2000, "max_test_samples": 500}
    run.info["config"] |= {"dataset": "mnist"} | limits
    assert origin.line(found).startswith(
        "exp1: 1 epoch on mnist (at most 2,000 training and 500 test samples); seed 0"
    )
    assert origin.part_of_data({"max_test_samples": 9}) == "at most 9 test samples"
    assert origin.part_of_data({}) is None


def test_every_format_of_a_table_says_it(tmp_path):
    made = Table("t", "Title", ["A"], pd.DataFrame({"a": [1, 2]}), [["1"], ["2"]])
    made.origin = "exp1: 3 epochs on a|b."
    made.write(*(tmp_path / f"t.{suffix}" for suffix in ("csv", "md", "json", "tex")))
    assert list(pd.read_csv(tmp_path / "t.csv")["origin"]) == [made.origin] * 2
    assert json.loads((tmp_path / "t.json").read_text())["origin"] == made.origin
    assert (tmp_path / "t.md").read_text().splitlines()[2] == "exp1: 3 epochs on a\\|b."
    assert (
        r"\caption{Title. exp1: 3 epochs on a|b.}" in (tmp_path / "t.tex").read_text()
    )
