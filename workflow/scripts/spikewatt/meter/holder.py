"""Who holds the lock of a device, for those who wait: written beside the lock file.

The text of a holder that crashed stays there. It counts only while the very process
that wrote it lives, and where Linux names another holder, it does not count either.
"""

import contextlib
import json
import os
from datetime import datetime
from pathlib import Path

import psutil

from spikewatt.files import atomic, locks
from spikewatt.meter.others import shortened

UNKNOWN = "another process"
PREFIX, SUFFIX = "spikewatt-", ".holder"
# How the names of GPUs begin: NVIDIA's boards and instances, AMD's.
GPUS = ("GPU-", "MIG-")


def write(path, what=None, device=None):
    """Say that this process holds the lock file `path`, for the work `what`.

    device: what the lock is of, by its name in the lock file: «GPU-…», «cpu-host».
    """
    own = psutil.Process()
    facts = {
        "device": device,
        "pid": os.getpid(),
        "created": own.create_time(),
        "command": shortened(own.cmdline()),
        "what": what,
        "since": datetime.now().isoformat(" ", timespec="seconds"),
    }
    with contextlib.suppress(OSError):
        atomic.write_text(_beside(path), json.dumps(facts))


def remove(path):
    """Take back what `write` said, while the lock is still held."""
    with contextlib.suppress(OSError):
        _beside(path).unlink()


def told(path):
    """«process 12 (python train.py, exp1/ann, since 2026-11-25 12:03:11)», or less."""
    facts, pid = _living(path), locks.holder(path)
    if facts and pid in (None, facts["pid"]):
        known = [facts["command"], facts["what"], f"since {facts['since']}"]
        return f"process {facts['pid']} ({', '.join(filter(None, known))})"
    return UNKNOWN if pid is None else f"process {pid}{_command(pid)}"


def on_gpus(folder):
    """{device: {numbers of the processes}} of those who hold the lock of a GPU now.

    folder: where the lock files are. One in a job of the other's both count.
    """
    found = {}
    for beside in Path(folder).glob(f"{PREFIX}*{SUFFIX}"):
        facts = _living(beside.with_name(beside.name.removesuffix(SUFFIX)))
        device = (facts or {}).get("device") or ""
        if device.startswith(GPUS):
            found.setdefault(device, set()).add(facts["pid"])
    return found


def _living(path):
    """What is written beside the lock file, if the process that wrote it lives."""
    try:
        facts = json.loads(_beside(path).read_text(encoding="utf-8"))
        process = psutil.Process(facts["pid"])
        whole = {"command", "what", "since"} <= facts.keys()
        return facts if whole and process.create_time() == facts["created"] else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, psutil.Error):
        return None


def _command(pid):
    """« (python train.py)» of a process that said nothing of itself."""
    try:
        command = shortened(psutil.Process(pid).cmdline())
    except (psutil.Error, OSError):
        return ""
    return f" ({command})" if command else ""


def _beside(path):
    return Path(f"{path}{SUFFIX}")
