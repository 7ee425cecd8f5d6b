"""One process at a time at one file: what a killed run left behind may still write."""

import contextlib
import logging
from pathlib import Path

import filelock

from spikewatt.files import locks

log = logging.getLogger(__name__)


@contextlib.contextmanager
def exclusive(path, what):
    """Hold the lock file `path`, waiting for whoever holds it; it ends with a process.

    A job whose Snakemake was killed lives on: the same job started again waits for it
    instead of writing into the same scratch files.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
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
