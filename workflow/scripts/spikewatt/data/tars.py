"""Members of packed tar archives, read in one pass and in bounded memory."""

import contextlib
import gzip
import tarfile

from spikewatt.data.errors import ArchiveError, hostile
from spikewatt.data.names import require_safe


class _Limited:
    """Reads on until more than `limit` bytes have come: the end of a bomb."""

    def __init__(self, path, handle, limit):
        self.path = path
        self.handle = handle
        self.limit = limit
        self.offset = 0

    def read(self, size):
        data = self.handle.read(min(size, self.limit + 1 - self.offset))
        self.offset += len(data)
        if self.offset > self.limit:
            raise ArchiveError(
                self.path, "it unpacks to more than the dataset has", self.limit
            )
        return data


@contextlib.contextmanager
def opened(path, limit):
    """A packed tar, for one pass over its members; not over `limit` bytes unpacked."""
    with hostile(path), gzip.open(path, "rb") as packed:
        stream = _Limited(path, packed, limit)
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            yield archive


def file_name(path, member):
    """The name of a member that is a file, None for a folder.

    Refuses what could lead elsewhere, and links, pipes and devices.
    """
    require_safe(path, member.name, member.offset)
    if not (member.isreg() or member.isdir()):
        raise ArchiveError(
            path, f"{member.name} is neither file nor folder", member.offset
        )
    return member.name if member.isreg() else None


def content(path, archive, member):
    """The bytes of a member."""
    data = archive.extractfile(member).read()
    if len(data) < member.size:
        raise ArchiveError(path, f"{member.name} ends early", member.offset_data)
    return data


def members(path, wanted, folder, limit):
    """The bytes of each `wanted` file of `folder` in the archive, by its name.

    Raises ArchiveError where one is missing or comes twice.
    """
    found = {}
    with opened(path, limit) as archive:
        for member in archive:
            name = (file_name(path, member) or "").removeprefix(f"{folder}/")
            if name not in wanted:
                continue
            if name in found:
                raise ArchiveError(path, f"{name} occurs twice", member.offset)
            found[name] = content(path, archive, member)
    missing = sorted(set(wanted) - found.keys())
    if missing:
        raise ArchiveError(path, f"it lacks {', '.join(missing)}")
    return found
