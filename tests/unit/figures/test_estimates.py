"""Operations and estimates: tables and figures, against numbers worked out by hand.

The runs' networks are 784-256-10: 203,264 taps. Of the ANN's values half are 0; of the
SNN's places a tenth is active in each of 25 steps: 508,160 accumulates.
"""

import json

import pandas as pd
import pytest

import made_results
from spikewatt.energy import yan
from spikewatt.figures import breakeven, style
from spikewatt.figures import estimates as figure
from spikewatt.results import estimated, runs
from spikewatt.tables import estimates, operations

TAPS = 784 * 256 + 256 * 10
# fp32: an accumulate 0.9 pJ, a multiply-accumulate 4.6 pJ
ARITHMETIC = (2.5 * TAPS * 0.9) / (TAPS * 4.6)


@pytest.fixture
def read(tmp_path):
    return runs.read_all(made_results.make(tmp_path, seeds=(0, 1)))


def rows(table, experiment, network):
    data = table.data
    return data[(data["experiment"] == experiment) & (data["network"] == network)]


def test_operations_of_an_inference(read):
    made = operations.table(read)
    [ann] = rows(made, "exp1", "ann").to_dict("records")
    [snn] = rows(made, "exp1", "snn").to_dict("records")
    assert (ann["dense_macs"], ann["effective_macs"]) == (TAPS, TAPS / 2)
    assert (ann["steps"], ann["effective_acs"], ann["membrane_updates"]) == (1, 0, 0)
    assert (snn["dense_macs"], snn["effective_macs"]) == (25 * TAPS, 0)
    assert snn["effective_acs"] == pytest.approx(2.5 * TAPS)
    assert snn["membrane_updates"] == 25 * 266
    assert snn["spikes_per_synapse"] == pytest.approx(2.5)
    assert ann["spikes_per_synapse"] == pytest.approx(0.5)
    assert (ann["hidden_sparsity"], snn["hidden_sparsity"]) == pytest.approx((0.5, 0.9))
    assert snn["parameter_bytes"] == 4 * (TAPS + 266)
    assert (snn["state_bytes"], snn["n"]) == (4 * 266, 2)
    assert made.rows[1][:6] == ["", "SNN", "25", "5.082", "0.000", "0.508"]


def test_a_networks_numbers_are_means_over_its_seeds(read):
    """The second seed's first layer gets twice the spikes: 1.5 times on average."""
    path = read[3].folder / "operations.csv"
    table = pd.read_csv(path)
    table.loc[0, "effective_acs"] *= 2
    table.to_csv(path, index=False)
    [snn] = rows(operations.table(read), "exp1", "snn").to_dict("records")
    expected = 2.5 * (1.5 * 784 * 256 + 2560)
    assert snn["effective_acs"] == pytest.approx(expected)


def test_measured_energy_stands_apart_from_estimates(read):
    """40 µJ more than idle for each of 200 samples, on the CPU; the other has none."""
    assert operations.table(read).data["measured_inference_j"].isna().all()
    run = read[2]
    run.test["cpu_energy_above_idle_j"] = 200 * 40e-6
    run.test["gpu_energy_above_idle_j"] = 99.0
    made = operations.table(read)
    [snn] = rows(made, "exp1", "snn").to_dict("records")
    assert snn["measured_inference_j"] == pytest.approx(40e-6)
    each = 40e-6 / (2.5 * TAPS)
    assert snn["measured_operation_j"] == pytest.approx(each)
    assert made.rows[1][-3:] == ["40.00", f"{1e12 * each:.2f}", "2"]
    told = json.dumps({"conditions": {"device": "cuda:0"}})
    (run.folder / "test.json").write_text(told)
    assert estimated.measured_energy(run) == pytest.approx(99.0 / 200)
    run.test["flags"] = "shared"
    assert estimated.measured_energy(run) is None
    assert not any("measured" in name for name in estimates.table(read).data)


def test_estimates_by_hand(read):
    made = estimates.table(read)
    snn = rows(made, "exp1", "snn").set_index("model")
    fp32 = snn.loc["compute_fp32_45nm"]
    assert fp32["estimate_j"] == pytest.approx(2.5 * TAPS * 0.9e-12)
    assert fp32["rival_estimate_j"] == pytest.approx(TAPS * 4.6e-12)
    assert fp32["ratio"] == pytest.approx(ARITHMETIC)
    assert (fp32["favours_snn"], fp32["rival"], fp32["n"]) == (1, "ann", 2)
    skipping = snn.loc["compute_fp32_45nm_sparse"]
    assert skipping["ratio"] == pytest.approx(2 * ARITHMETIC)
    davidson = snn.loc["davidson"]
    assert davidson["ratio"] == pytest.approx(2.5 * 7 / 12)
    assert davidson["favours_snn"] == 0
    # a tenth of 25 steps is dearer as events than as frames of 25 bits against 5
    assert snn.loc["yan", "ratio"] == 5 < 0.1 / yan.break_even(25)
    assert pd.isna(snn.loc["yan", "estimate_j"])
    assert snn.loc["truenorth", "estimate_j"] == pytest.approx(2.5 * TAPS * 26e-12)
    assert pd.isna(snn.loc["truenorth", "ratio"])
    ann = rows(made, "exp1", "ann").set_index("model")
    assert "truenorth" not in ann.index and "yan" not in ann.index
    assert ann["ratio"].isna().all() and ann["favours_snn"].isna().all()


def test_the_range_and_the_count_stand_below_the_models(read):
    made = estimates.table(read)
    snn = rows(made, "exp1", "snn")
    told = [row for row in made.rows if row[2] == "all models"]
    ratios = snn["ratio"].dropna()
    wins = int((ratios < 1).sum())
    assert told[0][3] == f"{wins} of {len(ratios)} favour the SNN"
    assert told[0][-1] == f"{ratios.min():.3g} to {ratios.max():.3g}"
    assert 0 < wins < len(ratios)


def test_nobody_is_favoured_where_both_spike(read):
    made = estimates.table(read)
    second = rows(made, "exp3", "snn_nmnist")
    assert second["favours_snn"].isna().all()
    # equal counts; all models but Yan's, whose rival is another
    assert second["ratio"].dropna().tolist() == pytest.approx([1.0] * 14)
    assert "yan" not in second.dropna(subset="ratio")["model"].tolist()


def test_everything_says_that_it_is_an_estimate(read):
    for title in (estimates.TITLE, figure.TITLE, breakeven.TITLE):
        assert title.startswith("Estimate")
    _, caption = figure.draw(read)
    assert "none of it was measured" in caption.caption
    notes = " ".join(note.text for note in estimates.table(read).notes)
    assert "none was measured" in notes and "control" in notes
    assert (estimates.table(read).data["leaves_out"] != "").all()
    assert (estimates.table(read).data["source"] != "").all()


def test_a_mark_a_pair_and_model(read):
    drawn, caption = figure.draw(read)
    [axis] = drawn.axes
    marks = [line for line in axis.lines if line.get_marker() == style.marker(0)]
    [exp1] = marks
    shown = dict(zip(exp1.get_ydata().round(), exp1.get_xdata(), strict=True))
    titles = [label.get_text() for label in axis.get_yticklabels()]
    assert shown[titles.index("arithmetic, fp32, 45 nm")] == pytest.approx(ARITHMETIC)
    assert len(shown) == len(titles) == 10
    assert axis.get_xscale() == "log"
    assert "below 1 under 7 of 10 models" in caption.alt


def test_a_spiking_network_lies_at_its_steps_and_rate(read):
    drawn, caption = breakeven.draw(read)
    [axis] = drawn.axes
    [exp1] = [line for line in axis.lines if line.get_marker() == style.marker(0)]
    assert list(exp1.get_xdata()) == [25]
    assert list(exp1.get_ydata()) == pytest.approx([0.1])
    lines = {round(line.get_ydata()[0], 3) for line in axis.lines[:7]}
    # at one step the rate is the published number itself
    assert lines == {32.0, 7.667, 5.111, 3.75, 1.714, 1.38, 0.15}
    assert "exp1, SNN: 0.1 spikes per synapse and step at 25 steps" in caption.alt
    below = caption.alt.split("exp2")[0]
    assert "fp16" in below and "Davidson" not in below


def test_missing_files_are_named_and_nothing_is_made_up(read):
    for run in read[2:]:
        (run.folder / "operations.csv").unlink()
    (read[0].folder / "operations.csv").write_text("layer\n1\n")
    made = operations.table(read)
    assert made.data["network"].tolist() == ["ann"] and made.data["n"].tolist() == [1]
    told = [note.text for note in made.notes if note.kind == "missing"]
    assert told[0].startswith(
        "Without a whole operations.csv: exp1/ann/reference/seed0"
    )
    _, caption = figure.draw(read)
    assert caption.alt == "No estimates." and caption.notes[0] == told[0]
    _, caption = breakeven.draw(read)
    assert caption.alt == "No rates."
