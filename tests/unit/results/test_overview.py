"""summary.csv by hand: totals whole or empty, and all that sets a run apart."""

import json
import math
from pathlib import Path

import pandas as pd
import pytest

from made_results import make
from spikewatt.results import overview, runs

EPOCHS = {
    "train_time_s": [10.0, 20.0],
    "val_time_s": [1.0, 2.0],
    "cpu_time_s": [30.0, 40.0],
    "gpu_energy_j": [100.0, 200.0],
    "val_accuracy_pct": [97.5, 96.0],
}
TEST = {"test_time_s": 4.0, "cpu_time_s": 5.0, "gpu_energy_j": 50.0}


def change(entry, name, columns):
    path = f"{entry['folder']}/{name}"
    pd.read_csv(path).assign(**columns).to_csv(path, index=False)


@pytest.fixture
def listed(tmp_path):
    entries = make(tmp_path, experiments=["exp1"], epochs=2)
    for entry in entries:
        change(entry, "epochs.csv", EPOCHS)
        change(entry, "test.csv", TEST)
    return entries


def rows(listed):
    return overview.overview(runs.read_all(listed)).to_dict("records")


def test_a_run_and_its_totals(listed):
    ann, snn = rows(listed)
    assert (ann["network"], ann["stack"], ann["seed"]) == ("ann", "reference", 0)
    assert ann["total_time_s"] == 37  # 11 + 22 + 4
    assert ann["total_cpu_time_s"] == 75 and ann["total_gpu_energy_j"] == 350
    assert (ann["epochs"], ann["best_epoch"]) == (2, 1)
    assert ann["best_val_accuracy_pct"] == 97.5
    assert math.isnan(ann["spikes_per_neuron_step"])
    assert snn["spikes_per_neuron_step"] == 0.1
    assert snn["folder"].endswith("exp1/snn/reference/seed0")
    assert "learning_rate" not in ann["deviations"]
    assert "epochs 2 instead of 20 (stated in the paper)" in ann["deviations"]


def test_a_total_of_which_a_part_is_missing_is_empty_and_says_why(listed):
    change(listed[0], "epochs.csv", {"gpu_energy_j": [100.0, math.nan]})
    ann, snn = rows(listed)
    assert math.isnan(ann["total_gpu_energy_j"])
    assert "GPU: exp1/ann/reference/seed0: " in ann["why_no_energy"]
    assert snn["total_gpu_energy_j"] == 350 and "GPU" not in snn["why_no_energy"]


def test_without_a_gpu_the_machines_reason_stands_there(tmp_path):
    ann, _ = rows(make(tmp_path, experiments=["exp1"], gpu=False))
    assert math.isnan(ann["total_gpu_energy_j"])
    assert "GPU: no NVIDIA driver" in ann["why_no_energy"]


def test_flags_of_both_stages(listed):
    change(listed[1], "epochs.csv", {"flags": ["loaded", "chance"]})
    change(listed[1], "test.csv", {"flags": "short"})
    snn = rows(listed)[1]
    assert (snn["flags"], snn["test_flags"]) == ("chance loaded", "short")


def test_a_run_that_is_not_there_has_a_row_that_says_so(listed, tmp_path):
    for name in ("epochs.csv", "test.csv"):
        (tmp_path / f"runs/exp1/snn/reference/seed0/{name}").unlink()
    _, snn = rows(listed)
    assert math.isnan(snn["total_time_s"]) and math.isnan(snn["best_epoch"])
    assert "epochs.csv is missing" in snn["missing"]


def test_the_file_keeps_what_is_missing_empty(listed, tmp_path):
    path = tmp_path / "summary.csv"
    overview.write(overview.overview(runs.read_all(listed)), path)
    back = pd.read_csv(path, keep_default_na=False)
    assert back["spikes_per_neuron_step"].tolist() == ["", "0.1"]


def test_the_test_of_other_weights_is_left_out_and_named(listed):
    folder = Path(listed[0]["folder"])
    facts = json.loads((folder / "run.json").read_text())
    facts["outputs"] = {"model.safetensors": "new"}
    (folder / "run.json").write_text(json.dumps(facts))
    (folder / "test.json").write_text(json.dumps({"model": "old"}))
    ann, _ = rows(listed)
    assert math.isnan(ann["test_accuracy_pct"]) and math.isnan(ann["total_time_s"])
    assert "test.csv is the test of other weights" in ann["missing"]
