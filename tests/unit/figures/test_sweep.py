"""The figure of a sweep, against numbers written by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import made_results
from spikewatt.figures import style, sweep
from spikewatt.results import runs

POINTS = {
    "snn_steps8_beta0_5": {"steps": 8, "beta": 0.5},
    "snn_steps8_beta0_9": {"steps": 8, "beta": 0.9},
    "snn": {"steps": 4, "beta": 0.5},
    "snn_steps4_beta0_9": {"steps": 4, "beta": 0.9},
}
# Accuracy of seeds 0 and 1, seconds of an epoch of both.
VALUES = {
    "ann": (97.0, 98.0, 3.0),
    "snn": (80.0, 82.0, 10.0),
    "snn_steps8_beta0_5": (90.0, 92.0, 20.0),
    "snn_steps4_beta0_9": (70.0, 95.0, 11.0),
    "snn_steps8_beta0_9": (85.0, 85.0, 21.0),
}


@pytest.fixture
def listed(tmp_path):
    """Expected runs of one experiment, two seeds, with VALUES in their files."""
    networks = {"lots": {name: f"the {name}" for name in VALUES}}
    made = made_results.make(
        *(tmp_path, False),
        **{"experiments": ["lots"], "networks": networks, "seeds": (0, 1)},
    )
    for entry in made:
        *accuracies, seconds = VALUES[entry["network"]]
        change(entry, "test.csv", test_accuracy_pct=accuracies[entry["seed"]])
        change(entry, "epochs.csv", train_time_s=seconds, val_time_s=0.5)
        change(entry, "epochs.csv", cpu_time_s=2 * seconds)
    return made


def change(entry, name, **columns):
    path = f"{entry['folder']}/{name}"
    pd.read_csv(path).assign(**columns).to_csv(path, index=False)


def drawn(listed, points=POINTS):
    figure, caption = sweep.draw(runs.read_all(listed), "Lots", points)
    return figure.get_axes(), caption


def lines(axis):
    """(x, means, half widths) of the lines of a panel by their colour."""
    found = {}
    for bars in axis.containers:
        line, _, [spans] = bars.lines
        parts = spans.get_segments()
        halves = [(s[1][1] - s[0][1]) / 2 if len(s) else None for s in parts]
        found[line.get_color()] = (*map(list, line.get_data()), halves)
    return found


def test_a_line_for_each_second_value_over_the_first(listed):
    (accuracy, time, energy), caption = drawn(listed)
    wide, narrow = (lines(accuracy)[style.colour(n)] for n in (0, 1))
    assert wide[:2] == ([4, 8], [81.0, 91.0])
    half = stats.t.ppf(0.975, 1) * np.std([90, 92], ddof=1) / np.sqrt(2)
    assert half > 10  # wider than 20 points: as elsewhere, nothing is drawn
    assert wide[2] == [None, None] and narrow[:2] == ([4, 8], [82.5, 85.0])
    assert lines(time)[style.colour(1)][:2] == ([4, 8], [11.5, 21.5])
    assert lines(energy)[style.colour(0)][1] == [20, 40]
    assert energy.get_ylabel() == "CPU time per epoch / s"  # no joules were measured
    assert [text.get_text() for text in accuracy.get_xticklabels()] == ["4", "8"]
    assert accuracy.get_xlabel() == "time steps"
    assert "the snn: 81.0 %, 10.5 s, 20.0 s." in caption.alt


def test_an_interval_that_says_something_is_drawn(listed):
    for entry in listed:
        name = {"snn": 81.0, "snn_steps8_beta0_5": 91.0}.get(entry["network"])
        if name:
            change(entry, "test.csv", test_accuracy_pct=name + entry["seed"])
    half = stats.t.ppf(0.975, 1) * 0.5
    _, means, halves = lines(drawn(listed)[0][0])[style.colour(0)]
    assert means == [81.5, 91.5] and halves == pytest.approx([half, half])


def test_networks_that_are_not_swept_are_lines_across(listed):
    axes, caption = drawn(listed)
    for axis, value in zip(axes, (97.5, 3.5, 6.0), strict=True):
        [across] = [one for one in axis.lines if one.get_color() == style.GREY]
        assert list(across.get_ydata()) == [value, value]
        assert across.get_label() == "the ann"
    assert "Lines across" in caption.caption


def test_unlike_devices_have_rows_of_their_own(listed):
    """Each seed on a card of its own: no mean of both is drawn."""
    found = runs.read_all(listed)
    for run in found:
        name = f"card {run.seed}"
        run.info["conditions"] = {"device": "cuda:0", "hardware": name, "threads": 1}
    figure, caption = sweep.draw(found, "Lots", POINTS)
    axes = figure.get_axes()
    assert [axes[n].get_title(loc="left") for n in (0, 3)] == ["card 0", "card 1"]
    shown = [lines(axes[n])[style.colour(0)][1] for n in (0, 3)]
    assert shown == [[80.0, 90.0], [82.0, 92.0]]
    assert "Each device has rows of its own." in caption.caption
    assert "the snn on card 1: 82.0 %" in caption.alt
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["decay rate β 0.5", "decay rate β 0.9", *ACROSS]


ACROSS = ["the ann on card 0", "the ann on card 1"]


def test_a_third_setting_has_a_row_for_each_value_and_one_value_none(listed):
    points = {
        n: p | {"width": w}
        for (n, p), w in zip(POINTS.items(), (1, 1, 2, 2), strict=True)
    }
    rows, _ = drawn(listed, points)
    assert len(rows) == 6
    assert [rows[n].get_title(loc="left") for n in (0, 3)] == [
        *("relative width 1", "relative width 2"),
    ]
    alike = {name: {"width": 1, **point} for name, point in POINTS.items()}
    axes, _ = drawn(listed, alike)
    assert len(axes) == 3 and axes[0].get_xlabel() == "time steps"


def test_values_far_apart_and_words_have_axes_that_suit_them(listed):
    rates = zip(POINTS, (1e-4, 1e-3, 1e-2, 1e-1), strict=True)
    axes, _ = drawn(listed, {name: {"learning_rate": rate} for name, rate in rates})
    assert axes[0].get_xscale() == "log" and len(axes[0].containers) == 1
    words = zip(POINTS, ("rate", "latency", "delta", None), strict=True)
    axes, _ = drawn(listed, {name: {"encoding": word} for name, word in words})
    labels = [text.get_text() for text in axes[0].get_xticklabels()]
    assert labels == ["rate", "latency", "delta", "none"]


def test_what_is_missing_is_named_and_the_rest_is_drawn(listed):
    for entry in listed:
        if entry["network"] == "snn":
            runs.Path(entry["folder"], "test.csv").unlink()
    axes, caption = drawn(listed)
    assert "Without a whole test: the snn." in caption.notes
    _, means, _ = lines(axes[0])[style.colour(0)]
    assert np.isnan(means[0]) and means[1] == 91.0
    for entry in listed:
        for name in ("test.csv", "epochs.csv"):
            runs.Path(entry["folder"], name).unlink(missing_ok=True)
    axes, _ = drawn(listed)
    assert [axis.texts[0].get_text() for axis in axes] == ["not measured yet"] * 3
