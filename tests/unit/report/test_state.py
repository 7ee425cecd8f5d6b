"""Gaps, edited files and remarks: everything wrong with a run is named."""

import json
from pathlib import Path

import pandas as pd
import pytest

import made_report
import made_results
from spikewatt.report import discover, state
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


def test_whole_runs_have_no_gap(made):
    _, read = made
    assert state.gaps(read(), COMMAND) == []


def test_a_missing_run_has_its_command(tmp_path):
    found = runs.read_all(made_results.expected(tmp_path, experiments=["exp1"]))
    gap = state.gaps(found, COMMAND)[0]
    folder = tmp_path / "runs/exp1/ann/reference/seed0"
    assert gap == state.Gap(
        "exp1/ann/reference/seed0",
        "the run is missing",
        f"snakemake --cores 1 {folder}/test.csv",
    )


def test_a_folder_with_a_space_is_quoted(tmp_path):
    found = runs.read_all(made_results.expected(tmp_path / "a b"))
    assert "/a b/runs/exp1/ann/reference/seed0/test.csv'" in (
        state.gaps(found, COMMAND)[0].command
    )


def test_a_damaged_file_is_named_and_made_by_force(made):
    folder, read = made
    (folder / "epochs.csv").write_text("epoch,train_loss\n")
    [gap] = state.gaps(read(), COMMAND)
    assert "epochs.csv cannot be read: columns missing" in gap.what
    assert gap.command == (
        f"snakemake --cores 1 --force {folder}/epochs.csv {folder}/test.csv"
    )


def test_a_run_cut_short_is_named(made):
    folder, read = made
    pd.read_csv(folder / "epochs.csv").head(2).to_csv(
        folder / "epochs.csv", index=False
    )
    assert [gap.what for gap in state.gaps(read(), COMMAND)] == [
        "cut short: 2 of 3 epochs"
    ]


@pytest.mark.parametrize("value", [None, float("inf")])
def test_a_cell_without_a_number_is_named(made, value):
    folder, read = made
    change(folder / "epochs.csv", val_loss=(1, value))
    change(folder / "test.csv", test_time_s=(0, value))
    assert [gap.what for gap in state.gaps(read(), COMMAND)] == [
        "epochs.csv: no number in val_loss, row 2; test.csv: no number in test_time_s"
    ]


def test_a_meter_that_failed_midway_is_a_gap_and_none_at_all_is_not(tmp_path):
    listed = made_results.make(tmp_path, gpu=False, experiments=["exp1"])
    assert state.gaps(runs.read_all(listed), COMMAND) == []
    change(Path(listed[0]["folder"]) / "epochs.csv", mean_gpu_power_w=(0, 50.0))
    [gap] = state.gaps(runs.read_all(listed), COMMAND)
    assert gap.what == "epochs.csv: no number in mean_gpu_power_w, row 2, 3"


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
    assert [text for _, text in state.remarks(read())] == [
        "interrupted 2 times and continued from a checkpoint",
        "epoch 3: no spikes",
        "flag «shared» in 2 of 3 epochs",
        "flag «throttled» in 1 of 3 epochs",
        "flag «shared» in the test",
    ]


def test_without_a_config_the_papers_networks_are_expected(tmp_path):
    listed = discover.expected(tmp_path)
    assert [entry["network"] for entry in listed] == [
        *("ann", "snn", "cnn", "snn", "snn_mnist", "snn_nmnist")
    ]
    assert listed == made_results.expected(tmp_path)


def test_what_else_lies_in_the_folder_is_expected_too(tmp_path):
    entry = made_results.expected(tmp_path, seeds=[7], stacks=["fast"])[0]
    entry |= {"network": "mine", "label": "Mine"}
    entry["folder"] = str(tmp_path / "runs/exp1/mine/fast/seed7")
    made_results.write_run(entry, 0, True, 1)
    (tmp_path / "runs/exp1/mine/fast/seedling").mkdir()
    listed = discover.expected(tmp_path)
    assert len(listed) == 7
    assert {(entry["stack"], entry["seed"]) for entry in listed} == {("fast", 7)}
    assert listed[-1]["network"] == "mine"
