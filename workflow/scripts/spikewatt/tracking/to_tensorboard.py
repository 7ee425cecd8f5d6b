"""`tracking: tensorboard`: event files, through torch's own writer."""

import json
import logging
import time
from datetime import datetime
from pathlib import Path

from spikewatt.tracking.errors import library

log = logging.getLogger("spikewatt")


class ToTensorboard:
    """Writes each attempt at a run to a folder of its own, «tensorboard/<time>»."""

    processes = ()

    def __init__(self, folder, name, settings):
        library("tensorboard", "tensorboard")
        self.folder, self.name, self.settings = Path(folder), name, settings

    def open(self):
        """Start the event file; the run's settings become a text in it."""
        from torch.utils.tensorboard import SummaryWriter

        attempt = datetime.now().strftime("%Y-%m-%dT%H-%M-%S.%f")
        where = self.folder / "tensorboard" / attempt
        self.writer, self._start = SummaryWriter(str(where)), time.time()
        text = json.dumps({"run": self.name, **self.settings}, indent=2)
        self.writer.add_text("config", f"```\n{text}\n```")
        self.writer.flush()
        log.info("TensorBoard: tensorboard --logdir %s", self.folder)

    def write(self, metrics, points):
        """Write an epoch's numbers, and readings as (seconds, {name: value}).

        The step is the epoch's number, and for readings the whole second.
        """
        for seconds, values in points:
            for name, value in values.items():
                self.writer.add_scalar(
                    name, value, int(seconds), walltime=self._start + seconds
                )
        for name, value in metrics.items():
            self.writer.add_scalar(name, value, metrics["epoch"])
        self.writer.flush()  # else its thread would write within the next phase

    def close(self, failed):
        """End the event file; TensorBoard has no word for a failed run."""
        self.writer.close()
