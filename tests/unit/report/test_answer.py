"""The answer's sentences, from numbers worked out by hand."""

import json
from pathlib import Path

import pandas as pd
import pytest

import made_results
from spikewatt.report import answer, compared, settings, words
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
    info["config"] |= {k: v for k, v in numbers.items() if k not in table}
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


def pairs_of(read):
    return compared.pairs(compared.networks(read))


def test_ratios_and_accuracy_of_a_pair(results):
    pair = pairs_of(results(ann=ANN, snn=SNN))[0]
    assert (pair.other.accuracy_pct, pair.network.accuracy_pct) == (98.0, 96.5)
    assert pair.verdict == "comparable"
    assert pair.ratios["mean_epoch_time_s"] == pytest.approx(2.5)
    assert pair.ratios["mean_gpu_memory_pct"] == pytest.approx(1.5)
    assert pair.ratios["mean_gpu_power_w"] == pytest.approx(1.2)
    assert pair.ratios["mean_epoch_energy_j"] == pytest.approx(3.0)


def test_pairs_are_told_by_whether_one_alone_spikes(results):
    pairs = pairs_of(results())
    assert [pair.experiment for pair in pairs] == ["exp1", "exp2", "exp3"]
    assert [pair.of_both_kinds for pair in pairs] == [True, True, False]


def test_sentences_say_the_numbers(results):
    first, second, *_, last = answer.sentences(results(ann=ANN, snn=SNN), None)
    assert "comparable accuracy in experiment 1 (MNIST: 96.50\u00a0% " in first
    assert (
        "against the ANN in experiment 1, 2.50 times the time, 1.50 times the GPU "
        "memory, 1.20 times the GPU power and 3.00 times the GPU energy;"
    ) in second
    assert "not judged" in last


def test_falling_short_by_more_than_two_points_is_said(results):
    read = results(ann=ANN, snn={**SNN, "test_accuracy_pct": 95.9})
    assert (
        "falls short of comparable accuracy in experiment 1"
        in (answer.sentences(read, None)[0])
    )


def test_networks_at_chance_prove_nothing(results):
    low = {"dataset": "mnist", "test_accuracy_pct": 10.0}
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
    read = runs.read_all(made_results.expected(tmp_path))
    first, second, *_ = answer.sentences(read, None)
    assert "no test against its counterpart yet in experiment 1 and exp" in first
    assert "not measured" in second


def claims_of(*verdicts, **columns):
    """claims.csv with these verdicts, each a test of its own."""
    count = len(verdicts)
    table = {
        "formula": [f"t1.{n}" for n in range(count)],
        "relation": "equal",
        "claimed": "1",
        "kind": "accuracy",
        "self_check": "consistent",
        "same_as": "",
        "verdict": list(verdicts),
    }
    return pd.DataFrame(table | columns)


def test_claims_are_counted():
    answers = ["reproduced", "reproduced", "not reproduced", "not measured"]
    claims = claims_of(
        *answers, self_check=["inconsistent", *["consistent"] * 3], kind="setting"
    )
    assert answer.verdicts(claims) == (
        "Of the paper's 4 quantitative statements, which are 4 distinct tests, 4 of "
        "them of settings, 2 were reproduced (2 for being set so), 1 was not "
        "reproduced and 1 was not measured; 1 of them contradicts the paper's own "
        "tables."
    )


def test_what_is_said_twice_is_counted_once():
    claims = claims_of(
        *["reproduced"] * 3, id=["a", "b", "c"], same_as=["", "a", ""], formula="t1.x"
    )
    assert "which are 2 distinct tests, 0 of them of settings, 2 were repr" in (
        answer.verdicts(claims)
    )


def test_only_answers_that_were_given_are_counted():
    claims = claims_of("reproduced")
    assert answer.verdicts(claims) == (
        "Of the paper's 1 quantitative statement, which are 1 distinct test, 0 of them "
        "of settings, 1 was reproduced; none of them contradict the paper's own tables."
    )
    assert "none was judged;" in answer.verdicts(claims[:0])


def test_seeds_are_averaged(tmp_path):
    listed = made_results.make(tmp_path, seeds=(0, 1))
    for entry in listed:
        change(Path(entry["folder"]), {"test_accuracy_pct": 90.0 + entry["seed"]})
    assert pairs_of(runs.read_all(listed))[0].network.accuracy_pct == 90.5


def network(folder, name, against=None, label=None, experiment="mine", **numbers):
    """The entry of a made-up run of one's own experiment, with these numbers."""
    entry = made_results.expected(folder)[0]
    entry |= {"experiment": experiment, "network": name, "label": label or name}
    entry |= {"folder": f"{folder}/runs/{experiment}/{name}", "against": against}
    made_results.write_run(entry, 0, True, 3)
    change(Path(entry["folder"]), numbers)
    return entry


RELU = {**ANN, "neuron": {"kind": "relu"}}
LIF = {**SNN, "neuron": {"kind": "lif", "beta": 0.8}, "dataset": "mnist"}


def told(*entries):
    """The answer on these runs; every sentence ends with a full stop."""
    sentences = answer.sentences(runs.read_all(entries), None)
    assert all(sentence.endswith(".") for sentence in sentences)
    return sentences


def test_each_network_is_held_against_its_own(tmp_path):
    """Three networks: no mean over the two that spike, and each has its ratios."""
    slow = {**LIF, "train_time_s": 76.0, "val_time_s": 4.0, "test_accuracy_pct": 90.0}
    first, second = told(
        network(tmp_path, "relu", label="ANN", **RELU),
        network(tmp_path, "lif", "relu", label="SNN", **LIF),
        network(tmp_path, "slow", "relu", label="Slow SNN", **slow),
    )
    assert first == (
        "The spiking network reaches comparable accuracy in experiment «mine» (SNN on "
        "MNIST: 96.50\u00a0% in the test against 98.00\u00a0% of the ANN); it falls "
        "short of comparable accuracy in experiment «mine» (Slow SNN on MNIST: "
        "90.00\u00a0% in the test against 98.00\u00a0% of the ANN)."
    )
    assert (
        "takes, for the SNN against the ANN in experiment «mine», 2.50 times the time, "
    ) in second
    assert (
        "; for the Slow SNN against the ANN in experiment «mine», 8.00 times the time, "
    ) in second


def test_networks_with_one_verdict_stand_together(tmp_path):
    first, _ = told(
        network(tmp_path, "relu", label="ANN", **RELU),
        network(tmp_path, "lif", "relu", label="SNN", **LIF),
        network(tmp_path, "more", "relu", label="More", **LIF),
    )
    assert first == (
        "The spiking network reaches comparable accuracy in experiment «mine» (SNN on "
        "MNIST: 96.50\u00a0% in the test against 98.00\u00a0% of the ANN; More on "
        "MNIST: 96.50\u00a0% in the test against 98.00\u00a0% of the ANN)."
    )


def test_untested_networks_are_named_where_there_are_several(tmp_path):
    entries = [
        network(tmp_path, "relu", label="ANN", **RELU),
        network(tmp_path, "lif", "relu", label="SNN", **LIF),
        network(tmp_path, "more", "relu", label="More", **LIF),
    ]
    (Path(entries[0]["folder"]) / "test.csv").unlink()
    assert told(*entries)[0] == (
        "The spiking network has no test against its counterpart yet in experiment "
        "«mine» (SNN; More)."
    )


def test_two_conventional_ones_and_two_that_spike(tmp_path):
    """a ← b in each kind, and one pair of both kinds turned round."""
    first, second, third, fourth = told(
        network(tmp_path, "a", label="A", **LIF),
        network(tmp_path, "b", "a", label="B", **RELU),
        network(tmp_path, "c", "b", label="C", **RELU, epochs=5),
        network(
            tmp_path,
            "d",
            "a",
            label="D",
            **{**LIF, "neuron": LIF["neuron"] | {"beta": 0.9}},
        ),
    )
    assert (
        "in experiment «mine» (MNIST: 96.50\u00a0% in the test against 98.00" in first
    )
    assert "against the B in experiment «mine», 2.50 times the time" in second
    assert third.startswith(
        "In experiment «mine», neither «C» nor «B» spikes; they differ in epochs "
        "(5 against 3): «C» reaches 98.00\u00a0% in the test against 98.00\u00a0% of "
        "«B», and an epoch of it takes 1.00 times the time"
    )
    assert fourth.startswith(
        "In experiment «mine», both «D» and «A» spike; they differ in neuron beta "
        "(0.9 against 0.8): «D» reaches 96.50\u00a0% in the test against 96.50"
    )


def test_other_data_is_the_difference_and_not_what_follows_from_it(tmp_path):
    config = {"neuron": {"kind": "lif"}, "steps": 170, "encoding": "rate"}
    *_, sentence = told(
        network(tmp_path, "a", label="A", **config, dataset="mnist", resize=32),
        network(
            tmp_path, "b", "a", label="B", neuron={"kind": "lif"}, dataset="nmnist"
        ),
    )
    assert "they differ in data (N-MNIST against MNIST): «B» reaches" in sentence


def test_a_network_alone_has_its_numbers(tmp_path):
    first, second = told(network(tmp_path, "only", label="Only", **LIF))
    assert first.startswith("Whether a spiking network reaches comparable accuracy is")
    assert second == (
        "In experiment «mine», «Only» reaches 96.50\u00a0% in the test on MNIST, and "
        "an epoch of it takes 25\u00a0s, 15\u00a0% of the GPU's memory, 60\u00a0W and "
        "1500\u00a0J."
    )


def test_a_network_whose_partner_is_not_there_stands_alone(tmp_path):
    *_, second = told(network(tmp_path, "only", "gone", label="Only", **LIF))
    assert "«Only» reaches 96.50" in second


def test_nothing_measured_is_said_of_a_network_alone(tmp_path):
    entry = made_results.expected(tmp_path)[0] | {"experiment": "mine", "label": "A"}
    assert told(entry)[1] == (
        "In experiment «mine», «A» has no test yet, and its training was not measured."
    )
    made_results.write_run(entry, 0, False, 3)
    _, second, third = told(entry)
    assert "an epoch of it takes" in second
    assert "and 700\u00a0MiB of process memory." in second
    assert third == (
        "GPU memory, GPU power and GPU energy were not measured (no NVIDIA driver: "
        "libnvidia-ml.so.1 was not found)."
    )


def test_the_papers_statements_are_told_where_its_networks_are(tmp_path):
    mine = network(tmp_path, "only", **LIF)
    assert "statements" not in " ".join(told(mine))
    ann = network(tmp_path, "ann", experiment="exp1", **RELU)
    assert "statements" not in " ".join(told(mine, ann))
    snn = network(tmp_path, "snn", experiment="exp1", **LIF)
    assert "was not judged" in told(mine, ann, snn)[-1]


def test_ratios_are_over_the_seeds_that_both_have(tmp_path):
    listed = made_results.make(tmp_path, seeds=(0, 1), experiments=["exp1"])
    times = {("ann", 0): 10.0, ("ann", 1): 999.0, ("snn", 0): 30.0}
    for entry in listed:
        time = times.get((entry["network"], entry["seed"]))
        change(Path(entry["folder"]), {"train_time_s": time, "val_time_s": 0.0})
    one = [entry for entry in listed if (entry["network"], entry["seed"]) in times]
    [pair] = pairs_of(runs.read_all(one))
    assert pair.ratios["mean_epoch_time_s"] == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("chance", "learned"), [(10.0, 20.0), (1.0, 2.0), (50.0, 500 / 9), (25.0, 100 / 3)]
)
def test_learning_is_measured_from_chance(chance, learned):
    assert compared.learned_pct(chance) == pytest.approx(learned)


@pytest.mark.parametrize(
    ("chance", "samples", "learned"),
    [
        (1.0, 10_000, 2.0),
        (1.0, 99, 3.0),  # 2·√(1·99 / 99) = 2 above chance: three right by luck
        (5.0, 19, 15.0),  # 2·√(5·95 / 19) = 10 above
        (100 / 11, 264, 200 / 11),
        (10.0, 100, 20.0),
    ],
)
def test_few_samples_of_many_classes_may_be_guessed(chance, samples, learned):
    assert compared.learned_pct(chance, samples) == pytest.approx(learned)


def test_chance_comes_from_the_classes_of_the_data(results):
    read = results(ann={"dataset": "cifar10"}, snn={"dataset": "of my own"})
    chances = [settings.chance_pct(run) for run in read[:2]]
    assert chances == [10.0, None]
    assert [settings.data_title(run) for run in read[:2]] == ["CIFAR-10", "of my own"]
    read = results(ann={"dataset": "cifar100"}, snn={"dataset": "shd"})
    assert [settings.chance_pct(run) for run in read[:2]] == [1.0, 5.0]
    read = results(ann={"dataset": "dvs_gesture"})
    assert settings.chance_pct(read[0]) == pytest.approx(100 / 11)


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ({"steps": 25}, {"steps": 10}, ["time steps (25 against 10)"]),
        ({"precision": "int8"}, {"precision": None}, ["precision (int8 against none)"]),
        ({"architecture": [1]}, {"architecture": [2]}, ["layers"]),
        (
            {"neuron": "relu"},
            {"neuron": {"kind": "lif"}},
            ["neuron (relu against lif)"],
        ),
        (
            {"neuron": {"kind": "lif", "surrogate": {"kind": "atan", "alpha": 2.0}}},
            {"neuron": {"kind": "lif", "surrogate": {"kind": "sigmoid", "slope": 25}}},
            ["neuron surrogate (atan against sigmoid)"],
        ),
        ({"label": "a", "meter": 1, "threads": 1}, {"label": "b"}, []),
        ({"label": "a"}, {}, None),
    ],
)
def test_differences_of_settings_in_words(one, other, told):
    both = [
        runs.Run("mine", "a", "fast", 0, "A", Path("x"), info={"config": config})
        for config in (one, other)
    ]
    assert settings.differences(*both) == told


def test_words():
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.times(12.64) == "12.6 times"
    assert words.times(1250.4) == "1,250 times"
    assert words.count_of(1, "number") == "1 number"
