"""Firing rates by layer: table and figure, against numbers written by hand."""

import pandas as pd
import pytest

import made_results
from spikewatt.figures import firing as figure
from spikewatt.figures import style
from spikewatt.results import firing, runs
from spikewatt.tables import firing as table


@pytest.fixture
def read(tmp_path):
    """Runs of exp1, two seeds: the SNN's layers fire 0.1, 0.2 and 0.3, 0.6."""
    listed = made_results.make(tmp_path, experiments=["exp1"], seeds=(0, 1))
    found = runs.read_all(listed)
    for run in found[2:]:
        rates = [0.1, 0.2] if run.seed == 0 else [0.3, 0.6]
        rows = pd.DataFrame({"layer": [1, 2], "neurons": [256, 10]})
        rows.assign(spikes_per_neuron_step=rates).to_csv(
            run.folder / "firing_rates.csv", index=False
        )
    return found


def test_means_over_seeds_by_layer(read):
    made = table.rates(read)
    assert made.data["network"].tolist() == ["snn", "snn"]
    assert made.data["neurons"].tolist() == [256, 10]
    assert made.data["spikes_per_neuron_step"].tolist() == pytest.approx([0.2, 0.4])
    # t(0.975, 1) = 12.706, times 0.1: over the mean, so that it is not shown
    assert made.data["ci"].tolist() == pytest.approx([1.2706, 2.5412], abs=1e-4)
    assert made.rows == [
        ["exp1", "SNN", "1", "256", "0.2000", "2"],
        ["", "", "2", "10", "0.4000", "2"],
    ]


def test_a_line_a_spiking_network(read):
    drawn, caption = figure.draw(read)
    [axis] = drawn.axes
    [line] = [line for line in axis.lines if line.get_marker() == style.marker(1)]
    assert list(line.get_xdata()) == [1, 2]
    assert list(line.get_ydata()) == pytest.approx([0.2, 0.4])
    assert caption.alt == "exp1, SNN, layer by layer: 0.2, 0.4."


def test_a_missing_file_is_named_and_a_network_that_does_not_spike_is_not(read):
    for run in read:
        (run.folder / "firing_rates.csv").unlink()
    (read[2].folder / "firing_rates.csv").write_text("layer\n1\n")
    said = (
        "Without a whole firing_rates.csv: exp1/snn/reference/seed0, "
        "exp1/snn/reference/seed1."
    )
    assert firing.missing(read) == [said]
    assert [note.text for note in table.rates(read).notes][1:] == [said]
    _, caption = figure.draw(read)
    assert caption.notes[0] == said and caption.alt == "No rates."
