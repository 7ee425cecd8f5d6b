"""Means over epochs of unequal length, worked out by hand."""

import math

import pandas as pd
import pytest

import made_results
from spikewatt.results import measured, runs, weighted


@pytest.fixture
def run(tmp_path):
    """A run of two epochs: 10 s at 100 W and 30 s at 20 W."""
    listed = made_results.make(tmp_path, experiments=["exp1"], epochs=2)
    table = pd.read_csv(f"{listed[0]['folder']}/epochs.csv").assign(
        train_time_s=[8, 24],
        val_time_s=[2, 6],
        gpu_energy_j=[1000.0, 600.0],
        mean_gpu_power_w=[101.0, 19.0],
        mean_gpu_memory_pct=[50.0, 10.0],
        gpu_energy_uncertainty_j=[3.0, 4.0],
        cpu_energy_j=[300.0, 300.0],
        mean_cpu_power_w=[30.0, 10.0],
    )
    table.to_csv(f"{listed[0]['folder']}/epochs.csv", index=False)
    return runs.read_all(listed)[0]


def test_mean_power_times_mean_time_is_mean_energy(run):
    row = measured.table1_row(run)
    assert row["mean_gpu_power_w"] == pytest.approx(40)  # 1600 J / 40 s, not 60 W
    assert row["mean_epoch_time_s"] == 20 and row["mean_epoch_energy_j"] == 800
    energy = row["mean_gpu_power_w"] * row["mean_epoch_time_s"]
    # √(3² + 4²) = 5 J of 40 s
    error = measured.uncertainties(run, "train")["mean_gpu_power_w"]
    assert error == pytest.approx(0.125)
    assert abs(energy - row["mean_epoch_energy_j"]) < error * row["mean_epoch_time_s"]
    assert row["mean_cpu_power_w"] == pytest.approx(15)  # 600 J / 40 s, not 20 W
    assert row["mean_gpu_memory_pct"] == pytest.approx(20)  # (500 + 300) / 40


def test_the_same_of_the_test(run):
    run.test["test_time_s"], run.test["gpu_energy_j"] = 4.0, 200.0
    run.test["mean_gpu_power_w"] = 52.0
    run.test["gpu_energy_uncertainty_j"] = 2.0
    row = measured.table2_row(run)
    assert row["mean_gpu_power_w"] * row["test_time_s"] == row["test_energy_j"] == 200
    assert measured.uncertainties(run, "test")["mean_gpu_power_w"] == 0.5


def test_without_energy_mean_powers_are_weighted_by_time():
    nothing = [math.nan] * 2
    assert weighted.power(nothing, [100, 20], [10, 30]) == pytest.approx(40)
    assert math.isnan(weighted.power(nothing, nothing, [10, 30]))
    error = weighted.power_uncertainty(nothing, [0.6, 0.1], [10, 40], nothing, [9, 9])
    assert error == pytest.approx(math.hypot(6, 4) / 50)


def test_an_epoch_without_a_value_is_left_out_with_its_time():
    assert weighted.mean([10, math.nan, 40], [1, 100, 2]) == pytest.approx(30)
    power = weighted.power([100, math.nan], [math.nan] * 2, [10, 90])
    assert power == pytest.approx(10)


def test_an_epoch_without_uncertainty_leaves_none():
    error = weighted.power_uncertainty(
        [1, math.nan], [0, 0], [10, 10], [100, 100], [10, 10]
    )
    assert math.isnan(error)
