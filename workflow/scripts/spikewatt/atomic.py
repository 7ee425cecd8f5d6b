"""Files that are whole whenever they exist under their final name."""

import contextlib
import errno
import json
import os
import shutil
import tempfile
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT)


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

    The name keeps the suffix, since many writers choose the format by it. Raises
    OSError, naming `path`, where its folder cannot be written or the disk is full.
    """
    path = Path(path)
    temporary = _temporary(path)
    try:
        yield temporary
        _flush(temporary)
        temporary.chmod(0o666 & ~_umask())  # mkstemp makes private files
        os.replace(temporary, path)
        _flush(path.parent)
    except Exception as error:
        if not is_full(error) or str(path) in str(error):
            raise
        written = temporary.stat().st_size if temporary.exists() else 0
        free = shutil.disk_usage(path.parent).free
        raise OSError(
            errno.ENOSPC,
            f"{path} cannot be written: the disk or a quota is full after "
            f"{written:,} bytes ({free:,} free in {path.parent}). Make room and run "
            "the same command again",
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path, text):
    """Write `text` to `path`, whole or not at all."""
    with writing(path) as handle:
        handle.write(text)


def write_json(path, value):
    """Write `value` as indented JSON; NaN is refused, since JSON has none."""
    write_text(path, json.dumps(value, indent=2, allow_nan=False) + "\n")


def is_full(error):
    """Does this error, of Python or of safetensors, say that no space is left?"""
    if isinstance(error, OSError):
        return error.errno in FULL
    return any(f"os error {code})" in str(error) for code in FULL)


def _temporary(path):
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=f".{path.stem}.", suffix=f".tmp{path.suffix}", dir=path.parent
        )
    except OSError as error:
        raise OSError(
            error.errno,
            f"{path} cannot be written: {error.strerror}. Make {path.parent} a folder "
            "with room that you may write to",
        ) from error
    os.close(handle)
    return Path(name)


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
