"""inference.csv and what test.json says of it, read back."""

import json

import pandas as pd
import pytest

from spikewatt.results import inference, runs, stages

OWN = {
    "path": "own", "samples": 5, "repeats": 100, "latency_median_ms": 2.0,
    "latency_p95_ms": 3.0, "window_s": 0.5, "cpu_s_per_sample": 0.002,
}  # fmt: skip
NAMED = {"experiment": "e", "network": "q", "stack": "fast", "seed": 0}


@pytest.fixture
def run(tmp_path):
    rows = [NAMED | OWN, NAMED | OWN | {"path": "onnx_int8", "latency_median_ms": 0.1}]
    table = pd.DataFrame(rows, columns=inference.COLUMNS)
    table.to_csv(tmp_path / "inference.csv", index=False)
    told = {"own": {"emulated": "in float32", "why_no_joules": "no counter"}}
    told["onnx_int8"] = {"emulated": None, "why_no_joules": "no counter"}
    (tmp_path / "test.json").write_text(json.dumps({"inference": told}))
    return runs.Run(*NAMED.values(), "Q", tmp_path)


def test_rows_stand_by_path_and_say_which_are_of_another_precision(run):
    table = inference.of_run(run)
    assert table.loc["onnx_int8", "latency_median_ms"] == 0.1
    assert table["emulated"].to_dict() == {"own": True, "onnx_int8": False}
    assert table["joules_per_sample"].isna().all()
    assert inference.emulated(run) == "in float32"
    assert inference.why_no_joules(run) == "no counter"
    assert inference.why_not(run) is None


@pytest.mark.parametrize("text", ["", "path,samples\nown,5\n", "nothing at all"])
def test_a_damaged_file_is_missing(run, text):
    (run.folder / "inference.csv").write_text(text)
    assert inference.of_run(run) is None


@pytest.mark.parametrize("facts", ["{", "[]", "{}", '{"inference": {"own": 3}}'])
def test_damaged_facts_say_nothing(run, facts):
    (run.folder / "test.json").write_text(facts)
    assert inference.emulated(run) is None and inference.why_not(run) is None


def test_the_stage_names_the_files_that_are_read():
    assert stages.files("inference") == ["inference.csv", "test.json", "run.json"]
