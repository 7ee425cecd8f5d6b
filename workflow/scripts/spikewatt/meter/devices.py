"""Which GPU a measured job computes on: a free one of those that it may use.

Asked before torch is loaded, which then sees that one alone. Where the choice would be
a guess (boards that are unlike, numbers whose order is in doubt, no NVML), it is left
to torch, whose first device it is then.
"""

import contextlib
import logging
import os
from dataclasses import dataclass

from spikewatt.meter import lock as locks
from spikewatt.meter.backends import nvml_device, visible
from spikewatt.meter.backends.nvml import library
from spikewatt.meter.errors import Unavailable

# Wishes of the config that leave open which GPU: «cuda:1» does not.
OPEN = ("auto", "cuda")


@dataclass(frozen=True)
class Board:
    """A GPU as NVML lists it; whole: it isn't cut into MIG instances."""

    uuid: str
    name: str
    whole: bool = True


class Taken:
    """What a job has taken: the `lock.DeviceLock` of a GPU, or nothing yet."""

    def __init__(self, asked, uuid=None, lock=None, free=None):
        self.asked, self.uuid, self.lock = asked, uuid, lock
        self._free = free or (lambda: None)

    @contextlib.contextmanager
    def confirmed(self, device, uuid):
        """The lock of what torch really computes on, a `lock.DeviceLock`.

        device, uuid: as torch knows it. It is the one taken, but where torch cannot use
        it (a build for the CPU): that is freed for others, and the right one locked.
        """
        if self.lock and uuid == self.uuid:
            yield self.lock
            return
        self._free()
        with locks.device_lock(device, uuid=uuid, **self.asked) as lock:
            yield lock


@contextlib.contextmanager
def taken(wish, log=None, **asked):
    """Take a free GPU for the block, and show it alone to torch; yields a `Taken`.

    wish: the config's `device`; log and what else is asked: as of `lock.device_lock`.
    torch must not be loaded yet.
    """
    log = log or logging.getLogger("spikewatt.meter")
    asked = {"log": log, **asked}
    uuids, why = choosable(wish)
    if why:
        log.info("%s", why)
    if not uuids:
        yield Taken(asked)
        return
    names = {locks.lock_path("cuda", uuid): f"GPU {uuid}" for uuid in uuids}
    by_path = dict(zip(names, uuids, strict=True))
    with contextlib.ExitStack() as held:
        lock = held.enter_context(locks.one_of(names, **asked))
        uuid = by_path[lock.path]
        held.enter_context(shown_alone(uuid))
        log.info("computing on GPU %s, one of %d", uuid, len(uuids))
        yield Taken(asked, uuid, lock, held.close)


@contextlib.contextmanager
def shown_alone(uuid):
    """CUDA shows this device alone to what is loaded within the block."""
    before = os.environ.get(visible.VARIABLE)
    os.environ[visible.VARIABLE] = uuid
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(visible.VARIABLE, None)
        else:
            os.environ[visible.VARIABLE] = before


def choosable(wish, environ=None):
    """(UUIDs of the GPUs that a job may take any one of, why there are none).

    wish: the config's `device`. The reason is None where there is no choice to make.
    """
    if wish not in OPEN:
        return [], None
    try:
        boards = listed(library())
    except Unavailable:
        return [], None
    return chosen_from(boards, environ)


def listed(nvml):
    """The boards of this machine in NVML's order; none where it doesn't answer."""
    try:
        handles = [
            nvml.nvmlDeviceGetHandleByIndex(number)
            for number in range(nvml.nvmlDeviceGetCount())
        ]
        return [
            Board(
                nvml.nvmlDeviceGetUUID(handle),
                nvml.nvmlDeviceGetName(handle),
                not nvml_device.mig_enabled(nvml, handle),
            )
            for handle in handles
        ]
    except nvml.NVMLError:
        return []


def chosen_from(boards, environ=None):
    """As `choosable`, of these `Board`s: those that CUDA shows, if they are alike."""
    shown = visible.entries(environ)
    numbers = shown is None or any(entry.isdigit() for entry in shown)
    alike = len({board.name for board in boards}) < 2
    if shown is not None and numbers and not alike:
        doubt = visible.in_doubt(shown[0], len(boards), environ)
        if doubt:
            return [], f"{visible.VARIABLE} is left to torch: {doubt}"
    entries = [str(n) for n in range(len(boards))] if shown is None else shown
    found = [_named(entry, boards) for entry in entries]
    if None in found:  # CUDA shows what stands before the first that is none
        found = found[: found.index(None)]
    found = list(dict.fromkeys(found))
    kinds = sorted({board.name for board in found})
    if len(kinds) > 1:
        return [], (
            f"the GPUs are unlike ({', '.join(kinds)}): torch's first is taken; name "
            f"those to choose from in {visible.VARIABLE}"
        )
    if not all(board.whole for board in found):
        return [], None
    return [board.uuid for board in found], None


def _named(entry, boards):
    """The board that an entry of CUDA_VISIBLE_DEVICES names, or None.

    An instance of MIG is a device of its own.
    """
    if entry.startswith("MIG-"):
        return Board(entry, "MIG instance")
    if entry.isdigit():
        return boards[int(entry)] if int(entry) < len(boards) else None
    fitting = [board for board in boards if board.uuid.startswith(entry)]
    return fitting[0] if len(fitting) == 1 else None
