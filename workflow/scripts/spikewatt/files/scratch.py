"""A folder to work in, for one process at a time: empty at first, gone at the end."""

import contextlib
import shutil
from pathlib import Path

from spikewatt.files.exclusive import exclusive


@contextlib.contextmanager
def scratch(folder, lock, what):
    """Make the empty folder `folder` and delete it at the end; gives its path.

    What a killed process left in it goes first; one that lives on is waited for at the
    lock file `lock`. what: what is done in it, for the log.
    """
    folder = Path(folder)
    with exclusive(lock, what):
        shutil.rmtree(folder, ignore_errors=True)  # of a process that was killed
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
