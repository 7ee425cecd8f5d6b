"""One measured job at a time on a device, across all processes of a machine."""

import contextlib
import logging
import os
import re
import socket
import tempfile
from pathlib import Path

from spikewatt.files import atomic
from spikewatt.meter.backends import nvml_device
from spikewatt.meter.backends.nvml import library
from spikewatt.meter.errors import Unavailable

REMIND_S = 60.0
# Lock files that this process or the one that started it holds: a measured command
# that takes the lock itself must not wait for its meter.
HELD = "SPIKEWATT_DEVICE_LOCKS"


@contextlib.contextmanager
def device_lock(device=None, log=None, uuid=None):
    """Hold the lock of `device` («cpu», «cuda:0») while the block runs.

    Two jobs on one device would measure each other. Yields the path of the lock file.
    None is the first GPU where there is one, else the CPU. While it waits, it says for
    whom. The kernel frees the lock when its holder dies. Where the lock file cannot be
    had, that is logged and the block runs without.
    """
    log = log or logging.getLogger("spikewatt.meter")
    path = lock_path(device, uuid)
    held = os.environ.get(HELD, "")
    if str(path) in held.split(os.pathsep):
        yield path
        return
    lock = _acquired(path, device or "this machine", log)
    os.environ[HELD] = os.pathsep.join(filter(None, [held, str(path)]))
    try:
        yield path
    finally:
        os.environ[HELD] = held
        lock.release()


def lock_path(device, uuid=None):
    """Where the lock file of a device is."""
    name = uuid or _uuid(device) or f"{device or 'cpu'}-{socket.gethostname()}"
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", name)
    return Path(tempfile.gettempdir()) / f"spikewatt-{name}.lock"


def holder(path):
    """Who holds the lock, as far as is known."""
    try:
        return f"process {int(Path(f'{path}.pid').read_text())}"
    except (OSError, ValueError):
        return "another process"


def _acquired(path, device, log):
    """The lock, waited for."""
    from filelock import FileLock, Timeout  # 50 ms that the sampler is spared

    lock, timeout = FileLock(path, mode=0o666), 0
    while not lock.is_locked:
        try:
            lock.acquire(timeout=timeout)
        except Timeout:
            log.info(
                "waiting for %s: %s measures on it (%s)", device, holder(path), path
            )
            timeout = REMIND_S
        except OSError as error:
            log.warning("measuring without a lock: %s cannot be had: %s", path, error)
            return lock
    with contextlib.suppress(OSError):
        atomic.write_text(f"{path}.pid", str(os.getpid()))
    return lock


def _uuid(device):
    """The UUID of a CUDA device (None: the first); None where NVML does not know it."""
    if device and not device.startswith("cuda"):
        return None
    try:
        nvml = library()
        return nvml.nvmlDeviceGetUUID(nvml_device.find(nvml, device, None)[0])
    except Unavailable:
        return None
