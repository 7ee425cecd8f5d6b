"""Runs read back: what a table of one stage sees of the other."""

from pathlib import Path

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
