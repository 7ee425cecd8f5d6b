"""Tables of one's own experiments, with any number of networks; tables as data."""

import json
import re

import pandas as pd
import pytest

from made_results import make
from spikewatt import claims
from spikewatt.results import runs
from spikewatt.tables import comparisons, published, stacks

THREE = {"mine": {"ann": "ANN", "snn": "SNN", "snn_other": "SNN: other"}}


def change(entry, name, **columns):
    path = f"{entry['folder']}/{name}"
    pd.read_csv(path).assign(**columns).to_csv(path, index=False)


@pytest.fixture
def listed(tmp_path):
    return make(tmp_path, experiments=["mine"], networks=THREE, seeds=(0, 1))


def all_tables(found):
    """One of each table."""
    return [
        published.table1(found),
        published.table2(found),
        comparisons.paired(found),
        comparisons.ratios(found),
        stacks.stacks(found),
        claims.table(found, {}, "official"),
    ]


def test_without_the_papers_networks_there_is_nothing_of_the_paper(listed):
    for made in all_tables(runs.read_all(listed))[:-1]:
        assert "The paper" not in made.header
        assert not [name for name in made.data if "paper" in name]
        assert "the paper" not in made.markdown().lower().replace("the paper's rec", "")
    table = published.table1(runs.read_all(listed))
    assert [row[1] for row in table.rows] == ["ANN", "SNN", "SNN: other"]
    assert not [name for name in table.data if name.endswith("_difference")]


def test_the_papers_rows_stand_beside_its_networks_only(tmp_path):
    networks = THREE | {"exp1": {"ann": "ANN", "snn": "SNN", "mine": "Mine"}}
    found = runs.read_all(
        make(tmp_path, experiments=["mine", "exp1"], networks=networks)
    )
    rows = published.table2(found).rows
    assert [row[2] for row in rows] == [
        *["this run"] * 3,
        *["this run", "the paper", "difference"] * 2,
        "this run",
    ]
    data = comparisons.ratios(found).data.set_index(["experiment", "second"])
    assert data.loc[("exp1", "snn"), "paper"].notna().any()
    assert data.loc[("exp1", "mine"), "paper"].isna().all()
    assert data.loc[("mine", "snn"), "paper"].isna().all()


def test_three_networks_go_by_their_pairs(listed):
    for entry in listed:
        time = {"ann": 2, "snn": 6, "snn_other": 24}[entry["network"]]
        change(entry, "epochs.csv", train_time_s=time - 1, val_time_s=1)
        change(entry, "test.csv", test_accuracy_pct=90 + time)
    for entry in listed[4:]:
        entry["against"] = "snn"
    found = runs.read_all(listed)
    ratios = comparisons.ratios(found)
    data = ratios.data[ratios.data["quantity"] == "time per epoch"]
    assert data[["first", "second"]].to_numpy().tolist() == [
        ["ann", "snn"],
        ["snn", "snn_other"],
    ]
    assert data["ratio"].tolist() == pytest.approx([3, 4])
    assert [row[1] for row in ratios.rows if row[1]] == [
        "SNN / ANN",
        "SNN: other / SNN",
    ]
    paired = comparisons.paired(found).data
    accuracy = paired[paired["quantity"] == "test_accuracy_pct"]
    assert accuracy["difference"].tolist() == [4, 18]
    both = stacks.stacks(found)
    shown = [group[0][1] for group in both.content()["groups"]]
    assert shown == ["ANN", "SNN", "SNN: other", "SNN / ANN", "SNN: other / SNN"]
    assert both.notes[1].text.startswith("mine: against SNN, an epoch of SNN: other ")


def cells(line):
    """The cells of a line of Markdown."""
    parts = re.split(r"(?<!\\)\|", line)[1:-1]
    return [part.strip().replace(r"\|", "|") for part in parts]


@pytest.mark.parametrize("gpu", [True, False])
def test_json_holds_what_markdown_shows(tmp_path, gpu):
    found = runs.read_all(make(tmp_path / "runs", gpu=gpu, seeds=(0, 1)))
    for made in all_tables(found):
        paths = [tmp_path / f"{made.name}.{suffix}" for suffix in ("md", "json")]
        made.write(*paths)
        lines = paths[0].read_text(encoding="utf-8").splitlines()
        content = json.loads(paths[1].read_text(encoding="utf-8"))
        header, _, *rows = [cells(line) for line in lines if line.startswith("|")]
        assert content["header"] == header
        assert [row for group in content["groups"] for row in group] == rows
        assert lines[0] == f"**{content['title']}**"
        notes = [
            re.sub(r"^\[\d+\] ", "", line).strip().replace(r"\|", "|")
            for line in lines
            if re.match(r"\[\d+\] ", line)
        ]
        assert [note["text"] for note in content["notes"]] == notes
        assert all(note["kind"] for note in content["notes"])
        assert content["name"] == made.name and 1 <= content["keys"] <= 3
        for group in content["groups"]:
            assert group and group[0][0]


def test_a_table_without_rows_is_no_error(tmp_path):
    made = comparisons.ratios([])
    made.write(tmp_path / "ratios.json", tmp_path / "ratios.csv")
    content = json.loads((tmp_path / "ratios.json").read_text())
    assert content["groups"] == [] and "The paper" not in content["header"]
