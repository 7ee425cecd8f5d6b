"""The figure of answers at any time, against numbers written by hand."""

import pandas as pd
import pytest

import made_results
from spikewatt.figures import anytime as figure
from spikewatt.figures import style
from spikewatt.results import anytime, runs

ROWS = {
    0: [(1, 40.0, 10.0, 50.0), (2, 80.0, 30.0, 99.5), (3, 90.0, 100.0, 100.0)],
    1: [(1, 60.0, 30.0, 50.0), (2, 90.0, 50.0, 99.1), (3, 92.0, 140.0, 100.0)],
}


@pytest.fixture
def read(tmp_path):
    """Runs of exp1, two seeds: the SNN's accuracy is 50, 85, 91 in the mean."""
    listed = made_results.make(tmp_path, experiments=["exp1"], seeds=(0, 1))
    found = runs.read_all(listed)
    for run in found:
        rows = ROWS[run.seed] if run.spiking else []
        table = pd.DataFrame(rows, columns=anytime.COLUMNS)
        table.to_csv(run.folder / "anytime.csv", index=False)
    return found


def test_means_over_seeds_by_step_and_by_spikes(read):
    drawn, caption = figure.draw(read)
    by_step, by_spikes = drawn.get_axes()
    for axis, x in ((by_step, [1, 2, 3]), (by_spikes, [20, 40, 120])):
        [line] = [one for one in axis.lines if one.get_marker() == style.marker(1)]
        assert list(line.get_xdata()) == x
        assert list(line.get_ydata()) == [50, 85, 91]
        assert line.get_markevery() == [1]  # 99.3 % of the answers are settled
    assert caption.alt.endswith(
        "exp1, SNN: 50.0 % after 1 step, 91.0 % after 3 with 120 spikes; 99 % of the "
        "answers settled after 2."
    )


def test_networks_without_spikes_are_lines_across(read):
    drawn, caption = figure.draw(read)
    mean = sum(run.test["test_accuracy_pct"] for run in read[:2]) / 2
    for axis in drawn.get_axes():
        [line] = [one for one in axis.lines if one.get_marker() in ("", "None")]
        assert line.get_ydata() == pytest.approx([mean, mean])
    assert "exp1, ANN: 96" in caption.alt and "at once" in caption.alt


def test_the_axis_widens_towards_100_where_a_network_comes_close(read):
    """The ANN has 96 %: from 90 to 95 % is further than from 50 to 55 %."""
    drawn, _ = figure.draw(read)
    axis = drawn.get_axes()[0]

    def height(pct):
        return axis.transData.transform((1, pct))[1]

    assert height(95) - height(90) > 3 * (height(55) - height(50))
    low, high = axis.get_ylim()
    assert low < 50 and 96 < high < 100  # all means lie within
    assert [t for t in axis.get_yticks() if 85 < t < 96] == [90, 95]


def test_the_axis_is_even_where_all_are_far_from_100(read):
    for run in read:
        run.test["test_accuracy_pct"] = 30.0
        course = pd.read_csv(run.folder / "anytime.csv")
        halves = course.assign(accuracy_pct=course["accuracy_pct"] / 2)
        halves.to_csv(run.folder / "anytime.csv", index=False)
    drawn, _ = figure.draw(read)
    assert drawn.get_axes()[0].get_yscale() == "linear"


def test_a_missing_file_is_named_and_nothing_to_draw_is_said(read):
    for run in read:
        (run.folder / "anytime.csv").unlink()
    (read[2].folder / "anytime.csv").write_text("step\n1\n")
    _, caption = figure.draw(read)
    assert caption.notes == (
        "Without a whole anytime.csv: exp1/snn/reference/seed0, "
        "exp1/snn/reference/seed1.",
    )
    assert caption.alt == "No course."
