"""Which network is compared with which, with any number of networks."""

import pytest

import made_results
from spikewatt.results import by_stack, measured, runs
from spikewatt.results.pairs import pairs, same_seeds

THREE = {"mine": {"ann": "ANN", "snn": "SNN", "snn_fast": "SNN: fast sigmoid"}}


def read(folder, **choice):
    listed = made_results.make(folder, experiments=["mine"], networks=THREE, **choice)
    return listed, runs.read_all(listed)


def labels(compared):
    return [(other[0].label, group[0].label) for other, group in compared]


def test_all_but_the_first_are_compared_with_the_first(tmp_path):
    _, found = read(tmp_path)
    assert labels(pairs(found)) == [("ANN", "SNN"), ("ANN", "SNN: fast sigmoid")]


def test_against_says_with_whom(tmp_path):
    listed, _ = read(tmp_path)
    listed[2]["against"] = "snn"
    assert labels(pairs(runs.read_all(listed))) == [
        ("ANN", "SNN"),
        ("SNN", "SNN: fast sigmoid"),
    ]


def test_without_a_partner_there_is_no_pair(tmp_path):
    listed, _ = read(tmp_path)
    listed[1]["against"] = None
    listed[2]["against"] = "absent"
    assert pairs(runs.read_all(listed)) == []


def test_same_seeds_have_the_same_order(tmp_path):
    _, found = read(tmp_path, seeds=(0, 1, 2))
    ann, snn = found[:3], found[5:3:-1]
    assert [[run.seed for run in part] for part in same_seeds(ann, snn)] == [[1, 2]] * 2


def test_ratios_by_stack_go_by_pairs_too(tmp_path):
    listed, _ = read(tmp_path)
    listed[2]["against"] = "snn"
    rows = [row for row in by_stack.rows(runs.read_all(listed)) if row.against]
    times = {row.label: row for row in rows if row.quantity.role == "time"}
    assert list(times) == ["SNN / ANN", "SNN: fast sigmoid / SNN"]
    first, second = times.values()
    # By hand: 9 against 25 seconds an epoch, and some noise below 2 %.
    assert first.stacks["reference"].value == pytest.approx(25 / 9, rel=0.05)
    assert second.stacks["reference"].value == pytest.approx(1, rel=0.05)
    assert second.paper is None


def test_a_runs_row_is_worked_out_once(tmp_path, monkeypatch):
    _, found = read(tmp_path, stacks=("reference", "fast"), seeds=(0, 1))
    counted = []
    row_of = measured.ROW_OF["train"]
    monkeypatch.setitem(
        measured.ROW_OF, "train", lambda run: counted.append(run.name) or row_of(run)
    )
    assert by_stack.rows(found)
    assert sorted(counted) == sorted(run.name for run in found)
