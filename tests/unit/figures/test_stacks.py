"""The figure of both stacks: what is drawn, what is said, and honest gaps."""

import math
import shutil

import pandas as pd
import pytest
from matplotlib.colors import to_hex

import made_results
from spikewatt.figures import stacks, style
from spikewatt.results import runs

BOTH = ("reference", "fast")
TIMES = {
    ("ann", "reference"): 10.0,
    ("snn", "reference"): 28.0,
    ("ann", "fast"): 4.0,
    ("snn", "fast"): 5.2,
}


def listed(folder, **choice):
    """Runs of experiment 1 on both stacks, with the times of TIMES."""
    choice = {"experiments": ["exp1"], "stacks": BOTH, "gpu": False} | choice
    made = made_results.make(folder, **choice)
    for entry in made:
        time = TIMES.get((entry["network"], entry["stack"]))
        if time:
            change(entry, train_time_s=time - 1, val_time_s=1)
    return made


def change(entry, **columns):
    path = f"{entry['folder']}/epochs.csv"
    pd.read_csv(path).assign(**columns).to_csv(path, index=False)


def marks(axis):
    """(value, line, colour, whether filled) of each mark of a panel."""
    return [
        (
            float(line.get_xdata()[0]),
            int(line.get_ydata()[0]),
            to_hex(line.get_color()),
            to_hex(line.get_markerfacecolor()) != "#ffffff",
        )
        for line in axis.lines
        if line.get_marker() in ("o", "s", "D")
    ]


def beside(axis):
    """The words at the right of a panel, without their heading."""
    return [text.get_text() for text in axis.texts][1:]


def words(figure):
    texts = figure.findobj(lambda artist: hasattr(artist, "get_text"))
    return " ".join(text.get_text() for text in texts).replace("\n", " ")


def told(caption):
    """The caption with the notes on the runs."""
    return " ".join([caption.caption, *caption.notes])


def test_both_stacks_of_each_network(tmp_path):
    figure, _ = stacks.draw(runs.read_all(listed(tmp_path)))
    assert marks(figure.axes[0]) == [
        (10, 0, style.ORANGE, False),
        (4, 0, style.ORANGE, True),
        (28, 1, style.BLUE, False),
        (pytest.approx(5.2), 1, style.BLUE, True),
    ]
    assert beside(figure.axes[0]) == ["× 0.40", "× 0.19"]


def test_ratios_of_both_stacks_with_the_papers(tmp_path):
    figure, caption = stacks.draw(runs.read_all(listed(tmp_path)))
    time, memory, energy = figure.axes[3:]
    assert [(mark[0], mark[3]) for mark in marks(time)] == [
        (pytest.approx(2.8), False),
        (pytest.approx(1.3), True),
    ]
    assert beside(time) == ["2.80 → 1.30"]
    (dashed,) = time.collections[-1].get_segments()
    assert dashed[0][0] == pytest.approx(26.38 / 9.39)
    for axis in (memory, energy):  # the paper has no peak and no energy
        segments = [part.get_segments() for part in axis.collections]
        assert not any(len(part) == 1 and part[0][0][0] > 1.5 for part in segments)
    said = "SNN takes 2.80 times as long in snnTorch's loop and 1.30 times as long"
    assert said in caption.caption and said in caption.alt


def test_axes_have_units(tmp_path):
    figure, _ = stacks.draw(runs.read_all(listed(tmp_path, gpu=True)))
    labels = [axis.get_xlabel() for axis in figure.axes]
    assert [label.rpartition("/ ")[2] for label in labels[:3]] == ["s", "%", "J"]
    assert all(label.startswith("ratio of ") for label in labels[3:])


def test_stand_ins_are_named(tmp_path):
    figure, caption = stacks.draw(runs.read_all(listed(tmp_path)))
    assert figure.axes[1].get_xlabel() == "process memory / MiB"
    assert figure.axes[2].get_title(loc="left") == "(C) CPU time per epoch"
    assert "stands in for energy" in told(caption)
    assert "libnvidia-ml.so.1 was not found" in told(caption)


def test_several_seeds_have_intervals(tmp_path):
    made = listed(tmp_path, seeds=(0, 1, 2))
    for entry in made:
        change(entry, train_time_s=10.0 + entry["seed"], val_time_s=0)
    figure, caption = stacks.draw(runs.read_all(made))
    (bar,) = figure.axes[0].collections[0].get_segments()
    # 10, 11, 12: mean 11, t(0.975, 2)/√3 = 2.484
    assert bar[:, 0] == pytest.approx([11 - 2.484, 11 + 2.484], abs=1e-3)
    assert "over 3 seeds" in caption.caption


def test_one_seed_has_no_interval(tmp_path):
    _, caption = stacks.draw(runs.read_all(listed(tmp_path)))
    assert "confidence" not in caption.caption


@pytest.mark.parametrize("stack", BOTH)
def test_one_stack_says_that_the_other_was_not_run(tmp_path, stack):
    figure, caption = stacks.draw(runs.read_all(listed(tmp_path, stacks=(stack,))))
    (legend,) = figure.legends
    names = [text.get_text() for text in legend.get_texts()]
    assert [("not run" in name) for name in names[:2]] == [
        stack != "reference",
        stack != "fast",
    ]
    assert {mark[3] for mark in marks(figure.axes[0])} == {stack == "fast"}
    assert f"Only the stack «{stack}» was run" in told(caption)
    assert "→" not in words(figure) and "→" not in caption.alt
    values = ["10.0", "28.0"] if stack == "reference" else ["4.00", "5.20"]
    assert beside(figure.axes[0]) == values


def test_what_is_missing_is_named_and_the_rest_drawn(tmp_path):
    made = listed(tmp_path, gpu=True)
    shutil.rmtree(made[3]["folder"])  # snn, fast
    change(made[0], gpu_energy_j=math.nan)  # ann, reference
    change(made[1], gpu_energy_j=math.nan)
    figure, caption = stacks.draw(runs.read_all(made))
    assert beside(figure.axes[0]) == ["× 0.40", "—"]
    assert beside(figure.axes[2]) == ["not measured", "—"]
    assert beside(figure.axes[3]) == ["2.80 → —"]
    assert "Without a whole epochs.csv: exp1/snn/fast/seed0." in told(caption)
    assert "exp1 ANN, fast, GPU energy per epoch: " in told(caption)
    assert "exp1 ANN not measured" in caption.alt


def test_flags_mark_the_name_and_are_told(tmp_path):
    made = listed(tmp_path)
    change(made[3], flags="loaded")
    figure, caption = stacks.draw(runs.read_all(made))
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == ["exp1  ANN", "exp1  SNN †"]
    assert "† Flagged «loaded»: exp1/snn/fast/seed0" in told(caption)


def test_no_run_at_all_and_no_network_at_all(tmp_path):
    wanted = made_results.expected(tmp_path, stacks=BOTH)
    figure, caption = stacks.draw(runs.read_all(wanted))
    assert "epochs.csv is missing or damaged" in words(figure)
    assert "exp3/snn_nmnist/fast/seed0" in told(caption)
    figure, caption = stacks.draw([])
    assert "no network in these runs" in words(figure)
    assert caption.alt == "No network was run."


def test_a_single_network_has_no_pair(tmp_path):
    found = [run for run in runs.read_all(listed(tmp_path)) if run.network == "ann"]
    figure, _ = stacks.draw(found)
    assert "no network is compared with another" in words(figure)
    assert marks(figure.axes[0])[0][0] == 10


def test_two_spiking_networks_are_named_by_their_labels(tmp_path):
    made = listed(tmp_path, experiments=["exp3"])
    figure, _ = stacks.draw(runs.read_all(made))
    (name,) = [label.get_text() for label in figure.axes[3].get_yticklabels()]
    assert name == "exp3  SNN: N-MNIST\n/ SNN: MNIST"
    assert "non-spiking" not in words(figure)


def test_far_apart_values_have_a_logarithmic_axis(tmp_path):
    made = listed(tmp_path)
    change(made[0], train_time_s=4999, val_time_s=1)
    figure, _ = stacks.draw(runs.read_all(made))
    axis = figure.axes[0].xaxis
    assert figure.axes[0].get_xscale() == "log"
    shown = axis.get_major_formatter().format_ticks([10, 100, 1000])
    assert shown == ["10", "100", "1k"]
    left, right = figure.axes[0].get_xlim()
    assert left < 4 and right > 5000


def bars(axis):
    """Where the bars «without loading» of a panel stand: (value, line)."""
    return [
        (line.get_xdata()[0], line.get_ydata()[0])
        for line in axis.lines
        if line.get_marker() == "|"
    ]


def test_a_bar_stands_where_the_reference_would_be_without_loading(tmp_path):
    figure, caption = stacks.draw(runs.read_all(listed(tmp_path)))
    # 10 and 28 s an epoch, of which 2.5 s are loading (`made_results`)
    assert bars(figure.axes[0]) == [(pytest.approx(7.5), 0), (pytest.approx(25.5), 1)]
    assert bars(figure.axes[3]) == [(pytest.approx(25.5 / 7.5), 0)]
    assert not bars(figure.axes[1])
    (legend,) = figure.legends
    assert "reference without loading" in [t.get_text() for t in legend.get_texts()]
    assert "from the bar to the filled mark software" in caption.caption


def test_where_loading_was_not_measured_there_is_no_bar(tmp_path):
    made = listed(tmp_path)
    for entry in made:
        change(entry, train_load_time_s=math.nan)
    figure, caption = stacks.draw(runs.read_all(made))
    assert not bars(figure.axes[0]) and "bar marks" not in caption.caption
