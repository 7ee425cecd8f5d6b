"""One process at a time at one file: what a killed run left behind may still write."""

import contextlib
import logging
import os
from pathlib import Path

import filelock

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
        log.warning("%s: waiting for %s at it (%s)", what, holder(path), path)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def holder(path):
    """«process 123» for who holds the lock file, where Linux knows it."""
    try:
        status, locks = os.stat(path), Path("/proc/locks").read_text()
    except OSError:
        return "another process"
    major, minor = os.major(status.st_dev), os.minor(status.st_dev)
    wanted = f"{major:02x}:{minor:02x}:{status.st_ino}"
    for _, _, _, _, process, file, *_ in map(str.split, locks.splitlines()):
        if file == wanted:
            return f"process {process}"
    return "another process"
