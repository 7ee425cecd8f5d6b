"""How it is found out that other machines see no lock, and what then."""

import errno
import logging
import os
import signal
import subprocess
import sys
import time

import pytest

from spikewatt.files import exclusive, shared

# As Linux writes them: the project's folder, and what lies over and under it.
MOUNTS = r"""
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 22 0:50 / /home rw shared:2 - nfs4 server:/home rw,vers=4.2,local_lock=none
41 40 0:51 / /home/me/odd\040name rw - nfs server:/odd rw,vers=3,local_lock=all
42 22 0:52 / /scratch rw shared:3 - lustre mgs@tcp:/fs rw,{lustre}
43 22 0:53 / /tmp rw - tmpfs tmpfs rw,nolock
"""
HOLD = """
import sys, time
from spikewatt.files import exclusive
exclusive.LEASE_S, exclusive.RENEWED_S, exclusive.POLL_S = 3.0, 0.5, 0.1
exclusive.shared.doubt = lambda path: "the test says so"
exclusive.shared.refused = lambda path: "the test says so"
with exclusive.exclusive(sys.argv[1], "holding"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize(
    ("path", "lustre", "found"),
    [
        ("/work/results/x", "flock", None),
        ("/tmp/x", "flock", None),
        ("/home/me/results/x", "flock", None),
        ("/home/me/odd name/x", "flock", "nfs is mounted with local_lock=all"),
        ("/scratch/x", "flock,lazystatfs", None),
        ("/scratch/x", "localflock", "lustre is mounted with localflock"),
        ("/scratched/x", "localflock", None),
    ],
)
def test_options_of_the_mount_tell(path, lustre, found):
    assert shared._mounted(path, MOUNTS.format(lustre=lustre)) == found


def test_a_local_folder_raises_no_doubt_and_keeps_no_trial(tmp_path, monkeypatch):
    monkeypatch.delenv(shared.WITNESS, raising=False)
    assert shared.doubt(tmp_path / "x.lock") is None
    assert list(tmp_path.iterdir()) == []


def test_a_kernel_that_refuses_is_believed(tmp_path, monkeypatch):
    def flock(*_):
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(shared.fcntl, "flock", flock)
    assert shared.doubt(tmp_path / "x.lock") == "the file system has no flock"


def test_a_witness_that_is_seen_raises_no_doubt(tmp_path, monkeypatch):
    """On its own machine, and on another one that is kept away."""
    place = tmp_path / "witness"
    with shared.witness(place):
        assert os.environ[shared.WITNESS] == str(place)
        assert shared.doubt(tmp_path / "x") is None
        monkeypatch.setattr(shared.socket, "gethostname", lambda: "node7")
        assert shared.doubt(tmp_path / "x") is None
    assert shared.WITNESS not in os.environ and not place.exists()


def test_a_witness_whose_lock_is_free_elsewhere(tmp_path, monkeypatch):
    """As where each machine has locks of its own: here nobody holds it at all."""
    (tmp_path / "witness").write_text("login1")
    monkeypatch.setenv(shared.WITNESS, str(tmp_path / "witness"))
    assert shared.doubt(tmp_path / "x") == "a lock that login1 holds is free here"
    monkeypatch.setenv(shared.WITNESS, str(tmp_path / "gone"))
    assert shared.doubt(tmp_path / "x") is None


def test_a_lease_is_had_some_time_after_its_holder_was_killed(
    tmp_path, monkeypatch, caplog
):
    """And not before: until then its holder may be writing."""
    place = tmp_path / "run.lock"
    monkeypatch.setattr(shared, "doubt", lambda path: "the test says so")
    monkeypatch.setattr(shared, "refused", lambda path: "the test says so")
    for name, seconds in (("LEASE_S", 3.0), ("RENEWED_S", 0.5), ("POLL_S", 0.1)):
        monkeypatch.setattr(exclusive, name, seconds)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(place)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "held\n"
    os.kill(holder.pid, signal.SIGSTOP)  # as on another machine: it cannot be asked
    stopped = time.monotonic()
    try:
        with (
            caplog.at_level(logging.WARNING, "spikewatt"),
            exclusive.exclusive(place, "training exp1/ann"),
        ):
            waited = time.monotonic() - stopped
    finally:
        holder.kill()
        holder.wait()
    assert 1.5 < waited < 20
    assert "Locks here keep no other machine away: the test says so" in caplog.text
    assert "training exp1/ann: waiting for another job at it" in caplog.text
    assert not place.exists()  # no lock where there are none


def test_on_the_submitting_machine_a_lease_is_held_and_free_at_once(
    tmp_path, monkeypatch, caplog
):
    """Nobody doubts there, but a job elsewhere may, and looks for the lease alone."""
    hold = HOLD.replace('"the test says so"', "None").replace("3.0, 0.5", "600.0, 60.0")
    place, lease = tmp_path / "run.lock", tmp_path / "run.lock.lease"
    with shared.witness(tmp_path / "witness"):
        assert shared.untried()
        holder = subprocess.Popen(
            [sys.executable, "-c", hold, str(place)], stdout=subprocess.PIPE, text=True
        )
        assert holder.stdout.readline() == "held\n"
        assert lease.exists()
        holder.kill()
        holder.wait()
        monkeypatch.setattr(exclusive, "LEASE_S", 600.0)
        monkeypatch.setattr(exclusive, "RENEWED_S", 60.0)
        started = time.monotonic()
        with exclusive.exclusive(place, "training exp1/ann"):
            assert time.monotonic() - started < 20
    assert not shared.untried() and not lease.exists()
    assert "no other machine" not in caplog.text


def test_who_lost_the_lease_ends(tmp_path):
    """A job that was cut off from the file system must not write beside another."""
    place = tmp_path / "run.lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(place)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "held\n"
    (tmp_path / "run.lock.lease").unlink()
    try:
        assert holder.wait(20) == -signal.SIGTERM
    finally:
        holder.kill()
