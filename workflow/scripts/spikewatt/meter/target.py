"""What is measured: a tree of processes and, perhaps, a GPU."""

import time
from dataclasses import dataclass, field

import psutil

# Finding the descendants of a process costs a walk through all processes; it takes
# at most this share of a core.
DISCOVERY_SHARE, DISCOVERY_S = 0.004, 0.25


@dataclass(frozen=True)
class Target:
    """The process whose tree is measured, and the device it computes on.

    include_root: False measures the descendants only (a command started by a meter).
    device: «cpu», «cuda:<index>» or None for the first GPU; uuid: NVML's name of it.
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
            found = self.root.children(recursive=True)
        except psutil.Error:
            found = []
        known = {process.pid: process for process in self.members}
        self.members = [
            known.get(process.pid, process)
            for process in found
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
