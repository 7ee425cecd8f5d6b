"""Every column of every CSV that is written has an entry in columns.csv."""

import numpy as np
import pandas as pd
import pytest

from made_results import NETWORKS, make
from spikewatt import claims
from spikewatt.meter import backends, summary, telemetry
from spikewatt.meter.interval import Interval
from spikewatt.results import (
    anytime,
    dictionary,
    firing,
    inference,
    operations,
    overview,
    runs,
)
from spikewatt.tables import comparisons, estimates, published, rivals, stacks
from spikewatt.tables import firing as firing_table
from spikewatt.tables import operations as operations_table

FACTS = {
    "cores": 2,
    "power_period_s": 0.1,
    "energy_period_s": 0.1,
    "cpu": [],
    "dram": [],
}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Runs of the paper's networks, and of one more, on both stacks."""
    both = ("reference", "fast")
    folder = tmp_path_factory.mktemp("runs")
    networks = NETWORKS | {"exp1": NETWORKS["exp1"] | {"twin": "Twin"}}
    return runs.read_all(make(folder, seeds=(0, 1), stacks=both, networks=networks))


def meter_row():
    samples = {"monotonic_s": np.array([0.2, 0.8])}
    return list(summary.row([Interval(0.0, 1.0, {}, {}, samples)], [], FACTS))


def header():
    columns = [name for backend in backends.ALL for name in backend.columns]
    return telemetry.header([*columns, "rapl_package_1_j"])


def written(found):
    """File → its columns, as the code makes them."""
    main = [run for run in found if run.stack == "reference"]
    made = {
        "table1": published.table1(main),
        "table2": published.table2(main),
        "ratios": comparisons.ratios(main),
        "paired": comparisons.paired(main),
        "stacks": stacks.stacks(found),
        "firing": firing_table.rates(main),
        "operations": operations_table.table(main),
        "estimates": estimates.table(main),
        "rivals": rivals.table(main),
        "claims": claims.table(main, {}, "official"),
    }
    return {
        "summary.csv": list(overview.overview(found)),
        "columns.csv": list(dictionary.table()),
        "runs/…/epochs.csv": [*runs.EPOCH_COLUMNS, *meter_row()],
        "runs/…/test.csv": [*runs.TEST_COLUMNS, *meter_row()],
        "runs/…/predictions.csv": runs.PREDICTION_COLUMNS,
        "runs/…/firing_rates.csv": firing.COLUMNS,
        "runs/…/anytime.csv": anytime.COLUMNS,
        "runs/…/early_exit.csv": anytime.EXIT_COLUMNS,
        "runs/…/operations.csv": operations.COLUMNS,
        "runs/…/inference.csv": inference.COLUMNS,
        "runs/…/telemetry.csv": header(),
        "runs/…/test_telemetry.csv": header(),
        **{
            f"tables/{name}.csv": [*table.data, "origin"]
            for name, table in made.items()
        },
    }


def test_no_column_is_without_an_entry_and_no_entry_without_a_column(found):
    files = written(found)
    assert files.keys() == dictionary.FILES.keys()
    for file, columns in files.items():
        assert dictionary.unknown(file, columns) == [], file
        spare = dictionary.entries(file).keys() - set(columns)
        assert {name for name in spare if "_N_" not in name} == set(), file


def test_a_new_column_would_be_noticed():
    assert dictionary.unknown("summary.csv", ["seed", "new_w"]) == ["new_w"]
    assert dictionary.unknown("runs/…/telemetry.csv", ["rapl_dram_12_j"]) == []


def test_what_the_meter_says_itself_is_the_same():
    known = dictionary.entries("runs/…/epochs.csv")
    for name, text in summary.DEFINITIONS.items():
        assert known[name][0] == text


@pytest.mark.parametrize(
    ("column", "unit"),
    [
        ("mean_gpu_power_w_ci", "W"),
        ("mean_gpu_power_w_n", ""),
        ("gpu_energy_delay_js", "J s"),
        ("gpu_energy_uncertainty_j", "J"),
        ("max_gpu_temperature_c", "°C"),
        ("test_accuracy_pct_difference", "%"),
        ("latency_median_ms", "ms"),
        ("joules_per_sample", "J"),
        ("cpu_s_per_sample", "s"),
        ("spikes_per_sample", ""),
        ("epochs", ""),
        ("latency_p95_ms", "ms"),
        ("difference_points_ci", "points"),
        ("flags", ""),
        ("mean_epoch_time_s_undisturbed", "s"),
    ],
)
def test_units_are_those_of_the_names(column, unit):
    assert dictionary.unit(column) == unit


def test_every_entry_says_what_it_is_and_the_file_can_be_read(tmp_path):
    path = tmp_path / "columns.csv"
    overview.write(dictionary.table(), path)
    back = pd.read_csv(path, keep_default_na=False)
    assert not back.duplicated(["file", "column"]).any()
    assert (back[["file", "column", "meaning", "origin"]] != "").all(axis=None)
