"""Figures of results: what is drawn, what is said, and honest gaps."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

import made_results
from spikewatt.figures import epoch_times, experiment, inference, series, style
from spikewatt.results import runs


def found(folder, **choice):
    return runs.read_all(made_results.make(folder, **choice))


def told(caption):
    """The caption with the notes on the runs."""
    return " ".join([caption.caption, *caption.notes])


def change(entry, name, **columns):
    """Set columns of a run's CSV file."""
    path = Path(entry["folder"]) / name
    pd.read_csv(path).assign(**columns).to_csv(path, index=False)


def lines(axis, colour):
    """The drawn lines of a colour that have more than two points."""
    return [
        line
        for line in axis.lines
        if to_hex(line.get_color()) == colour and len(line.get_xdata()) > 2
    ]


def words(figure):
    """All text of a figure, line breaks as spaces."""
    texts = [
        text.get_text() for text in figure.findobj(lambda o: hasattr(o, "get_text"))
    ]
    return " ".join(texts).replace("\n", " ")


def test_four_panels_show_the_values_of_the_runs(tmp_path):
    listed = found(tmp_path, experiments=["exp1"], epochs=5)
    figure, _ = experiment.draw(listed, 10, "Experiment")
    accuracy, time, memory, power = figure.axes
    for run, colour in zip(listed, (style.ORANGE, style.BLUE), strict=True):
        table = run.epochs
        training, validation = lines(accuracy, colour)
        assert np.allclose(training.get_ydata(), table["train_accuracy_pct"])
        assert np.allclose(validation.get_ydata(), table["val_accuracy_pct"])
        assert training.get_linestyle() != validation.get_linestyle()
        (drawn,) = lines(time, colour)
        assert np.allclose(
            drawn.get_ydata(), table["train_time_s"] + table["val_time_s"]
        )
        (drawn,) = lines(memory, colour)
        assert np.allclose(drawn.get_ydata(), table["mean_gpu_memory_pct"])
        (drawn,) = lines(power, colour)
        assert np.allclose(drawn.get_ydata(), table["mean_gpu_power_w"])


def test_the_papers_means_are_dashed_lines(tmp_path):
    figure, _ = experiment.draw(found(tmp_path, experiments=["exp2"]), 11, "Experiment")
    _, time, memory, power = figure.axes
    for axis, cnn, snn in (
        (time, 6.42, 81.15),
        (memory, 16.2, 39.3),
        (power, 58.5, 133.2),
    ):
        flat = {
            to_hex(line.get_color()): line.get_ydata()[0]
            for line in axis.lines
            if len(line.get_xdata()) == 2
        }
        assert flat == {style.ORANGE: cnn, style.BLUE: snn}
    assert time.get_yscale() == "log"  # 6.42 s and 81.15 s


def test_axes_have_units(tmp_path):
    figure, _ = experiment.draw(found(tmp_path, experiments=["exp1"]), 10, "Experiment")
    units = [axis.get_ylabel().rpartition("/ ")[2] for axis in figure.axes]
    assert units == ["%", "s", "%", "W"]
    assert all(axis.get_xlabel() == "epoch" for axis in figure.axes)


def dashed(axis):
    """Colour → height of the flat lines from edge to edge: the paper's."""
    return {
        to_hex(line.get_color()): line.get_ydata()[0]
        for line in axis.lines
        if len(line.get_xdata()) == 2
    }


def test_without_a_gpu_memory_and_busy_cores_of_the_host_are_drawn(tmp_path):
    listed = made_results.make(tmp_path, experiments=["exp1"], gpu=False)
    times = {"train_time_s": [8.0, 9.0, 10.0], "val_time_s": 2.0}
    host = {"max_rss_mib": [700, 710, 720], "cpu_time_s": [5.0, 11.0, 24.0]}
    change(listed[0], "epochs.csv", **times, **host)
    figure, caption = experiment.draw(runs.read_all(listed), 10, "Experiment")
    _, time, memory, power = figure.axes
    (drawn,) = lines(memory, style.ORANGE)
    assert list(drawn.get_ydata()) == [700, 710, 720]
    (drawn,) = lines(power, style.ORANGE)
    assert list(drawn.get_ydata()) == [0.5, 1.0, 2.0]  # 5/10, 11/11, 24/12
    titles = [axis.get_title(loc="left") for axis in (memory, power)]
    assert titles == [
        "(C) Process memory (no GPU's was measured)",
        "(D) Busy CPU cores (no power was measured)",
    ]
    assert memory.get_ylabel() == "peak resident memory / MiB"
    assert power.get_ylabel() == "busy cores (CPU per wall time)"
    assert "no NVIDIA driver: libnvidia-ml.so.1 was not found." in told(caption)
    assert told(caption).count("no NVIDIA driver: ") == 1
    assert "mean over epochs: ANN 710 MiB" in caption.alt


def test_the_papers_line_is_drawn_only_where_it_is_the_same_quantity(tmp_path):
    listed = found(tmp_path, experiments=["exp1"], gpu=False)
    figure, caption = experiment.draw(listed, 10, "Experiment")
    _, time, memory, power = figure.axes
    assert set(dashed(time)) == {style.ORANGE, style.BLUE}
    assert dashed(memory) == dashed(power) == {}
    assert "none in (C) and (D)" in caption.caption


def test_the_power_of_the_cpu_packages_is_shown_before_busy_cores(tmp_path):
    listed = found(tmp_path, experiments=["exp1"], gpu=False)
    listed[0].epochs["mean_cpu_power_w"] = [30.0, 31.0, 32.0]
    listed[1].info["meter"]["unavailable"]["rapl"] = "closed to users"
    figure, _ = experiment.draw(listed, 10, "Experiment")
    power = figure.axes[3]
    assert power.get_title(loc="left") == "(D) CPU power (no GPU's was measured)"
    assert power.get_ylabel() == "power of the CPU packages / W"
    (drawn,) = lines(power, style.ORANGE)
    assert list(drawn.get_ydata()) == [30, 31, 32]
    assert "SNN: not measured on this machine: closed to users" in words(figure)


def test_where_one_run_has_a_gpu_no_line_of_the_host_stands_beside_it(tmp_path):
    """All lines of a panel mean the same: the network without is named below it."""
    listed = found(tmp_path, experiments=["exp1"])
    for column in ("mean_gpu_memory_pct", "mean_gpu_power_w"):
        listed[1].epochs[column] = np.nan
    listed[1].info["meter"]["unavailable"] = {"nvml": "the card was unplugged"}
    figure, caption = experiment.draw(listed, 10, "Experiment")
    for axis in figure.axes[2:]:
        assert len(lines(axis, style.ORANGE)) == 1 and not lines(axis, style.BLUE)
        assert "SNN: not measured on this machine: the card" in (
            axis.get_xlabel().replace("\n", " ")
        )
    assert figure.axes[2].get_title(loc="left") == "(C) Device memory"
    assert "of the host" not in told(caption)


def test_alt_text_comes_from_the_data(tmp_path):
    listed = made_results.make(tmp_path, experiments=["exp1"], epochs=3)
    change(listed[0], "epochs.csv", val_accuracy_pct=[90, 97, 97.81])
    change(listed[1], "epochs.csv", val_accuracy_pct=[91, 98, 98.16])
    _, caption = experiment.draw(runs.read_all(listed), 10, "Experiment")
    assert caption.alt.startswith(
        "Validation accuracy per epoch; ANN ends at 97.8 %, SNN at 98.2 %."
    )
    assert "Device memory, mean over epochs: ANN 13.0 %, SNN 14.0 %." in caption.alt


def test_seeds_become_a_band(tmp_path):
    listed = made_results.make(
        tmp_path, experiments=["exp1"], seeds=(0, 1, 2), epochs=4
    )
    for entry in listed[:3]:
        change(entry, "epochs.csv", mean_gpu_power_w=10.0 + entry["seed"])
    group = runs.read_all(listed[:3])
    drawn = series.per_epoch(group, "mean_gpu_power_w")
    # 10, 11, 12: mean 11, t(0.975, 2)/√3 = 2.484
    assert drawn.mean == pytest.approx([11] * 4)
    assert drawn.half == pytest.approx([2.484] * 4, abs=1e-3)
    figure, caption = experiment.draw(runs.read_all(listed), 10, "Experiment")
    assert len(figure.axes[3].collections) == 2
    assert "3 seeds" in caption.caption


def test_a_band_too_wide_to_say_anything_is_not_drawn(tmp_path):
    listed = made_results.make(tmp_path, experiments=["exp1"], seeds=(0, 1))
    for entry in listed:
        accuracy = 20.0 if entry["seed"] else 80.0  # 50 ± 381 %
        change(entry, "epochs.csv", val_accuracy_pct=accuracy)
    read = runs.read_all(listed)
    drawn = series.per_epoch(read[:2], "val_accuracy_pct")
    assert list(drawn.mean) == [50.0] * 3 and not drawn.banded
    low, high = experiment.draw(read, 10, "E")[0].axes[0].get_ylim()
    assert low > 0 and high < 110


def test_one_seed_has_no_band(tmp_path):
    figure, caption = experiment.draw(found(tmp_path, experiments=["exp1"]), 10, "E")
    assert not any(axis.collections for axis in figure.axes)
    assert "interval" not in caption.caption


def test_a_missing_run_is_named_and_the_other_drawn(tmp_path):
    listed = made_results.make(tmp_path, experiments=["exp1"])
    (Path(listed[1]["folder"]) / "epochs.csv").unlink()
    figure, caption = experiment.draw(runs.read_all(listed), 10, "Experiment")
    assert "exp1/snn/reference/seed0" in told(caption)
    assert len(lines(figure.axes[1], style.ORANGE)) == 1
    assert not lines(figure.axes[1], style.BLUE)
    assert "SNN: epochs.csv is missing" in figure.axes[1].get_xlabel()


def test_no_run_at_all(tmp_path):
    listed = runs.read_all(made_results.expected(tmp_path))
    for draw in (epoch_times.draw, inference.draw):
        _, caption = draw(listed)
        assert "exp1" in told(caption)
    figure, _ = experiment.draw(listed[:2], 10, "Experiment")
    assert "epochs.csv is missing or damaged" in words(figure)


def test_cut_short_and_nan(tmp_path):
    listed = made_results.make(tmp_path, experiments=["exp1"], epochs=4)
    change(listed[0], "epochs.csv", mean_gpu_power_w=[np.nan, 40, 41, 42])
    path = Path(listed[1]["folder"]) / "epochs.csv"
    pd.read_csv(path).head(2).to_csv(path, index=False)
    figure, caption = experiment.draw(runs.read_all(listed), 10, "Experiment")
    (line,) = lines(figure.axes[3], style.ORANGE)
    assert np.isnan(line.get_ydata()[0]) and line.get_ydata()[1] == 40
    assert "cut short: 2 of 4 epochs" in told(caption)
    assert "mean_gpu_power_w has no value for epoch 1" in told(caption)


def test_flags_are_told(tmp_path):
    listed = made_results.make(tmp_path, experiments=["exp1"])
    change(listed[0], "epochs.csv", flags=["", "shared", "shared"])
    _, caption = experiment.draw(runs.read_all(listed), 10, "Experiment")
    flag = "Flagged «shared»: exp1/ann/reference/seed0 (epochs 2, 3)."
    assert flag in caption.notes and "†" not in told(caption)


def test_energy_per_inference_by_hand(tmp_path):
    listed = made_results.make(tmp_path)
    change(listed[0], "test.csv", gpu_energy_j=50.0, samples=10000, test_time_s=1.33)
    run = runs.read_all(listed)[0]
    assert inference.per_inference(run, inference.ENERGY) == pytest.approx(5.0)  # mJ
    assert inference.per_inference(run, inference.TIME) == pytest.approx(0.133)  # ms


def test_tradeoff_says_what_its_axis_is(tmp_path):
    figure, caption = inference.draw(found(tmp_path / "gpu"))
    assert figure.axes[0].get_xlabel() == "GPU energy per inference / mJ"
    assert caption.alt.count(" mJ") == 6
    figure, caption = inference.draw(found(tmp_path / "cpu", gpu=False))
    assert figure.axes[0].get_xlabel() == "test time per inference / ms"
    assert "was not measured" in caption.caption


def test_tradeoff_never_mixes_energy_and_time(tmp_path):
    listed = made_results.make(tmp_path)
    change(listed[3], "test.csv", gpu_energy_j=np.nan)
    figure, caption = inference.draw(runs.read_all(listed))
    assert figure.axes[0].get_xlabel().startswith("test time")
    assert caption.alt.count(" ms") == 6


def test_tradeoff_names_what_was_not_tested(tmp_path):
    listed = made_results.make(tmp_path)
    (Path(listed[5]["folder"]) / "test.csv").unlink()
    _, caption = inference.draw(runs.read_all(listed))
    assert "exp3, SNN: N-MNIST has no whole test" in caption.caption
    assert "N-MNIST" not in caption.alt


def test_every_epoch_is_a_point(tmp_path):
    figure, caption = epoch_times.draw(found(tmp_path, seeds=(0, 1), epochs=7))
    seconds = figure.axes[0]
    points = [part for part in seconds.collections if len(part.get_offsets()) > 1]
    assert [len(part.get_offsets()) for part in points] == [14] * 6
    assert caption.alt.count("median") == 6


def luminance(colour):
    """Relative luminance as WCAG 2.1 defines it."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return np.dot(linear, [0.2126, 0.7152, 0.0722])


def test_colours_survive_grey_and_have_contrast():
    levels = [luminance(colour) for colour in (style.ORANGE, style.BLUE)]
    assert all(1.05 / (level + 0.05) >= 3 for level in levels)  # WCAG 1.4.11
    assert (max(levels) + 0.05) / (min(levels) + 0.05) >= 2
    assert 1.05 / (luminance(style.GREY) + 0.05) >= 4.5  # words, WCAG 1.4.3
    assert style.marker(0) != style.marker(1)


def test_numbers_fit_a_sentence():
    shown = [series.number(value) for value in (583.76, 26.38, 9.39, 0.01283, 0)]
    assert shown == ["584", "26.4", "9.39", "0.0128", "0"]


def test_run_json_that_says_nothing_is_no_error(tmp_path):
    listed = made_results.make(tmp_path, experiments=["exp1"], gpu=False)
    (Path(listed[0]["folder"]) / "run.json").write_text(json.dumps({}))
    (Path(listed[1]["folder"]) / "run.json").unlink()
    _, caption = experiment.draw(runs.read_all(listed), None, "Experiment")
    assert "does not say why" in told(caption)


def test_logarithmic_axis_has_plain_numbers(tmp_path):
    listed = made_results.make(tmp_path, experiments=["exp1"])
    change(listed[0], "epochs.csv", train_time_s=0.4, val_time_s=0.1)
    figure, _ = experiment.draw(runs.read_all(listed), 10, "Experiment")
    axis = figure.axes[1].yaxis
    shown = axis.get_major_formatter().format_ticks([0.5, 1, 20, 100])
    assert figure.axes[1].get_yscale() == "log"
    assert shown == ["0.5", "1", "20", "100"]


def crowd(folder, number=8, **choice):
    """Runs of one's own experiment with many networks."""
    networks = {"mine": {f"net{i}": f"Net {i}" for i in range(number)}}
    return runs.read_all(
        made_results.make(folder, experiments=["mine"], networks=networks, **choice)
    )


def test_eight_networks_have_looks_of_their_own(tmp_path):
    figure, caption = experiment.draw(crowd(tmp_path), None, "Mine")
    (legend,) = figure.legends
    shown = [text.get_text() for text in legend.get_texts()]
    assert shown == [*(f"Net {i}" for i in range(8)), "training"]
    solid = [line for line in figure.axes[1].lines if line.get_linestyle() == "-"]
    looks = {(to_hex(line.get_color()), line.get_marker()) for line in solid}
    colours, marks = map(set, zip(*looks, strict=True))
    assert len(solid) == len(colours) == len(marks) == 8
    assert "paper" not in caption.caption and "paper" not in words(figure)


def test_twelve_networks_can_be_told_apart_without_colour():
    assert len({style.marker(position) for position in range(12)}) == 12


def test_colours_are_seen_on_white_and_neighbours_differ_in_grey():
    levels = [luminance(colour) for colour in style.COLOURS]
    assert len(style.COLOURS) == 8
    assert all(1.05 / (level + 0.05) >= 3 for level in levels)  # WCAG 1.4.11
    for one, other in zip(levels, levels[1:], strict=False):
        assert (max(one, other) + 0.05) / (min(one, other) + 0.05) >= 2


def test_networks_that_lack_values_for_one_reason_are_named_together(tmp_path):
    listed = crowd(tmp_path, 3)
    for run in listed[1:]:
        run.epochs["mean_gpu_power_w"] = np.nan
        run.info["meter"]["unavailable"] = {"nvml": "the card was unplugged"}
    figure, _ = experiment.draw(listed, None, "Mine")
    said = figure.axes[3].get_xlabel().replace("\n", " ")
    assert "Net 1, Net 2: " in said


def test_tradeoff_joins_a_network_with_its_partner(tmp_path):
    listed = crowd(tmp_path, 3)
    listed[2].against = "net1"
    listed[1].against = None
    figure, _ = inference.draw(listed)
    joins = [
        line for line in figure.axes[0].lines if to_hex(line.get_color()) == style.FAINT
    ]
    costs = [inference.per_inference(run, inference.ENERGY) for run in listed]
    assert [list(line.get_xdata()) for line in joins] == [costs[1:]]


def test_many_long_names_stand_upright(tmp_path):
    figure, _ = epoch_times.draw(crowd(tmp_path / "many", 24))
    assert figure.axes[1].get_xticklabels()[0].get_text() == "mine, Net 0"
    figure, caption = epoch_times.draw(crowd(tmp_path / "three", 3))
    assert figure.axes[1].get_xticklabels()[0].get_text() == "Net 0\nmine"
    assert "paper" not in caption.caption and "paper" not in words(figure)
