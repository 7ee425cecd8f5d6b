"""Numbers made from flagged ones carry the mark, and both figures are shown."""

import pandas as pd
import pytest

from made_results import make
from spikewatt.results import runs
from spikewatt.tables import comparisons, published

EPOCHS = {"train_time_s": [9, 99, 19], "val_time_s": 1}


@pytest.fixture
def read(tmp_path):
    """Runs of exp1, epochs of 10, 100 and 20 s: read({(network, seed): flags})."""

    def made(flags, seeds=(0,), test=None):
        listed = make(tmp_path, experiments=["exp1"], seeds=seeds)
        for entry in listed:
            key = entry["network"], entry["seed"]
            columns = EPOCHS | {"flags": flags.get(key, "")}
            for name, values in (
                ("epochs.csv", columns),
                ("test.csv", {"flags": (test or {}).get(key, "")}),
            ):
                path = f"{entry['folder']}/{name}"
                pd.read_csv(path).assign(**values).to_csv(path, index=False)
        return runs.read_all(listed)

    return made


def test_table1_shows_the_mean_of_all_epochs_and_the_one_without_the_flagged(read):
    made = published.table1(read({("snn", 0): ["", "loaded", ""]}))
    ann, snn = made.data.to_dict("records")
    assert snn["mean_epoch_time_s"] == pytest.approx(130 / 3)
    assert snn["mean_epoch_time_s_undisturbed"] == 15
    assert ann["mean_epoch_time_s_undisturbed"] == ann["mean_epoch_time_s"]
    assert "best_val_accuracy_pct_undisturbed" not in snn
    (note,) = [note for note in made.notes if note.kind == "undisturbed"]
    assert note.about == "exp1/snn"
    assert "† without what is flagged «loaded»: " in note.text
    assert "per epoch / s 15.00 (with it 43.33)" in note.text


def test_where_nothing_undisturbed_is_left_the_note_says_so(read):
    made = published.table2(read({}, test={("ann", 0): "throttled"}))
    row = made.data.iloc[0]
    assert row["test_time_s"] == 1.3
    assert pd.isna(row["test_time_s_undisturbed"])
    (note,) = [note for note in made.notes if note.kind == "undisturbed"]
    assert note.text.endswith("flagged «throttled»: no figure is undisturbed.")


def test_what_training_flags_has_one_figure(read):
    made = published.table1(read({("snn", 0): ["", "chance", ""]}))
    assert made.data["flags"].tolist() == ["", "chance"]
    assert not [note for note in made.notes if note.kind == "undisturbed"]


@pytest.mark.parametrize("network", ["ann", "snn"])
def test_ratios_and_differences_of_flagged_numbers_are_marked(read, network):
    found = read({(network, 0): ["", "loaded clock", ""]})
    for made in (comparisons.ratios(found), comparisons.paired(found)):
        for record, cells in zip(made.data.to_dict("records"), made.rows, strict=True):
            of_test = "test" in f"{record['quantity']}{record.get('table')}"
            of_test |= record.get("table") == "table2"
            assert record["flags"] == ("" if of_test else "clock loaded")
            assert cells[3].endswith(" †") is not of_test
        told = [note.text for note in made.notes if note.kind == "flag"]
        assert any(f"«loaded»: exp1/{network}/reference/seed0" in text for text in told)


def test_a_seed_that_the_pair_does_not_use_flags_nothing(read):
    found = read({("snn", 1): "loaded"}, seeds=(0, 1))
    fewer = [run for run in found if run.name != "exp1/ann/reference/seed1"]
    made = comparisons.ratios(fewer)
    assert set(made.data["flags"]) == {""}
    assert not [note for note in made.notes if note.kind == "flag"]
