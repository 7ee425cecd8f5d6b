"""«On other hardware»: the sentences, against ratios written by hand."""

import pandas as pd
import pytest

from spikewatt.report import elsewhere


def table(folder, ratios, favoured=True):
    """estimates.csv of exp1's SNN, 25 steps: (kind, ratio) of each model."""
    rows = [
        {
            **{"experiment": "exp1", "network": "snn", "label": "SNN", "title": "a"},
            **{"kind": kind, "ratio": ratio, "spikes_per_synapse": 2.5, "steps": 25},
            "favours_snn": int(ratio < 1) if favoured else None,
        }
        for kind, ratio in ratios
    ]
    path = folder / "estimates.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def test_three_sentences(tmp_path):
    ratios = [("arithmetic", 0.5), ("arithmetic", 0.1), ("with memory", 4.0)]
    path = table(tmp_path, [*ratios, ("with memory", 2.0), ("movement", 5.0)])
    first, second, third = elsewhere.sentences(path)
    assert "exp1, SNN under 2 of 5 models (0.1 to 5 times its rival)" in first
    assert "none of it measured" in first
    assert "wins by arithmetic (2) and loses by with memory (2), movement (1)" in second
    # the third smallest of five is 2: half of the steps, and three models are below 1
    assert "2 times fewer time steps at its rate (about 12 instead of 25)" in third
    assert "now 2.5 per synapse" in third


def test_one_that_wins_already_needs_nothing(tmp_path):
    path = table(tmp_path, [("arithmetic", 0.5), ("arithmetic", 0.1), ("movement", 5)])
    assert "wins under most as it is" in elsewhere.sentences(path)[2]


@pytest.mark.parametrize(
    ("ratios", "factor"),
    [([0.5, 2.0], 2.0), ([0.5, 0.9, 2.0], 0.9), ([3.0], 3.0), ([1, 2, 3, 4], 3)],
)
def test_most_is_more_than_half(ratios, factor):
    assert elsewhere.factor(ratios) == factor
    below = [ratio / (factor * 1.001) < 1 for ratio in ratios]
    assert sum(below) > len(ratios) / 2


def test_nothing_is_said_of_nothing(tmp_path):
    assert elsewhere.sentences(tmp_path / "none.csv") == []
    assert elsewhere.sentences(table(tmp_path, [("movement", 2)], False)) == []
    (tmp_path / "estimates.csv").write_text("experiment\n\n")
    assert elsewhere.sentences(tmp_path / "estimates.csv") == []
