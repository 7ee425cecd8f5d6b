"""Whether other machines see a lock, on a file system that they share.

`flock` keeps the processes of one machine apart. Whether it keeps those of several is
up to the file system, and three things tell, each of them more than a guess:

- the kernel refuses the lock (Lustre mounted without `flock`, some FUSE);
- the mount's options keep locks to one machine (`local_lock` of NFS, `localflock` of
  Lustre);
- trial: who submits jobs to a cluster keeps a file locked, the witness. A job on
  another machine that gets this lock as well knows that nobody sees locks here.

Where one of them says so, a lease stands beside the lock (`exclusive`), and for jobs on
the machine that submitted them, to which the trial tells nothing.
"""

import contextlib
import errno
import fcntl
import os
import socket
from pathlib import Path

# The file that the submitting process keeps locked, for its jobs.
WITNESS = "SPIKEWATT_LOCK_WITNESS"
NO_LOCKS = (errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL)
MOUNTS = Path("/proc/self/mountinfo")
# Options of a mount by which a lock stays on its machine, by file system.
LOCAL = {
    "nfs": ("local_lock=all", "local_lock=flock", "nolock"),
    "nfs4": ("local_lock=all", "local_lock=flock"),
    "lustre": ("localflock", "noflock"),
}


@contextlib.contextmanager
def witness(path):
    """Keep `path` locked for the block and name it to what is started meanwhile.

    A file that is there stays as it is. Where it cannot be locked, nothing is named:
    jobs find that out by themselves.
    """
    path = Path(path).absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8") as handle:
        handle.write(socket.gethostname())
        handle.flush()
        before = os.environ.get(WITNESS)
        if _locked(handle) is True:
            os.environ[WITNESS] = str(path)
        try:
            yield
        finally:
            os.environ.pop(WITNESS, None)
            if before is not None:
                os.environ[WITNESS] = before
    path.unlink(missing_ok=True)


def doubt(path):
    """Why locks at `path` do not keep machines apart, as a clause; None if they may.

    path: a file in a folder that exists.
    """
    return refused(path) or _mounted(path) or _tried()


def untried():
    """Whether this is a job on the very machine that submitted it.

    It learns nothing from the witness, and others may doubt.
    """
    try:
        path = os.environ.get(WITNESS, "")
        return Path(path).read_text(encoding="utf-8") == socket.gethostname()
    except OSError:
        return False


def refused(path):
    """As `doubt`, where there are no locks at all: by locking a file beside `path`."""
    trial = Path(path).with_name(f".{Path(path).name}.{os.getpid()}.trial")
    try:
        with open(trial, "w") as handle:
            if _locked(handle) is None:
                return "the file system has no flock"
    finally:
        trial.unlink(missing_ok=True)
    return None


def _mounted(path, table=None):
    """By the options of the mount that it lies in; table: the text of MOUNTS."""
    try:
        table = MOUNTS.read_text() if table is None else table
    except OSError:
        return None
    kind, options = _mount_of(Path(path).absolute(), table)
    for option in LOCAL.get(kind, ()):
        if option in options:
            return f"{kind} is mounted with {option}"
    return None


def _mount_of(path, table):
    """(type, options) of what a path lies in: the deepest mount, the last one there."""
    best = (-1, "", ())
    for line in table.splitlines():
        about, _, system = line.partition(" - ")
        if not system:
            continue
        fields, (kind, _, options) = about.split(), system.split(None, 2)
        point = Path(fields[4].replace("\\040", " "))
        if path.is_relative_to(point) and len(point.parts) >= best[0]:
            given = (*fields[5].split(","), *options.split(","))
            best = (len(point.parts), kind, given)
    return best[1:]


def _tried():
    """By the lock that who submitted this job keeps on another machine."""
    path = os.environ.get(WITNESS)
    try:
        with open(path or "", "r+", encoding="utf-8") as handle:
            host = handle.read()
            free = host != socket.gethostname() and _locked(handle)
    except OSError:
        return None  # it has ended, and its jobs live on
    return f"a lock that {host} holds is free here" if free else None


def _locked(handle):
    """Whether the lock of an open file was had; None where there are no locks."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return None if error.errno in NO_LOCKS else False
    return True
