"""Loading is a condition: other ways, the same bytes; what it leaves, and its time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import made_official
import made_plans
from spikewatt.train import finished, loading, testing, training
from spikewatt.train.machine import Conditions

SCRIPTS = Path(__file__).parents[3] / "workflow" / "scripts"
WAYS = {way: Conditions("cpu", 1, way) for way in ("library", "prepared")}
NETWORKS = {
    "mnist": ("exp1", "ann"),
    "cifar10": ("exp2", "cnn"),
    "nmnist": ("exp3", "snn_nmnist"),
}


@pytest.fixture(scope="module")
def datasets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("resources")
    return {name: made_official.make(folder, name) for name in NETWORKS}


def build(dataset, folder, way, network=None, stack="reference", **changes):
    """A training by one of the ways, whose undeclared files lie in `folder`/kept."""
    events = None
    name = Path(dataset).stem
    if name == "nmnist":
        events = made_official.EVENTS
    changes = {"epochs": 2, "events": events} | changes
    plan = made_plans.plan(*(network or NETWORKS[name]), **changes)
    kept = folder / "kept"
    return training.Training(plan, dataset, stack, 0, "code", kept, WAYS[way])


def test_trained(dataset, folder, way):
    """The test stage of what `build` trained in `folder`."""
    made = build(dataset, folder, way)
    model, kept = folder / "model.safetensors", folder / "kept"
    arguments = (made.plan, dataset, "reference", 0, "code", model, folder)
    testing.test(*arguments, WAYS[way], kept)


test_trained.__test__ = False
CLOCK = ("time", "_s", "rss", "flags", "mib", "gap", "samples", "cores", "ticks", "_js")


def settled(path):
    """The columns of a CSV that no clock and no meter decides."""
    table = pd.read_csv(path)
    return table[[n for n in table if not any(word in n for word in CLOCK)]]


@pytest.fixture(scope="module", params=NETWORKS)
def both(request, datasets, tmp_path_factory):
    """A network trained and tested by both ways: way → folder."""
    folders = {}
    for way in WAYS:
        folders[way] = tmp_path_factory.mktemp(way)
        build(datasets[request.param], folders[way], way).run(folders[way])
        test_trained(datasets[request.param], folders[way], way)
    return folders


def test_both_ways_give_the_same_run_to_the_byte(both):
    weights = [(both[way] / "model.safetensors").read_bytes() for way in WAYS]
    assert weights[0] == weights[1]
    by_layer = ("firing_rates.csv", "operations.csv")
    for name in ("epochs.csv", "test.csv", "predictions.csv", *by_layer):
        tables = [settled(both[way] / name) for way in WAYS]
        assert "train_loss" in tables[0] or name != "epochs.csv"
        pd.testing.assert_frame_equal(*tables)


def test_the_way_is_recorded_and_no_part_of_the_run(both):
    for name in ("run.json", "test.json"):
        facts = [json.loads((both[way] / name).read_text()) for way in WAYS]
        assert [one["conditions"]["loading"] for one in facts] == list(WAYS)
        assert facts[0]["identity"] == facts[1]["identity"]


def test_nothing_of_it_stays(both):
    for folder in both.values():
        left = {path.name for path in folder.iterdir() if path.is_dir()}
        assert left <= {"kept.finished"}


def test_the_time_that_the_loop_waits_is_a_part_of_the_epochs(both):
    for folder in both.values():
        epochs = pd.read_csv(folder / "epochs.csv")
        for part in ("train", "val"):
            load, whole = epochs[f"{part}_load_time_s"], epochs[f"{part}_time_s"]
            assert (load > 0).all() and (load < whole).all()
        test = pd.read_csv(folder / "test.csv").iloc[0]
        assert 0 < test["test_load_time_s"] < test["test_time_s"]


def test_a_run_finished_by_one_way_is_taken_up_by_the_other(datasets, tmp_path):
    build(datasets["mnist"], tmp_path, "library").run(tmp_path)
    weights = (tmp_path / "model.safetensors").stat().st_ino
    (tmp_path / "model.safetensors").unlink()  # as Snakemake would
    build(datasets["mnist"], tmp_path, "prepared").run(tmp_path)
    assert (tmp_path / "model.safetensors").stat().st_ino == weights
    facts = json.loads((tmp_path / "run.json").read_text())
    assert facts["conditions"]["loading"] == "library"


def test_a_cut_run_goes_on_by_the_other_way_and_tells_both(
    datasets, tmp_path, monkeypatch
):
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    build(datasets["nmnist"], whole, "prepared").run(whole)
    original = training.Training.epoch

    def epoch(self, number, meter):
        if number == 2:
            raise KeyboardInterrupt
        original(self, number, meter)

    monkeypatch.setattr(training.Training, "epoch", epoch)
    with pytest.raises(KeyboardInterrupt):
        build(datasets["nmnist"], cut, "library").run(cut)
    monkeypatch.setattr(training.Training, "epoch", original)
    build(datasets["nmnist"], cut, "prepared").run(cut)
    weights = [(at / "model.safetensors").read_bytes() for at in (whole, cut)]
    assert weights[0] == weights[1]
    conditions = json.loads((cut / "run.json").read_text())["conditions"]
    ways = [one["loading"] for one in (*conditions["earlier"], conditions)]
    assert ways == ["library", "prepared"]


def test_what_a_killed_run_left_is_emptied_before_the_next(
    datasets, tmp_path, monkeypatch
):
    """An entry of an old cache would be taken for a sample of this run."""
    room = finished.room_of(tmp_path / "kept")
    (room / "cache").mkdir(parents=True)
    (room / "cache" / "0_0.hdf5").write_bytes(b"of another run")
    made = build(datasets["nmnist"], tmp_path, "library")
    with made.loaded():
        assert list((room / "cache").iterdir()) == []
    assert not room.exists()


def test_what_a_killed_run_left_goes_when_its_files_are_accepted(tmp_path):
    room = finished.room_of(tmp_path / "kept")
    room.mkdir()
    finished.release(tmp_path / "kept", tmp_path)
    assert not room.exists()


def test_room_is_kept_by_one_process_at_a_time(datasets, tmp_path, caplog):
    """The lock is held: another process says that it waits, and for whom."""
    made = build(datasets["mnist"], tmp_path, "library")
    other = (
        "import filelock, sys\n"
        "try: filelock.FileLock(sys.argv[1]).acquire(timeout=0)\n"
        "except filelock.Timeout: print('held')"
    )
    with made.loaded():
        lock = f"{finished.room_of(tmp_path / 'kept')}.lock"
        done = subprocess.run(
            [sys.executable, "-c", other, lock], capture_output=True, text=True
        )
    assert done.stdout == "held\n"


@pytest.mark.parametrize(
    ("first_epoch", "way", "warm"),
    [
        ("cold", "library", False),
        ("cold", "prepared", False),
        ("warm", "library", True),
        ("warm", "prepared", True),
    ],
)
def test_the_first_epoch_meets_what_the_key_says(
    datasets, tmp_path, first_epoch, way, warm
):
    """Cold: no batch before it. Warm by the libraries: none through its cache."""
    meter = {"rate_hz": 20, "idle_s": 0, "first_epoch": first_epoch}
    meter["warmup_batches"] = 2
    made = build(datasets["nmnist"], tmp_path, way, epochs=1, meter=meter)
    seen, cache = [], finished.room_of(tmp_path / "kept") / "cache"
    forward, epoch = type(made.setup.stack).__call__, made.epoch

    def looking(self, samples):
        seen.append("batch")
        return forward(self, samples)

    def first(number, meter):
        cached = len(list(cache.iterdir())) if cache.exists() else None
        seen.append(("epoch", cached))
        epoch(number, meter)

    made.epoch = first
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(made.setup.stack), "__call__", looking)
        made.run(tmp_path)
    before = seen[: next(i for i, one in enumerate(seen) if one != "batch")]
    assert len(before) == (2 if warm else 0)
    assert seen[len(before)] == ("epoch", 0 if way == "library" else None)


def test_the_fast_stack_has_one_way_and_always_a_warm_first_epoch():
    assert loading.of_stack("fast", "library") is None
    plan = made_plans.run_plan(made_plans.CONFIG, "exp1", "ann", "fast")
    assert plan["meter"]["first_epoch"] is None
    assert made_plans.CONFIG["meter"]["first_epoch"] == "cold"


# What a training loads, in a process of its own: the last line says which libraries.
LOADED = """
import sys
sys.path[:0] = [{scripts!r}, {tests!r}]
from pathlib import Path
import test_loading
folder = Path({folder!r})
test_loading.build({dataset!r}, folder, {way!r}).run(folder)
print([name for name in ("torchvision", "tonic") if name in sys.modules])
"""


@pytest.mark.parametrize(
    ("name", "way", "loaded"),
    [
        ("mnist", "prepared", []),
        ("nmnist", "prepared", []),
        ("mnist", "library", ["torchvision"]),
        ("nmnist", "library", ["tonic"]),
    ],
)
def test_a_run_loads_the_libraries_that_it_uses_and_no_others(
    datasets, tmp_path, name, way, loaded
):
    here = Path(__file__).parent
    program = LOADED.format(
        scripts=str(SCRIPTS),
        tests=str(here),
        folder=str(tmp_path),
        dataset=str(datasets[name]),
        way=way,
    )
    path = os.pathsep.join([str(SCRIPTS), str(here.parent)])
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(loaded)
