"""Incomplete runs, edited files, incidents: all that is wrong with a run is named."""

import json
from pathlib import Path

import pandas as pd
import pytest

import made_report
import made_results
from spikewatt.report import state
from spikewatt.results import runs

COMMAND = "snakemake --cores 1"


@pytest.fixture
def made(tmp_path):
    """(folder of exp1/ann, a function that reads all runs)."""
    listed = made_results.make(tmp_path, experiments=["exp1"])
    return Path(listed[0]["folder"]), lambda: runs.read_all(listed)


def change(path, **cells):
    table = pd.read_csv(path, dtype=object)
    for column, (row, value) in cells.items():
        table.loc[row, column] = value
    table.to_csv(path, index=False)


def test_whole_runs_are_complete(made):
    _, read = made
    assert state.incomplete(read(), COMMAND) == []


def test_a_missing_run_has_its_command(tmp_path):
    read = runs.read_all(made_results.expected(tmp_path, experiments=["exp1"]))
    run = state.incomplete(read, COMMAND)[0]
    folder = tmp_path / "runs/exp1/ann/reference/seed0"
    assert run == state.Incomplete(
        "exp1/ann/reference/seed0",
        "the run is missing",
        f"snakemake --cores 1 {folder}/test.csv",
    )


def test_a_folder_with_a_space_is_quoted(tmp_path):
    read = runs.read_all(made_results.expected(tmp_path / "a b"))
    assert "/a b/runs/exp1/ann/reference/seed0/test.csv'" in (
        state.incomplete(read, COMMAND)[0].command
    )


def test_a_damaged_file_is_named_and_made_by_force(made):
    folder, read = made
    (folder / "epochs.csv").write_text("epoch,train_loss\n")
    [run] = state.incomplete(read(), COMMAND)
    assert "epochs.csv cannot be read: columns missing" in run.what
    assert run.command == (
        f"snakemake --cores 1 --force {folder}/epochs.csv {folder}/test.csv"
    )


def test_a_run_cut_short_is_named(made):
    folder, read = made
    pd.read_csv(folder / "epochs.csv").head(2).to_csv(
        folder / "epochs.csv", index=False
    )
    assert [run.what for run in state.incomplete(read(), COMMAND)] == [
        "cut short: 2 of 3 epochs"
    ]


@pytest.mark.parametrize("value", [None, float("inf")])
def test_a_cell_without_a_number_is_named(made, value):
    folder, read = made
    change(folder / "epochs.csv", val_loss=(1, value))
    change(folder / "test.csv", test_time_s=(0, value))
    assert [run.what for run in state.incomplete(read(), COMMAND)] == [
        "epochs.csv: no number in val_loss, row 2; test.csv: no number in test_time_s"
    ]


def test_a_meter_that_failed_midway_is_named_and_none_at_all_is_not(tmp_path):
    listed = made_results.make(tmp_path, gpu=False, experiments=["exp1"])
    assert state.incomplete(runs.read_all(listed), COMMAND) == []
    change(Path(listed[0]["folder"]) / "epochs.csv", mean_gpu_power_w=(0, 50.0))
    [run] = state.incomplete(runs.read_all(listed), COMMAND)
    assert run.what == "epochs.csv: no number in mean_gpu_power_w, row 2, 3"


def test_edited_and_vanished_files_are_found(made):
    folder, read = made
    made_report.vouch(folder)
    assert state.edited(read()) == []
    change(folder / "test.csv", test_accuracy_pct=(0, 99.9))
    (folder / "epochs.csv").unlink()
    assert state.edited(read()) == [
        ("exp1/ann/reference/seed0", "epochs.csv", "is gone since"),
        ("exp1/ann/reference/seed0", "test.csv", "was changed after"),
    ]


def test_a_promise_about_other_folders_is_not_followed(made):
    folder, read = made
    info = json.loads((folder / "run.json").read_text())
    info["outputs"] = {"../../secret": "sha256:0", "/etc/passwd": "sha256:0"}
    (folder / "run.json").write_text(json.dumps(info))
    assert state.edited(read()) == []


def test_interruptions_warnings_and_flags_are_told(made):
    folder, read = made
    info = json.loads((folder / "run.json").read_text())
    info |= {"interruptions": 2, "warnings": [{"epoch": 3, "what": "no spikes"}]}
    (folder / "run.json").write_text(json.dumps(info))
    change(folder / "epochs.csv", flags=(0, "shared throttled"))
    change(folder / "epochs.csv", flags=(1, "shared"))
    change(folder / "test.csv", flags=(0, "shared"))
    run = "exp1/ann/reference/seed0"
    assert state.incidents(read()) == [
        f"{run}: interrupted 2 times and continued from a checkpoint",
        f"{run}: epoch 3: no spikes",
        f"Flagged «shared»: {run} (epochs 1, 2); {run} (test).",
        f"Flagged «throttled»: {run} (epoch 1).",
    ]
