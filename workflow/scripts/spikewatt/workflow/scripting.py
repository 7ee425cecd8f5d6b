"""What every Snakemake script does first: log to the rule's log and the screen."""

import contextlib
import logging
import signal
import traceback
from pathlib import Path

from spikewatt.files.terminal_line import LineHandler
from spikewatt.workflow import planned

LIBRARY = Path(__file__).parents[1]
# What is raised with a sentence for the user; other kinds are faults of ours.
SAID = (ValueError, OSError, RuntimeError)

log = logging.getLogger("spikewatt")


@contextlib.contextmanager
def logged(snakemake):
    """Send log messages to the rule's log and to the screen; errors land in both.

    An error that the library raises with a sentence of its own ends the script with
    that sentence alone; any other comes with its traceback. Interrupted from the
    keyboard the script ends as the signal would have ended it, without a word. A job
    of a cluster that would do other work than was planned does none.
    """
    with _handlers(Path(snakemake.log[0])):
        try:
            planned.require(snakemake.log[0], _parameters(snakemake))
            yield log
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.raise_signal(signal.SIGINT)
        except Exception as error:
            if not is_said(error):
                log.exception("The script failed")
                raise
            log.error("%s", error)
            raise SystemExit(1) from None


def _parameters(snakemake):
    """A job's parameters by name; a rule may have none."""
    params = getattr(snakemake, "params", None)
    return dict(params.items()) if hasattr(params, "items") else {}


def is_said(error):
    """Whether the library raised an error on purpose, to tell the user what is wrong.

    What Python or another library raises inside it is none: its words are not ours.
    """
    last = traceback.extract_tb(error.__traceback__)[-1]
    ours = Path(last.filename).is_relative_to(LIBRARY)
    return ours and isinstance(error, SAID) and (last.line or "").startswith("raise ")


@contextlib.contextmanager
def _handlers(path):
    """The logger writes to the file `path` and to the screen."""
    path.parent.mkdir(parents=True, exist_ok=True)
    form = logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S")
    handlers = [logging.FileHandler(path, mode="w", encoding="utf-8"), LineHandler()]
    log.setLevel(logging.DEBUG)
    handlers[1].setLevel(logging.INFO)  # words of tables and figures are for the file
    log.propagate = False
    for handler in handlers:
        handler.setFormatter(form)
        log.addHandler(handler)
    try:
        yield
    finally:
        for handler in handlers:
            log.removeHandler(handler)
            handler.close() if handler is handlers[0] else handler.flush()
