"""A finished run opened again gives the predictions of its test; else a sentence."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from sklearn.metrics import accuracy_score
from torch.nn.functional import conv2d, linear, max_pool2d

import made_plans
import made_runs
import spikewatt
from spikewatt.data import arrays
from spikewatt.train import whereabouts
from spikewatt.train.vouched import NotLoadable

README = (made_runs.ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.+?)^```$", README, re.MULTILINE | re.DOTALL)
# Enough training that answers differ from sample to sample.
LEARNING = {"epochs": 6, "learning_rate": 0.005}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return tmp_path_factory.mktemp("project")


@pytest.fixture(scope="module")
def snn(project):
    """The run of README's example, made once; not to be changed."""
    return made_runs.run(project, "exp1", "snn", "reference", **LEARNING)


@pytest.fixture
def copied(project, snn, tmp_path):
    """(a copy of the project, the folder of README's run in it), to be changed."""
    copy = shutil.copytree(project, tmp_path / "copy")
    return copy, copy / snn.relative_to(project)


@pytest.mark.parametrize("stack", ["reference", "fast"])
@pytest.mark.parametrize("name", made_plans.NETWORKS, ids="/".join)
def test_predictions_come_out_as_the_test_wrote_them(project, name, stack):
    folder = made_runs.run(project, *name, stack, seed=1)
    torch.set_num_threads(2)  # the test had one
    run = spikewatt.load(folder)
    pd.testing.assert_frame_equal(
        run.predict(), pd.read_csv(folder / "predictions.csv")
    )
    pd.testing.assert_frame_equal(run.predict(), run.predictions)
    assert torch.get_num_threads() == 2
    labels = run.data.split("test").labels[run.predictions["index"]]
    accuracy = 100 * accuracy_score(labels, run.predict()["prediction"])
    assert accuracy == pytest.approx(run.test["test_accuracy_pct"])
    assert run.name == f"{'/'.join(name)}/{stack}/seed1"


def test_it_is_the_draws_of_the_coding_that_make_them_the_same(snn):
    """With those of another seed they differ: the comparison above can fail."""
    run = spikewatt.load(snn)
    assert run.predictions["prediction"].nunique() > 3
    encoding = torch.Generator().manual_seed(7).get_state()
    other = replace(run, start=run.start | {"encoding": encoding})
    assert not other.predict().equals(run.predictions)
    assert run.predict().equals(run.predictions)


def test_a_part_of_the_test_set_is_the_same_part(project):
    changes = LEARNING | {"max_test_samples": 13}
    folder = made_runs.run(project, "exp1", "snn", "fast", seed=2, **changes)
    run = spikewatt.load(folder)
    assert len(run.predictions) == 13
    assert run.predictions["index"].tolist() != list(range(13))
    assert run.predict().equals(run.predictions)


def test_from_any_working_folder(snn, project, tmp_path, monkeypatch):
    monkeypatch.chdir(project / "results")
    here = spikewatt.load(snn.relative_to(project / "results"))
    monkeypatch.chdir(tmp_path)
    assert spikewatt.load(snn).predict().equals(here.predictions)


def test_results_that_were_moved_away_find_data_in_the_working_folder(
    snn, project, tmp_path, monkeypatch
):
    moved = shutil.copytree(snn, tmp_path / "seed0")
    monkeypatch.chdir(project)
    assert len(spikewatt.load(moved).data.split("test")) == 30
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotLoadable, match=r"is gone.*load\(folder, data=FILE\)"):
        spikewatt.load(moved)
    file = made_runs.prepared_of(project, "mnist")
    run = spikewatt.load(moved, data=file)
    assert run.predict().equals(run.predictions)


def test_a_run_of_a_gpu_that_is_not_here_is_opened_on_the_cpu(copied, monkeypatch):
    _, folder = copied
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    tested = json.loads((folder / "test.json").read_text())
    tested["conditions"] |= {"device": "cuda:1", "hardware": "a GPU"}
    (folder / "test.json").write_text(json.dumps(tested))
    with pytest.warns(UserWarning, match=r"on a GPU \(cuda:1\); .*random numbers"):
        run = spikewatt.load(folder)
    assert str(run.setup.device) == "cpu" and len(run.predict()) == 30


def test_readmes_three_lines(snn, project, monkeypatch):
    monkeypatch.chdir(project)
    (lines,) = [block for block in BLOCKS if "spikewatt.load(" in block]
    known = {}
    exec(lines, known)
    assert known["predictions"].equals(pd.read_csv(snn / "predictions.csv"))
    assert known["data"].classes == 10
    stored = load_file(snn / "model.safetensors")
    for name, values in known["network"].state_dict().items():
        assert torch.equal(values, stored[name])


def plain():
    """README's network in snnTorch alone, as its text."""
    (lines,) = [block for block in BLOCKS if "snntorch.Leaky(" in block]
    assert "spikewatt" not in lines
    return lines


def test_readmes_plain_network_fires_the_same_spikes(snn, project, monkeypatch):
    monkeypatch.chdir(project)
    known = {}
    exec(plain(), known)
    run, answers = spikewatt.load(snn), []
    for spikes, _ in run.batches():
        output = known["network"](spikes.flatten(2))
        assert torch.equal(output, run(spikes))
        answers += output.sum(0).argmax(1).tolist()
    assert answers == pd.read_csv(snn / "predictions.csv")["prediction"].tolist()


def test_readmes_names_and_shapes(snn):
    stored = load_file(snn / "model.safetensors")
    parts = ("weight", "bias")
    shapes = ["×".join(map(str, stored[f"weights.{k}.weight"].shape)) for k in range(3)]
    assert f"({', '.join(shapes)} here)" in README
    assert stored.keys() == {f"weights.{k}.{n}" for k in range(3) for n in parts}


def test_readmes_line_for_convolutions(project):
    """With it in the plain network, experiment 2's fires the same spikes."""
    (line,) = re.findall(r"`current = (max_pool2d\(.+?\))`", README)
    folder = made_runs.run(project, "exp2", "snn", "reference", seed=1)
    run, stored = spikewatt.load(folder), load_file(folder / "model.safetensors")

    def either(x, weight, bias):
        if weight.dim() == 2:
            return linear(x.flatten(1), weight, bias)
        names = {"conv2d": conv2d, "max_pool2d": max_pool2d}
        return eval(line, names | {"x": x, "weight": weight, "bias": bias})

    known = {"linear": either, "load_file": lambda path: stored}
    text = plain().replace("range(3)", f"range({len(stored) // 2})")
    exec(re.sub(r"^from .+ import .+$", "", text, flags=re.MULTILINE), known)
    for spikes, _ in run.batches():
        assert torch.equal(known["network"](spikes), run(spikes))


def refusal(folder, **options):
    """The sentence with which a run is refused."""
    with pytest.raises(NotLoadable) as told:
        spikewatt.load(folder, **options)
    return str(told.value)


TARGET = "results/runs/exp1/snn/reference/seed0"


def changed(name, **values):
    def change(folder):
        facts = json.loads((folder / name).read_text())
        for key, value in values.items():
            if value is None:
                del facts[key]
            else:
                facts[key] = value
        (folder / name).write_text(json.dumps(facts))

    return change


def appended(name):
    return lambda folder: (folder / name).open("a").write("\n")


def cut(name):
    return lambda folder: (folder / name).write_text("{")


def without(name):
    return lambda folder: (folder / name).unlink()


@pytest.mark.parametrize(
    ("change", "words", "target"),
    [
        (without("test.json"), "is trained but not tested", "test.csv"),
        (without("model.safetensors"), "is missing", "model.safetensors"),
        (appended("model.safetensors"), "was changed after", "model.safetensors"),
        (appended("epochs.csv"), "was changed after", "epochs.csv"),
        (appended("predictions.csv"), "was changed after", "predictions.csv"),
        (changed("test.json", model="sha256:0"), "test of other weights", "test.csv"),
        (changed("run.json", data_digest=None), "another version of", "model"),
        (cut("run.json"), "is damaged", "model.safetensors"),
        (changed("run.json", config={}), "no setting", None),
    ],
)
def test_what_is_missing_is_said_with_the_command(copied, change, words, target):
    project, folder = copied
    change(folder)
    said = refusal(folder)
    assert words in said and str(folder) in said
    if target:
        assert re.search(
            rf"`snakemake --cores 1 (--force )?{TARGET}/{re.escape(target)}", said
        )
        assert f" in {project} (" in said


def test_a_folder_that_is_no_run_names_those_below(project, snn):
    assert list(project.rglob("seed0.finished/run.json"))  # no run either
    said = refusal(project / "results")
    assert ".finished" not in said
    assert "is no run: it has no run.json" in said and str(snn) in said
    assert "there is no folder" in refusal(project / "nowhere")
    assert str(snn) in refusal(snn / "run.json")


def test_data_that_is_gone(copied, monkeypatch):
    project, folder = copied
    found = whereabouts.candidates

    def in_the_project(run):  # and not what `make smoke` left here
        return [path for path in found(run) if path.is_relative_to(project)]

    monkeypatch.setattr(whereabouts, "candidates", in_the_project)
    made_runs.prepared_of(project, "mnist").unlink()
    said = refusal(folder)
    assert "the data of exp1/snn/reference/seed0 is gone" in said
    target = "resources/sample/datasets/mnist.safetensors --config source=sample"
    assert f"`snakemake --cores 1 {target}` in {project} (" in said
    assert "there is no file" in refusal(folder, data=project / "nothing")


def test_data_of_other_archives(copied):
    project, folder = copied
    config = made_runs.config()
    config["sample"]["seed"] = 5
    made_runs.dataset(project, "mnist", config)
    assert "it comes from other archives" in refusal(folder)


def test_data_prepared_with_other_settings(project, tmp_path):
    folder = made_runs.run(project, "exp3", "snn_nmnist", "fast", seed=1)
    config = made_runs.config()
    events = config["events"] | {"bin_us": 50_000}
    other = made_runs.dataset(tmp_path, "nmnist", config | {"events": events})
    said = refusal(folder, data=other)
    assert "bin_us is 50000 instead of 20000" in said
    assert "`snakemake --cores 1 data --config source=sample`" in said
    # Beside the right one it does no harm.
    beside = made_runs.prepared_of(project, "nmnist").parent
    shutil.copy(other, beside / "nmnist_bin50000us_filter10000us.safetensors")
    assert arrays.digest(other) != spikewatt.load(folder).facts["data_digest"]


def test_importing_spikewatt_loads_no_torch():
    code = "import spikewatt, sys; print({'torch', 'pandas'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "set()\n", done.stderr


def test_a_run_that_is_not_finished_is_told_from_none(tmp_path):
    inside = "exp1/ann/fast/seed0"
    (tmp_path / "results" / "checkpoints" / inside).mkdir(parents=True)
    run = tmp_path / "results" / "runs" / inside  # which Snakemake has not made yet
    assert "is not finished" in refusal(run)
    assert "there is no folder" in refusal(tmp_path / "runs" / inside)
    assert "there is no folder" in refusal("/nowhere")
