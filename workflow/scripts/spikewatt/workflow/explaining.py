"""Sentences in place of the pages that Snakemake makes of a mistake or of a plan."""

import logging
import sys

from spikewatt.files.terminal_line import CLEAR, under_bar

# Snakemake's logger, and the event of an error that ends it.
LOGGER, ERROR, PLANNED = "snakemake.logging", "error", "run_info"


class Explaining(logging.Filter):
    """Lets every record through; the text of an error is what `explain` makes of it.

    explain: (message) → what to say instead, or None.
    """

    def __init__(self, explain):
        super().__init__()
        self.explain = explain

    def filter(self, record):
        if getattr(record, "event", None) == ERROR:
            said = self.explain(record.getMessage())
            if said:
                record.msg, record.args = said, ()
        return True


def explain_errors(explain):
    """Have what Snakemake says of errors explained, on the screen and in its log."""
    logging.getLogger(LOGGER).addFilter(Explaining(explain))


class Planned(logging.Filter):
    """Lets every record through; `act` gets that of the plan, before any job starts."""

    def __init__(self, act):
        super().__init__()
        self.act = act

    def filter(self, record):
        if getattr(record, "event", None) == PLANNED:
            self.act(record)
        return True


def tell_why(explain):
    """Have a plan carry why its jobs run, lines of `explain`, for who shows it."""
    once_planned(lambda record: setattr(record, "why", explain()))


def once_planned(act):
    """Call `act(record)` when Snakemake says what it will do; a dry run does twice."""
    logging.getLogger(LOGGER).addFilter(Planned(act))


def say(text):
    """Write lines to standard error, and none of them into the bar."""
    start = CLEAR if under_bar() else ""
    print(f"{start}{text}", file=sys.stderr, flush=True)
