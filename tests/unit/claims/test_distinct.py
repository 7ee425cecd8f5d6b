"""Settings that the paper states as claims, and tests that it repeats."""

from pathlib import Path

import pandas as pd
import pytest

import made_plans
import made_results
from spikewatt import claims, paper
from spikewatt.claims import distinct, evidence, formula, selfcheck
from spikewatt.results import runs

CLAIMS = paper.claims()
DEFINITIONS = {claim["id"]: claim["formula"] for claim in CLAIMS}
NUMBERS = selfcheck.published(CLAIMS)
SAME = distinct.same_as(CLAIMS, DEFINITIONS, NUMBERS)


def test_the_abstracts_numbers_are_those_of_the_discussion():
    assert SAME["abstract_power"] == SAME["abstract_memory"] == ""
    assert SAME["exp2_power_more"] == "abstract_power"
    assert SAME["exp2_memory_more"] == "abstract_memory"


def test_two_times_and_their_ratio_are_one_test():
    for name in ("exp1_snn_time", "exp1_time_more"):
        assert SAME[name] == "exp1_ann_time"
    assert SAME["exp2_cnn_spread"] == "exp2_cnn_max_time"  # 1.639 and 1.653


def test_what_the_text_says_otherwise_than_the_table_is_a_test_of_its_own():
    # «142 % more power» is 2.42; 133.2 / 58.5 is 2.277
    assert SAME["exp2_cnn_power"] == ""
    assert SAME["exp2_power_epochs"] == ""  # 20 epochs, where others say 30
    assert SAME["exp2_time_times"] == ""  # «more than 10 times», not «longer»


def test_no_test_of_another_quantity_is_put_together():
    expanded = {
        claim["id"]: set(
            formula.names(
                formula.expand(claim["judged_by"] or claim["formula"], DEFINITIONS)
            )
        )
        for claim in CLAIMS
    }
    repeated = {name: first for name, first in SAME.items() if first}
    assert repeated
    for name, first in repeated.items():
        assert expanded[name] == expanded[first], name
        assert SAME[first] == ""


def test_counts_are_of_distinct_tests():
    table = claims.judge([])
    tests, settings = claims.distinct_tests(table)
    assert tests == sum(1 for first in SAME.values() if not first) < len(table)
    assert sum(claims.counts(table)["verdict"].values()) == tests
    # four statements of power and memory are two distinct contradictions
    assert claims.counts(table)["self_check"]["inconsistent"] == 8
    made = claims.table([], {}, "official")
    (told,) = [note.text for note in made.notes if note.kind == "tally"]
    assert f"{tests} distinct tests, {settings} of them of settings" in told


def test_a_repeated_test_says_so():
    made = claims.table([], {}, "official")
    row = next(r for r in made.rows if r[0].startswith("SNN: mean time of an epoch"))
    assert row[-1].endswith("(the same test as exp1_ann_time)")


# --- settings ------------------------------------------------------------------------


def run_of(experiment, network, **changes):
    plan = made_plans.run_plan(made_plans.CONFIG, experiment, network, "reference")
    run = runs.Run(experiment, network, "reference", 0, network, Path("x"))
    run.info = {"config": plan | changes}
    return run


def verdicts_of(*read):
    table = claims.judge(list(read)).set_index("id")
    return table[table["kind"] == "setting"]


@pytest.mark.parametrize("experiment", ["exp1", "exp2", "exp3"])
def test_the_config_has_every_setting_that_the_paper_states(experiment):
    networks = [n for e, n in made_plans.NETWORKS if e == experiment]
    table = verdicts_of(*[run_of(experiment, network) for network in networks])
    mine = table[table["experiment"] == experiment]
    counted = mine.index.str.contains("samples|epochs")
    assert (mine.loc[~counted, "verdict"] == "reproduced").all()
    assert (mine.loc[counted, "verdict"] == "not measured").all()  # no files
    assert len(mine) >= 9


def test_a_setting_is_reproduced_only_if_every_network_has_it():
    pair = [
        run_of("exp2", "cnn", learning_rate=0.0005),
        run_of("exp2", "snn", learning_rate=0.0015),
    ]
    row = verdicts_of(*pair).loc["exp2_learning_rate"]  # their mean is the paper's
    assert row["run_value"] == pytest.approx(0.001)
    assert row["verdict"] == "not reproduced"
    assert row["basis"] == "a setting: 0.0005 in exp2/cnn, 0.0015 in exp2/snn"


def test_one_layer_of_another_size_is_found():
    run = run_of("exp2", "snn")
    layers = [dict(layer) for layer in run.info["config"]["architecture"]]
    layers[2]["kernel"] = 3
    run.info["config"]["architecture"] = layers
    row = verdicts_of(run_of("exp2", "cnn"), run).loc["exp2_kernel"]
    assert (row["verdict"], row["basis"]) == (
        "not reproduced",
        "a setting: 3 in exp2/snn",
    )


def test_sizes_are_those_that_the_files_count(tmp_path):
    read = runs.read_all(made_results.make(tmp_path, experiments=["exp1"]))
    table = verdicts_of(*read)
    assert table.loc["exp1_train_samples", "run_value"] == 600
    assert table.loc["exp1_train_samples", "verdict"] == "not reproduced"
    for run in read:
        run.epochs["train_samples"], run.epochs["val_samples"] = 48_000, 12_000
    table = verdicts_of(*read)
    assert table.loc["exp1_train_samples", "verdict"] == "reproduced"
    assert table.loc["exp1_beta", "verdict"] == "not measured"
    assert "has no number for neuron.beta" in table.loc["exp1_beta", "basis"]


def test_names_of_settings():
    name = evidence.setting_cell("exp1", "ann", "architecture.1.linear")
    assert name == "set.exp1.ann.architecture.layer1.linear"
    assert formula.names(name) == [name]


def test_counts_can_be_read_back(tmp_path):
    table = claims.judge([])
    table.to_csv(tmp_path / "claims.csv", index=False)
    assert claims.counts(pd.read_csv(tmp_path / "claims.csv")) == claims.counts(table)
