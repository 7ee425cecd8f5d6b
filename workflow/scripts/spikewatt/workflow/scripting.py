"""What every Snakemake script does first: log to the rule's log and the screen."""

import contextlib
import logging
from pathlib import Path

from spikewatt.files.terminal_line import LineHandler


@contextlib.contextmanager
def logged(snakemake):
    """Send log messages to the rule's log and to the screen; errors land in both."""
    log_path = Path(snakemake.log[0])
    log_path.parent.mkdir(parents=True, exist_ok=True)
    form = logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S")
    handlers = [
        logging.FileHandler(log_path, mode="w", encoding="utf-8"),
        LineHandler(),
    ]
    logger = logging.getLogger("spikewatt")
    logger.setLevel(logging.DEBUG)
    handlers[1].setLevel(logging.INFO)  # words of tables and figures are for the file
    logger.propagate = False
    for handler in handlers:
        handler.setFormatter(form)
        logger.addHandler(handler)
    try:
        yield logger
    except Exception:
        logging.getLogger("spikewatt").exception("The script failed")
        raise
    finally:
        for handler in handlers:
            logger.removeHandler(handler)
            handler.close() if handler is handlers[0] else handler.flush()
