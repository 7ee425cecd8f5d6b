"""Who else computes: shares worked out by hand, real processes, words."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from spikewatt.meter import Meter, flags, others
from spikewatt.meter.others import Ledger, Seen, shortened
from spikewatt.meter.target import ProcessTree, Target

A, B, CHILD = (10, 1.0), (11, 2.0), (12, 3.0)
RECORD = {"pid": 12, "name": "python", "command": "python train.py", "cpu_cores": 0.934}
RECORD["since"] = "2026-11-25T12:03:11"


def looks(*rows):
    """A ledger after looks, each {process: (moment, CPU s, parent)}."""
    ledger = Ledger(processors=4)
    for row in rows:
        ledger.add({process: Seen(*facts) for process, facts in row.items()})
    return ledger


def test_cpu_time_between_looks_is_shared_out_by_the_part_inside_the_phases():
    ledger = looks(
        {A: (0.0, 50.0, 1), B: (0.0, 7.0, 1)},
        {A: (4.0, 52.0, 1), B: (4.0, 7.0, 1)},  # A: 2 s in 4 s
        {A: (8.0, 55.0, 1), B: (8.0, 8.0, 1)},  # A: 3 s, B: 1 s in 4 s
    )
    # Of the phase 2 … 6, half of each span lies inside: A 1 + 1.5 s, B 0.5 s in 4 s.
    assert ledger.cores([(2.0, 6.0)]) == {A: 2.5 / 4, B: 0.5 / 4}
    # Two phases count together: 0 … 1 and 7 … 8 have A's 0.5 + 0.75 s in 2 s.
    assert ledger.cores([(0.0, 1.0), (7.0, 8.0)])[A] == 1.25 / 2
    assert ledger.cores([(9.0, 10.0)]) == {}


def test_what_was_used_before_the_first_look_does_not_count():
    assert looks({A: (0.0, 50.0, 1)}).cores([(0.0, 1.0)]) == {}


def test_a_child_counts_itself_and_once_it_ended_through_its_parent():
    ledger = looks(
        {A: (0.0, 5.0, 1)},
        {A: (1.0, 5.0, 1), CHILD: (1.0, 0.5, 10)},  # began: its 0.5 s are new
        {A: (2.0, 6.2, 1)},  # waited for a child of 1.0 s in all, and 0.2 s of its own
    )
    assert ledger.cores([(0.0, 1.0)]) == {CHILD: 0.5}
    assert ledger.cores([(1.0, 2.0)]) == pytest.approx({A: 0.7})  # 1.2 s less 0.5 s


def test_a_whole_life_of_an_orphan_is_not_its_new_parents_work_of_a_second():
    """Process 1 takes in an orphan of 90 s of CPU time: no cores at work."""
    ledger = Ledger(processors=2)
    for moment, cpu_s in ((0.0, 5.0), (1.0, 95.0), (2.0, 96.0)):
        ledger.add({A: Seen(moment, cpu_s, 0)})
    assert ledger.cores([(0.0, 1.0)]) == {}
    assert ledger.cores([(1.0, 2.0)]) == {A: 1.0}


def test_a_number_used_again_is_another_process():
    again = (A[0], 9.0)
    ledger = looks({A: (0.0, 50.0, 1)}, {again: (1.0, 0.25, 1)})
    assert ledger.cores([(0.0, 1.0)]) == {again: 0.25}


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["/opt/venv/bin/python", "/home/me/work/train.py"], "python train.py"),
        (["tool", "--token", "hunter2", "x"], "tool --token … x"),
        (
            ["tool", "--api-key=hunter2", "PASSWORD=hunter2"],
            "tool --api-key=… PASSWORD=…",
        ),
        (["curl", "https://me:hunter2@host/page"], "curl page"),
        (["python", "-c", "a" * 100], "python " + ("-c " + "a" * 100)[:39] + "…"),
        (["nginx: worker process", ""], "nginx:"),
        ([], ""),
    ],
)
def test_a_command_is_short_and_tells_no_secret(words, shown):
    assert shortened(words) == shown
    assert "hunter2" not in shortened(words)


def test_a_process_that_cannot_be_read_is_named_by_its_number(monkeypatch):
    def denied(pid):
        raise psutil.AccessDenied(pid)

    monkeypatch.setattr(others.psutil, "Process", denied)
    name, command = others.described(12)
    record = {**RECORD, "name": name, "command": command}
    assert others.sentence(record).startswith("process 12 (0.93 cores, since 2026-")
    known = others.sentence(RECORD)
    assert (
        known == "python train.py (process 12, 0.93 cores, since 2026-11-25 12:03:11)"
    )


BURN = "import time\nwhile time.monotonic() < {end}: pass"


@pytest.fixture
def outsider():
    """A busy process that is no descendant of ours: who started it has ended."""
    code = BURN.format(end=time.monotonic() + 60)
    shell = 'nohup "$0" -c "$1" outsider >/dev/null 2>&1 & echo $!'
    command = ["sh", "-c", shell, sys.executable, code]
    pid = int(subprocess.run(command, capture_output=True, check=True).stdout)
    yield psutil.Process(pid)
    os.kill(pid, signal.SIGKILL)


def test_others_are_told_with_share_and_command_and_ones_own_are_not(
    monkeypatch, outsider
):
    monkeypatch.setattr(others, "SHOWN", 1000)  # whatever else runs on this machine
    watch = others.Others(ProcessTree(Target(os.getpid(), device="cpu")))
    watch.look(whole=True)
    begin, before = time.monotonic(), sum(outsider.cpu_times()[:2])
    own = subprocess.Popen(
        [sys.executable, "-c", BURN.format(end=time.monotonic() + 1.5)]
    )
    time.sleep(0.7)
    watch.look(whole=True)  # the child is seen while it lives
    own.wait()
    end, used = time.monotonic(), sum(outsider.cpu_times()[:2]) - before
    found = {record["pid"]: record for record in watch.between([(begin, end)])}
    assert not {own.pid, os.getpid()} & found.keys()
    record = found[outsider.pid]
    assert record["cpu_cores"] == pytest.approx(used / (end - begin), abs=0.15)
    assert record["command"].startswith("python")
    began = time.strftime("%Y-%m-%dT%H:%M", time.localtime(outsider.create_time()))
    assert record["since"].startswith(began)
    assert record["what"] == others.sentence(record)


def test_the_meters_process_answers_who_else_computed(tmp_path, outsider):
    with Meter(tmp_path / "telemetry.csv", device="cpu") as meter:
        time.sleep(0.3)  # its first look
        with meter.phase("train", epoch=1):
            time.sleep(0.7)
        found = meter.others(("train",), 1)
        sampler = meter.sampler_pid
        assert meter.others(("train",), 1) is found
    assert 1 <= len(found) <= others.SHOWN
    cores = [record["cpu_cores"] for record in found]
    assert cores == sorted(cores, reverse=True) and cores[-1] >= others.LEAST_CORES
    assert not {sampler, os.getpid()} & {record["pid"] for record in found}
    assert meter.others(("train",), 1) == found  # though the meter has ended


def test_looking_is_cut_into_slices(monkeypatch):
    """With a slice that is over at once, each call looks at one process and goes on."""
    tree = ProcessTree(Target(os.getpid(), device="cpu"))
    watch = others.Others(tree)
    monkeypatch.setattr(others, "SLICE_S", 0.0)
    monkeypatch.setattr(others.psutil, "pids", lambda: [os.getpid(), 1, os.getppid()])
    monkeypatch.setattr(others.time, "thread_time", iter(range(0, 999)).__next__)
    watch.look()
    assert len(watch._waiting) == 3  # no time at all: nothing is read
    monkeypatch.setattr(others, "SLICE_S", 1.5)
    watch.look()
    assert len(watch._waiting) == 2


def test_flags_that_others_cause_name_them_and_the_rest_do_not():
    who = [{**RECORD, "what": others.sentence(RECORD)}]
    (loaded, swap) = flags.warnings("loaded swap", who, epoch=2)
    assert "`threads: 1`" in loaded["what"]
    assert loaded["what"].endswith("who else computed: " + who[0]["what"])
    assert "python train.py" not in swap["what"]
    two = [*who, {"what": "busy.py (process 13)"}]
    assert flags.told("loaded", two).endswith(f"{who[0]['what']}; {two[1]['what']}")
    assert flags.told("loaded", two, 1).endswith(f"{who[0]['what']} and 1 more")
    (nobody,) = flags.warnings("loaded", [])
    assert "no process that can be seen from here used 5% of a core" in nobody["what"]
