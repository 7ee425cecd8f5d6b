"""docs/VERDICTS.md says what the data files and the bench say."""

import csv
import io
import runpy
from pathlib import Path

import pandas as pd
import pytest

from spikewatt import claims, paper

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "VERDICTS.md").read_text(encoding="utf-8")
KINDS = ("accuracy", "validation", "training", "overfitting", "recall")


def tables():
    """The page's tables, each as a list of dicts."""
    blocks = [part for part in PAGE.split("\n\n") if part.startswith("| ")]
    for block in blocks:
        lines = [line.strip("| ") for line in block.splitlines()]
        text = "\n".join(lines[:1] + lines[2:])
        rows = csv.reader(io.StringIO(text), delimiter="|")
        header, *cells = [[cell.strip() for cell in row] for row in rows]
        yield [dict(zip(header, row, strict=True)) for row in cells]


def test_every_answer_is_explained():
    for answer in claims.ANSWERS["verdict"]:
        assert f"**{answer}**" in PAGE


def test_margins_are_those_of_the_data_file():
    shown = [
        (row["experiment"], float(row["margin"].strip("± ").split()[-1]))
        if row["margin"].startswith("a factor")
        else (row["experiment"], float(row["margin"].split()[1]))
        for row in list(tables())[-2]
    ]
    stated = [
        (row["experiment"], float(row["margin"])) for row in paper.rows("margins")
    ]
    assert shown == stated


def test_accuracies_keep_what_was_asked_of_them():
    measured = list(tables())[-1]
    asked = [row for row in measured if any(kind in row["quantity"] for kind in KINDS)]
    assert len(asked) == 8 * 4
    for row in asked:
        assert float(row["same mean: not reproduced"]) <= 5
        assert float(row["three margins: reproduced"]) <= 2.5
        if int(row["seeds"]) >= 5:
            assert float(row["same mean: reproduced"]) >= 80
            assert float(row["three margins: not reproduced"]) >= 80


@pytest.fixture(scope="module")
def bench():
    return runpy.run_path(str(ROOT / "bench" / "verdicts.py"))


def test_the_bench_answers_as_the_page_says(bench):
    """60 trials of one quantity: within four standard errors of the page's share."""
    by_id = {claim["id"]: claim for claim in paper.claims()}
    trial = bench["Trial"](by_id, "exp3_snn_nmnist_test")
    rng = bench["np"].random.default_rng(1)
    given = [trial.answer(rng, 0, 5) for _ in range(60)]
    row = next(
        row
        for row in list(tables())[-1]
        if (row["quantity"], row["seeds"]) == ("exp3 test accuracy", "5")
    )
    share = float(row["same mean: reproduced"]) / 100
    error = (share * (1 - share) / 60) ** 0.5
    assert given.count("reproduced") / 60 == pytest.approx(share, abs=4 * error)


def test_the_bench_draws_and_writes_its_table(bench, tmp_path):
    table = pd.DataFrame(
        {
            "quantity": quantity,
            "truth": truth,
            "seeds": seeds,
            "reproduced": 0.25,
            "inconclusive": 0.5,
            "not_reproduced": 0.25,
            "trials": 4,
        }
        for quantity in bench["QUANTITIES"]
        for truth in bench["TRUTHS"]
        for seeds in bench["SEEDS"]
    )
    bench["draw"](table, tmp_path / "verdicts")
    assert (tmp_path / "verdicts.png").stat().st_size > 10_000
    text = bench["markdown"](table)
    line = "| exp1 test accuracy | 1 | 25.0 | 25.0 | 25.0 | 25.0 | 25.0 |"
    assert line in text.splitlines()
