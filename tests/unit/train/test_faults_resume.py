"""Runs that are cut, left to an orphan or to damaged checkpoints: nothing is lost."""

import csv
import json
import multiprocessing
import threading
import time

import pandas as pd
import pytest
import torch

import made_plans
from spikewatt.data import arrays
from spikewatt.files import contents
from spikewatt.train import training
from spikewatt.train.checkpoint import Checkpoints


class Cut(BaseException):
    """As a kill, nothing catches it."""


@pytest.fixture(autouse=True)
def made_up_data(monkeypatch):
    """Any data set is the made-up one of the plan."""
    monkeypatch.setattr(arrays, "load", lambda plan: made_plans.data(plan))


def run(folder, experiment="exp1", network="ann", stack="reference"):
    plan = made_plans.plan(experiment, network, epochs=2)
    return training.Training(
        plan, plan, stack, 0, "code", folder / "kept", made_plans.CONDITIONS
    )


def cut(folder, monkeypatch, passes, *which):
    """Train until `passes` passes were begun, then die within the last one."""
    original, count = training.one_pass, iter(range(passes - 1))

    def one_pass(*arguments, **options):
        if next(count, None) is None:
            raise Cut
        return original(*arguments, **options)

    with monkeypatch.context() as patch, pytest.raises(Cut):
        patch.setattr(training, "one_pass", one_pass)
        run(folder, *which).run(folder)


def told(folder):
    return json.loads((folder / "run.json").read_text())


@pytest.mark.parametrize(
    "which",
    [("exp2", "cnn", "reference"), ("exp2", "snn", "fast"), ("exp3", "snn_nmnist")],
    ids=" ".join,
)
def test_cut_runs_end_with_the_same_bytes(tmp_path, monkeypatch, which):
    """Dropout and both stacks too; cut in the second epoch."""
    run(tmp_path / "whole", *which).run(tmp_path / "whole")
    cut(tmp_path / "cut", monkeypatch, 3, *which)
    run(tmp_path / "cut", *which).run(tmp_path / "cut")
    models = [tmp_path / name / "model.safetensors" for name in ("whole", "cut")]
    assert models[0].read_bytes() == models[1].read_bytes()
    columns = ["train_loss", "val_loss", "spikes_per_neuron_step"]
    rows = [pd.read_csv(path.parent / "epochs.csv")[columns] for path in models]
    assert rows[0].equals(rows[1])


def test_every_cut_counts_and_keeps_its_samples(tmp_path, monkeypatch):
    """Twice in epoch 1, then once in epoch 2."""
    for passes in (1, 2, 3):
        cut(tmp_path, monkeypatch, passes)
    run(tmp_path).run(tmp_path)
    assert told(tmp_path)["interruptions"] == 3
    times = pd.read_csv(tmp_path / "telemetry.csv")["monotonic_s"]
    assert times.is_monotonic_increasing
    assert not list(tmp_path.glob(".*.tmp*"))


def test_telemetry_is_joined_by_column_and_in_order(tmp_path):
    parts = [tmp_path / f"telemetry_{number:04}.csv" for number in (0, 9, 10)]
    parts[0].write_text("")  # killed before the first row
    parts[1].write_text("monotonic_s,gpu_power_w\n1,50\n")
    parts[2].write_text("monotonic_s,rapl_j\n2,7\n")  # another meter
    assert sorted(parts) == parts
    contents.join_csv(parts, tmp_path / "telemetry.csv")
    with open(tmp_path / "telemetry.csv", newline="") as handle:
        assert list(csv.reader(handle)) == [
            ["monotonic_s", "gpu_power_w", "rapl_j"],
            ["1", "50", ""],
            ["2", "", "7"],
        ]


def test_a_flipped_bit_in_a_checkpoint_is_noticed(tmp_path):
    kept = Checkpoints(tmp_path, {})
    for epoch in (1, 2):
        kept.save(epoch, {"w": torch.full((100,), float(epoch))}, {})
    newest = tmp_path / "epoch_0002.safetensors"
    data = bytearray(newest.read_bytes())
    data[-5] ^= 1
    newest.write_bytes(data)
    assert kept.load()[1]["epoch"] == 1
    assert (tmp_path / "epoch_0002.unused").exists()


def test_checkpoints_go_all_at_once(tmp_path, monkeypatch):
    """Killed while deleting them: none passes for one to go on from."""
    kept = Checkpoints(tmp_path / "kept", {})
    kept.save(1, {}, {})
    kept.save(2, {}, {})

    def dies(path, **_):
        if path.exists():
            raise Cut

    with monkeypatch.context() as patch, pytest.raises(Cut):
        patch.setattr(training.checkpoint.shutil, "rmtree", dies)
        kept.remove()
    assert kept.load() is None
    kept.remove()
    assert list(tmp_path.iterdir()) == []


def orphan(folder, begun):
    """The job of a killed Snakemake: it holds its run's lock, and finishes."""
    arrays.load = made_plans.data
    torch.set_num_threads(1)
    left = run(folder)
    resumed = left.resume

    def slow():
        begun.set()
        time.sleep(1)
        return resumed()

    left.resume = slow
    left.run(folder)


def test_an_orphan_is_waited_for_and_its_work_taken(tmp_path, caplog, monkeypatch):
    spawn = multiprocessing.get_context("spawn")
    begun = spawn.Event()
    other = spawn.Process(target=orphan, args=(tmp_path, begun))
    other.start()
    assert begun.wait(60)
    second = run(tmp_path)
    monkeypatch.setattr(second, "go", lambda folder: pytest.fail("trained twice"))
    second.run(tmp_path)
    assert other.exitcode in (0, None)
    other.join()
    assert f"waiting for process {other.pid}" in caplog.text
    assert told(tmp_path)["interruptions"] == 0


def test_only_whole_files_of_this_run_are_taken(tmp_path):
    first = run(tmp_path)
    first.run(tmp_path)
    assert first.is_complete(tmp_path)
    with open(tmp_path / "epochs.csv", "a") as handle:
        handle.write("\n")
    assert not first.is_complete(tmp_path)
    first.identity["code"] = "other"
    assert not first.is_complete(tmp_path)


def test_two_trainings_of_one_run_do_not_mix(tmp_path):
    """Started together in one process: the second takes what the first made."""
    both = [threading.Thread(target=run(tmp_path).run, args=(tmp_path,)) for _ in "12"]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert run(tmp_path).is_complete(tmp_path)
    assert told(tmp_path)["interruptions"] == 0


def test_a_loss_that_is_no_number_keeps_the_last_good_epoch(tmp_path, monkeypatch):
    """Weights go bad in epoch 2: batch and layer are named, epoch 1 is kept."""
    damaged, original, calls = run(tmp_path), training.one_pass, []

    def poisoned(stack, *arguments, **options):
        calls.append(None)
        if len(calls) == 3:
            with torch.no_grad():
                stack.network.weights[1].weight[0, 0] = float("nan")
        return original(stack, *arguments, **options)

    monkeypatch.setattr(training, "one_pass", poisoned)
    told = r"epoch 2, layer \d: the loss is nan in batch 1 of"
    with pytest.raises(training.NotFinite, match=told):
        damaged.run(tmp_path)
    tensors, facts = damaged.checkpoints.load()
    assert facts["epoch"] == 1
    assert all(value.isfinite().all() for value in tensors.values())
