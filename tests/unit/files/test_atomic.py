"""Leftovers of killed writers: swept by the next one, a living writer's never."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from spikewatt.files import atomic

LIBRARY = Path(atomic.__file__).parents[2]
WRITER = """
import sys, time
from pathlib import Path
from spikewatt.files import atomic
with atomic.placing(sys.argv[1]) as temporary:
    temporary.write_text("half")
    (temporary.parent / ".tmpUfTX2w").write_text("as safetensors writes")
    print("writing", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def writer():
    """Start processes that write half a file and then wait."""
    started = []

    def start(path):
        command = [sys.executable, "-c", WRITER, str(path)]
        env = os.environ | {"PYTHONPATH": str(LIBRARY)}
        process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout.readline() == "writing\n"
        return process

    yield start
    for process in started:
        kill(process)


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


def names(folder):
    return sorted(path.name for path in folder.rglob("*"))


def test_the_next_writer_removes_what_a_killed_one_left(tmp_path, writer):
    path = tmp_path / "model.safetensors"
    for process in [writer(path), writer(path)]:
        kill(process)
    assert len(list(tmp_path.iterdir())) == 2 and not path.exists()
    with atomic.placing(path) as temporary:
        save_file({"w": torch.ones(3)}, temporary)
    assert names(tmp_path) == ["model.safetensors"]


def test_a_living_writer_is_left_alone(tmp_path, writer):
    """And swept as soon as it is dead."""
    living = writer(tmp_path / "table1.csv")
    atomic.write_text(tmp_path / "table1.csv", "whole")
    atomic.sweep(tmp_path / "table1.csv")
    (left,) = tmp_path.glob(".table1*")
    assert (left / "table1.csv").read_text() == "half"
    kill(living)
    atomic.write_text(tmp_path / "table1.csv", "again")
    assert names(tmp_path) == ["table1.csv"]


def test_leftovers_of_other_names_and_machines_stay(tmp_path, writer, monkeypatch):
    for name in ("a.csv", "a.b.csv", "a.csv.sha256"):
        kill(writer(tmp_path / name))
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(atomic.platform, "node", lambda: "elsewhere")
        atomic.write_text(tmp_path / "a.csv", "from another machine")
        assert len(list(tmp_path.glob(".*"))) == 3
    atomic.write_text(tmp_path / "a.csv", "from here")
    left = sorted(path.name for path in tmp_path.glob(".*"))
    assert [name.startswith((".a.b.csv", ".a.csv.sha256")) for name in left] == [1, 1]


def test_what_was_written_can_be_looked_at_first(tmp_path, writer):
    path = tmp_path / "t.csv"
    kill(writer(path))
    (left,) = atomic.leftovers(path)
    assert left.read_text() == "half"
    with atomic.placing(path, tidy=False) as temporary:
        temporary.write_text("mended")
        assert atomic.leftovers(path) == [left]
    atomic.sweep(path)
    assert names(tmp_path) == ["t.csv"]


def test_a_folder_killed_before_its_lock_is_swept(tmp_path):
    (tmp_path / f"{atomic._prefix(tmp_path / 'a')}x.tmp").mkdir()
    atomic.write_text(tmp_path / "a", "whole")
    assert names(tmp_path) == ["a"]


def test_file_systems_without_locks_keep_leftovers(tmp_path, writer, monkeypatch):
    """Nobody can tell there whether a writer lives."""
    kill(writer(tmp_path / "a"))

    def flock(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(atomic.fcntl, "flock", flock)
    atomic.write_text(tmp_path / "a", "whole")
    assert len(list(tmp_path.iterdir())) == 2


def test_a_writer_that_ends_while_another_waits_for_its_lock(tmp_path, monkeypatch):
    """The other has opened the lock and is given it when the folder has gone."""
    hold, other = atomic._hold, atomic.placing(tmp_path / "a")
    (other.__enter__()).write_text("first")

    def late(lock):
        monkeypatch.setattr(atomic, "_hold", hold)
        other.__exit__(None, None, None)
        return hold(lock)

    monkeypatch.setattr(atomic, "_hold", late)
    atomic.write_text(tmp_path / "a", "second")
    assert (tmp_path / "a").read_text() == "second"
    assert names(tmp_path) == ["a"]


def test_many_writers_of_one_name_never_lose_their_file(tmp_path):
    """Each sweeps while the others write: no one's folder goes."""
    failed = []

    def write(number):
        try:
            for _ in range(40):
                atomic.write_text(tmp_path / "a", str(number) * 1000)
        except OSError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(set((tmp_path / "a").read_text())) == 1
    assert names(tmp_path) == ["a"]
