"""The three sentences, from numbers worked out by hand."""

import json
from pathlib import Path

import pandas as pd
import pytest

import made_results
from spikewatt.report import answer, words
from spikewatt.results import runs


@pytest.fixture
def results(tmp_path):
    """Runs with round numbers: exp1 by the numbers below, others as made up."""

    def make(gpu=True, **numbers):
        listed = made_results.make(tmp_path, gpu=gpu)
        for entry in listed:
            change(Path(entry["folder"]), numbers.get(entry["network"], {}))
        return runs.read_all(listed)

    return make


def change(folder, numbers):
    for name in ("epochs.csv", "test.csv"):
        table = pd.read_csv(folder / name)
        table = table.assign(**{k: v for k, v in numbers.items() if k in table})
        table.to_csv(folder / name, index=False)
    info = json.loads((folder / "run.json").read_text())
    info["config"] |= {k: v for k, v in numbers.items() if k == "dataset"}
    (folder / "run.json").write_text(json.dumps(info))


ANN = {
    "dataset": "mnist",
    "test_accuracy_pct": 98.0,
    "train_time_s": 8.0,
    "val_time_s": 2.0,
    "mean_gpu_memory_pct": 10.0,
    "mean_gpu_power_w": 50.0,
    "gpu_energy_j": 500.0,
}
SNN = {
    "test_accuracy_pct": 96.5,
    "train_time_s": 20.0,
    "val_time_s": 5.0,
    "mean_gpu_memory_pct": 15.0,
    "mean_gpu_power_w": 60.0,
    "gpu_energy_j": 1500.0,
}


def test_ratios_and_accuracy_of_a_pair(results):
    pair = answer.pairs(results(ann=ANN, snn=SNN))[0]
    assert (pair.conventional_pct, pair.spiking_pct) == (98.0, 96.5)
    assert pair.verdict == "comparable"
    assert pair.ratios["mean_epoch_time_s"] == pytest.approx(2.5)
    assert pair.ratios["mean_gpu_memory_pct"] == pytest.approx(1.5)
    assert pair.ratios["mean_gpu_power_w"] == pytest.approx(1.2)
    assert pair.ratios["mean_epoch_energy_j"] == pytest.approx(3.0)


def test_only_a_spiking_beside_a_conventional_network_is_a_pair(results):
    assert [pair.experiment for pair in answer.pairs(results())] == ["exp1", "exp2"]


def test_sentences_say_the_numbers(results):
    first, second, third = answer.sentences(results(ann=ANN, snn=SNN), None)
    assert "comparable accuracy in experiment 1 (MNIST: 96.50\u00a0% " in first
    assert (
        "against the ANN in experiment 1, 2.50 times the time, 1.50 times the GPU "
        "memory, 1.20 times the GPU power and 3.00 times the GPU energy;"
    ) in second
    assert "not judged" in third


def test_falling_short_by_more_than_two_points_is_said(results):
    found = results(ann=ANN, snn={**SNN, "test_accuracy_pct": 95.9})
    assert (
        "falls short of comparable accuracy in experiment 1"
        in (answer.sentences(found, None)[0])
    )


def test_networks_at_chance_prove_nothing(results):
    low = {"test_accuracy_pct": 10.0}
    sentence = answer.sentences(results(ann=low, snn=low), None)[0]
    assert "proves nothing where neither network has learned yet, in exp" in sentence


def test_what_was_not_measured_is_said_with_its_reason(results):
    second = answer.sentences(results(gpu=False), None)[1]
    assert (
        "GPU memory, GPU power and GPU energy were not measured "
        "(no NVIDIA driver: libnvidia-ml.so.1 was not found)."
    ) in second
    assert "times the process memory" in second


def test_without_runs_the_question_stays_open(tmp_path):
    found = runs.read_all(made_results.expected(tmp_path))
    first, second, _ = answer.sentences(found, None)
    assert "no test against its counterpart yet in experiment 1 and exp" in first
    assert "not measured" in second


def test_claims_are_counted():
    claims = pd.DataFrame(
        {
            "self_check": ["inconsistent", "consistent", "consistent", "consistent"],
            "verdict": ["reproduced", "reproduced", "not reproduced", "not measured"],
        }
    )
    assert answer.verdicts(claims) == (
        "Of the paper's 4 quantitative statements, 2 were reproduced, 1 was not "
        "reproduced and 1 was not measured; 1 of them contradicts the paper's own "
        "tables."
    )


def test_seeds_are_averaged(tmp_path):
    listed = made_results.make(tmp_path, seeds=(0, 1))
    for entry in listed:
        change(Path(entry["folder"]), {"test_accuracy_pct": 90.0 + entry["seed"]})
    assert answer.pairs(runs.read_all(listed))[0].spiking_pct == 90.5


def test_words():
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.times(12.64) == "12.6 times"
    assert words.times(1250.4) == "1,250 times"
    assert words.count_of(1, "number") == "1 number"
