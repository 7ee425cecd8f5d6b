"""Uncertainties of power and energy, GPU's and CPU's, from runs to the tables' CSV."""

import math

import pandas as pd
import pytest

import made_results
from spikewatt.results import measured, missing, runs
from spikewatt.tables import published, stacks

# Two epochs, of 10 and of 30 s.
EPOCHS = {
    "train_time_s": [8, 24],
    "val_time_s": [2, 6],
    "gpu_energy_j": [1000.0, 600.0],
    "mean_gpu_power_w": math.nan,
    "cpu_energy_j": [300.0, 100.0],
    "cpu_energy_uncertainty_j": [0.6, 0.8],
    "mean_cpu_power_w": [30.0, 3.0],
}
TEST = {
    "test_time_s": 4.0,
    "cpu_energy_j": 80.0,
    "cpu_energy_uncertainty_j": 0.2,
    "mean_cpu_power_w": 20.0,
}


def read(folder, seeds=(0,), gpu=True, epochs=EPOCHS):
    listed = made_results.make(
        folder, experiments=["exp1"], epochs=2, seeds=seeds, gpu=gpu
    )
    for entry in listed:
        for name, columns in (("epochs.csv", epochs), ("test.csv", TEST)):
            path = f"{entry['folder']}/{name}"
            pd.read_csv(path).assign(**columns).to_csv(path, index=False)
    return runs.read_all(listed)


@pytest.mark.parametrize("seeds", [(0,), (0, 1, 2, 3)])
def test_cpu_power_and_energy_reach_the_csv_with_their_uncertainty(tmp_path, seeds):
    found = read(tmp_path, seeds)
    share = math.sqrt(len(seeds))  # of a mean over equally uncertain seeds
    row = published.table1(found).data.iloc[0]
    assert row["mean_cpu_power_w"] == pytest.approx(10)  # 400 J in 40 s
    # √(0.6² + 0.8²) = 1 J: of 40 s, and of two epochs
    assert row["mean_cpu_power_w_uncertainty"] == pytest.approx(0.025 / share)
    assert row["mean_epoch_cpu_energy_j"] == 200
    assert row["mean_epoch_cpu_energy_j_uncertainty"] == pytest.approx(0.5 / share)
    assert math.isnan(row["mean_epoch_energy_j_uncertainty"])  # the GPU's states none
    row = published.table2(found).data.iloc[0]
    assert row["test_cpu_energy_j_uncertainty"] == pytest.approx(0.2 / share)
    assert row["mean_cpu_power_w_uncertainty"] == pytest.approx(0.05 / share)


def test_the_table_of_stacks_has_them_too(tmp_path):
    no_gpu = EPOCHS | {"gpu_energy_j": math.nan}
    data = stacks.stacks(read(tmp_path, gpu=False, epochs=no_gpu)).data
    data = data[data["network"] == "ann"].set_index("quantity")["reference_uncertainty"]
    assert data["mean_cpu_power_w"] == pytest.approx(0.025)
    assert data["mean_epoch_cpu_energy_j"] == pytest.approx(0.5)
    assert math.isnan(data["mean_epoch_time_s"])


def test_one_seed_without_uncertainty_leaves_none(tmp_path):
    found = read(tmp_path, (0, 1))
    found[1].epochs["cpu_energy_uncertainty_j"] = math.nan
    row = published.table1(found).data.iloc[0]
    assert math.isnan(row["mean_cpu_power_w_uncertainty"])


def test_the_first_epochs_power_is_energy_over_time(tmp_path):
    epochs = {**EPOCHS, "mean_gpu_power_w": [101.0, 19.0]}
    (run, _) = read(tmp_path, epochs=epochs)
    assert measured.spread_row(run)["first_epoch_power_ratio"] == pytest.approx(5)
    (run, _) = read(tmp_path)  # 100 W against 20 W, without any mean power
    assert measured.spread_row(run)["first_epoch_power_ratio"] == pytest.approx(5)
    run.epochs["gpu_energy_j"] = 0.0
    assert math.isnan(measured.spread_row(run)["first_epoch_power_ratio"])


def test_the_others_power_is_weighted_by_time(tmp_path):
    (run, _) = read(tmp_path)
    third = run.epochs.iloc[[0]].assign(gpu_energy_j=1400.0)  # 10 s
    run.epochs = pd.concat([run.epochs, third], ignore_index=True)
    # 100 W against 2000 J in 40 s; the mean of 20 and 140 W would be 80
    assert measured.spread_row(run)["first_epoch_power_ratio"] == pytest.approx(2)


def test_power_that_comes_from_energy_is_not_called_missing(tmp_path):
    (run, _) = read(tmp_path, epochs={**EPOCHS, "mean_gpu_power_w": [math.nan, 20]})
    assert not missing.partly_empty(run)
    run.epochs.loc[0, "gpu_energy_j"] = math.nan
    (note,) = missing.partly_empty(run)
    assert "mean_gpu_power_w has no value for epoch 1" in note.text
