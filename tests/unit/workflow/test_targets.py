"""What is said of targets that mean nothing."""

import pytest

from spikewatt.workflow.config import naming
from spikewatt.workflow.targets import mistaken, of_other_configs, refused

EXPERIMENTS = {
    "exp1": {"networks": {"ann": {}, "snn": {}}},
    "wide-Net": {"networks": {"cnn": {}}},
}
KNOWN = ["all", "tables", "exp1", "wide-Net", "exp1/ann", "r/tables/table1.csv"]
RUN = "r/runs/exp1/ann/reference/seed0/test.csv"


def said(target):
    return mistaken(target, EXPERIMENTS, "r", KNOWN, lambda path: path == "r/made.txt")


@pytest.mark.parametrize(
    "target", ["exp1", "wide-Net", "exp1/ann", "r/tables/table1.csv", "r/made.txt", RUN]
)
def test_nothing_is_said_of_what_can_be_made(target):
    assert said(target) is None


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("exp2", ["did you mean «exp1»", "all, tables, exp1, wide-Net", "exp1/ann"]),
        ("table1", ["Targets are", "r/report.html"]),
        ("exp1/cnn", ["exp1 has no network «cnn»", "it has ann, snn"]),
        ("exp1/snn", ["with allow_missing nothing is trained"]),
        ("exp1/snn/fast/seed3", ["r/runs/exp1/snn/fast/seed3/test.csv"]),
        ("exp1/snn/reference", ["r/runs/exp1/snn/reference/seed0/test.csv"]),
        (RUN.replace("ann", "cnn"), ["exp1 has no network «cnn»"]),
        (RUN.replace("exp1", "exp3"), ["no experiment is called «exp3»", "«exp1»"]),
        (RUN.replace("reference", "fats"), ["did you mean «fast»"]),
        (RUN.replace("seed0", "0"), ["«0» is no seed"]),
        (RUN.replace("test.csv", "tests.csv"), ["did you mean «test.csv»"]),
        ("r/runs/exp1/ann", ["<experiment>/<network>/<stack>/seed<n>/<file>"]),
    ],
)
def test_what_cannot_is_named_with_what_was_meant(target, words):
    sentence = said(target)
    assert sentence.startswith(f"{target}: ")
    assert [word for word in words if word not in sentence] == []


def test_runs_alone_are_refused_where_nothing_is_to_be_trained():
    assert "nothing is trained" in refused(RUN, "r", lambda path: False)
    assert refused(RUN, "r", lambda path: True) is None
    assert refused("r/tables/table1.csv", "r", lambda path: False) is None


def test_a_config_at_hand_that_was_not_given_is_named(tmp_path):
    texts = {
        "mine.yaml": "experiments: {mine: {}, exp1: null}",
        "list.yaml": "[mine]",
        "broken.yaml": "experiments: {mine",
        "other.yaml": "experiments: {other: {}}",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    files = sorted(tmp_path.iterdir())
    found = naming("mine", files)
    assert found == [tmp_path / "mine.yaml"]
    assert f"mine/ann --configfile {found[0]}" in of_other_configs("mine/ann", found)
    assert of_other_configs("exp1", naming("exp1", files)) is None
