"""Files that are whole whenever they exist under their final name."""

import contextlib
import json
import os
import tempfile
from pathlib import Path


@contextlib.contextmanager
def writing(path, mode="w"):
    """Open a temporary file beside `path`; rename it to `path` if nothing fails.

    The data is flushed to the disk before the rename, so that neither a killed
    process nor a power cut leaves half a file under the final name. On an error
    the temporary file is removed and an older `path` stays as it was.
    """
    with placing(path) as temporary:
        options = {} if "b" in mode else {"encoding": "utf-8", "newline": ""}
        with open(temporary, mode, **options) as handle:
            yield handle


@contextlib.contextmanager
def placing(path):
    """Yield a temporary path beside `path`, for writers that take a file name.

    The name keeps the suffix, since many writers choose the format by it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(
        prefix=f".{path.stem}.", suffix=f".tmp{path.suffix}", dir=path.parent
    )
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        _flush(temporary)
        temporary.chmod(0o666 & ~_umask())  # mkstemp makes private files
        os.replace(temporary, path)
        _flush(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path, text):
    """Write `text` to `path`, whole or not at all."""
    with writing(path) as handle:
        handle.write(text)


def write_json(path, value):
    """Write `value` as indented JSON; NaN is refused, since JSON has none."""
    write_text(path, json.dumps(value, indent=2, allow_nan=False) + "\n")


def _flush(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
