"""The meter as the measured program sees it: phases, rows, a description."""

import contextlib
import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from spikewatt.files import atomic
from spikewatt.meter import backends
from spikewatt.meter.client import Client
from spikewatt.meter.errors import DeviceLost, MeterError
from spikewatt.meter.target import ProcessTree, Target

log = logging.getLogger("spikewatt.meter")

IDLE = "idle"
# Bytes of telemetry read besides a phase's own: rows on their way when it began.
MARGIN = 4096
# Samples around a phase that help to tell how often a counter wrapped within it.
AROUND_S = 1.0


@dataclass
class Phase:
    """A phase that was measured: edges in monotonic s, readings and file offsets."""

    name: str
    epoch: int | None
    begin: float
    first: dict
    offset: int
    end: float | None = None
    last: dict | None = None


class Meter:
    """Measures the phases of a program; samples go to `path` as they are taken.

    path: telemetry.csv; it exists once the meter is closed. device: «cpu»,
    «cuda:<index>», or None for the first GPU where there is one. uuid: the GPU's, which
    is safer than its index. rate_hz: samples a second. synchronize: called at each
    edge of a phase, to wait for work that the device still has to do. target: what to
    measure instead of this process. beside: who measures on the device too, which flags
    every row. Raises MeterError if it cannot start.
    """

    def __init__(
        self,
        path,
        device=None,
        rate_hz=20.0,
        synchronize=None,
        uuid=None,
        target=None,
        beside=None,
    ):
        if not 0 < rate_hz <= 1000:
            raise MeterError(
                f"rate_hz is {rate_hz}; it must be above 0 and at most 1000"
            )
        self.path, self.rate_hz, self.beside = path, rate_hz, beside
        self.synchronize = synchronize or (lambda: None)
        self.target = target or Target(os.getpid(), device=device, uuid=uuid)
        self.phases, self._open = [], None
        self._idle_intervals, self._raised, self._closed = [], {}, {}
        self._most = 0  # jobs that were measured on other GPUs at once
        self._others = {}  # asked once: what a phase saw does not change

    def __enter__(self):
        self._tree = ProcessTree(self.target)
        self.backends, self.unavailable = backends.open_all(self.target, self._tree)
        self._client = Client(self.path, self.target, self.rate_hz)
        self._tree.exclude.add(self._client.pid)
        self._facts = {
            backend.name: backend.facts()
            | self._client.ready["facts"].get(backend.name, {})
            for backend in self.backends
        }
        return self

    def __exit__(self, kind, error, trace):
        self._closed = self._client.ask({"do": "close"}) or {}
        self._client.end()
        if failure := self._closed.get("failed"):
            if error is None:
                raise MeterError(failure)
            log.warning("%s", failure)
        if not self._closed:
            recover(self.path)

    @contextlib.contextmanager
    def phase(self, name, epoch=None):
        """Measure the block as phase `name` of `epoch`.

        Raises MeterError inside another phase, DeviceLost when the device has vanished.
        """
        if self._open:
            raise MeterError(f"phase {name} begins within phase {self._open.name}")
        self._begin(name, epoch)
        try:
            yield
        except BaseException:
            with contextlib.suppress(DeviceLost):
                self._end()
            raise
        self._end()

    @property
    def sampler_pid(self):
        """The number of the meter's own process."""
        return self._client.pid

    def phase_time(self, name, epoch=None):
        """Seconds that the phase took, all its parts together."""
        return sum(phase.end - phase.begin for phase in self._named((name,), epoch))

    def row(self, names, epoch=None, samples=None, correct=None):
        """Numbers over the union of the named phases; None for what was not measured.

        samples, correct: how many samples went through, and how many were answered
        rightly, for joules per sample and per correct answer. Raises MeterError for a
        phase that was not measured, DeviceLost when the device has vanished.
        """
        from spikewatt.meter import summary  # numpy, which the sampler is spared

        phases = self._named(names, epoch)
        self._flush()
        row = summary.row(
            [self._interval(phase) for phase in phases],
            self._idle(),
            self._summary_facts() | self._neighbours(names, epoch),
            samples,
            correct,
        )
        holds = {"beside": self.beside, "unmetered": not self._client.alive}
        words = [word for word, raised in holds.items() if raised]
        row["flags"] = " ".join(filter(None, [row["flags"], *words]))
        self._warn(row["flags"].split(), names, epoch)
        return row

    def news_s(self, device, names, epoch=None):
        """Seconds between two readings of energy that are news, or None without any.

        device: gpu or cpu; names: of phases that were measured, as of `row`.
        """
        from spikewatt.meter import summary

        phases = self._named(names, epoch)
        self._flush()
        parts = [self._interval(phase) for phase in phases]
        return summary.news_s(device, parts, self._summary_facts())

    def others(self, names, epoch=None):
        """Who else computed in the named phases: records of `others.Others.between`.

        At most three, the busiest first; none where the meter's process has ended.
        Raises MeterError for a phase that was not measured.
        """
        return self._beside(names, epoch).get("others", [])

    def boards(self, names, epoch=None):
        """What each board drew where all are measured: `per_board.rows`, else []."""
        from spikewatt.meter import per_board

        gpu = self._facts.get(backends.of_gpu(self._facts), {})
        if "boards" not in gpu:
            return []
        phases = self._named(names, epoch)
        self._flush()
        parts = [self._interval(phase) for phase in phases]
        return per_board.rows(gpu["boards"], parts)

    def samples(self, names, epoch=None):
        """What was sampled in the named phases, a {column: array or texts} for each.

        Raises MeterError for a phase that was not measured, DeviceLost when the
        device has vanished.
        """
        phases = self._named(names, epoch)
        self._flush()
        return [self._interval(phase).inside for phase in phases]

    def describe(self):
        """What measured, and how, for run.json."""
        from spikewatt.meter import flags, summary

        facts = {name: dict(known) for name, known in self._facts.items()}
        return {
            "backends": list(facts),
            "unavailable": self.unavailable,
            "measures": {name: facts[name].pop("measures") for name in facts},
            "device": facts.pop(backends.of_gpu(facts), {}),
            "host": facts.pop("host", {}),
            "cpu": facts.pop("rapl", {}),
            "rate_hz": self.rate_hz,
            "baseline": summary.baseline(self._idle(), self._summary_facts()),
            "definitions": summary.DEFINITIONS,
            "beside": self.beside,
            "neighbours": self._most,
            "flags": self._raised,
            "flag_meanings": flags.FLAGS,
        }

    def _beside(self, names, epoch):
        """What the meter's process says of others in the named phases, if it lives."""
        key = (tuple(names), epoch)
        if key not in self._others:
            edges = [(phase.begin, phase.end) for phase in self._named(names, epoch)]
            asked = {"do": "others", "phases": edges}
            answer = self._client.ask(asked) if self._client.alive else None
            self._others[key] = answer or {}
        return self._others[key]

    def _neighbours(self, names, epoch):
        """Measured jobs on other GPUs in the named phases, as facts for a row."""
        told = self._beside(names, epoch).get("beside") or {}
        number = told.get("neighbours")
        self._most = max(self._most, number or 0)
        return {
            "neighbours": number,
            "neighbour_cpu_cores": told.get("cpu_cores"),
            "on_gpu": backends.of_gpu(self._facts) is not None,
        }

    def _begin(self, name, epoch):
        first = self._read(full=True)
        offset = self._size()
        self.synchronize()
        first |= self._read_counters()
        begin = time.monotonic()
        self._open = Phase(name, epoch, begin, first, offset)
        self._mark(begin, name, epoch)

    def _end(self):
        phase, self._open = self._open, None
        try:
            self.synchronize()
        finally:
            phase.last = {}
            try:
                counters = self._read_counters()
                phase.end = time.monotonic()
                phase.last = self._read(full=True) | counters
            finally:
                phase.end = phase.end or time.monotonic()
                self.phases.append(phase)
                self._mark(phase.end, "", None)

    def _mark(self, moment, name, epoch):
        self._client.send({"do": "phase", "time": moment, "name": name, "epoch": epoch})

    def _read_counters(self):
        values = {}
        for backend in self.backends:
            values |= backend.read_counters()
        return values

    def _read(self, full):
        values = {}
        for backend in self.backends:
            values |= backend.read(full)
        return values

    def _size(self):
        return self._client.path.stat().st_size if self._client.path.exists() else 0

    def _flush(self):
        """Have the sampler bring its samples into the file."""
        if not self._client.alive:
            return
        answer = self._client.ask({"do": "flush"}) or {}
        if answer.get("lost"):
            raise DeviceLost(answer["lost"])
        if answer.get("failed"):
            raise MeterError(answer["failed"])

    def _warn(self, words, names, epoch):
        """Keep where each flag was raised; log each kind when it first comes up."""
        from spikewatt.meter import flags

        who = self.others(names, epoch)
        where = f"{', '.join(names)}{f' of epoch {epoch}' if epoch else ''}"
        for word in words:
            if word not in self._raised:
                log.warning(
                    "measuring %s, flag %s: %s", where, word, flags.told(word, who, 1)
                )
            places = self._raised.setdefault(word, [])
            if where not in places:
                places.append(where)

    def _named(self, names, epoch):
        wanted = [p for p in self.phases if p.name in names and p.epoch == epoch]
        missing = set(names) - {phase.name for phase in wanted}
        if missing:
            measured = sorted(
                {f"{p.name} {p.epoch or ''}".strip() for p in self.phases}
            )
            raise MeterError(
                f"phase {', '.join(sorted(missing))} of epoch {epoch} was not "
                f"measured; measured: {', '.join(measured) or 'nothing'}"
            )
        return wanted

    def _interval(self, phase):
        """The phase with its samples, read from the file."""
        from spikewatt.meter import samples
        from spikewatt.meter.interval import Interval

        rows = samples.read(self._client.path, max(0, phase.offset - MARGIN))
        rows = samples.between(rows, phase.begin - AROUND_S, phase.end + AROUND_S)
        return Interval(
            phase.begin, phase.end, phase.first, phase.last, rows, self._wraps()
        )

    def _idle(self):
        """The idle phases so far; read once, since every row needs them."""
        done = [phase for phase in self.phases if phase.name == IDLE]
        for phase in done[len(self._idle_intervals) :]:
            self._idle_intervals.append(self._interval(phase))
        return self._idle_intervals

    def _wraps(self):
        domains = self._facts.get("rapl", {}).get("domains", {})
        return {column: domain["wraps_at_j"] for column, domain in domains.items()}

    def _summary_facts(self):
        gpu = self._facts.get(backends.of_gpu(self._facts), {})
        counters = list(self._wraps())
        own = "apple" in self._facts  # a chip's counters of its CPU and memory
        return {
            "cores": psutil.cpu_count(),
            "power_period_s": gpu.get("power_period_s"),
            "power_windows_s": _windows(gpu.get("published")),
            "energy_period_s": gpu.get("energy_period_s"),
            "cpu": [name for name in counters if name.startswith("rapl_package")]
            + ["apple_cpu_j"] * own,
            "dram": [name for name in counters if name.startswith("rapl_dram")]
            + ["apple_dram_j"] * own,
        }


def _windows(published):
    """Seconds that each power reading averages over, as far as published."""
    if not published:
        return {}
    return {
        "gpu_power_w": published["power_window_ms"] / 1000,
        "gpu_power_instant_w": published["instant_window_ms"] / 1000,
    }


def recover(path):
    """Make a whole file `path` of what a killed meter left; returns whether it did.

    Its last line may be cut, and is left out. Call it before a new meter on `path`,
    which removes what is left there.
    """
    path = Path(path)
    left = atomic.leftovers(path)
    if left and not path.exists():
        data = left[-1].read_bytes()
        with atomic.placing(path, tidy=False) as temporary:
            temporary.write_bytes(data[: data.rfind(b"\n") + 1])
    atomic.sweep(path)
    return bool(left)
