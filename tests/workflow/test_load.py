"""Load: a thousand runs are planned and tabled; seconds and memory are told."""

import resource
import sys
import time

import pandas as pd
import pytest

import made_results
from project import Project
from spikewatt.results import runs
from spikewatt.tables import published

pytestmark = pytest.mark.workflow

SEEDS = range(167)  # of six networks: 1,002 runs
COUNT = 6 * len(SEEDS)


def tell(what, started):
    """Seconds since `started` and the most memory, on standard error."""
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stderr.write(
        f"{what}: {time.monotonic() - started:.1f} s, at most "
        f"{peak / 1024:.0f} MiB in a child, {own / 1024:.0f} MiB here\n"
    )


def test_a_thousand_runs_are_planned(tmp_path):
    project = Project.copy(tmp_path / "project")
    seeds = ",".join(map(str, SEEDS))
    started = time.monotonic()
    done = project.snakemake(
        "--dry-run", "--quiet", "rules", "--config", f"seeds=[{seeds}]"
    )
    tell(f"planning {COUNT:,} runs", started)
    told = done.stdout
    assert f" {COUNT} train, " in told and f" {COUNT} test, " in told


@pytest.fixture(scope="module")
def thousand(tmp_path_factory):
    return made_results.make(tmp_path_factory.mktemp("thousand"), seeds=SEEDS)


@pytest.mark.parametrize("name", ["train", "test"])
def test_tables_over_a_thousand_runs(thousand, tmp_path, name):
    started = time.monotonic()
    found = runs.read_all(thousand)
    published.table(name, found).write(
        *(tmp_path / f"t.{s}" for s in ("csv", "md", "tex", "json"))
    )
    tell(f"table {name} over {len(found):,} runs", started)
    table = pd.read_csv(tmp_path / "t.csv")
    assert len(found) == COUNT
    assert (table["seeds"] == len(SEEDS)).all()
