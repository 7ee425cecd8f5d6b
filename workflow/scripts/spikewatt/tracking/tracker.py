"""What recording elsewhere has in common, whichever tool it goes to."""

import logging
import time

from spikewatt.tracking.names import metrics, readings

log = logging.getLogger("spikewatt")


class Tracker:
    """Hands a run's epochs to a tool between the measured phases.

    tool: `ToWandb` or `ToTensorboard`. As a context manager it starts the tool and
    closes it, on an error too. A tool that fails later costs its record, not the run.
    """

    def __init__(self, tool):
        self.tool, self._works = tool, False
        self.start = None

    def __enter__(self):
        self.start = time.monotonic()
        self.tool.open()
        self._works = True
        return self

    def __exit__(self, kind, error, trace):
        self._guarded(self.tool.close, failed=kind is not None)

    @property
    def processes(self):
        """Numbers of the processes that the tool started; the meter leaves them out."""
        return self.tool.processes

    def replay(self, rows):
        """Record the epochs of before an interruption, without device readings."""
        for row in rows:
            self._guarded(self.tool.write, metrics(row), [])

    def epoch(self, row, meter, phases):
        """Record a row of epochs.csv and the readings of its `phases`.

        Call it outside all phases: it returns once the tool has taken everything.
        """
        self._guarded(self._epoch, row, meter, phases)

    def _epoch(self, row, meter, phases):
        points = [
            point
            for samples in meter.samples(phases, row["epoch"])
            for point in readings(samples, self.start, meter.target.device)
        ]
        self.tool.write(metrics(row), points)

    def _guarded(self, function, *arguments, **options):
        if not self._works:
            return
        try:
            function(*arguments, **options)
        # Whatever goes wrong in somebody else's library must not cost hours of work.
        except Exception as error:
            self._works = False
            log.warning(
                "tracking ended early, the run goes on: %s: %s",
                type(error).__name__,
                error,
            )
