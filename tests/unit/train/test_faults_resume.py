"""Runs that are cut, left to an orphan or to damaged checkpoints: nothing is lost."""

import csv
import dataclasses
import itertools
import json
import multiprocessing
import os
import shutil
import threading
import time
from pathlib import Path

import pandas as pd
import pytest
import torch

import made_plans
from spikewatt.data import arrays
from spikewatt.files import contents
from spikewatt.train import finished, training
from spikewatt.train.checkpoint import Checkpoints
from spikewatt.train.identity import Identity
from spikewatt.train.machine import Conditions


class Cut(BaseException):
    """As a kill, nothing catches it."""


@pytest.fixture(autouse=True)
def made_up_data(monkeypatch):
    """Any data set is the made-up one of the plan."""
    monkeypatch.setattr(arrays, "load", made)


def made(path):
    """The made-up data of the network that a path ends with."""
    return made_plans.data(made_plans.plan(*path.parts[-2:]))


def run(folder, experiment="exp1", network="ann", stack="reference"):
    plan = made_plans.plan(experiment, network, epochs=2)
    dataset, kept = Path("made", experiment, network), folder / "kept"
    return training.Training(
        plan, dataset, stack, 0, "code", kept, made_plans.CONDITIONS
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
    arrays.load = made
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
    monkeypatch.setattr(second, "go", lambda: pytest.fail("trained twice"))
    second.run(tmp_path)
    assert other.exitcode in (0, None)
    other.join()
    assert f"waiting for process {other.pid}" in caplog.text
    assert told(tmp_path)["interruptions"] == 0


def test_only_whole_files_of_this_run_are_taken(tmp_path):
    first = run(tmp_path)
    first.run(tmp_path)
    assert finished.is_whole(tmp_path, first.identity.digest)
    with open(tmp_path / "epochs.csv", "a") as handle:
        handle.write("\n")
    assert not finished.is_whole(tmp_path, first.identity.digest)


CHANGES = {
    "plan": {"plan": {"learning_rate": 0.5}},
    "stack": {"stack": "fast"},
    "seed": {"seed": 1},
    "code": {"code": "other"},
    "data": {"data": "other"},
}


@pytest.mark.parametrize("changed", CHANGES)
def test_a_run_is_its_plan_stack_seed_code_and_data(changed):
    plan = made_plans.plan("exp1", "ann")
    one = Identity(plan, "reference", 0, "code", "data")
    same = Identity(dict(reversed(plan.items())), "reference", 0, "code", "data")
    assert one.digest == same.digest
    assert dataclasses.replace(one, **CHANGES[changed]).digest != one.digest


def test_other_data_is_begun_anew(tmp_path, monkeypatch, caplog):
    """A cut training goes on with the data it began with, or not at all."""
    cut(tmp_path, monkeypatch, 3)
    plan = made_plans.plan("exp1", "ann", epochs=2)
    other = made_plans.data(plan)
    other.digest = "other"
    monkeypatch.setattr(arrays, "load", lambda plan: other)
    run(tmp_path).run(tmp_path)
    assert "another config, code or data" in caplog.text
    facts = told(tmp_path)
    assert (facts["interruptions"], facts["data_digest"]) == (0, "other")


@pytest.mark.parametrize("conditions", [Conditions("cpu", 2), Conditions("auto", 1)])
def test_other_conditions_go_on(tmp_path, monkeypatch, conditions):
    """And are told in run.json, with those of the part before the cut."""
    cut(tmp_path, monkeypatch, 3)
    monkeypatch.setattr(made_plans, "CONDITIONS", conditions)
    run(tmp_path).run(tmp_path)
    facts = told(tmp_path)
    assert facts["interruptions"] == 1
    assert facts["conditions"]["threads"] == conditions.threads
    earlier = [part["threads"] for part in facts["conditions"].get("earlier", [])]
    assert earlier == ([1] if conditions.threads == 2 else [])


def dies_at(count):
    """What lets `count` of the operations on files happen that it wraps, then dies."""
    left = iter(range(count))

    def wrapped(operation):
        def one(*arguments, **options):
            if next(left, None) is None:
                raise Cut
            return operation(*arguments, **options)

        return one

    return wrapped


OPERATIONS = ("replace", "rename", "link", "unlink", "rmdir", "mkdir", "chmod", "utime")


def end_cut(folder, monkeypatch, count):
    """Finish a training that dies before the (count+1)th operation on files of its end.

    Returns whether it died.
    """
    dying, finish = dies_at(count), training.Training.finish

    def last_part(self, measured):
        for name in OPERATIONS:
            patch.setattr(os, name, dying(getattr(os, name)))
        finish(self, measured)

    with monkeypatch.context() as patch:
        patch.setattr(training.Training, "finish", last_part)
        try:
            run(folder).run(folder)
        except Cut:
            return True
    return False


@pytest.mark.parametrize("start", range(6))
def test_whatever_is_cut_at_the_end_no_epoch_is_trained_twice(
    tmp_path, monkeypatch, start
):
    """Before every operation on files of the last part, a sixth of them each time.

    Each time the declared outputs are deleted then, as Snakemake does, and the run
    is called again: it ends, with the same bytes.
    """
    run(tmp_path / "whole").run(tmp_path / "whole")
    whole = (tmp_path / "whole" / "model.safetensors").read_bytes()
    cut(tmp_path / "cut", monkeypatch, 4)
    for count in itertools.count(start, 6):
        folder = tmp_path / str(count)
        shutil.copytree(tmp_path / "cut", folder)
        died = end_cut(folder, monkeypatch, count)
        for name in (*finished.OUTPUTS, finished.FACTS):
            (folder / name).unlink(missing_ok=True)
        with monkeypatch.context() as patch:
            patch.setattr(training, "one_pass", lambda *_, **__: pytest.fail("trained"))
            run(folder).run(folder)
        assert (folder / "model.safetensors").read_bytes() == whole
        assert finished.is_whole(folder, run(folder).identity.digest)
        assert not (folder / "kept").exists()
        if not died:
            break
    assert count > 12  # the end has as many operations as that


def test_what_is_finished_is_kept_until_it_is_accepted(tmp_path, monkeypatch):
    """As links, which take no room; then a test job says that it is accepted."""
    run(tmp_path).run(tmp_path)
    kept = tmp_path / "kept.finished"
    for name in finished.OUTPUTS:
        assert (kept / name).samefile(tmp_path / name)
    other = tmp_path / "other"
    other.mkdir()
    (other / "run.json").write_text("{}")
    finished.release(tmp_path / "kept", other)
    assert kept.exists()
    finished.release(tmp_path / "kept", tmp_path)
    assert not kept.exists()
    finished.release(tmp_path / "kept", tmp_path)  # again: nothing is there any more
    assert finished.is_whole(tmp_path, run(tmp_path).identity.digest)


def test_two_trainings_of_one_run_do_not_mix(tmp_path):
    """Started together in one process: the second takes what the first made."""
    both = [threading.Thread(target=run(tmp_path).run, args=(tmp_path,)) for _ in "12"]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert finished.is_whole(tmp_path, run(tmp_path).identity.digest)
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
