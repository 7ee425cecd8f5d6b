"""What is measured: a tree of processes and, perhaps, a GPU."""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

# Finding the descendants of a process costs a walk through all processes; it takes
# at most this share of a core.
DISCOVERY_SHARE, DISCOVERY_S = 0.004, 0.25

ALL = "all"  # as a device: each GPU that the process can see


@dataclass(frozen=True)
class Target:
    """The process whose tree is measured, and the device it computes on.

    include_root: False measures the descendants only (a command started by a meter).
    device: «cpu», «cuda:<index>», «all» or None for the first GPU; uuid: NVML's name
    of it.
    exclude: processes of the tree that are not to be counted (the meter's own).
    """

    pid: int
    include_root: bool = True
    device: str | None = None
    uuid: str | None = None
    exclude: tuple[int, ...] = field(default=())


class ProcessTree:
    """The processes of a target, looked for four times a second or less often."""

    def __init__(self, target):
        self.target = target
        self.root = psutil.Process(target.pid)
        self.exclude = set(target.exclude)
        self.members, self._next = [], 0.0

    def refresh(self, force=False):
        """Look for processes that came or went."""
        if not force and time.monotonic() < self._next:
            return
        begin = time.thread_time()
        try:
            living = descendants(self.root)
        except psutil.Error:
            living = []
        known = {process.pid: process for process in self.members}
        self.members = [
            known.get(process.pid, process)
            for process in living
            if process.pid not in self.exclude
        ]
        cost = time.thread_time() - begin
        self._next = time.monotonic() + max(DISCOVERY_S, cost / DISCOVERY_SHARE)

    def processes(self):
        """The processes to count now."""
        root = [self.root] if self.target.include_root else []
        return root + self.members

    def pids(self):
        """Numbers of all processes of the tree, root and excluded ones too."""
        members = {process.pid for process in self.members}
        return members | self.exclude | {self.root.pid}


def descendants(root):
    """The living descendants of a `psutil.Process`. Raises psutil.Error.

    Linux lists the children of each thread; going down those lists costs a fraction of
    psutil's walk through every process of the machine, which stands in elsewhere.
    """
    try:
        numbers, waiting = [], [root.pid]
        while waiting:
            children = _children(waiting.pop())
            numbers += children
            waiting += children
    except OSError:
        return root.children(recursive=True)
    return [process for pid in numbers if (process := _process(pid))]


def _children(pid):
    """Numbers of a process's children; none once it is gone. Raises OSError."""
    numbers = []
    tasks = Path(f"/proc/{pid}/task")
    for thread in os.listdir(tasks) if tasks.exists() else ():
        try:
            numbers += map(int, (tasks / thread / "children").read_text().split())
        except FileNotFoundError:
            if (tasks / thread).exists():
                raise  # a kernel without these lists
    return numbers


def _process(pid):
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None
