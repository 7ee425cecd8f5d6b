"""Members of zip archives: data that must not lead elsewhere, nor be more than it is.

Both checks are made on the list of members, before anything is unpacked.
"""

import os
import shutil
import stat
import zipfile

from spikewatt.data.errors import ArchiveError, hostile
from spikewatt.data.names import require_safe

ENCRYPTED = 0x1
PLAIN = (0, stat.S_IFREG, stat.S_IFDIR)


def require_safe_member(path, member):
    """Refuse members whose names lead elsewhere, and links, pipes and devices."""
    require_safe(path, member.filename, member.header_offset)
    if stat.S_IFMT(member.external_attr >> 16) not in PLAIN:
        raise ArchiveError(
            path, f"{member.filename} is neither file nor folder", member.header_offset
        )


def require_plain(path, member, most, what):
    """Refuse what `what` cannot be: encrypted, oddly packed, over `most` bytes."""
    where = f"{path}: {member.filename}"
    if member.flag_bits & ENCRYPTED:
        raise ArchiveError(where, "it is encrypted", member.header_offset)
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArchiveError(where, "it is packed in an unknown way")
    if member.file_size > most:
        raise ArchiveError(
            where, f"it has {member.file_size} bytes, more than {what} can have"
        )


def content(where, archive, member, lock):
    """The bytes of a member, no more than it announces; `where` is for messages.

    lock: of this archive, since zipfile counts its open members without one.
    """
    with hostile(where):
        with lock:
            handle = archive.open(member)
        try:
            # One byte more than announced makes zipfile compare the CRC.
            data = handle.read(member.file_size + 1)
        finally:
            with lock:
                handle.close()
    if len(data) != member.file_size:
        raise ArchiveError(
            where, f"it does not have {member.file_size} bytes", len(data)
        )
    return data


def unpack(path, archive, member, output):
    """Write a member to the file `output`, whole or not at all."""
    where, part = f"{path}: {member.filename}", f"{output}.part"
    with hostile(where), archive.open(member) as packed, open(part, "wb") as handle:
        # zipfile gives no more than the member announces, and compares its CRC.
        shutil.copyfileobj(packed, handle, 2**20)
        if handle.tell() != member.file_size:
            raise ArchiveError(
                where, f"it does not have {member.file_size} bytes", handle.tell()
            )
    os.replace(part, output)
