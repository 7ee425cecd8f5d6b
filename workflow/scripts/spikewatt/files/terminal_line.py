"""Writing below the bar that another process keeps in a terminal's last line."""

import logging
import os
import sys

# Set in the environment of jobs while Snakemake's process draws the bar.
BAR = "SPIKEWATT_BAR"
# Back to the first column, and erase to the end of the line (ECMA-48 EL).
CLEAR = "\r\x1b[K"


def under_bar(stream=None):
    """Whether a bar stands in the last line of the terminal that is written to."""
    stream = stream or sys.stderr
    return bool(os.environ.get(BAR)) and stream.isatty()


class LineHandler(logging.StreamHandler):
    """A line a record, in one piece; the bar's line is cleared first."""

    def format(self, record):
        text = super().format(record)
        return CLEAR + text if under_bar(self.stream) else text
