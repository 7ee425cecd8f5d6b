"""A bar over all jobs in the last line of a terminal, with the time left.

Jobs write to the same terminal from processes of their own. `BAR` in their environment
tells them to clear the line first (`files.terminal_line`); the bar comes back below.
"""

import contextlib
import os
import threading
import time

from tqdm import tqdm

from spikewatt.files.progress import duration
from spikewatt.files.terminal_line import BAR, CLEAR
from spikewatt.workflow.remaining import Remaining

EVERY_S = 1.0
FORM = "{percentage:3.0f} % |{bar}| {n_fmt} of {total_fmt} jobs, {elapsed}, {left}"


class Bar:
    """Drawn on `stream`, a terminal, until `close`; `told` of Snakemake's records."""

    def __init__(self, stream, clock=time.monotonic):
        self.stream, self.clock = stream, clock
        self.remaining, self.done, self.total = None, 0, 0
        self.lock, self._closed = threading.RLock(), threading.Event()
        os.environ[BAR] = "1"
        threading.Thread(target=self._keep, daemon=True).start()

    @contextlib.contextmanager
    def aside(self):
        """The line is free while something else is written."""
        with self.lock:
            self._write(CLEAR)
            yield
            self.draw()

    def told(self, record):
        """Take in what a record of Snakemake's says, in the order of emission."""
        now, event = self.clock(), getattr(record, "event", None)
        if event == "run_info":
            counts = getattr(record, "stats", None) or {}
            self.remaining, self.total = Remaining(counts, now), counts.get("total", 0)
        elif event == "progress":
            self.done, self.total = record.done, record.total
        elif event == "job_info" and self.remaining:
            self.remaining.starts(record.jobid, record.rule_name, now)
        elif event == "job_finished" and self.remaining:
            self.remaining.ends(record.job_id, now)

    def draw(self):
        """Write the line, if there is something to do yet."""
        with self.lock:
            if self.remaining and self.done < self.total and not self._closed.is_set():
                self._write(CLEAR + self.line(self.clock()))

    def line(self, now):
        """The bar as text, as wide as the terminal less one column."""
        return tqdm.format_meter(
            self.done,
            self.total,
            now - self.remaining.begin,
            ncols=_columns(self.stream) - 1,
            bar_format=FORM,
            left=left(self.remaining.estimate(now)),
        )

    def close(self):
        """Leave the line free."""
        with self.lock:
            if not self._closed.is_set():
                self._closed.set()
                os.environ.pop(BAR, None)
                self._write(CLEAR)

    def _keep(self):
        while not self._closed.wait(EVERY_S):
            self.draw()

    def _write(self, text):
        with contextlib.suppress(OSError, ValueError):  # the terminal has gone
            self.stream.write(text)
            self.stream.flush()


def left(estimate):
    """«3 min left», «over 3 min left», or that it is not known yet."""
    if estimate is None:
        return "time left not known yet"
    seconds, whole = estimate
    return f"{'' if whole else 'over '}{duration(seconds)} left"


def _columns(stream):
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
