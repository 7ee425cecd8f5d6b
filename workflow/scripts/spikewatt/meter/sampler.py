"""The meter's own process: `python -m spikewatt.meter.sampler`, started by `Meter`.

It reads a line of JSON with its settings from standard input, then commands, a line
each: a phase's edge, «flush», «close». It answers on standard output. Between commands
it takes a sample at every tick. It ends with its parent: by a signal of the kernel when
the parent dies, by the end of its input, and by looking at its parent's number.
"""

import ctypes
import gc
import json
import os
import select
import signal
import sys
import time

from spikewatt.files import atomic
from spikewatt.meter import backends, holder, lock, periods
from spikewatt.meter.errors import DeviceLost
from spikewatt.meter.labels import Labels
from spikewatt.meter.neighbours import Neighbours
from spikewatt.meter.others import Others
from spikewatt.meter.recorder import Recorder
from spikewatt.meter.target import ProcessTree, Target
from spikewatt.meter.telemetry import Writer, header
from spikewatt.meter.ticker import Ticker

PR_SET_PDEATHSIG = 1
HANDOVER_S = 1.0


class ParentDied(Exception):
    """Nobody is there any more to measure for."""


class Sampler:
    """Samples all backends at each tick; rows go to `writer`."""

    def __init__(self, opened, tree, rate_hz, writer, neighbours=None):
        self.backends, self.tree, self.writer = opened, tree, writer
        now = time.monotonic()
        self.ticker, self.recorder = Ticker(rate_hz, now), Recorder(now)
        self.labels, self.rows, self.unlabelled = Labels(), [], None
        self.others = Others(tree, neighbours)
        self.handover = now + HANDOVER_S
        self.count = self.missed = 0
        self.lost = None

    def tick(self):
        """Take one sample."""
        missed = self.ticker.serve(time.monotonic())
        row, events = {"missed_ticks": missed}, []
        counters = self._read(lambda backend: backend.read_counters(), events)
        row["monotonic_s"] = time.monotonic()
        row |= self._read(lambda backend: backend.read(), events) | counters
        row |= self.recorder.take(row["monotonic_s"], row)
        row["event"] = "; ".join(events)
        self.label()
        self.unlabelled = row
        self.count, self.missed = self.count + 1, self.missed + missed
        if row["monotonic_s"] >= self.handover:
            self.hand_over()

    def label(self):
        """Name the phase of the last sample: by now every edge before it is known."""
        row, self.unlabelled = self.unlabelled, None
        if row:
            row["phase"], row["epoch"] = self.labels.at(row["monotonic_s"])
            self.rows.append(row)

    def hand_over(self):
        """Give the rows to the writer."""
        self.writer.add(self.rows)
        self.rows = []
        self.handover = time.monotonic() + HANDOVER_S

    def flush(self):
        """Bring all samples taken so far into the file."""
        self.label()
        self.hand_over()
        self.writer.flush()

    def _read(self, call, events):
        values = {}
        for backend in list(self.backends):
            try:
                values |= call(backend)
            except DeviceLost as error:
                self.lost = str(error)
                self.backends.remove(backend)
                events.append(self.lost)
        return values


def serve(sampler, commands, parent):
    """Tick and obey until «close». Raises ParentDied."""
    while True:
        for command in commands.wait(sampler.ticker.due):
            if command["do"] == "phase":
                sampler.labels.add(command["time"], command["name"], command["epoch"])
            elif command["do"] == "flush":
                sampler.flush()
                answer(flushed=True, lost=sampler.lost)
            elif command["do"] == "others":
                who = sampler.others.between(command["phases"])
                answer(others=who, beside=sampler.others.beside(command["phases"]))
            elif command["do"] == "close":
                return
        if os.getppid() != parent:
            raise ParentDied
        if time.monotonic() >= sampler.ticker.due:
            sampler.tick()
            sampler.others.look()


class Commands:
    """Lines of JSON from a file descriptor, without ever waiting past a moment."""

    def __init__(self, descriptor):
        self.descriptor, self.rest = descriptor, b""

    def wait(self, until):
        """The commands that arrive first before `until`. Raises ParentDied."""
        timeout = max(0.0, until - time.monotonic())
        if not select.select([self.descriptor], [], [], timeout)[0]:
            return []
        data = os.read(self.descriptor, 65536)
        if not data:
            raise ParentDied
        *lines, self.rest = (self.rest + data).split(b"\n")
        return [json.loads(line) for line in lines]

    def first(self):
        """The first command, waited for. Raises ParentDied."""
        while True:
            if arrived := self.wait(time.monotonic() + 60):
                return arrived[0]


def answer(**message):
    """Send a line to the parent."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def die_with(parent, by_signal):
    """Have the kernel kill this process when its parent dies.

    by_signal: False where the parent's starting thread may end before the process,
    since the kernel goes by the thread.
    """
    if by_signal and sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise ParentDied


def measure(settings, commands):
    """Open the backends, sample until told to close, leave a whole file."""
    target = Target(**settings["target"])
    tree = ProcessTree(target)
    tree.exclude.add(os.getpid())
    opened, unavailable = backends.open_all(target, tree)
    columns = header(backends.columns(opened))
    facts = {
        backend.name: backend.facts() | update_periods(backend) for backend in opened
    }
    with (
        atomic.placing(settings["path"]) as path,
        open(path, "w", encoding="utf-8", newline="") as handle,
    ):
        writer = Writer(handle, columns)
        writer.flush()
        neighbours = Neighbours(on_other_gpus, own_devices(target))
        sampler = Sampler(opened, tree, settings["rate_hz"], writer, neighbours)
        answer(ready=str(path), facts=facts, unavailable=unavailable)
        gc.freeze()
        try:
            serve(sampler, commands, settings["parent"])
        except ParentDied:
            sampler.flush()
            os._exit(1)  # leaves the rows under their temporary name, for `recover`
        sampler.flush()
        writer.close()
    answer(
        closed=True,
        lost=sampler.lost,
        samples=sampler.count,
        missed_ticks=sampler.missed,
        cpu_s=time.process_time(),
    )


def on_other_gpus():
    """Who holds the lock of a GPU now; see `holder.on_gpus`."""
    return holder.on_gpus(lock.folder())


def own_devices(target):
    """The measured devices as their lock files call them."""
    paths = lock.lock_paths(target.device, target.uuid)
    return [lock.device_of(path) for path in paths]


def update_periods(backend):
    """How often a backend's power and energy readings change, in seconds."""
    if backend.name not in backends.OF_GPUS:
        return {}
    readings = {"power_period_s": backend.power, "energy_period_s": backend.energy}
    try:
        return periods.find(readings)
    except DeviceLost:
        return dict.fromkeys(readings)


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent closes it in good order
    commands = Commands(sys.stdin.fileno())
    try:
        settings = commands.first()
        die_with(settings["parent"], settings["by_signal"])
        measure(settings, commands)
    except ParentDied:
        return 1
    except OSError as error:
        answer(failed=f"the meter cannot write {settings['path']}: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
