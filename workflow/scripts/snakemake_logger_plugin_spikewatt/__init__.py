"""What the terminal shows of a run, as a logger plugin of Snakemake.

Snakemake finds it by its name where spikewatt is installed (`make setup`); the default
profile asks for it there alone. Its log files stay as Snakemake writes them.
"""

import os
import sys

from snakemake.logging import ColorizingTextHandler
from snakemake_interface_logger_plugins.base import LogHandlerBase

from spikewatt.workflow.bar import Bar
from spikewatt.workflow.explaining import explain_errors
from spikewatt.workflow.mistyped import explained
from spikewatt.workflow.terminal import Lines

# What is installed may be another copy than the Snakefile's, which imports its own.
for name in [name for name in sys.modules if name.split(".")[0] == "spikewatt"]:
    del sys.modules[name]


class LogHandler(LogHandlerBase):
    """A line a job on Snakemake's own coloured screen, and sentences for mistakes.

    On a terminal a bar over all jobs stands below.
    """

    writes_to_stream = True
    writes_to_file = False
    has_filter = False
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self):
        settings = self.common_settings
        stream = sys.stdout if settings.stdout else sys.stderr
        self.bar = Bar(stream) if not settings.dryrun and can_draw(stream) else None
        self.screen = ColorizingTextHandler(
            nocolor=settings.nocolor,
            stream=stream,
            formatter=Lines(settings, under_bar=self.bar is not None),
        )
        explain_errors(lambda message: explained(sys.argv[1:], message))

    def emit(self, record):
        self.screen.last_msg_was_job_info = True  # no empty line before a job
        if self.bar is None:
            self.screen.emit(record)
            return
        with self.bar.aside():
            self.bar.told(record)
            self.screen.emit(record)

    def close(self):
        if self.bar is not None:
            self.bar.close()
        super().close()


def can_draw(stream):
    """Whether a line of the stream can be written over."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"
