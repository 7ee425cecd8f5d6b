"""Recording elsewhere: what W&B's and TensorBoard's own readers find afterwards."""

import json
import logging
import socket
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import fake_nvml
import made_data
import made_plans
from spikewatt import tracking
from spikewatt.data import arrays
from spikewatt.tracking import names, to_tensorboard
from spikewatt.train import training

TOOLS = ["wandb", "tensorboard"]
RUN = "tracking/exp1/ann/reference/seed0"
EPOCH = {
    "train/loss": "train_loss",
    "train/accuracy": "train_accuracy_pct",
    "val/loss": "val_loss",
    "val/accuracy": "val_accuracy_pct",
    "epoch/train_time_s": "train_time_s",
}


@pytest.fixture(autouse=True)
def surroundings(monkeypatch):
    """Made-up data, and nothing of the developer's own W&B account."""
    monkeypatch.setattr(arrays, "load", lambda name: made_data.MadeImages())
    for name in ("WANDB_MODE", "WANDB_PROJECT", "WANDB_ERROR_REPORTING"):
        monkeypatch.delenv(name, raising=False)


def wandb_records(folder):
    """The records of the one offline W&B run below `folder`."""
    from wandb.proto.wandb_internal_pb2 import Record
    from wandb.sdk.internal.datastore import DataStore

    (path,) = Path(folder).glob("wandb/offline-run-*/run-*.wandb")
    store, records = DataStore(), []
    store.open_for_scan(str(path))
    while data := store.scan_data():
        records.append(Record.FromString(data))
    return records


def wandb_history(folder):
    """{name: [(x, value)]}: x is the epoch, or the second of a device reading."""
    found = {}
    for record in wandb_records(folder):
        if record.WhichOneof("record_type") == "history":
            items = {
                item.key or "/".join(item.nested_key): json.loads(item.value_json)
                for item in record.history.item
            }
            x = items.get("seconds", items.get("epoch"))
            for name, value in items.items():
                found.setdefault(name, []).append((x, value))
    return found


def tensorboard_history(folder):
    """{name: [(step, value)]} of the one folder of event files below `folder`."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    (attempt,) = Path(folder).glob("tensorboard/*")
    events = EventAccumulator(str(attempt), size_guidance={"scalars": 0})
    events.Reload()
    return {
        name: [(event.step, event.value) for event in events.Scalars(name)]
        for name in events.Tags()["scalars"]
    }


HISTORY = {"wandb": wandb_history, "tensorboard": tensorboard_history}


def run_of(tmp_path, kind, **changes):
    """A training of two epochs whose tracker is of `kind`."""
    plan = made_plans.plan("exp1", "ann", epochs=2, **changes)
    tracker = tracking.open_tracker(kind, tmp_path, plan, "reference", 0)
    return training.Training(
        plan,
        "mnist",
        "reference",
        0,
        "code",
        tmp_path / "kept",
        made_plans.CONDITIONS,
        tracker,
    )


@pytest.mark.parametrize("kind", TOOLS)
def test_epochs_are_there_as_in_epochs_csv(tmp_path, kind):
    run_of(tmp_path, kind).run(tmp_path)
    rows = pd.read_csv(tmp_path / "epochs.csv")
    found = HISTORY[kind](tmp_path / RUN)
    for name, column in EPOCH.items():
        assert [x for x, _ in found[name]] == [1, 2]
        values = [value for _, value in found[name]]
        assert values == pytest.approx(rows[column].tolist(), rel=1e-6)
    assert "epoch/mean_gpu_power_w" not in found, "what was not measured is left out"


PLAYED = {
    "gpu.0.powerWatts": 123.456,
    "gpu.0.enforcedPowerLimitWatts": 250,
    "gpu.0.memoryAllocated": 25,
    "gpu.0.memoryAllocatedBytes": 2097152000,
    "gpu.0.gpu": 80,
    "gpu.0.memory": 30,
    "gpu.0.temp": 61,
    "gpu.0.smClock": 1500,
    "gpu.0.memoryClock": 5000,
}
MEASURE = """
import contextlib, json, sys, time
from spikewatt.meter import Meter
from spikewatt.tracking import open_tracker
results, *kinds = sys.argv[1:]
plan = {"experiment": "exp1", "network": "ann"}
trackers = [open_tracker(kind, results, plan, "reference", 0) for kind in kinds]
with contextlib.ExitStack() as stack:
    for tracker in trackers:
        stack.enter_context(tracker)
    meter = stack.enter_context(Meter(results + "/t.csv", device="cuda:0"))
    with meter.phase("train", epoch=1):
        time.sleep(1.6)
    for tracker in trackers:
        tracker.epoch({"epoch": 1, "train_loss": 0.5}, meter, ("train",))
    row = meter.row(("train",), epoch=1)
print(json.dumps(row))
"""


@pytest.mark.skipif(not fake_nvml.available(), reason="gcc is missing")
def test_device_readings_bear_the_names_of_wandb(tmp_path):
    """123.456 W, a quarter of 8000 MiB, and 80 % busy, as the fake NVML plays it."""
    script = tmp_path / "script"
    fake_nvml.write(
        script, "curve constant 123.456", "noise 0", "memory 8388608000 2097152000"
    )
    row = fake_nvml.run(MEASURE, script, [tmp_path, *TOOLS])
    for kind in TOOLS:
        found = HISTORY[kind](tmp_path / RUN)
        for name, value in PLAYED.items():
            seen = [reading for _, reading in found[name]]
            assert 1 <= len(seen) <= 2, "a mean a second"
            assert seen == pytest.approx([value] * len(seen), rel=1e-6)
        assert len(found["gpu.0.powerWatts"]) == 2
        for _, memory in found["proc.memory.rssMB"]:
            assert 0 < memory <= row["max_rss_mib"] * 1.001


def test_readings_are_means_of_whole_seconds():
    samples = {
        "monotonic_s": np.array([10.0, 10.5, 11.0, 11.9]),
        "gpu_power_w": np.array([100.0, 200.0, np.nan, 50.0]),
        "gpu_temperature_c": np.array([60.0, np.nan, np.nan, np.nan]),
        "phase": ["train"] * 4,
    }
    points = names.readings(samples, start=7.0, device="cuda:1")
    assert points == [
        (3.25, {"gpu.1.powerWatts": 150.0, "gpu.1.temp": 60.0}),
        (pytest.approx(4.45), {"gpu.1.powerWatts": 50.0}),
    ]
    assert names.readings({"monotonic_s": np.array([])}, 0.0, "cpu") == []


@pytest.mark.parametrize("kind", TOOLS)
def test_nothing_is_written_while_a_phase_is_measured(tmp_path, kind, monkeypatch):
    """The tool is called outside phases, and nothing of it is left in a queue."""
    run, writes = run_of(tmp_path, kind), []
    original = run.tracker.tool.write
    monkeypatch.setattr(
        run.tracker.tool,
        "write",
        lambda *what: (writes.append(opened[0]._open), original(*what)),
    )
    opened, make = [], run.meter
    monkeypatch.setattr(
        run, "meter", lambda path: opened.append(make(path)) or opened[0]
    )
    run.run(tmp_path)
    assert writes == [None, None]
    assert {phase.name for phase in opened[0].phases} == {"warmup", "train", "val"}


def test_tensorboards_thread_has_nothing_left_after_an_epoch(tmp_path):
    tool = to_tensorboard.ToTensorboard(tmp_path, "run", {})
    tool.open()
    tool.write({"epoch": 1, "train/loss": 0.25}, [(0.0, {"gpu.0.powerWatts": 9.0})])
    assert tensorboard_history(tmp_path) == {  # before the file is closed
        "epoch": [(1, 1.0)],
        "train/loss": [(1, 0.25)],
        "gpu.0.powerWatts": [(0, 9.0)],
    }
    tool.close(failed=False)


def test_wandbs_process_is_not_measured(tmp_path, monkeypatch):
    run, seen = run_of(tmp_path, "wandb"), []
    make = run.meter
    monkeypatch.setattr(run, "meter", lambda path: seen.append(make(path)) or seen[0])
    run.run(tmp_path)
    assert len(run.tracker.processes) == 1
    assert seen[0].target.exclude == run.tracker.processes


@pytest.mark.parametrize("kind", TOOLS)
def test_a_run_that_fails_is_closed_all_the_same(tmp_path, kind):
    with pytest.raises(training.NotFinite):
        run_of(tmp_path, kind, learning_rate=1e30).run(tmp_path)
    if kind == "wandb":
        exits = [r.exit for r in wandb_records(tmp_path / RUN) if r.HasField("exit")]
        assert [record.exit_code for record in exits] == [1]
    else:
        assert tensorboard_history(tmp_path / RUN) == {}


@pytest.mark.parametrize("kind", TOOLS)
def test_a_run_that_goes_on_has_the_epochs_of_before(tmp_path, kind, monkeypatch):
    cut = run_of(tmp_path, "none")
    original, calls = training.one_pass, []

    def third_call_fails(*arguments, **options):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return original(*arguments, **options)

    monkeypatch.setattr(training, "one_pass", third_call_fails)
    with pytest.raises(KeyboardInterrupt):
        cut.run(tmp_path)
    monkeypatch.setattr(training, "one_pass", original)
    run_of(tmp_path, kind).run(tmp_path)
    losses = HISTORY[kind](tmp_path / RUN)["train/loss"]
    rows = pd.read_csv(tmp_path / "epochs.csv")
    assert losses == [
        (epoch, pytest.approx(loss, rel=1e-6))
        for epoch, loss in rows[["epoch", "train_loss"]].itertuples(index=False)
    ]


@pytest.mark.parametrize("kind", TOOLS)
def test_a_missing_library_is_named_before_any_work(tmp_path, kind, monkeypatch):
    monkeypatch.setitem(sys.modules, kind, None)
    with pytest.raises(tracking.TrackingError) as caught:
        run_of(tmp_path, kind)
    for word in (f"tracking: {kind}", f"pip install {kind}", "tracking: none"):
        assert word in str(caught.value)


def test_a_tool_that_fails_midway_does_not_cost_the_run(tmp_path, monkeypatch, caplog):
    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(to_tensorboard.ToTensorboard, "write", full)
    monkeypatch.setattr(logging.getLogger("spikewatt"), "propagate", True)
    run_of(tmp_path, "tensorboard").run(tmp_path)
    assert (tmp_path / "run.json").exists()
    (warning,) = [r.message for r in caplog.records if "tracking" in r.message]
    assert "No space left on device" in warning and "goes on" in warning


def test_an_offline_run_sends_nothing_and_tells_little(tmp_path, monkeypatch):
    """Every address that W&B could reach is a port that counts its callers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        for name in ("WANDB_BASE_URL", "HTTPS_PROXY", "HTTP_PROXY"):
            monkeypatch.setenv(name, address)
        run_of(tmp_path, "wandb").run(tmp_path)
        with pytest.raises(BlockingIOError):
            server.accept()
    kinds = {r.WhichOneof("record_type") for r in wandb_records(tmp_path / RUN)}
    assert not kinds & {"stats", "output", "output_raw", "artifact", "environment"}
    (run,) = (r.run for r in wandb_records(tmp_path / RUN) if r.HasField("run"))
    config = {item.key: json.loads(item.value_json) for item in run.config.update}
    assert config["learning_rate"] == 0.001 and config["seed"] == 0
    assert (run.project, run.display_name) == ("spikewatt", "exp1/ann/reference/seed0")
    assert not run.HasField("git")


@pytest.mark.parametrize("mode", [None, "online", "disabled"])
def test_the_users_own_wandb_mode_counts(tmp_path, monkeypatch, mode):
    import wandb

    if mode:
        monkeypatch.setenv("WANDB_MODE", mode)
    asked = {}

    def init(**options):
        asked.update(options)
        return SimpleNamespace(dir="somewhere/files", define_metric=lambda *a, **k: 0)

    monkeypatch.setattr(wandb, "init", init)
    run_of(tmp_path, "wandb").tracker.tool.open()
    assert asked["mode"] == (mode or "offline")
    assert asked["settings"].x_disable_stats and asked["settings"].console == "off"


def test_a_wandb_that_cannot_start_says_what_to_do(tmp_path, monkeypatch):
    import wandb

    def refused(**options):
        raise wandb.errors.CommError("no route to host")

    monkeypatch.setattr(wandb, "init", refused)
    monkeypatch.setenv("WANDB_MODE", "online")
    with pytest.raises(tracking.TrackingError) as caught:
        run_of(tmp_path, "wandb").run(tmp_path)
    for word in ("mode online", "no route to host", "WANDB_MODE", "tracking: none"):
        assert word in str(caught.value)


def test_curves_are_drawn_over_epochs_and_seconds(tmp_path):
    run_of(tmp_path, "wandb").run(tmp_path)
    axes = {
        record.metric.glob_name: record.metric.step_metric
        for record in wandb_records(tmp_path / RUN)
        if record.HasField("metric") and record.metric.glob_name
    }
    assert axes["train/*"] == axes["val/*"] == axes["epoch/*"] == "epoch"
    assert axes["gpu.*"] == axes["proc.*"] == "seconds"


def test_tracking_is_off_by_default_and_decides_no_result():
    assert made_plans.CONFIG["tracking"] == "none"
    assert "tracking" not in made_plans.plan("exp1", "ann")
