"""Is there room? Asked before anything large is fetched, written or held."""

import contextlib
import errno
import shutil
from pathlib import Path

import psutil

from spikewatt.files.atomic import is_full

MARGIN = 32 * 2**20  # bytes left for logs and whatever else is written meanwhile


class NotEnoughSpace(OSError):
    """The disk or the memory is too small; the message says by how much."""

    def __init__(self, message):
        super().__init__(errno.ENOSPC, message)


def require_disk(folder, needed, what):
    """Raise NotEnoughSpace unless `folder` has `needed` bytes free."""
    folder = Path(folder)
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < needed + MARGIN:
        raise NotEnoughSpace(
            f"{what} needs {needed:,} bytes in {folder}, and {free:,} are free there; "
            f"{MARGIN:,} have to stay free. Make room or choose another folder"
        )


def require_memory(needed, what):
    """Raise NotEnoughSpace unless `needed` bytes of memory are available."""
    available = available_memory()
    if available < needed:
        raise NotEnoughSpace(
            f"{what} needs {needed:,} bytes of memory, and {available:,} are "
            "available. Close other programs or use a machine with more memory"
        )


def available_memory(group=Path("/sys/fs/cgroup")):
    """Bytes of memory this process may still take, a container's limit included."""
    available = psutil.virtual_memory().available
    try:
        limit = int((group / "memory.max").read_text())
        used = int((group / "memory.current").read_text())
    except (OSError, ValueError):  # no such limit, or «max»
        return available
    return min(available, max(0, limit - used))


@contextlib.contextmanager
def watched(folder, needed, what):
    """Ask for room first, and say the same clearly if it runs out meanwhile."""
    require_disk(folder, needed, what)
    try:
        yield
    except NotEnoughSpace:
        raise
    except Exception as error:
        if not is_full(error):
            raise
        free = shutil.disk_usage(folder).free
        raise NotEnoughSpace(
            f"{what} needs {needed:,} bytes in {folder}, and the disk or a quota is "
            f"full ({free:,} bytes free). Make room or choose another folder"
        ) from error
