"""The first figure: ratios and differences of pairs, by numbers worked out by hand."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import made_results
from spikewatt.figures import answer, answer_rows
from spikewatt.results import runs
from spikewatt.results.useful import useful, useful_ratio


@pytest.fixture
def pair(tmp_path):
    """Reads exp1 after its files were changed: network → file → columns, by seed."""

    def read(seeds=(0,), gpu=True, **changes):
        listed = made_results.make(
            tmp_path, experiments=["exp1"], seeds=seeds, gpu=gpu, epochs=2
        )
        for entry in listed:
            for name, columns in changes.get(entry["network"], {}).items():
                path = Path(entry["folder"]) / f"{name}.csv"
                of_seed = {
                    column: values[entry["seed"]] for column, values in columns.items()
                }
                pd.read_csv(path).assign(**of_seed).to_csv(path, index=False)
        return runs.read_all(listed)

    return read


ANN = {
    "train_time_s": [8.0, 8.0],
    "val_time_s": [2.0, 2.0],
    "mean_gpu_memory_pct": [10.0, 10.0],
    "mean_gpu_power_w": [50.0, 50.0],
    "gpu_energy_j": [500.0, 500.0],
}
SNN = {
    "train_time_s": [18.0, 24.0],
    "val_time_s": [2.0, 4.0],
    "mean_gpu_memory_pct": [15.0, 15.0],
    "mean_gpu_power_w": [40.0, 40.0],
    "gpu_energy_j": [800.0, 1120.0],
}


def drawn(figure, colour):
    """(x, y) of the single marks of a colour, of both panels."""
    return [
        [
            (float(line.get_xdata()[0]), float(line.get_ydata()[0]))
            for line in axis.lines
            if line.get_color() == colour and line.get_marker() in ("o", "D")
        ]
        for axis in figure.axes
    ]


def test_ratios_and_difference_by_hand(pair):
    read = pair(
        ann={"epochs": ANN, "test": {"test_accuracy_pct": [98.0]}},
        snn={"epochs": SNN, "test": {"test_accuracy_pct": [96.5]}},
    )
    figure, caption = answer.draw(read)
    ours, differences = drawn(figure, answer._ours()["color"])
    assert [x for x, _ in ours] == pytest.approx([2.0, 1.5, 0.8, 1.6])
    assert [x for x, _ in differences] == pytest.approx([-1.5])
    assert figure.axes[0].get_xscale() == "log"
    # Table I: 26.38 / 9.39 s, 13.5 / 13.5 %, 50.5 / 38.9 W; Table II: 98.05 − 97.81.
    papers, stated = drawn(figure, answer._papers()["color"])
    assert [x for x, _ in papers][0] == pytest.approx(26.38 / 9.39)
    assert len(papers) == 3  # the paper has no energy
    assert [x for x, _ in stated] == pytest.approx([0.24])
    assert "time per epoch 2.00, n = 1 (the paper 2.81)" in caption.alt
    assert "test accuracy −1.50, n = 1 (the paper +0.24) points" in caption.alt


def test_intervals_are_over_the_seeds_that_both_have(pair):
    read = pair(seeds=(0, 1), ann={"epochs": ANN}, snn={"epochs": SNN})
    [shown] = answer_rows.of_runs(read)
    time = shown.costs[0]
    # Ratios 2.0 and 2.8: t(0.975, 1) = 12.706 times s / √2 of their logarithms.
    logs = np.log([2.0, 2.8])
    half = 12.7062 * (logs[1] - logs[0]) / 2
    assert time.value == pytest.approx(math.exp(logs.mean()))
    assert half > 1 and time.wide and time.low is None
    _, caption = answer.draw(read)
    assert "n = 2: no useful interval: exp1: SNN / ANN, time per epoch" in (
        caption.caption
    )
    memory = shown.costs[1]
    assert (memory.low, memory.high, memory.wide) == (1.5, 1.5, False)
    [alone] = answer_rows.of_runs(
        [run for run in read if run.name[-1] == "0" or "ann" in run.name]
    )
    assert (alone.costs[0].n, alone.costs[0].value) == (1, 2.0)


def test_without_a_gpu_the_host_stands_in_and_says_so(pair):
    host = {"train_time_s": [8.0], "val_time_s": [2.0]}
    read = pair(
        gpu=False,
        ann={"epochs": host | {"cpu_time_s": [5.0], "max_rss_mib": [500.0]}},
        snn={"epochs": host | {"cpu_time_s": [20.0], "max_rss_mib": [600.0]}},
    )
    figure, caption = answer.draw(read)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == [
        *("", "time per epoch", "process memory", "busy CPU cores", "CPU time")
    ]
    ours, _ = drawn(figure, answer._ours()["color"])
    assert [x for x, _ in ours] == pytest.approx([1.0, 1.2, 4.0, 4.0])
    papers, _ = drawn(figure, answer._papers()["color"])
    assert len(papers) == 1  # of the time; the others are other quantities
    assert caption.notes[0] == (
        "GPU memory, GPU power, CPU power, GPU energy, CPU energy: not measured on "
        "this machine: no NVIDIA driver: libnvidia-ml.so.1 was not found."
    )


def test_what_rests_on_flagged_runs_is_marked(pair):
    read = pair(snn={"epochs": {"flags": ["loaded"]}})
    figure, caption = answer.draw(read)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert all(label.endswith(" †") for label in labels[1:])
    [accuracy] = [label.get_text() for label in figure.axes[1].get_yticklabels()]
    assert accuracy == "exp1: SNN − ANN"  # the test is not flagged
    assert "† rests on a flagged measurement." in caption.caption
    assert any("Flagged «loaded»" in note for note in caption.notes)


def test_made_up_data_is_said_first(pair):
    _, caption = answer.draw(pair(), "sample")
    assert caption.caption.startswith("The data were made up on the spot")
    _, caption = answer.draw(pair(), "official")
    assert "made up" not in caption.caption


def test_no_pair_and_no_run(tmp_path):
    figure, caption = answer.draw([])
    assert caption.alt == "No network is compared with another."
    listed = runs.read_all(made_results.expected(tmp_path, experiments=["exp1"]))
    figure, caption = answer.draw(listed)
    assert [axis.texts[0].get_text() for axis in figure.axes] == [
        "no pair of networks was trained here",
        "no pair of networks was tested here",
    ]
    assert "time per epoch not measured (the paper 2.81)" in caption.alt


@pytest.mark.parametrize(
    ("name", "half", "scale", "says"),
    [
        ("test_accuracy_pct", 10.0, 95.0, True),  # 20 points wide
        ("test_accuracy_pct", 10.1, 95.0, False),
        ("best_val_accuracy_pct", 204.0, 82.0, False),
        ("recall_macro", 0.1, 0.9, True),
        ("f1_macro", 0.11, 0.9, False),
        ("mean_epoch_time_s", 11.9, 12.0, True),
        ("mean_epoch_time_s", 12.0, 12.0, False),  # down to 0 s
        ("epochs_to_best_val", 99.0, 13.0, False),
        ("mean_gpu_power_w", None, 50.0, True),
        ("mean_gpu_power_w", math.nan, math.nan, True),
    ],
)
def test_an_interval_says_something_or_not(name, half, scale, says):
    assert useful(name, half, scale) is says


def test_a_ratios_interval_says_nothing_from_a_factor_of_e_to_either_side():
    assert useful_ratio(1 / 2.7, 2.7)
    assert not useful_ratio(1 / 2.72, 2.72)
    assert useful_ratio(None, None)
