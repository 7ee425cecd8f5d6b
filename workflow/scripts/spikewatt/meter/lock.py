"""One measured job at a time on a device, across all processes of a machine."""

import contextlib
import logging
import os
import re
import socket
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from spikewatt.meter import holder
from spikewatt.meter.backends import nvml_device
from spikewatt.meter.backends.nvml import library
from spikewatt.meter.errors import Unavailable
from spikewatt.meter.target import ALL

REMIND_S, POLL_S = 60.0, 0.05
LOCK = ".lock"
# Lock files that this process or the one that started it holds: a measured command
# that takes the lock itself must not wait for its meter.
HELD = "SPIKEWATT_DEVICE_LOCKS"
_OWN = set()  # those of this very process
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
    names = {lock_path(device, uuid): device or "this machine"}
    with one_of(names, log, what, wait, without) as lock:
        yield lock


@contextlib.contextmanager
def one_of(names, log=None, what=None, wait=True, without=WITHOUT_WAITING):
    """Hold the lock of one of several devices, the first that is free, for the block.

    names: {lock file: what the device is called}; other arguments and what is yielded
    as of `device_lock`. A lock that this process holds already is its own; one of
    those that started it has a lock within, so that of its jobs too one has it.
    """
    own = next((path for path in names if path in _OWN), None)
    if own:
        yield DeviceLock(own)
        return
    log = log or logging.getLogger("spikewatt.meter")
    before = os.environ.get(HELD, "")
    held = [part for part in before.split(os.pathsep) if part]
    # What a meter around this job measures is what the job is to compute on.
    around = {path: name for path, name in names.items() if str(path) in held}
    places = {_within(path, held): path for path in around or names}
    place, lock, beside = _acquired(
        {place: names[path] for place, path in places.items()},
        log,
        wait,
        PRICE.format(without=without),
    )
    path = places[place]
    if beside is None:
        holder.write(place, what, device_of(path))
    os.environ[HELD] = os.pathsep.join([*held, str(place)])
    _OWN.add(path)
    try:
        yield DeviceLock(path, beside)
    finally:
        _OWN.discard(path)
        os.environ[HELD] = before
        if lock.is_locked:
            holder.remove(place)
        lock.release()


@contextlib.contextmanager
def lock_of_all(log=None, wait=True, without=WITHOUT_WAITING):
    """As `device_lock`, of all GPUs that this process can see; of the CPU without one.

    They are taken in one order, so that no two jobs wait for each other.
    """
    with contextlib.ExitStack() as held:
        locks = [
            held.enter_context(
                one_of({path: device_of(path)}, log, None, wait, without)
            )
            for path in sorted(lock_paths(ALL))
        ]
        beside = [lock.beside for lock in locks if lock.beside]
        yield DeviceLock(locks[0].path, "; ".join(beside) or None)


def lock_paths(device, uuid=None):
    """Where the lock files of a device are; of «all», one for each GPU."""
    if device != ALL:
        return [lock_path(device, uuid)]
    try:
        uuids, _ = nvml_device.uuids_shown(library())
    except Unavailable:
        return [lock_path("cpu")]
    return [lock_path("cuda", uuid) for uuid in uuids]


def lock_path(device, uuid=None):
    """Where the lock file of a device is."""
    name = uuid or _uuid(device) or f"{device or 'cpu'}-{socket.gethostname()}"
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", name)
    return folder() / f"{holder.PREFIX}{name}{LOCK}"


def folder():
    """Where all lock files are."""
    return Path(tempfile.gettempdir())


def device_of(path):
    """What a lock file says of its device: «GPU-…», «cpu-host»."""
    return path.name.removeprefix(holder.PREFIX).removesuffix(LOCK)


def _within(path, held):
    """The lock file within those that are held by who started this process."""
    while str(path) in held:
        path = path.with_name(f"{path.name}.within")
    return path


def _acquired(names, log, wait, price):
    """(place, its lock, None), waited for; or (one not had, who holds it instead).

    names: {lock file: what its device is called}.
    """
    from filelock import FileLock, Timeout  # 50 ms that the sampler is spared

    files = {place: FileLock(place, mode=0o666) for place in names}
    remind, told = time.monotonic(), False
    while True:
        taken, failed = [], {}
        for place, lock in files.items():
            try:
                lock.acquire(timeout=0)
                return place, lock, None
            except Timeout:
                taken.append(place)
            except OSError as error:
                failed[place] = error
        if not taken:
            place, error = next(iter(failed.items()))
            log.warning("measuring without a lock: %s cannot be had: %s", place, error)
            return place, files[place], None
        if not wait:
            place, who = taken[0], holder.told(taken[0])
            log.warning("not waiting for %s: %s measures on it too", names[place], who)
            return place, files[place], who
        if time.monotonic() >= remind:
            log.info("waiting for %s", _whom({place: names[place] for place in taken}))
            if not told:
                log.info("%s.", price)
            remind, told = time.monotonic() + REMIND_S, True
        time.sleep(POLL_S)


def _whom(names):
    """«cpu: process 12 (…) measures on it (file)»; of several, each of them."""
    parts = [
        f"{name}: {holder.told(place)} measures on it ({place})"
        for place, name in names.items()
    ]
    if len(parts) == 1:
        return parts[0]
    return f"one of {len(parts)} devices: {'; '.join(parts)}"


def _uuid(device):
    """The UUID of a CUDA device (None: the first); None where NVML does not know it."""
    if device and not device.startswith("cuda"):
        return None
    try:
        nvml = library()
        return nvml.nvmlDeviceGetUUID(nvml_device.find(nvml, device, None)[0])
    except Unavailable:
        return None
