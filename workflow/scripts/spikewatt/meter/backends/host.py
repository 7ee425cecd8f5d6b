"""The host: CPU seconds, resident memory and input/output of a process tree."""

import contextlib
import time
from pathlib import Path

import psutil

MIB = 2**20
PERIOD_S = 0.25
SWAP_PERIOD_S = 1.0


class Host:
    """Always there. CPU seconds come from the kernel in steps of 10 ms.

    A process that ended is counted through its parent, once that has waited for it.
    """

    name = "host"
    measures = (
        "the measured process and its descendants: CPU seconds (user and system, from "
        "the kernel's accounting), resident memory, input and output; and the CPU "
        "seconds and swapping of the whole machine"
    )
    columns = (
        "cpu_time_s",
        "rss_mib",
        "processes",
        "io_read_mib",
        "io_write_mib",
        "meter_cpu_s",
        "machine_busy_s",
        "swapped_mib",
        "peak_rss_mib",
    )

    def __init__(self, target, tree):
        self.tree = tree
        self._next = self._next_swap = 0.0
        tree.refresh(force=True)

    def read_counters(self):
        return {}

    def read(self, full=False):
        now = time.monotonic()
        if not full and now < self._next:
            return {}
        self._next = now + PERIOD_S
        self.tree.refresh(force=full)
        values = {**self._tree(), **self._machine(now, full)}
        if full:
            values["peak_rss_mib"] = high_water_mib(self.tree.processes())
        return values

    def facts(self):
        return {
            "measures": self.measures,
            "cores": psutil.cpu_count(),
            "period_s": PERIOD_S,
        }

    def _tree(self):
        living = [_process(process) for process in self.tree.processes()]
        living = [values for values in living if values]
        cpu, rss, read, written = map(sum, zip((0, 0, 0, 0), *living, strict=True))
        if not self.tree.target.include_root:
            ended = _reaped(self.tree.root)
            cpu, read, written = cpu + ended[0], read + ended[1], written + ended[2]
        return {
            "cpu_time_s": cpu,
            "rss_mib": rss / MIB if living else None,
            "processes": len(living),
            "io_read_mib": read / MIB,
            "io_write_mib": written / MIB,
        }

    def _machine(self, now, full):
        busy = psutil.cpu_times()
        idle = busy.idle + getattr(busy, "iowait", 0)
        # guest time is part of user time already
        guest = getattr(busy, "guest", 0) + getattr(busy, "guest_nice", 0)
        values = {
            "machine_busy_s": sum(busy) - idle - guest,
            "meter_cpu_s": sum(map(_cpu_of, self.tree.exclude)),
        }
        if full or now >= self._next_swap:
            self._next_swap = now + SWAP_PERIOD_S
            with contextlib.suppress(OSError, RuntimeError):
                swap = psutil.swap_memory()
                values["swapped_mib"] = (swap.sin + swap.sout) / MIB
        return values


def high_water_mib(processes):
    """Sum of the processes' peaks of resident memory since last asked, or None.

    The kernel keeps the mark (VmHWM, proc(5)) and sets it back when told to; where it
    can't be (another user's process, no /proc), there is no mark of this phase.
    """
    total = 0.0
    for process in processes:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
            Path(f"/proc/{process.pid}/clear_refs").write_text("5", encoding="utf-8")
        except (FileNotFoundError, ProcessLookupError):
            if not Path("/proc/self/status").exists():
                return None
            continue  # it ended
        except OSError:
            return None
        marks = [line for line in status.splitlines() if line.startswith("VmHWM:")]
        total += int(marks[0].split()[1]) / 1024 if marks else 0.0  # none: it ended
    return total or None


def _process(process):
    """(CPU s, resident bytes, bytes read, bytes written), or None when it is gone.

    All but the memory include what the children did that the process waited for.
    """
    try:
        with process.oneshot():
            cpu = sum(process.cpu_times()[:4])
            return cpu, process.memory_info().rss, *_moved(process)
    except psutil.Error:
        return None


def _reaped(process):
    """(CPU s, bytes read, bytes written) of the children a process has waited for.

    The bytes are with its own, which for a meter that only waits are next to none.
    """
    try:
        return sum(process.cpu_times()[2:4]), *_moved(process)
    except psutil.Error:
        return 0.0, 0, 0


def _moved(process):
    """(bytes read, bytes written) from and to storage."""
    try:
        moved = process.io_counters()
    except psutil.AccessDenied:
        return 0, 0
    return moved.read_bytes, moved.write_bytes


def _cpu_of(pid):
    try:
        return sum(psutil.Process(pid).cpu_times()[:2])
    except psutil.Error:
        return 0.0
