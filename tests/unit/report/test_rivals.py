"""«Fair rivals»: the sentences, against a table written by hand."""

import pandas as pd
import pytest

from spikewatt.report import rivals

COLUMNS = {
    "training_gpu_energy_j": None,
    "training_cpu_energy_j": None,
    "training_cpu_time_s": 5.0,
    "inference_j": None,
    "inference_cpu_s": None,
    "peak_gpu_memory_pct": None,
    "peak_process_memory_mib": 700.0,
    "parameter_bytes": 814_000.0,
    "to_weakest_time_s": 30.0,
    "weakest_target_pct": 95.5,
}


def row(label, spiking, accuracy, seconds, latency, **others):
    """A network with intervals of 0.1 points, 2 s and 0.1 ms."""
    means = COLUMNS | {
        "test_accuracy_pct": accuracy,
        "training_time_s": seconds,
        "latency_median_ms": latency,
    }
    halves = dict.fromkeys((f"{name}_ci" for name in means), None)
    halves |= {"test_accuracy_pct_ci": 0.1, "training_time_s_ci": 2.0}
    halves |= {"latency_median_ms_ci": 0.1}
    named = {"experiment": "mine", "network": label, "label": label}
    return named | {"spiking": int(spiking)} | means | halves | others


def told(folder, *rows, **choice):
    path = folder / "rivals.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return [text.replace("\u00a0", " ") for text in rivals.sentences(path, **choice)]


def test_two_sentences_say_who_reaches_what_and_what_spiking_wins(tmp_path):
    first, second = told(
        tmp_path,
        row("ANN", False, 98.0, 74.3, 0.5),
        row("SNN", True, 97.2, 781.0, 0.9, to_weakest_time_s=98.0),
        row("SNN, 4 steps", True, 97.1, 200.0, 0.2, to_weakest_time_s=40.0),
        row("binary", False, 90.0, 10.0, 0.01),  # quick, and 8 points behind
    )
    assert "«mine», «ANN» is the most accurate, 98.00 % in the test for 74.3 s" in first
    assert (
        "the most accurate that spikes is «SNN», 97.20 % in the test for 781 s" in first
    )
    assert (
        "to 95.50 % in validation took «SNN, 4 steps» 40.0 s and «ANN» 30.0 s" in first
    )
    assert "spiking wins in latency («SNN, 4 steps» 0.200 ms against 0.500 ms" in second
    assert "it loses in test accuracy («SNN» 97.20 % against 98.00 % of" in second
    assert "and training time («SNN, 4 steps» 200 s against 74.3 s of «ANN»)" in second
    assert "both are alike in size of the parameters (814 kB)" in second
    # one seed alone of these: no interval
    assert "inconclusive: CPU time of training" in second
    assert "not measured for both kinds: energy of an inference" in second
    assert "binary" not in second


def test_nothing_won_is_said(tmp_path):
    _, second = told(
        tmp_path, row("ANN", False, 98.0, 74.3, 0.5), row("SNN", True, 97.95, 90.0, 0.9)
    )
    assert "spiking wins nothing; it loses in training time" in second
    assert "inconclusive: test accuracy («SNN» 97.95 %" in second


def test_who_is_too_far_behind_wins_nothing_by_being_cheap(tmp_path):
    _, second = told(
        tmp_path, row("ANN", False, 98.0, 74.3, 0.5), row("SNN", True, 96.5, 9.0, 0.1)
    )
    assert "(«SNN» is 1.50 points behind), so that spiking wins nothing" in second
    _, second = told(
        tmp_path, row("ANN", False, 96.0, 74.3, 0.5), row("SNN", True, 98.0, 9.0, 0.1)
    )
    assert "No network that does not spike comes within" in second
    assert "so that spiking wins accuracy" in second


def test_one_kind_alone_has_nobody_to_win_against(tmp_path):
    first, second = told(
        tmp_path, row("A", True, 98.0, 74.3, 0.5), row("B", True, 97.9, 9.0, 0.1)
    )
    assert "without spikes" not in first
    assert second.startswith("No network here does not spike")


def test_networks_that_learned_nothing_win_nothing(tmp_path):
    rows = row("ANN", False, 11.0, 74.3, 0.5), row("SNN", True, 10.0, 9.0, 0.1)
    learned = {("mine", "ANN"): False, ("mine", "SNN"): False}
    [only] = told(tmp_path, *rows, learned=learned)
    assert "no network has learned yet" in only
    assert told(tmp_path, *rows, made_up=True) == [rivals.MADE_UP]


def test_untested_missing_or_damaged(tmp_path):
    assert (
        "no network was tested yet"
        in told(tmp_path, row("ANN", False, None, 74.3, 0.5))[0]
    )
    assert rivals.sentences(tmp_path / "none.csv") == []
    (tmp_path / "rivals.csv").write_text("experiment,label\nmine,ANN\n")
    assert rivals.sentences(tmp_path / "rivals.csv") == []
    assert rivals.sentences(tmp_path / "rivals.csv", made_up=True) == [rivals.MADE_UP]


@pytest.mark.parametrize(
    ("value", "text"),
    [(1250.4, "1,250"), (74.3, "74.3"), (0.05, "0.0500"), (2, "2.00")],
)
def test_three_digits(value, text):
    assert rivals.amount(value) == text
