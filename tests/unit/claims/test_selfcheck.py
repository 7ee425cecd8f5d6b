"""The paper's claims: the data file, and the paper against itself."""

import pandas as pd
import pytest

from spikewatt import claims, paper
from spikewatt.claims import evidence, formula, selfcheck
from spikewatt.paper import protocol
from spikewatt.results import measured

CLAIMS = paper.claims()
BY_ID = {claim["id"]: claim for claim in CLAIMS}
NUMBERS = selfcheck.published(CLAIMS)
ROUNDINGS = selfcheck.roundings(CLAIMS)


def checked(name, **changed):
    """The self-check of a claim, with some of its cells written otherwise."""
    return selfcheck.check(BY_ID[name] | changed, NUMBERS, ROUNDINGS)["self_check"]


# --- the data file -------------------------------------------------------------------


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim["id"])
def test_row_is_sound(claim):
    known = NUMBERS.keys() | {
        f"run.{experiment}.{network}.{name}"
        for experiment, network in paper.networks()
        for name in measured.SPREADS
    }
    known |= {
        evidence.setting_cell(*network.split("/"), key)
        for network, settings in protocol.settings().items()
        for key in settings
    }
    for column in ("formula", "alternative", "judged_by", "target"):
        if claim[column]:
            assert set(formula.names(claim[column])) <= known
    assert claim["place"] and claim["statement"]
    assert claim["quote"] or claim["place"] in ("Table I", "Table II")
    assert claim["scale"] in ("absolute", "relative")
    assert bool(claim["judged_by"]) == bool(claim["target"])
    assert claim["scale"] == "relative" or claim["judged_by"]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim["id"])
def test_tolerance_is_the_rounding_of_the_claimed_value(claim):
    if claim["tolerance_basis"] == "half of the last printed digit":
        digits = len(claim["claimed"].partition(".")[2])
        assert float(claim["tolerance"]) == pytest.approx(0.5 * 10**-digits)
    elif claim["relation"] == "similar":
        assert float(claim["tolerance"]) > 0
    else:
        assert float(claim["tolerance"]) == 0


def test_claims_are_named_once_and_say_nothing_of_their_outcome():
    names = [claim["id"] for claim in CLAIMS]
    assert len(set(names)) == len(names) >= 60
    words = " ".join(word for claim in CLAIMS for word in claim.values()).lower()
    assert "consistent" not in words and "swapped" not in words


def test_target_agrees_with_the_claim_where_the_paper_is_consistent():
    for claim in CLAIMS:
        ratio = claim["judged_by"] and formula.evaluate(claim["judged_by"], NUMBERS)
        if ratio and checked(claim["id"]) == "consistent":
            target = formula.evaluate(claim["target"], NUMBERS)
            assert target == pytest.approx(ratio, rel=0.01), claim["id"]


# --- the self-check ------------------------------------------------------------------


def test_contradictions_of_the_paper_come_out():
    table = claims.judge([])
    found = set(table.loc[table["self_check"] == "inconsistent", "id"])
    assert found == {
        # power is +128 %, memory +143 % in Table I
        *("abstract_power", "abstract_memory", "exp2_power_more", "exp2_memory_more"),
        "exp3_snn_nmnist_f1",  # 0.975 in the text, 0.9765 in Table II
        "exp2_power_epochs",  # 20 in one sentence, 30 in two others
        # F1 scores that are not formula (15) of their accuracy and recall
        *("exp1_ann_f1_rule", "exp2_cnn_f1_rule", "exp2_snn_f1_rule"),
        "exp3_snn_nmnist_f1_rule",
    }


def test_what_no_table_holds_is_said():
    table = claims.judge([]).set_index("id")
    assert table.loc["exp1_ann_max_time", "self_check"] == "no table value"
    assert table.loc["exp1_epochs", "self_check"] == "no table value"
    assert pd.isna(table.loc["exp1_ann_max_time", "table_value"])


def test_self_check_reads_the_numbers_and_nothing_else():
    assert checked("exp2_power_more", claimed="128") == "consistent"
    assert checked("exp2_memory_more", claimed="143") == "consistent"
    assert checked("exp1_time_more", claimed="182.6") == "inconsistent"
    assert checked("exp2_time_times", claimed="13") == "inconsistent"


def test_neighbouring_roundings_do_not_agree():
    # 99.86 and 99.87 only touch at 99.865
    name = "exp1_ann_train"
    assert checked(name) == "consistent"
    assert checked(name, claimed="99.87") == "inconsistent"
    assert checked(name, claimed="99.9", tolerance="0.05") == "consistent"


def test_spread_by_hand():
    # (10.61 − 6.42) / 10.61 = 39.49 %; of the mean it would be 65.26 %
    found = selfcheck.check(BY_ID["exp2_cnn_spread"], NUMBERS, ROUNDINGS)
    assert found["table_value"] == pytest.approx(39.491, abs=1e-3)
    assert found["table_alternative"] == pytest.approx(65.265, abs=1e-3)
    assert found["self_check"] == "consistent"


def test_rounding_is_carried_through_the_formula():
    # 133.2/58.5: 100/58.5·0.05 + 100·133.2/58.5²·0.05 = 0.0855 + 0.1946
    found = selfcheck.check(BY_ID["exp2_power_more"], NUMBERS, ROUNDINGS)
    assert found["table_rounding"] == pytest.approx(0.2801, abs=1e-4)


@pytest.mark.parametrize(
    ("relation", "value", "expected"),
    [
        ("more_than", 10, False),
        ("more_than", 10.1, True),
        ("less_than", 10, False),
        ("at_least", 10, True),
        ("at_most", 10.1, False),
        ("equal", 10, True),
        ("equal", 10.1, False),
    ],
)
def test_relations(relation, value, expected):
    assert selfcheck.holds(relation, value, 10) is expected


def test_unknown_relation_is_refused():
    with pytest.raises(ValueError, match="«about» is no relation"):
        selfcheck.holds("about", 1, 1)
