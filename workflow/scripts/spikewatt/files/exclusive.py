"""One process at a time at one file: what a killed run left behind may still write."""

import contextlib
import logging
import os
import signal
from pathlib import Path

import filelock

from spikewatt.files import locks, shared

# A lease that nobody renewed for so long is taken over; renewed as often, in seconds.
LEASE_S, RENEWED_S, POLL_S = 120.0, 20.0, 1.0
LEASE = ".lease"
DOUBTED = (
    "Locks here keep no other machine away: %s. A lease does (%s), which is free "
    "%.0f s after its holder was killed on another one"
)
log = logging.getLogger("spikewatt")


@contextlib.contextmanager
def exclusive(path, what):
    """Hold the lock file `path`, waiting for whoever holds it; it ends with a process.

    A job whose Snakemake was killed lives on: the same job started again waits for it
    instead of writing into the same scratch files. Where other machines do not see a
    lock (`shared.doubt`), a lease is taken too, which ends some time after its holder
    does.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    why = shared.doubt(path)
    if why:
        log.warning(DOUBTED, why, path.with_name(f"{path.name}{LEASE}"), LEASE_S)
    with contextlib.ExitStack() as held:
        if not shared.refused(path):
            held.enter_context(_lock(path, what))
        if why or shared.untried():
            held.enter_context(_lease(path, what))
        yield


@contextlib.contextmanager
def _lock(path, what):
    """The lock that the kernel keeps."""
    lock = filelock.FileLock(path)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        pid = locks.holder(path)
        who = "another process" if pid is None else f"process {pid}"
        log.warning("%s: waiting for %s at it (%s)", what, who, path)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _lease(path, what):
    """A file that its holder renews; one that was cut off from it ends at once."""
    place = path.with_name(f"{path.name}{LEASE}")

    def lost(compromise):
        log.error("%s: the lease %s was lost; ending", what, place)
        os.kill(os.getpid(), signal.SIGTERM)

    lease = filelock.SoftFileLease(
        place,
        lease_duration=LEASE_S,
        heartbeat_interval=RENEWED_S,
        on_compromise=lost,
        poll_interval=POLL_S,
    )
    try:
        lease.acquire(timeout=0)
    except filelock.Timeout:
        log.warning("%s: waiting for another job at it (%s)", what, place)
        lease.acquire()
    try:
        yield
    finally:
        lease.release()
