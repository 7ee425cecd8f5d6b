"""Who else computes: processes outside the measured tree, and how busy they were.

Read by the meter's own process, a few at each tick, so that no sample comes late on a
machine with thousands of them. Of a command the first characters are kept, and nothing
that looks like a secret.
"""

import contextlib
import os
import re
import time
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

import psutil

from spikewatt.meter.neighbours import Neighbours

# Looking at all processes takes at most this share of a core, and a slice at a time.
LOOK_SHARE, LOOK_S, SLICE_S = 0.004, 1.0, 0.002
KEPT = 50_000  # spans; of a phase that is longer its end
SHOWN, LEAST_CORES = 3, 0.05
ARGUMENT_CHARACTERS = 40
TICK_S = 0.02  # what the kernel counts CPU time in, at both ends of a span
SECRET = re.compile("pass|pwd|token|secret|key|auth|cred", re.IGNORECASE)
CUT = "…"
UNSEEN = (
    f"no process that can be seen from here used {LEAST_CORES:.0%} of a core; those of "
    "other containers cannot be seen"
)


@dataclass(frozen=True)
class Seen:
    """A process at a moment: CPU s of it and of the children it waited for."""

    moment: float
    cpu_s: float
    parent: int


class Ledger:
    """CPU seconds of processes, span by span, from one look at all of them to the next.

    A process is known by (number, when it was created): numbers are used again.
    """

    def __init__(self, processors=None):
        self.processors = processors or os.cpu_count() or 1
        self.spans = deque(maxlen=KEPT)  # (process, begin, end, CPU s)
        self._last, self._looked = {}, None

    def add(self, seen):
        """Take a look, {(pid, created): Seen}; returns who was busy since the last one.

        The CPU time of a process that ended goes to its parent, which has waited for
        it, less what was counted of it before.
        """
        ended = defaultdict(float)
        for process in self._last.keys() - seen.keys():
            ended[self._last[process].parent] += self._last[process].cpu_s
        busy = []
        for process, now in seen.items():
            before = self._last.get(process)
            if before:
                used = now.cpu_s - before.cpu_s - ended.get(process[0], 0.0)
                begin = before.moment
            else:  # it began since the last look; of the first look nothing is known
                used = now.cpu_s if self._looked is not None else 0.0
                begin = self._looked
            if used > 0 and begin < now.moment and self._possible(used, now, begin):
                self.spans.append((process, begin, now.moment, used))
                busy.append(process)
        self._last = seen
        self._looked = min((one.moment for one in seen.values()), default=self._looked)
        return busy

    def _possible(self, used, now, begin):
        """Whether all cores could have given it that much since `begin`.

        Who takes in orphans (process 1, say) gets the time of a whole life when one of
        them ends, which its parent was to get: of that span nothing is known.
        """
        return used <= self.processors * (now.moment - begin) + TICK_S

    def cores(self, phases):
        """{process: cores that it kept busy} over the (begin, end) of some phases.

        A span that lies in a phase with a part of it counts with that part.
        """
        seconds = sum(end - begin for begin, end in phases)
        used = defaultdict(float)
        for process, begin, end, cpu_s in self.spans:
            inside = sum(
                max(0.0, min(end, last) - max(begin, first)) for first, last in phases
            )
            if inside:
                used[process] += cpu_s * inside / (end - begin)
        return {process: cpu_s / seconds for process, cpu_s in used.items()}


class Others:
    """Looks at the processes that are not in `tree`, a `target.ProcessTree`.

    neighbours: a `neighbours.Neighbours`, whose processes are told apart.
    """

    def __init__(self, tree, neighbours=None):
        self.tree, self.ledger = tree, Ledger()
        self.neighbours = neighbours or Neighbours(dict)
        self._own, self._described = set(), {}
        self._waiting, self._seen = [], {}
        self._next, self._cost = 0.0, 0.0

    def look(self, whole=False):
        """Look at some processes, as far as it is time; whole: at all of them, now."""
        if whole:
            self._waiting, self._seen = psutil.pids(), {}
        elif not self._waiting:
            if time.monotonic() < self._next:
                return
            self._waiting = psutil.pids()
        begin = time.thread_time()
        while self._waiting and (whole or time.thread_time() - begin < SLICE_S):
            self._seen |= _read(self._waiting.pop())
        self._cost += time.thread_time() - begin
        if not self._waiting:
            self._finish()

    def between(self, phases):
        """The busiest others of some phases, each (begin, end), as records.

        {"pid", "name", "command", "cpu_cores", "since", "what"}: the busiest first;
        name and command are None where they cannot be read.
        """
        self.look(whole=True)
        cores = {
            process: value
            for process, value in self.ledger.cores(phases).items()
            if value >= LEAST_CORES
            and process not in self._own
            and process not in self.neighbours.processes
        }
        first = sorted(cores, key=cores.get, reverse=True)[:SHOWN]
        return [self._record(process, cores[process]) for process in first]

    def beside(self, phases):
        """Measured jobs on other GPUs: on how many, and the CPU cores they kept busy.

        Ask `between` of the same phases first, which looks at what is new.
        """
        known = self.neighbours.processes - self._own
        cores = self.ledger.cores(phases)
        return {
            "neighbours": self.neighbours.number(phases),
            "cpu_cores": sum(cores[process] for process in cores.keys() & known),
        }

    def _finish(self):
        self.tree.refresh(force=True)
        own = self.tree.pids()
        self._own |= {process for process in self._seen if process[0] in own}
        self.neighbours.add(self._seen, time.monotonic())
        for process in self.ledger.add(self._seen):
            if process not in self._described and process not in self._own:
                self._described[process] = described(process[0])
        self._next = time.monotonic() + max(LOOK_S, self._cost / LOOK_SHARE)
        self._seen, self._cost = {}, 0.0

    def _record(self, process, cores):
        pid, created = process
        name, command = self._described.get(process, (None, None))
        record = {
            "pid": pid,
            "name": name,
            "command": command,
            "cpu_cores": round(cores, 3),
            "since": datetime.fromtimestamp(created).isoformat(timespec="seconds"),
        }
        return record | {"what": sentence(record)}


def sentence(record):
    """«python train.py (process 12, 0.93 cores, since 2026-11-25 12:03:11)»."""
    who = record["command"] or record["name"]
    facts = (
        f"{record['cpu_cores']:.2f} cores, since {record['since'].replace('T', ' ')}"
    )
    number = f"process {record['pid']}"
    return f"{who} ({number}, {facts})" if who else f"{number} ({facts})"


def told(records, most=SHOWN):
    """Who else computed, in words: the records' sentences, or that nobody is seen.

    most: how many are told of; a line of a log has room for one.
    """
    sentences = list(dict.fromkeys(record["what"] for record in records))
    rest = f" and {len(sentences) - most} more" if len(sentences) > most else ""
    return f"who else computed: {'; '.join(sentences[:most]) or UNSEEN}{rest}"


def described(pid):
    """(name, short command) of a process; None for what cannot be read."""
    name = command = None
    with contextlib.suppress(psutil.Error, OSError):
        process = psutil.Process(pid)
        name = process.name()
        command = shortened(process.cmdline())
    return name or None, command or None


def shortened(words):
    """A command line to show: the program's name, its arguments cut, secrets left out.

    Folders are left out, and so are values after «=» and those that follow an option
    which is called like a secret.
    """
    if not words:
        return ""
    shown, hidden = [], False
    for word in words[1:]:
        shown.append(CUT if hidden else _argument(word))
        hidden = bool(word.startswith("-") and "=" not in word and SECRET.search(word))
    arguments = " ".join(" ".join(shown).split())
    if len(arguments) > ARGUMENT_CHARACTERS:
        arguments = arguments[: ARGUMENT_CHARACTERS - 1] + CUT
    return f"{_file(words[0].split(' ')[0])} {arguments}".strip()


def _argument(word):
    name, equals, _ = word.partition("=")
    if equals:
        return f"{_file(name)}={CUT}"
    return _file(word)


def _file(word):
    return PurePath(word).name if "/" in word else word


def _read(pid):
    """{(pid, created): Seen} of a process; empty once it is gone."""
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            times, parent = process.cpu_times(), process.ppid()
    except (psutil.Error, OSError):
        return {}
    seen = Seen(time.monotonic(), sum(times[:4]), parent)
    return {(pid, process.create_time()): seen}
