"""The benchmarks run on made-up data and say what they say they say."""

import subprocess
import sys

import pandas as pd
import pytest

from project import ROOT

COLUMNS = [
    *("network", "phase", "device", "reference_s", "fast_s"),
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
    bench("stacks", *common, "exp1/ann", "exp1/snn", "--repeats", 1)
    table = pd.read_csv(tmp_path / "stacks.csv")
    assert list(table.columns) == COLUMNS
    assert list(table["network"] + " " + table["phase"]) == [
        *("exp1/ann train", "exp1/ann infer"),
        *("exp1/snn train", "exp1/snn infer"),
    ]
    quotient = table["reference_s"] / table["fast_s"]
    pd.testing.assert_series_equal(table["ratio"], quotient, check_names=False)
    assert (table[["reference_peak_mb", "fast_peak_mb"]] > 50).all(axis=None)
    assert (tmp_path / "stacks.svg").exists()

    nothing = tmp_path / "no packages"
    options = ["exp1/snn", "--repeats", 1, "--packages", nothing]
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
