"""`allow_missing`: what is there is shown, and nothing is trained or overwritten."""

import json

import pytest

pytestmark = pytest.mark.workflow

RUNS = "results/tiny/runs"
GONE = "exp1/snn/reference/seed0"
OTHERWISE = "training={batch_size: 8, learning_rate: 0.5}"
MISSING = ["--config", "allow_missing=true", OTHERWISE]


def contents(folder):
    """Every file below a folder with its bytes and time."""
    return {
        path: (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def partial(project):
    """The complete project without one run."""
    for path in (project.folder / RUNS / GONE).iterdir():
        path.unlink()
    return project


def test_runs_are_neither_made_nor_touched_and_their_settings_are_named(partial):
    runs = partial.folder / RUNS
    before = contents(runs)
    said = partial.snakemake("table1", "fig10", "report", *MISSING).stdout
    assert "Training" not in said and "Testing" not in said
    assert contents(runs) == before
    results = partial.folder / "results/tiny"
    table = json.loads((results / "tables/table1.json").read_text())
    told = "\n".join(note["text"] for note in table["notes"])
    assert "exp1/ann/reference/seed0: batch_size is 16 instead of 8." in told
    assert "exp2/cnn/reference/seed0: learning_rate is 0.001 instead of 0.5." in told
    assert f"{RUNS}/{GONE}/epochs.csv is missing" in told
    figure = json.loads(
        (partial.folder / "results/tiny/figures/fig10.json").read_text()
    )
    assert "batch_size is 16 instead of 8" in figure["caption"]
    assert partial.planned("table1", "fig10", "report", *MISSING) == []
    # What was shown of other settings is no result of this config.
    assert partial.planned("table1", "--config", OTHERWISE) != []


@pytest.mark.parametrize("target", ["exp1/snn", f"{RUNS}/{GONE}/test.csv"])
def test_runs_are_refused_with_a_sentence(partial, target):
    done = partial.snakemake("-n", target, *MISSING, check=False)
    assert done.returncode and "with allow_missing nothing is trained" in done.stdout
    assert "Exception" not in done.stdout


def test_snakemakes_report_of_what_is_there(partial):
    partial.snakemake(*MISSING)
    partial.snakemake("--report", "partial.zip", *MISSING)
    assert (partial.folder / "partial.zip").stat().st_size > 100_000
