"""One measured job at a time on a device, across all processes of a machine."""

import contextlib
import logging
import os
import re
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

from spikewatt.meter import holder
from spikewatt.meter.backends import nvml_device
from spikewatt.meter.backends.nvml import library
from spikewatt.meter.errors import Unavailable

REMIND_S = 60.0
# Lock files that this process or the one that started it holds: a measured command
# that takes the lock itself must not wait for its meter.
HELD = "SPIKEWATT_DEVICE_LOCKS"
# How to go on at once, from the workflow; the tool has an option of its own.
WITHOUT_WAITING = "--config wait=false"
PRICE = (
    "One measured job at a time, since two would measure each other. To go on at once: "
    "{without}, which flags the run «beside»; or another TMPDIR, where nobody knows of "
    "it. Times, energy and memory of both are then not those of one alone"
)


@dataclass(frozen=True)
class DeviceLock:
    """The lock file, and who measures on the device too where nobody was waited for."""

    path: Path
    beside: str | None = None


@contextlib.contextmanager
def device_lock(
    device=None, log=None, uuid=None, what=None, wait=True, without=WITHOUT_WAITING
):
    """Hold the lock of `device` («cpu», «cuda:0») while the block runs.

    Two jobs on one device would measure each other. Yields a `DeviceLock`. None is the
    first GPU where there is one, else the CPU. what: the work, for others who wait;
    wait: False goes on at once beside whoever holds the lock; without: how a user asks
    for that. While it waits, it says for whom. The kernel frees the lock when its
    holder dies. Where the lock file cannot be had, that is logged and the block runs
    without.
    """
    log = log or logging.getLogger("spikewatt.meter")
    path = lock_path(device, uuid)
    held = os.environ.get(HELD, "")
    if str(path) in held.split(os.pathsep):
        yield DeviceLock(path)
        return
    name = device or "this machine"
    lock, beside = _acquired(path, name, log, wait, PRICE.format(without=without))
    if beside is None:
        holder.write(path, what)
    os.environ[HELD] = os.pathsep.join(filter(None, [held, str(path)]))
    try:
        yield DeviceLock(path, beside)
    finally:
        os.environ[HELD] = held
        if lock.is_locked:
            holder.remove(path)
        lock.release()


def lock_path(device, uuid=None):
    """Where the lock file of a device is."""
    name = uuid or _uuid(device) or f"{device or 'cpu'}-{socket.gethostname()}"
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", name)
    return Path(tempfile.gettempdir()) / f"spikewatt-{name}.lock"


def _acquired(path, device, log, wait, price):
    """(the lock, None), waited for; or (the lock not had, who holds it instead)."""
    from filelock import FileLock, Timeout  # 50 ms that the sampler is spared

    lock, timeout = FileLock(path, mode=0o666), 0
    while not lock.is_locked:
        try:
            lock.acquire(timeout=timeout)
        except Timeout:
            who = holder.told(path)
            if not wait:
                log.warning("not waiting for %s: %s measures on it too", device, who)
                return lock, who
            log.info("waiting for %s: %s measures on it (%s)", device, who, path)
            if not timeout:
                log.info("%s.", price)
            timeout = REMIND_S
        except OSError as error:
            log.warning("measuring without a lock: %s cannot be had: %s", path, error)
            break
    return lock, None


def _uuid(device):
    """The UUID of a CUDA device (None: the first); None where NVML does not know it."""
    if device and not device.startswith("cuda"):
        return None
    try:
        nvml = library()
        return nvml.nvmlDeviceGetUUID(nvml_device.find(nvml, device, None)[0])
    except Unavailable:
        return None
