"""Saving figures: four files, whole, and the same bytes each time."""

import hashlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from PIL import Image

import made_results
from made_plans import CONFIG
from spikewatt.figures import (
    answer,
    architecture,
    circuit,
    cost_to_accuracy,
    epoch_times,
    experiment,
    firing,
    graphs,
    inference,
    layers,
    neuron,
    pareto,
    saving,
    stacks,
    style,
)
from spikewatt.results import runs
from spikewatt.workflow.plan import run_plan

DRAW = """
import sys
from spikewatt.results import runs
from spikewatt.figures import circuit, experiment, graphs, saving
import made_results
folder, out = sys.argv[1:]
listed = made_results.expected(folder, seeds=(0, 1), experiments=["exp1"])
saving.save(*experiment.draw(runs.read_all(listed), 10, "Experiment"), f"{out}/fig10")
saving.save(*graphs.draw("backward"), f"{out}/fig06")
saving.save(*circuit.draw(), f"{out}/fig03")
"""
STEMS = ("fig03", "fig06", "fig10")
SUFFIXES = ("svg", "png", "pdf", "json")
ROOT = Path(__file__).parents[3]


def digests(folder):
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(Path(folder).iterdir())
    }


def test_separate_processes_give_the_same_bytes(tmp_path):
    made_results.make(tmp_path / "runs", seeds=(0, 1), experiments=["exp1"])
    folders = (ROOT / "workflow" / "scripts", ROOT / "tests" / "unit")
    path = os.pathsep.join(map(str, folders))
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", DRAW, tmp_path / "runs", tmp_path / seed],
            env=os.environ | {"PYTHONPATH": path, "PYTHONHASHSEED": seed},
        )
        for seed in ("1", "2")
    ]
    assert [process.wait() for process in processes] == [0, 0]
    made = digests(tmp_path / "1")
    assert made == digests(tmp_path / "2")
    assert set(made) == {f"{stem}.{suffix}" for stem in STEMS for suffix in SUFFIXES}


def test_settings_of_the_user_change_nothing(tmp_path):
    saving.save(*graphs.draw("forward"), tmp_path / "a" / "figure")
    with matplotlib.rc_context(
        {"font.size": 30, "svg.hashsalt": "x", "lines.color": "r"}
    ):
        saving.save(*graphs.draw("forward"), tmp_path / "b" / "figure")
    assert digests(tmp_path / "a") == digests(tmp_path / "b")


def test_formats_sidecar_and_nothing_else(tmp_path):
    listed = runs.read_all(made_results.make(tmp_path / "runs", experiments=["exp1"]))
    figure, caption = experiment.draw(listed, 10, "Networks & data")
    saving.save(figure, caption, tmp_path / "out" / "fig10")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {f"fig10.{suffix}" for suffix in SUFFIXES}
    with Image.open(tmp_path / "out" / "fig10.png") as picture:
        assert picture.info["dpi"] == pytest.approx((200, 200), abs=0.1)
        assert picture.width == 7.16 * 200
    facts = json.loads((tmp_path / "out" / "fig10.json").read_text())
    assert set(facts) == {"number", "title", "caption", "alt", "notes"}
    assert (facts["number"], facts["title"]) == (10, "Networks & data")
    svg = (tmp_path / "out" / "fig10.svg").read_text()
    assert "<text" not in svg and "<dc:date>" not in svg  # outlines, no date
    assert (tmp_path / "out" / "fig10.pdf").read_bytes().startswith(b"%PDF")


def reference(listed):
    """The runs of the reference stack."""
    return [run for run in listed if run.stack == "reference"]


LABELS = (
    *("ANN", "SNN", "SNN: latency", "SNN: delta, β 0.9", "ANN → SNN", "1 bit"),
    *("ANN, 8 bit weights", "SNN: fast sigmoid, reset to zero"),
)


def crowd(number, **choice):
    """Runs of an experiment with that many networks."""
    networks = {"mine": {f"net{i}": LABELS[i] for i in range(number)}}
    with tempfile.TemporaryDirectory() as folder:
        return runs.read_all(
            made_results.make(
                Path(folder), experiments=["mine"], networks=networks, **choice
            )
        )


def plans(experiment):
    """(label, plan) of an experiment's networks."""
    networks = CONFIG["experiments"][experiment]["networks"]
    return [
        (setting["label"], run_plan(CONFIG, experiment, network))
        for network, setting in networks.items()
    ]


DRAWINGS = {
    "experiment": lambda listed: experiment.draw(
        [run for run in reference(listed) if run.experiment == "exp1"], 10, "E"
    ),
    "three networks": lambda listed: experiment.draw(crowd(3), None, "E"),
    "eight networks": lambda listed: experiment.draw(crowd(8), None, "E"),
    "eight networks without a meter": lambda listed: experiment.draw(
        crowd(8, gpu=False), None, "E"
    ),
    "tradeoff of eight": lambda listed: inference.draw(crowd(8)),
    "epoch times of eight": lambda listed: epoch_times.draw(crowd(8)),
    "rivals of eight": lambda _: pareto.draw(crowd(8, gpu=False)),
    "rivals of eight, three seeds": lambda _: pareto.draw(crowd(8, seeds=(0, 1, 2))),
    "costs of eight": lambda _: cost_to_accuracy.draw(crowd(8, seeds=(0, 1, 2))),
    "costs without rivals": lambda listed: cost_to_accuracy.draw(reference(listed)),
    "stacks of eight": lambda listed: stacks.draw(crowd(8)),
    "answer": lambda listed: answer.draw(reference(listed)),
    "answer of one pair": lambda listed: answer.draw(
        [run for run in reference(listed) if run.experiment == "exp1"], "sample"
    ),
    "answer of eight": lambda _: answer.draw(crowd(8, gpu=False)),
    "answer without runs": lambda _: answer.draw([]),
    "firing": lambda listed: firing.draw(reference(listed)),
    "firing of eight": lambda _: firing.draw(crowd(8)),
    "tradeoff": lambda listed: inference.draw(reference(listed)),
    "stacks": stacks.draw,
    "one stack": lambda listed: stacks.draw([r for r in listed if r.stack == "fast"]),
    "stacks without runs": lambda _: stacks.draw(
        runs.read_all(made_results.expected("nowhere"))
    ),
    "epoch times": lambda listed: epoch_times.draw(reference(listed)),
    "circuit": lambda _: circuit.draw(),
    "neuron": lambda _: neuron.draw(0.8, 1.0),
    "forward": lambda _: graphs.draw("forward"),
    "backward": lambda _: graphs.draw("backward"),
    **{
        f"architecture {name}": lambda _, name=name: architecture.draw(
            layers.drawings(plans(name)), 7, "A"
        )
        for name in CONFIG["experiments"]
    },
}


@pytest.fixture(scope="module")
def listed(tmp_path_factory):
    made = made_results.make(
        tmp_path_factory.mktemp("runs"), seeds=(0, 1), stacks=("reference", "fast")
    )
    return runs.read_all(made)


@pytest.mark.parametrize("name", DRAWINGS)
def test_nothing_is_cut_off(listed, name):
    """The outermost pixels are white."""
    figure, _ = DRAWINGS[name](listed)
    canvas = FigureCanvasAgg(figure)
    with style.applied():
        saving.lay_out(figure)
        canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[..., :3]
    for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
        assert (edge == 255).all()


@pytest.mark.parametrize("name", DRAWINGS)
def test_no_text_covers_another(listed, name):
    figure, _ = DRAWINGS[name](listed)
    with style.applied():
        saving.lay_out(figure)
        renderer = FigureCanvasAgg(figure).get_renderer()
        unseen = ticks_out_of_view(figure)
        boxes = {
            text: text.get_window_extent(renderer)
            for text in figure.findobj(Text)
            if text.get_visible() and text.get_text().strip() and text not in unseen
        }
    for (first, one), (second, other) in itertools.combinations(boxes.items(), 2):
        assert not one.overlaps(other), (first.get_text(), second.get_text())


def ticks_out_of_view(figure):
    """Labels of ticks beyond the ends of their axis: they exist and are not drawn."""
    found = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                if not low <= tick.get_loc() <= high:
                    found |= {tick.label1, tick.label2}
    return found
