"""Names of archive members: data that must not lead outside an archive's folder."""

from spikewatt.data.errors import ArchiveError


def require_safe(path, name, offset=None):
    """Refuse absolute names, drive letters, backslashes, «..» and control characters.

    Nothing here is ever unpacked to disk, so such a name could do no harm; it still
    shows that the archive is not the one it claims to be.
    """
    parts = name.split("/")
    if (
        name.startswith("/")
        or ".." in parts
        or "\\" in name
        or ":" in parts[0]
        or any(ord(character) < 32 for character in name)
    ):
        raise ArchiveError(path, f"it has a member with the name {name!r}", offset)
