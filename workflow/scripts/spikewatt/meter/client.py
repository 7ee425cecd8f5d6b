"""The parent's side of the sampler: start it, speak to it, notice its death."""

import json
import logging
import os
import select
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path

from spikewatt.meter.errors import MeterError

log = logging.getLogger("spikewatt.meter")

LIBRARY = Path(__file__).resolve().parents[2]


class Client:
    """A running sampler that writes to `path`. Raises MeterError if it won't start."""

    def __init__(self, path, target, rate_hz, start_s=30.0):
        environment = dict(os.environ)
        known = environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(LIBRARY), known]))
        self.alive, self._rest = True, b""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "spikewatt.meter.sampler"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env=environment,
        )
        settings = {
            "path": str(path),
            "target": asdict(target),
            "rate_hz": rate_hz,
            "parent": os.getpid(),
            "by_signal": threading.current_thread() is threading.main_thread(),
        }
        answer = self.ask(settings, start_s)
        if not answer or "ready" not in answer:
            self.end()
            reason = (answer or {}).get("failed", "see its message above")
            raise MeterError(f"the meter's process did not start: {reason}")
        self.ready = answer
        self.path = Path(answer["ready"])

    @property
    def pid(self):
        return self.process.pid

    def send(self, message):
        """Send without waiting; a dead sampler is noticed and not fatal."""
        try:
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
        except OSError:
            self._died()

    def ask(self, message, timeout_s=120.0):
        """Send and wait for the answer; None when the sampler is dead or mute."""
        self.send(message)
        end = time.monotonic() + timeout_s
        while self.alive and b"\n" not in self._rest:
            if time.monotonic() > end:
                self.process.kill()
                self._died()
                return None
            if select.select([self.process.stdout], [], [], 1.0)[0]:
                data = self.process.stdout.read(65536)
                self._rest += data
                if not data:
                    self._died()
        line, _, self._rest = self._rest.partition(b"\n")
        return json.loads(line) if line.strip() else None

    def end(self):
        """Make sure that the process is gone."""
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def _died(self):
        if self.alive:
            self.alive = False
            log.warning(
                "the meter's process %d has ended (exit status %s): from here on only "
                "counters are measured",
                self.pid,
                self.process.poll(),
            )
