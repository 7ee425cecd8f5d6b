"""Tables I and II and their companions, from made-up runs with known numbers."""

import json
import math
import re
from pathlib import Path

import pandas as pd
import pytest

from made_results import make
from spikewatt import paper
from spikewatt.results import columns, mismatches, runs
from spikewatt.results.notes import Note
from spikewatt.results.table import Table, escape, signed, spread
from spikewatt.tables import comparisons, published, stacks

EXP1 = {"experiments": ["exp1"]}


def texts(made):
    """The sentences of a table's notes."""
    return [note.text for note in made.notes]


@pytest.fixture
def read(tmp_path):
    """Make runs and read them: read(gpu=…, seeds=…, …)."""

    def made(**choice):
        return runs.read_all(make(tmp_path, **choice))

    return made


def change(run, name, **columns):
    """Put other values into columns of a run's CSV: a list, or one for all rows."""
    path = run.folder / name
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    for column, values in columns.items():
        table[column] = values
    table.to_csv(path, index=False)


def again(found):
    """The same runs, read once more."""
    keys = (
        "experiment",
        "network",
        "stack",
        "seed",
        "label",
        "folder",
        "position",
        "against",
    )
    return runs.read_all([{key: getattr(run, key) for key in keys} for run in found])


def test_table1_by_hand(read):
    found = read(gpu=True, **EXP1)

    change(
        found[0],
        "epochs.csv",
        train_accuracy_pct=["90", "97.5", "97"],
        val_accuracy_pct=["91", "96", "96"],
        train_time_s=["7", "8", "9"],
        val_time_s=["1", "1", "4"],
        mean_gpu_memory_pct=["10", "11", "12"],
        mean_gpu_power_w=["40", "", "50"],
        gpu_energy_j="",
    )
    row = published.table("train", again(found)).data.iloc[0]
    assert (row["experiment"], row["network"], row["label"]) == ("exp1", "ann", "ANN")
    assert row["best_train_accuracy_pct"] == 97.5
    assert row["best_val_accuracy_pct"] == 96
    assert row["epochs_to_best_val"] == 2  # the first of two equal ones
    assert row["mean_epoch_time_s"] == 10  # (8 + 9 + 13) / 3
    # weighted by 8, 9 and 13 s; of power, by the two epochs that have one
    assert row["mean_gpu_memory_pct"] == pytest.approx((80 + 99 + 156) / 30)
    assert row["mean_gpu_power_w"] == pytest.approx((320 + 650) / 21)
    assert row["mean_epoch_time_s_paper"] == 9.39
    assert row["mean_epoch_time_s_difference"] == pytest.approx(0.61)
    assert "mean_gpu_power_w has no value for epoch 2" in row["notes"]


def test_table2_keeps_both_f1_scores_apart(read):
    made = published.table("test", read(**EXP1))
    row = made.data.iloc[0]
    assert (row["f1_macro"], row["f1_formula15"]) == (0.964, 0.965)
    assert row["f1_macro_paper"] == 0.977
    assert row["f1_macro_difference"] == pytest.approx(-0.013)
    assert math.isnan(row["f1_formula15_paper"])
    assert row["recall_macro_paper"] == 0.978
    assert made.rows[1][-1].startswith("— [")


def test_the_note_on_f1_says_what_the_papers_own_numbers_give(read):
    (note,) = [text for text in texts(published.table2(read())) if "(15)" in text]
    off = []
    for row in paper.rows("table2"):
        accuracy, recall = float(row["test_accuracy_pct"]) / 100, float(row["recall"])
        f1 = 2 * accuracy * recall / (accuracy + recall)
        if abs(f1 - float(row["f1"])) > 0.001:
            off.append((f1, row["f1"]))
    assert len(off) == 4
    said = re.findall(r"(0\.\d+) against (0\.\d+)", note)
    assert [printed for _, printed in said] == [printed for _, printed in off]
    for (f1, _), (told, _) in zip(off, said, strict=True):
        assert float(told) == pytest.approx(f1, abs=1e-4)


def test_columns_stand_in_the_papers_order():
    first, second = paper.rows("table1"), paper.rows("table2")
    assert [c.name for c in columns.TABLE1] == list(first[0])[2:]
    stated = [c.paper for c in columns.TABLE2 if c.paper]
    assert stated == list(second[0])[2:]


def test_all_networks_and_the_papers_numbers_as_printed(read):
    made = published.table("train", read())
    assert [row[1] for row in made.rows[::3]] == [
        "ANN",
        "SNN",
        "CNN",
        "SNN",
        "SNN: MNIST",
        "SNN: N-MNIST",
    ]
    assert made.rows[13][3:] == ["98.72", "98.45", "9", "285.87", "50.0", "80.2"]


def test_without_a_gpu_cells_are_empty_and_a_note_says_why(read, tmp_path):
    made = published.table("train", read(gpu=False, **EXP1))
    assert made.data["mean_gpu_power_w"].isna().all()
    assert made.rows[0][-1] == "— [1]"
    assert "libnvidia-ml.so.1 was not found" in made.notes[0].text
    made.write(tmp_path / "t.csv")
    assert pd.read_csv(tmp_path / "t.csv")["mean_gpu_power_w"].isna().all()


def test_reason_of_the_test_stage_comes_from_its_own_facts(read):
    found = read(gpu=False, **EXP1)
    facts = {"meter": {"unavailable": {"nvml": "the card was unplugged"}}}
    for run in found:
        (run.folder / "test.json").write_text(json.dumps(facts))
    assert any("unplugged" in note for note in texts(published.table("test", found)))
    assert not any(
        "unplugged" in note for note in texts(published.table("train", found))
    )


def test_seeds_give_intervals(read):
    found = read(seeds=(0, 1, 2), **EXP1)
    for run, accuracy in zip(found, (97, 98, 99), strict=False):
        change(run, "test.csv", test_accuracy_pct=accuracy)
    made = published.table("test", again(found))
    row = made.data.iloc[0]
    assert (row["test_accuracy_pct"], row["test_accuracy_pct_n"]) == (98, 3)
    assert row["test_accuracy_pct_ci"] == pytest.approx(2.484, abs=5e-4)  # 4.303/√3
    assert made.rows[0][2:4] == ["this run, n = 3", "98.00 ± 2.48"]
    assert any("Student t" in note for note in texts(made))


def test_one_seed_has_no_interval(read):
    made = published.table("test", read(**EXP1))
    assert math.isnan(made.data.iloc[0]["test_accuracy_pct_ci"])
    assert made.rows[0][2] == "this run"
    assert "±" not in made.markdown()


def test_the_meters_uncertainty_reaches_the_cell_of_one_seed(read):
    found = read(gpu=True, **EXP1)
    # 200 J in 4 s, ± 1 J: 50 ± 0.25 W, twice that in the cell
    values = {"test_time_s": 4, "gpu_energy_j": 200, "gpu_energy_uncertainty_j": 1}
    change(found[0], "test.csv", **values)
    made = published.table("test", again(found))
    assert made.data["mean_gpu_power_w_uncertainty"].iloc[0] == 0.25
    assert math.isnan(made.data["mean_gpu_power_w_uncertainty"].iloc[1])
    assert made.rows[0][6] == "50.0 ± 0.5" and "±" not in made.rows[3][6]
    (note,) = [text for text in texts(made) if "meter" in text]
    assert "sensor" in note
    change(found[0], "epochs.csv", train_time_s=8, val_time_s=2, gpu_energy_j=500)
    change(found[0], "epochs.csv", gpu_energy_uncertainty_j=["10", "10", "5"])
    made = published.table("train", again(found))
    # √(10² + 10² + 5²) = 15 J of 30 s
    assert made.data["mean_gpu_power_w_uncertainty"].iloc[0] == 0.5
    assert made.rows[0][-1] == "50.0 ± 1.0"


def test_missing_run_is_named_with_the_command(read):
    found = read(seeds=(0, 1), **EXP1)
    lost = found[1].folder / "epochs.csv"
    lost.unlink()
    made = published.table("train", again(found))
    assert made.data.iloc[0]["best_val_accuracy_pct_n"] == 1
    (note,) = [note for note in texts(made) if "missing" in note]
    assert "exp1/ann/reference/seed1" in note
    assert f"snakemake --cores 1 --force {lost}" in note
    assert (
        published.table("test", again(found)).data.iloc[0]["test_accuracy_pct_n"] == 2
    )


def test_nothing_at_all_still_makes_tables(tmp_path):
    listed = [
        {**entry, "folder": str(tmp_path / "nowhere")}
        for entry in make(tmp_path, **EXP1)
    ]
    found = runs.read_all(listed)
    for made in (
        published.table("train", found),
        published.table("test", found),
        comparisons.paired(found),
        comparisons.ratios(found),
        stacks.stacks(found),
    ):
        assert made.markdown() and made.latex()
    assert published.table("train", found).rows[0][3].startswith("— [")
    assert published.table("train", []).markdown()


def test_cut_short_run_is_named(read):
    found = read(epochs=3, **EXP1)
    found[0].info["config"]["epochs"] = 20
    notes = texts(published.table("train", found))
    assert any("cut short: 3 of 20 epochs" in note for note in notes)
    found[0].info = None
    plans = {"exp1/ann": {"epochs": 5}}
    notes = texts(published.table("train", found, plans))
    assert any("cut short: 3 of 5 epochs" in note for note in notes)


def test_flagged_measurement_is_marked(read):
    found = read(**EXP1)
    change(found[1], "epochs.csv", flags=["", "shared throttled", "shared chance"])
    made = published.table("train", again(found))
    assert made.data["flags"].tolist() == ["", "chance shared throttled"]
    assert made.rows[0][1] == "ANN" and made.rows[3][1] == "SNN †"
    assert "† Flagged «shared»: exp1/snn/reference/seed0 (epochs 2, 3)." in texts(made)
    assert any("«chance», an accuracy no better than" in note for note in texts(made))


def test_paired_differences_use_common_seeds(read):
    found = read(seeds=(0, 1, 2), **EXP1)
    values = {"ann": (90, 95, 97), "snn": (91, 97, 100)}  # differences 1, 2, 3
    for run in found:
        accuracy = values[run.network][run.seed]
        change(run, "test.csv", test_accuracy_pct=accuracy)
    data = comparisons.paired(again(found)).data.set_index("quantity")
    row = data.loc["test_accuracy_pct"]
    assert (row["difference"], row["n"]) == (2, 3)
    assert row["ci"] == pytest.approx(2.484, abs=5e-4)
    assert row["paper"] == pytest.approx(0.24)  # 98.05 − 97.81
    fewer = [run for run in again(found) if run.name != "exp1/snn/reference/seed1"]
    row = comparisons.paired(fewer).data.set_index("quantity").loc["test_accuracy_pct"]
    assert (row["difference"], row["n"]) == (2, 2)  # of 1 and 3


def test_ratios_with_the_papers(read):
    found = read(gpu=True, **EXP1)
    for run, time in zip(found, (2, 5), strict=True):
        change(run, "test.csv", test_time_s=time)
    row = (
        comparisons.ratios(again(found)).data.set_index("quantity").loc["time, testing"]
    )
    assert (row["ratio"], row["n"]) == (pytest.approx(2.5), 1)
    assert row["paper"] == pytest.approx(3.16 / 1.33)
    assert math.isnan(row["low"])


def test_conflicting_configs_are_refused_with_their_keys(read):
    found = read(seeds=(0, 1), **EXP1)
    assert mismatches.setting_mismatches(found) == []
    found[1].info["config"]["training"]["learning_rate"] = 0.01
    found[1].info["config"]["label"] = "another name decides nothing"
    (text,) = mismatches.setting_mismatches(found)
    assert text == (
        "exp1/ann/reference/seed1: training.learning_rate is 0.01 instead of 0.001 "
        "as in exp1/ann/reference/seed0"
    )
    plans = {"exp1/snn": {"epochs": 5, "training": {"learning_rate": 0.001}}}
    with pytest.raises(mismatches.SettingsMismatch, match="epochs is 3 instead of 5"):
        mismatches.refuse_mismatches(found, plans)


def test_runs_without_facts_conflict_with_nothing(read):
    found = read(**EXP1)
    for run in found:
        run.info = None
    assert mismatches.setting_mismatches(found, {"exp1/ann": {"epochs": 5}}) == []


def test_different_machines_are_named(read):
    found = read(**EXP1)
    found[0].info["hardware"]["gpu"] = "another GPU"
    notes = texts(published.table("train", found))
    assert any("unlike hardware" in note and "another GPU" in note for note in notes)


def test_latex_escapes_and_balances(read):
    text = published.table("train", read(gpu=False)).latex()
    for character in "−±—†«»":
        if character != "—":  # LaTeX sets the dash itself
            assert character not in text
    assert r"\%" in text and "/ %" not in text
    assert text.count(r"\begin{") == text.count(r"\end{") == 2
    rows = [line for line in text.splitlines() if line.rstrip().endswith(r"\\")]
    assert {line.replace(r"\&", "").count("&") for line in rows} == {8}
    assert len(rows) == 1 + 18
    assert text.count(r"\addlinespace") == 5


def test_escape():
    assert escape("100 % of a_b & c ± 1") == r"100 \% of a\_b \& c $\pm$ 1"
    assert escape("two\nlines") == "two lines"


def test_markdown_keeps_its_columns_and_notes():
    made = Table("t", "Title", ["a|b", "c"], pd.DataFrame(), [["1 | 2", "3"]])
    first, second = Note("a", "first"), Note("b", "second")
    assert made.note(first) == "[1]" and made.note(second) == "[2]"
    assert made.note(first) == "[1]"
    text = made.markdown()
    assert r"a\|b" in text and r"1 \| 2" in text
    assert text.startswith("**Title**\n\n|") and "\n\n[1] first  \n[2] second\n" in text


def test_numbers_for_people():
    assert signed(-0.35, 2) == "−0.35" and signed(0.35, 2) == "+0.35"
    assert signed(-0.001, 2) == signed(0.001, 2) == "0.00"
    assert spread(98.016, 0.114, 2) == "98.02 ± 0.11"
    assert spread(98.016, None, 2) == "98.02"
    assert spread(None, None, 2) == "—"


def test_same_runs_give_the_same_bytes(read, tmp_path):
    found = read(seeds=(0, 1))
    for name in ("a", "b"):
        published.table("train", found).write(
            *(tmp_path / name / f"t.{suffix}" for suffix in ("csv", "md", "tex"))
        )
    for suffix in ("csv", "md", "tex"):
        first, second = (tmp_path / name / f"t.{suffix}" for name in ("a", "b"))
        assert Path(first).read_bytes() == Path(second).read_bytes()
