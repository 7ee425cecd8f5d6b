"""The benchmarks run on made-up data and say what they say they say."""

import subprocess
import sys

import pandas as pd
import pytest

from project import ROOT
from spikewatt.network.describe import describe

COLUMNS = [
    *("network", "phase", "precision", "device", "reference_s", "fast_s"),
    *("ratio", "ratio_low", "ratio_high", "reference_peak_mb", "fast_peak_mb"),
]


def bench(name, *arguments):
    command = [sys.executable, str(ROOT / "bench" / f"{name}.py"), *arguments]
    done = subprocess.run([str(word) for word in command], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.workflow
def test_stacks_libraries_and_their_page(complete, tmp_path):
    data = complete.folder / "resources" / "sample" / "datasets"
    common = ["--datasets", data, "--out", tmp_path, "--networks"]
    precisions = ["--precisions", "float32", "fixed16"]
    bench("stacks", *common, "exp1/ann", "exp1/snn", "--repeats", 1, *precisions)
    table = pd.read_csv(tmp_path / "stacks.csv")
    assert list(table.columns) == COLUMNS
    assert list(table["network"] + " " + table["phase"] + " " + table["precision"]) == [
        *("exp1/ann train float32", "exp1/ann infer float32"),
        *("exp1/snn train float32", "exp1/snn train fixed16"),
        *("exp1/snn infer float32", "exp1/snn infer fixed16"),
    ]
    quotient = table["reference_s"] / table["fast_s"]
    pd.testing.assert_series_equal(table["ratio"], quotient, check_names=False)
    assert (table[["reference_peak_mb", "fast_peak_mb"]] > 50).all(axis=None)
    assert (tmp_path / "stacks.svg").exists()

    nothing = tmp_path / "no packages"
    options = ["exp1/snn", "--repeats", 1, "--packages", nothing]
    options += ["--libraries", "norse", "snnTorch"]  # to compile takes half a minute
    bench("libraries", *common, *options)
    table = pd.read_csv(tmp_path / "libraries.csv")
    missing = table[table["library"] == "norse"]
    assert missing["note"].str.contains("not installed").all()
    assert missing["ratio"].isna().all()
    assert (table[table["library"] == "snnTorch"]["ratio"] > 0).all()

    bench("report", "--out", tmp_path, "--data", "sample")
    page = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "exp1/snn" in page
    assert "Not measured" in page  # growth and density were not run here


@pytest.mark.workflow
def test_threads_says_where_two_trainings_part(complete, tmp_path):
    data = complete.folder / "resources" / "sample" / "datasets"
    bench("threads", "--datasets", data, "--out", tmp_path, "--updates", 2)
    table = pd.read_csv(tmp_path / "threads.csv")
    assert list(table["updates"]) == [1, 2, 1, 2]
    again = table[table["run"] == "one thread again"]
    assert (again["distance"] == 0).all()
    assert (table["distance"] < 1e-6).all()


@pytest.mark.workflow
def test_precisions_of_networks_with_and_without_spikes(complete, tmp_path):
    data = complete.folder / "resources" / "sample" / "datasets"
    which = ["--networks", "exp1/ann", "exp1/snn", "--repeats", 1, "--batch", 16]
    which += ["--precisions", "reference", "bfloat16", "int8"]
    bench("precisions", "--datasets", data, "--out", tmp_path, *which)
    table = pd.read_csv(tmp_path / "precisions.csv").groupby("network")["precision"]
    everywhere = {"float32", "reference", "bfloat16"}
    assert set(table.get_group("exp1/ann")) == everywhere
    assert set(table.get_group("exp1/snn")) == everywhere | {"int8"}


@pytest.mark.parametrize(
    "name", ["stacks", "libraries", "precisions", "ties", "operations", "profile_step"]
)
def test_an_unknown_network_is_refused_with_the_known_ones(name):
    command = [sys.executable, ROOT / "bench" / f"{name}.py", "--datasets", "x"]
    done = subprocess.run([*command, "--networks", "nonsense"], capture_output=True)
    said = done.stderr.decode()
    assert done.returncode == 2 and "Traceback" not in said
    assert "invalid choice: 'nonsense'" in said and "'exp1/snn'" in said


REFERENCE, FAST = (98.06, 98.12, 98.02, 98.18, 98.11), (98.09, 98.11, 98.22, 98.21, 98)


def leave_tests(results, stack, accuracies):
    """Leave the tests of runs with these accuracies in a results folder."""
    for seed, accuracy in enumerate(accuracies):
        folder = results / "runs" / "exp1" / "snn" / stack / f"seed{seed}"
        folder.mkdir(parents=True)
        row = {"experiment": "exp1", "network": "snn", "stack": stack, "seed": seed}
        row["test_accuracy_pct"] = accuracy
        pd.DataFrame([row]).to_csv(folder / "test.csv", index=False)


@pytest.mark.parametrize("folders", [1, 2])
@pytest.mark.parametrize(
    ("margin", "shift", "expected"),
    [(0.2, 0, "equivalent"), (0.1, 0, "inconclusive"), (0.2, 1, "different")],
)
def test_equal_accuracy_by_hand(tmp_path, margin, shift, expected, folders):
    """Differences 0.03, −0.01, 0.20, 0.03, −0.11: mean 0.028, deviation 0.1119.

    Of two stacks in one folder, and of one stack in two.
    """
    one, other = tmp_path / "one", tmp_path / ("one" if folders == 1 else "other")
    leave_tests(one, "reference" if folders == 1 else "fast", REFERENCE)
    leave_tests(other, "fast", [accuracy + shift for accuracy in FAST])
    options = [] if folders == 1 else ["--against", other]
    options += ["--margin", margin, "--out", tmp_path]
    bench("equal_accuracy", one, *options)
    (row,) = pd.read_csv(tmp_path / "equal_accuracy.csv").to_dict("records")
    half = 2.132 * 0.1119 / 5**0.5  # t with 4 degrees of freedom, 95 %
    assert row["low"] == pytest.approx(0.028 + shift - half, abs=2e-4)
    assert row["high"] == pytest.approx(0.028 + shift + half, abs=2e-4)
    assert (row["answer"], row["seeds"]) == (expected, 5)


def test_the_rooflines_numbers_by_hand(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(ROOT / "bench")
    import roofline

    architecture = [{"conv": 4, "kernel": 3, "pool": 2}, {"linear": 10}]
    conv, linear = describe(architecture, (2, 9, 9), "lif")
    # 7×7 currents, of which pooling covers 6×6; each sums 2 channels of 3×3.
    assert roofline.macs_per_image(conv) == 6 * 6 * 4 * 2 * 9
    assert roofline.bytes_per_image(conv, 2) == pytest.approx(
        2 * (2 * 9 * 9 + 4 * 2 * 9 / roofline.IMAGES) + 4 * 6 * 6 * 4
    )
    assert roofline.macs_per_image(linear) == 4 * 3 * 3 * 10
    row = {"gmac_per_s": 3.0, "most_gmac_per_s": 10.0, "copy_gb_per_s": 2.0}
    assert roofline.of_roof(row | {"macs_per_byte": 3.0}) == 0.5  # memory is the roof
    assert roofline.of_roof(row | {"macs_per_byte": 9.0}) == pytest.approx(0.3)
    assert roofline.of_roof(row | {"gmac_per_s": None}) is None
    columns = ["layer", "format", *row, "macs_per_byte"]
    found = [["dense 1", "float32", 3.0, 10.0, 2.0, 9.0]]
    roofline.draw(pd.DataFrame(found, columns=columns), tmp_path / "roofline.svg")
    assert "not to be had here" in (tmp_path / "roofline.svg").read_text()
