"""Tar and zip archives whose bytes depend on what is in them alone."""

import gzip
import io
import tarfile
import zipfile


def tar(files):
    """A packed tar of `files`, a dict of name to bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return gzip.compress(buffer.getvalue(), compresslevel=1, mtime=0)


def zipped(files, how=zipfile.ZIP_DEFLATED):
    """A zip of `files`, a dict of name to bytes; quickly packed, or stored."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(zip_entry(name, how), data, compresslevel=1)
    return buffer.getvalue()


def zip_entry(name, how=zipfile.ZIP_DEFLATED):
    """A member of a zip, with a time of its own."""
    entry = zipfile.ZipInfo(name, date_time=(2015, 1, 1, 0, 0, 0))
    entry.compress_type = how
    return entry
