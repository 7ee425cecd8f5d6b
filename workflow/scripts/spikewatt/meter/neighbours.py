"""Measured jobs on the other GPUs of the machine: how many, and what CPU they use.

They are no disturbance of what a GPU's own counters say, and no secret either. They
are known by the locks that they hold (`holder.on_gpus`), with all their descendants.
"""

from collections import deque

KEPT = 50_000  # looks


class Neighbours:
    """Told of each look at all processes by `others.Others`.

    on_gpus: a function that gives {device: numbers of the processes that hold it};
    own: the devices that are measured, which are no neighbours.
    """

    def __init__(self, on_gpus, own=()):
        self.on_gpus, self.own = on_gpus, own
        self.processes = set()  # (number, when it was created) of all ever seen
        self._looks = deque(maxlen=KEPT)  # (moment, how many devices)

    def add(self, seen, moment):
        """Take a look, {(pid, created): others.Seen}, that was done at `moment`."""
        found = {d: pids for d, pids in self.on_gpus().items() if d not in self.own}
        self._looks.append((moment, len(found)))
        roots = set().union(*found.values())
        if roots:
            self.processes |= descendants(seen, roots)

    def number(self, phases):
        """On how many other GPUs jobs were measured at once, at most, in the phases.

        phases: (begin, end) each. Where no look fell into one, the next counts.
        """
        return max((self._within(begin, end) for begin, end in phases), default=0)

    def _within(self, begin, end):
        most = 0
        for moment, number in self._looks:
            if moment >= begin:
                most = max(most, number)
                if moment > end:
                    break
        return most


def descendants(seen, roots):
    """Those of `seen`, {(pid, created): others.Seen}, that descend from the roots.

    roots: numbers of processes, which count themselves.
    """
    parents = {pid: now.parent for (pid, _), now in seen.items()}
    return {process for process in seen if _meets(process[0], parents, roots)}


def _meets(pid, parents, roots):
    passed = set()
    while pid not in roots:
        if pid not in parents or pid in passed:
            return False
        passed.add(pid)
        pid = parents[pid]
    return True
