"""A measured job takes a free GPU of several: real processes, real locks, fake NVML."""

import json
import os
import random
import subprocess
import sys
import time

import pytest

import fake_nvml
from spikewatt.meter import devices, holder
from spikewatt.meter import lock as locks
from spikewatt.meter.devices import Board, chosen_from

UUIDS = [f"GPU-0000000{number}" for number in range(4)]
ALIKE = [Board(uuid, "A100") for uuid in UUIDS]
PCI = {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (None, UUIDS),
        ("2,0", [UUIDS[2], UUIDS[0]]),
        ("1,7,2", [UUIDS[1]]),  # NVML lists four: CUDA shows what stands before 7
        ("1,1", [UUIDS[1]]),
        (f"{UUIDS[3]},{UUIDS[1]}", [UUIDS[3], UUIDS[1]]),
        ("GPU-0", []),  # fits all four: CUDA takes none
        ("", []),
        ("-1", []),
        ("MIG-a,MIG-b", ["MIG-a", "MIG-b"]),
    ],
)
def test_a_job_chooses_among_what_cuda_shows(shown, expected):
    environ = {} if shown is None else {"CUDA_VISIBLE_DEVICES": shown}
    assert chosen_from(ALIKE, environ) == (expected, None)


def test_where_the_choice_would_be_a_guess_it_is_torchs():
    unlike = [Board("GPU-a", "RTX 4090"), Board("GPU-b", "GT 710")]
    uuids, why = chosen_from(unlike, {})
    assert uuids == [] and "RTX 4090" in why and "CUDA_VISIBLE_DEVICES" in why
    uuids, why = chosen_from(unlike, {"CUDA_VISIBLE_DEVICES": "1"})
    assert uuids == [] and "PCI_BUS_ID" in why
    # named beyond doubt, it is a choice of one
    for shown in (
        {"CUDA_VISIBLE_DEVICES": "1"} | PCI,
        {"CUDA_VISIBLE_DEVICES": "GPU-b"},
    ):
        assert chosen_from(unlike, shown) == (["GPU-b"], None)
    # a board that is cut into instances is none that can be shown
    cut = [Board("GPU-a", "A100", whole=False), Board("GPU-b", "A100")]
    assert chosen_from(cut, {}) == ([], None)


@pytest.mark.parametrize("wish", ["cpu", "cuda:1"])
def test_a_wish_that_leaves_nothing_open_is_no_choice(wish, monkeypatch):
    monkeypatch.setattr(devices, "listed", lambda nvml: ALIKE)
    monkeypatch.setattr(devices, "library", lambda: None)
    assert devices.choosable(wish, {}) == ([], None)
    assert devices.choosable("auto", {}) == (UUIDS, None)


needs_fake = pytest.mark.skipif(
    not fake_nvml.available(), reason="gcc, which builds the fake NVML, is missing"
)


@pytest.fixture
def four(tmp_path, monkeypatch):
    """Four boards alike, and lock files of the test's own; returns the environment.

    Board k draws 100 · (k + 1) W, and k + 1 of its 8 GB are in use.
    """
    script = tmp_path / "script"
    lines = []
    for number, uuid in enumerate(UUIDS):
        lines += [
            f"device {uuid}",
            "name Fake A100",
            f"curve constant {100 * (number + 1)}",
            f"memory 8e9 {number + 1}e9",
            "noise 0",
        ]
    script.write_text(f"t0 {time.monotonic():.6f}\n" + "\n".join(lines) + "\n")
    for name in ("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", locks.HELD):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(locks.tempfile, "gettempdir", lambda: str(tmp_path))
    return fake_nvml.environment(script) | {"TMPDIR": str(tmp_path)}


JOB = """
import json, os, sys, time
from spikewatt.meter import devices
def tell(what, **more):
    line = {"what": what, "pid": os.getpid(), "moment": time.monotonic(), **more}
    print(json.dumps(line), flush=True)
with devices.taken("auto", what="job") as taken:
    shown = os.environ["CUDA_VISIBLE_DEVICES"]
    with taken.confirmed("cuda:0", shown) as lock:
        tell("began", uuid=shown, lock=str(lock.path))
        time.sleep(float(sys.argv[1]))
        tell("ended")
"""


def start(environment, program=JOB, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@needs_fake
def test_of_ten_jobs_on_four_devices_never_two_are_on_one(four):
    """Three are killed while they compute: their device goes to one that waits."""
    victims = [start(four, JOB, 60) for _ in range(3)]
    killed = [json.loads(job.stdout.readline()) for job in victims]
    dice = random.Random(4)
    jobs = [start(four, JOB, dice.uniform(0.3, 0.6)) for _ in range(7)]
    first = json.loads(jobs[0].stdout.readline())  # the fourth device's
    spans = []
    for job, began in zip(victims, killed, strict=True):
        # Alive until the signal is sent: the kernel frees the lock after it.
        spans.append((began, time.monotonic()))
        job.kill()
        job.communicate()
    for job in jobs:
        began = first if job is jobs[0] else json.loads(job.stdout.readline())
        spans.append((began, json.loads(job.stdout.readline())["moment"]))
        job.communicate()
    assert {began["uuid"] for began, _ in spans} == set(UUIDS)
    assert all(began["uuid"] in began["lock"] for began, _ in spans)
    for uuid in UUIDS:
        on_it = [(b["moment"], end) for b, end in spans if b["uuid"] == uuid]
        on_it.sort()
        pairs = zip(on_it, on_it[1:], strict=False)
        assert all(end <= begin for (_, end), (begin, _) in pairs)


@needs_fake
def test_a_job_is_shown_the_one_that_is_free_and_waits_for_any(four, tmp_path):
    holders = [start(four, JOB, 60) for _ in range(4)]
    held = {json.loads(one.stdout.readline())["uuid"]: one for one in holders}
    assert set(held) == set(UUIDS)
    waiting = start(four, JOB, 0)
    time.sleep(1)
    assert waiting.poll() is None
    held[UUIDS[2]].kill()
    assert json.loads(waiting.stdout.readline())["uuid"] == UUIDS[2]
    waiting.communicate()
    # Who will not wait goes on beside one of them, and is told so.
    program = JOB.replace('what="job"', 'what="job", wait=False')
    held.pop(UUIDS[2]).communicate()
    taken_again = start(four, JOB, 60)
    assert json.loads(taken_again.stdout.readline())["uuid"] == UUIDS[2]
    beside = start(four, program.replace("str(lock.path)", "lock.beside"), 0)
    told = json.loads(beside.stdout.readline())
    assert told["uuid"] == UUIDS[0]
    assert f"process {held[UUIDS[0]].pid} (" in told["lock"]
    for one in [*held.values(), taken_again, beside]:
        one.kill()
        one.communicate()


@needs_fake
def test_of_the_jobs_of_a_measured_command_one_at_a_time_has_its_device(four):
    outer = """
import subprocess, sys
from spikewatt.meter import device_lock
with device_lock("cuda:2"):
    jobs = [subprocess.Popen([sys.executable, "-c", sys.argv[1], "0.3"])
            for _ in range(3)]
    for job in jobs:
        job.wait()
"""
    done = start(four, outer, JOB)
    lines = [json.loads(line) for line in done.communicate()[0].splitlines()]
    assert {line["uuid"] for line in lines if "uuid" in line} == {UUIDS[2]}
    assert [line["what"] for line in lines] == ["began", "ended"] * 3


MEASURED = """
import json, os, sys, time
from spikewatt.meter import Meter, devices
with devices.taken("auto", what="training exp1/ann") as taken:
    uuid = os.environ["CUDA_VISIBLE_DEVICES"]
    with taken.confirmed("cuda:0", uuid) as lock:
        # as torch counts: the device that it sees is the first
        with Meter(sys.argv[1], device="cuda:0", beside=lock.beside) as meter:
            with meter.phase("idle"):
                time.sleep(0.2)
            with meter.phase("train", epoch=1):
                time.sleep(2.5)
            row = meter.row(("train",), epoch=1)
            others = meter.others(("train",), epoch=1)
            told = meter.describe()
print(json.dumps([uuid, row, others, told]))
"""
BUSY = """
import os, time
from spikewatt.meter import devices
with devices.taken("auto", what="training exp1/snn") as taken:
    print(os.environ["CUDA_VISIBLE_DEVICES"], flush=True)
    while True:
        pass
"""


@needs_fake
def test_the_meter_reads_the_device_taken_and_excuses_the_neighbours(four, tmp_path):
    neighbour = start(four, BUSY)
    assert neighbour.stdout.readline().strip() == UUIDS[0]
    job = start(four, MEASURED, tmp_path / "telemetry.csv")
    out, err = job.communicate(timeout=60)
    neighbour.kill()
    neighbour.communicate()
    uuid, row, others, told = json.loads(out.splitlines()[-1])
    assert uuid == told["device"]["uuid"] == UUIDS[1]
    # the second board's: 200 W, 2 of 8 GB; idling too
    assert row["mean_gpu_power_w"] == pytest.approx(200)
    assert row["mean_gpu_memory_pct"] == pytest.approx(25)
    # its counter moves every 20 ms of the 0.2 s: within a tenth
    assert told["baseline"]["mean_gpu_power_w"] == pytest.approx(200, rel=0.15)
    assert told["baseline"]["mean_gpu_memory_pct"] == pytest.approx(25)
    assert row["neighbours"] == told["neighbours"] == 1
    # It kept a core busy, or what it got of one: of all that others used, its part is
    # told apart, and nobody is accused of it.
    assert 0.2 < row["neighbour_cpu_cores"] <= row["other_cpu_cores"] + 0.2
    assert neighbour.pid not in [record["pid"] for record in others]


@needs_fake
def test_who_holds_gpus_is_known_by_living_holders_of_their_locks(four, tmp_path):
    assert holder.on_gpus(tmp_path) == {}
    one = start(four, JOB, 60)
    uuid = json.loads(one.stdout.readline())["uuid"]
    with locks.device_lock("cpu"):  # that of a CPU is none
        assert holder.on_gpus(tmp_path) == {uuid: {one.pid}}
    one.kill()
    one.communicate()
    assert holder.on_gpus(tmp_path) == {}


@needs_fake
def test_where_torch_cannot_use_the_gpu_the_job_has_the_cpus_lock_alone(four, tmp_path):
    """One at a time then, however many devices there are."""
    program = JOB.replace('confirmed("cuda:0", shown)', 'confirmed("cpu", None)')
    first = start(four, program, 60)
    assert "spikewatt-cpu-" in json.loads(first.stdout.readline())["lock"]
    assert holder.on_gpus(tmp_path) == {}
    second = start(four, program, 0)
    time.sleep(1)
    assert second.poll() is None
    first.kill()
    first.communicate()
    assert "spikewatt-cpu-" in json.loads(second.stdout.readline())["lock"]
    second.communicate()


def test_without_nvml_torch_sees_what_it_saw(monkeypatch, tmp_path):
    def none():
        raise devices.Unavailable("no driver")

    monkeypatch.setattr(devices, "library", none)
    monkeypatch.setattr(locks.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    with devices.taken("auto") as taken:
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "3"
        with taken.confirmed("cuda:0", "GPU-9") as lock:
            assert lock.path.name == "spikewatt-GPU-9.lock"
