"""telemetry.csv: its columns, and writing it as it goes (`samples` reads it)."""

import csv
import io
import math
import threading

LEADING = ("monotonic_s", "phase", "epoch")
TRAILING = (
    "recorder_gpu_power_w",
    "recorder_gpu_memory_pct",
    "missed_ticks",
    "event",
)
TEXT = ("phase", "event", "gpu_other_pids")


def header(columns):
    """All columns of telemetry.csv for the given readings."""
    return [*LEADING, *columns, *TRAILING]


class Writer:
    """Writes rows in the background: a slow disk delays no sample and loses none."""

    def __init__(self, handle, columns):
        self.handle, self.columns = handle, columns
        self._waiting, self._change = [columns], threading.Condition()
        self._closing, self.failure = False, None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def add(self, rows):
        """Hand over rows, each {column: value}; returns at once."""
        lines = [[_cell(row.get(column)) for column in self.columns] for row in rows]
        with self._change:
            self._waiting += lines
            self._change.notify_all()

    def flush(self):
        """Wait until everything handed over is in the file. Raises OSError."""
        with self._change:
            self._change.wait_for(lambda: not self._waiting or self.failure)
        if self.failure:
            raise self.failure

    def close(self):
        """Write what is left and end. Raises OSError."""
        with self._change:
            self._closing = True
            self._change.notify_all()
        self._thread.join()
        if self.failure:
            raise self.failure

    def _run(self):
        try:
            while lines := self._next():
                text = io.StringIO()
                csv.writer(text, lineterminator="\n").writerows(lines)
                self.handle.write(text.getvalue())
                self.handle.flush()
                with self._change:
                    del self._waiting[: len(lines)]
                    self._change.notify_all()
        except OSError as error:
            with self._change:
                self.failure = error
                self._change.notify_all()

    def _next(self):
        """The lines to write next; nothing at the end."""
        with self._change:
            self._change.wait_for(lambda: self._waiting or self._closing)
            return list(self._waiting)


def _cell(value):
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(round(value, 6)) if math.isfinite(value) else ""
    return value
