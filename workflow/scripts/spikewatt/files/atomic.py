"""Files that are whole whenever they exist under their final name.

A file grows in a hidden folder of its writer's, `.<name>.<machine>-<random>.tmp` beside
the final name, since some writers make temporary files of their own beside theirs. The
writer holds a lock in that folder, which the kernel frees when it dies: who writes the
same name next removes what killed writers left, and never what a living one works on.
Those of other machines are left alone, as file systems differ in whether a lock is seen
from there.
"""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import platform
import shutil
import tempfile
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT)
LOCK = ".lock"  # no final name is hidden
GROWING, GONE = ".tmp", ".gone"


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
def placing(path, tidy=True):
    """Yield a temporary path for `path`, for writers that take a file name.

    Its name is that of `path`, since many writers choose the format by it. Raises
    OSError, naming `path`, where its folder cannot be written or the disk is full.
    tidy: remove first what killed writers of `path` left (see `leftovers`).
    """
    path = Path(path)
    with _own_folder(path, tidy) as folder:
        temporary = folder / path.name
        try:
            yield temporary
            _flush(temporary)
            temporary.chmod(0o666 & ~_umask())  # some writers make private files
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
                f"{written:,} bytes ({free:,} free in {path.parent}). Make room and "
                "run the same command again",
            ) from error


def leftovers(path):
    """What killed writers of `path` on this machine had written, the newest last."""
    path = Path(path)
    partial = [folder / path.name for folder in _abandoned(path)]
    whole = [file for file in partial if file.exists()]
    return sorted(whole, key=lambda file: file.stat().st_mtime)


def sweep(path):
    """Remove what killed writers of `path` on this machine left."""
    path = Path(path)
    gone = [_renamed(folder) for folder in _abandoned(path)]
    for folder in [*gone, *_beside(path, GONE)]:
        shutil.rmtree(folder, ignore_errors=True)


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


@contextlib.contextmanager
def _own_folder(path, tidy):
    """A locked hidden folder beside `path`, gone when the block is left."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if tidy:
            sweep(path)
        folder, lock = _locked_folder(path)
    except OSError as error:
        raise OSError(
            error.errno,
            f"{path} cannot be written: {error.strerror}. Make {path.parent} a folder "
            "with room that you may write to",
        ) from error
    try:
        yield folder
    finally:
        gone = _renamed(folder)
        os.close(lock)  # NFS keeps what is open
        shutil.rmtree(gone, ignore_errors=True)


def _locked_folder(path):
    """(new folder, descriptor that holds its lock)."""
    while True:
        name = tempfile.mkdtemp(prefix=_prefix(path), suffix=GROWING, dir=path.parent)
        folder = Path(name)
        try:
            lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:
            continue  # swept in the moment before it was locked
        except OSError:
            folder.rmdir()
            raise
        if _hold(lock) is not False and (folder / LOCK).exists():
            return folder, lock
        os.close(lock)


def _hold(lock):
    """Lock a descriptor: True, False where another holds it, None without locks."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _renamed(folder):
    """The folder under a name of something that nobody writes to any more."""
    return folder.rename(folder.with_suffix(GONE))


def _abandoned(path):
    """The folders that dead writers of `path` left; each is locked while yielded."""
    for folder in _beside(path, GROWING):
        with _lock_of_dead(folder) as held:
            if held:
                yield folder


def _beside(path, suffix):
    """The hidden folders of writers of `path` on this machine."""
    prefix = _prefix(path)
    with contextlib.suppress(FileNotFoundError):
        for name in os.listdir(path.parent):
            if name.startswith(prefix) and name.endswith(suffix):
                yield path.parent / name


@contextlib.contextmanager
def _lock_of_dead(folder):
    """Yield whether the lock of a folder could be had; it is held for the block.

    A living writer renames its folder before it lets the lock go: who gets the lock
    only then finds nothing under the folder's name any more.
    """
    try:
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:  # gone meanwhile, or another user's
        yield False
        return
    try:
        yield _hold(lock) and (folder / LOCK).exists()
    finally:
        os.close(lock)


def _prefix(path):
    machine = hashlib.sha256(platform.node().encode()).hexdigest()[:8]
    return f".{path.name}.{machine}-"


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
