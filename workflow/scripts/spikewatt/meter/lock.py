"""One measured job at a time on a device, across all processes of a machine."""

import contextlib
import logging
import os
import re
import socket
import tempfile
from pathlib import Path

from spikewatt import atomic
from spikewatt.meter.backends import nvml_device
from spikewatt.meter.backends.nvml import library
from spikewatt.meter.errors import Unavailable

REMIND_S = 60.0


@contextlib.contextmanager
def device_lock(device, log=None, uuid=None):
    """Hold the lock of `device` («cpu», «cuda:0») while the block runs.

    Two jobs on one device would measure each other. While it waits, it says for
    whom. The lock is freed by the kernel when its holder dies.
    """
    from filelock import FileLock, Timeout  # 50 ms that the sampler is spared

    log = log or logging.getLogger("spikewatt.meter")
    path = lock_path(device, uuid)
    lock, timeout = FileLock(path, mode=0o666), 0
    while True:
        try:
            lock.acquire(timeout=timeout)
            break
        except Timeout:
            log.info(
                "waiting for %s, in use by %s (lock file %s)",
                device,
                holder(path),
                path,
            )
            timeout = REMIND_S
        except OSError as error:
            log.warning("measuring without a lock: %s cannot be had: %s", path, error)
            break
    try:
        if lock.is_locked:
            with contextlib.suppress(OSError):
                atomic.write_text(f"{path}.pid", str(os.getpid()))
        yield path
    finally:
        lock.release()


def lock_path(device, uuid=None):
    """Where the lock file of a device is."""
    name = uuid or _uuid(device) or f"{device}-{socket.gethostname()}"
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", name)
    return Path(tempfile.gettempdir()) / f"spikewatt-{name}.lock"


def holder(path):
    """Who holds the lock, as far as is known."""
    try:
        return f"process {int(Path(f'{path}.pid').read_text())}"
    except (OSError, ValueError):
        return "another process"


def _uuid(device):
    """The UUID of a CUDA device, or None where NVML does not know it."""
    if not device.startswith("cuda"):
        return None
    try:
        nvml = library()
        return nvml.nvmlDeviceGetUUID(nvml_device.find(nvml, device, None))
    except Unavailable:
        return None
