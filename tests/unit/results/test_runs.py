"""Runs read back: what a table of one stage sees of the other."""

from pathlib import Path

import pandas as pd
import pytest

import made_results
from spikewatt.results import runs
from spikewatt.tables import published


def table1(listed):
    """Table I as the script of the workflow makes it: data, and the texts of notes."""
    made = published.table1(runs.read_all(listed, ("train",)))
    return made.data.to_csv(), [note.text for note in made.notes]


def test_table_one_does_not_depend_on_which_tests_are_done(tmp_path):
    """Tests end in any order beside it, and none of their files is an input of it."""
    listed = made_results.make(tmp_path, experiments=["exp1"])
    with_tests = table1(listed)
    Path(listed[0]["folder"], "test.csv").unlink()
    assert table1(listed) == with_tests


def test_stages_that_are_not_asked_for_are_not_read(tmp_path):
    listed = made_results.make(tmp_path, experiments=["exp1"])
    assert all(run.test is not None for run in runs.read_all(listed))
    assert all(run.test is not None for run in runs.read_all(listed, ("test",)))
    trained = runs.read_all(listed, ("train",))
    assert all(run.test is None and run.epochs is not None for run in trained)
    assert all(not run.problems for run in trained)


def without(entry, *columns):
    """Write a run's epochs.csv without some columns; what `runs.read` makes of it."""
    path = Path(entry["folder"]) / "epochs.csv"
    pd.read_csv(path).drop(columns=list(columns)).to_csv(path, index=False)
    return runs.read(**entry)


def test_epochs_of_before_are_read_and_get_the_names_of_their_run(tmp_path):
    """They did not say which run they are of; the folder does."""
    entry = made_results.make(tmp_path, experiments=["exp1"], seeds=(3,))[1]
    now = runs.read(**entry).epochs
    before = without(entry, "experiment", "network", "stack", "seed")
    assert before.problems == {}
    pd.testing.assert_frame_equal(before.epochs, now)
    (row,) = before.epochs[list(runs.RUN_COLUMNS)].drop_duplicates().to_numpy()
    assert row.tolist() == ["exp1", "snn", "reference", 3]


@pytest.mark.parametrize("name", ["seed", "val_loss"])
def test_epochs_without_a_column_are_refused_by_its_name(tmp_path, name):
    entry = made_results.make(tmp_path, experiments=["exp1"])[0]
    run = without(entry, name)
    assert run.epochs is None
    assert run.problems["epochs.csv"].endswith(
        f"epochs.csv cannot be read: columns missing: {name}"
    )
