"""Each recipe of CONTRIBUTING.md, followed word for word, does what it says."""

import csv
import json
from pathlib import Path

import pytest

import recipes
from recipes import Followed


@pytest.fixture
def follow(tmp_path):
    """Follows the recipe of a title in a copy, which must please the linters."""

    def followed(title):
        project = Followed.recipe(title, tmp_path / "project")
        assert project.lint() == ""
        return project

    return followed


def test_every_recipe_has_its_test():
    text = Path(__file__).read_text(encoding="utf-8")
    lacking = [title for title in recipes.titles() if f'follow("{title}")' not in text]
    assert lacking == []


PREPARE = """
from pathlib import Path
import numpy as np
import made_archives as made
from spikewatt.data import arrays, catalogue, checksum, prepare

folder = Path("archives")
folder.mkdir()
made._mnist(folder, 6)
for file in catalogue.get("runes").files:
    checksum.record(folder / file)
prepare.prepare("runes", folder, "runes.safetensors", {})
data = arrays.load("runes.safetensors")
print(data.shape, len(data.split("test")), data.split("train").labels[:3])
"""


def test_a_data_set(follow):
    project = follow("A data set")
    assert project.python(PREPARE) == "(1, 28, 28) 6 [0 1 2]\n"


@pytest.mark.workflow
def test_a_data_set_is_made_and_prepared_by_the_rules(follow):
    project = follow("A data set")
    path = "resources/sample/datasets/runes.safetensors"
    project.snakemake(path)
    assert (project.folder / path).stat().st_size > 10_000


TEXT = """
import zipfile
from dataclasses import replace
from pathlib import Path
import numpy as np
from spikewatt.data import catalogue, prepare_events
from spikewatt.data.event_text import TextRecordings

# two events of one pixel and its neighbour, 1 ms apart, and a third 2 ms later
lines = "7.000 3 4 1\\n7.001 3 5 1\\n7.003 3 5 0\\n"
with zipfile.ZipFile("train.zip", "w") as archive:
    archive.writestr("train/2/a.txt", lines)
    archive.writestr("train/1/b.txt", lines)
dataset = replace(catalogue.NMNIST, reader="text")
Path("scratch").mkdir()
made = prepare_events.arrays(
    {"train": "train.zip"}, dataset, "scratch",
    {"filter_time_us": 10_000, "bin_us": 1_000}, "spikewatt", 1,
)
print(made["train_labels"], made["train_indptr"], made["train_num_bins"])
print(made["train_bin"][:2], made["train_address"][:2])
"""


def test_an_event_format(follow):
    said = follow("An event format").python(TEXT).splitlines()[-2:]
    assert said[0] == "[1 2] [0 2 4] [3 3]"
    # an event at the last edge belongs to a window that is not complete: dropped
    address = [34 * 34 + 4 * 34 + 3, 34 * 34 + 5 * 34 + 3]
    assert said[1] == f"[0 1] {address}".replace(",", "")


BUILD = """
import yaml
from pathlib import Path
from spikewatt.network.describe import describe
from spikewatt.workflow.config import checked

config = yaml.safe_load(Path("config.yaml").read_text())
for key, value in yaml.safe_load(Path("wide.yaml").read_text()).items():
    config[key] |= value
config = checked(config, Path())
layers = describe(config["architectures"]["wide"], (1, 28, 28), "lif")
print(sum(layer.parameters for layer in layers))
"""


def test_a_network(follow):
    project = follow("A network")
    assert int(project.python(BUILD)) == 784 * 1024 + 1024 + 1024 * 10 + 10


GRADIENTS = """
import torch
from spikewatt.network.neuron.function import lif
from spikewatt.network.neuron.settings import Neuron
from spikewatt.stack.reference import leaky

neuron = Neuron.of({
    "kind": "lif", "beta": 0.5, "threshold": 1.0, "reset": "none",
    "surrogate": {"kind": "triangle", "width": 0.5},
})
current = torch.tensor([[0.75, 1.25, 3.0]], requires_grad=True)
spikes, _ = lif(current, neuron)
spikes.sum().backward()
print(spikes.tolist(), current.grad.tolist())

made = torch.randn(20, 7, generator=torch.Generator().manual_seed(0))
weigh = torch.arange(140.0).view(20, 7)
results = []
for step in (False, True):
    received = made.clone().requires_grad_()
    if step:
        cell = leaky(neuron)
        potential, fired = cell.reset_mem(), []
        for row in received:
            out, potential = cell(row, potential)
            fired.append(out)
        fired = torch.stack(fired)
    else:
        fired, _ = lif(received, neuron)
    (fired * weigh).sum().backward()
    results.append((fired.detach(), received.grad))
assert torch.equal(results[0][0], results[1][0]) and results[0][0].sum() > 0
torch.testing.assert_close(results[0][1], results[1][1])
"""

CONFIGURED = """
import sys
import yaml
from pathlib import Path
from spikewatt.workflow.config import checked
from spikewatt.workflow.plan import run_plan

config = yaml.safe_load(Path("config.yaml").read_text())
config["experiments"]["exp1"]["networks"]["snn"] |= yaml.safe_load(sys.argv[1])
plan = run_plan(checked(config, Path()), "exp1", "snn")
print(plan["neuron"]["surrogate"], plan["loss"])
"""


def test_a_neuron(follow):
    project = follow("A neuron")
    # x = −0.25, 0.25 and 2 with w = 0.5: (1 − 0.5)/0.5 = 1, 1, and 0
    said = project.python(GRADIENTS).splitlines()
    assert said[-1] == "[[0.0, 1.0, 1.0]] [[1.0, 1.0, 0.0]]"
    own = "neuron: {surrogate: {kind: triangle, width: 0.5}}"
    assert "{'kind': 'triangle', 'width': 0.5}" in project.python(CONFIGURED, own)


HINGE = """
import torch
from spikewatt.train.objective import loss_function

# two steps, one sample, three classes: counts 2, 1 and 0
output = torch.tensor([[[1.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]]])
print(float(loss_function({"kind": "count_hinge"})(output, torch.tensor([1]))))
"""


def test_a_method(follow):
    project = follow("A method")
    # margins to class 1: max(0, 1 − (1 − 2)) = 2 and max(0, 1 − (1 − 0)) = 0, over 3
    assert float(project.python(HINGE)) == pytest.approx(2 / 3)
    assert "count_hinge" in project.python(CONFIGURED, "loss: count_hinge")


REGISTERED = """
import json
import sys
from pathlib import Path
import made_results
import yaml
from spikewatt.results import registry as entries, runs
from spikewatt.{room} import registry

config = yaml.safe_load(Path("config.yaml").read_text())
(entry,) = (e for e in registry.entries(config["experiments"]) if e.name == "{name}")
read = runs.read_all(made_results.make("made", seeds=(0, 1)))
made = entries.load(entry.maker)(read)
"""
TABLE = (
    REGISTERED.format(room="tables", name="spikes")
    + """
made.write("spikes.csv", "spikes.md")
print(json.dumps([row[1:] for row in made.rows]))
"""
)
FIGURE = (
    REGISTERED.format(room="figures", name="fig_spikes")
    + """
from spikewatt.figures import saving

saving.save(*made, "fig_spikes")
print(made[1].alt)
"""
)


def test_a_table(follow):
    project = follow("A table")
    rows = json.loads(project.python(TABLE).splitlines()[-1])
    assert rows[:2] == [["ANN", "—"], ["SNN", "0.100"]]
    assert "| SNN" in (project.folder / "spikes.md").read_text(encoding="utf-8")


def test_a_figure(follow):
    project = follow("A figure")
    said = project.python(FIGURE).splitlines()[-1]
    assert "exp1/snn/reference/seed0: 0.100 in the last epoch" in said
    assert (project.folder / "fig_spikes.svg").stat().st_size > 1000


@pytest.mark.workflow
@pytest.mark.parametrize(
    ("title", "message"),
    [("A table", "Table spikes: Spikes"), ("A figure", "fig_spikes")],
)
def test_the_rules_know_it(follow, title, message):
    planned = follow(title).planned()
    assert any(message in job for job in planned), planned


MEASURE = """
import json, os, sys, time
from spikewatt.meter import Meter
from spikewatt.meter.backends import ALL

with Meter("telemetry.csv", device="cpu", rate_hz=50) as meter:
    with meter.phase("train"):
        time.sleep(0.3)
    row = meter.row(("train",))
    described = meter.describe()
print(json.dumps([row["mean_plug_power_w"], described["unavailable"]]))
"""


def test_a_meter_backend(follow, tmp_path):
    project = follow("A meter backend")
    (tmp_path / "watts").write_text("42.5\n")
    said = project.python(MEASURE, SPIKEWATT_WATTMETER=str(tmp_path / "watts"))
    assert said.startswith("[42.5, ")
    with open(project.folder / "telemetry.csv", encoding="utf-8") as handle:
        readings = [row["plug_power_w"] for row in csv.DictReader(handle)]
    assert set(readings) == {"42.5"}
    assert "set SPIKEWATT_WATTMETER to the file" in project.python(MEASURE)
