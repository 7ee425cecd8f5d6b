"""Checksums: comparing, and recording what was verified beside each archive."""

import re
from pathlib import Path

import pooch

from spikewatt.files import atomic

LENGTHS = {"md5": 32, "sha256": 64}


class ChecksumError(ValueError):
    """A file does not have the checksum it should have."""


def parse(text):
    """Split «md5:…» or «sha256:…» into algorithm and lower-case hex digits."""
    algorithm, _, digits = str(text).partition(":")
    digits = digits.lower()
    fits = re.fullmatch(r"[0-9a-f]+", digits)
    if not fits or LENGTHS.get(algorithm) != len(digits):
        raise ChecksumError(
            f"{text!r} is not a checksum; write md5: with 32 or sha256: with 64 hex "
            "digits behind it"
        )
    return algorithm, digits


def of(path, algorithm="sha256"):
    """The checksum of a file as «algorithm:hex»."""
    return f"{algorithm}:{pooch.file_hash(str(path), alg=algorithm)}"


def verify(path, expected):
    """Raise ChecksumError, naming both checksums, unless `path` has `expected`."""
    algorithm, digits = parse(expected)
    actual = of(path, algorithm)
    if actual != f"{algorithm}:{digits}":
        raise ChecksumError(f"{path} has the checksum {actual}, not {expected}")


def record_path(path):
    """Where the verified checksum of an archive is kept: beside it, as .sha256."""
    return Path(f"{path}.sha256")


def record(path):
    """Write the .sha256 beside `path`, in the form that `sha256sum --check` reads."""
    digits = parse(of(path))[1]
    atomic.write_text(record_path(path), f"{digits}  {Path(path).name}\n")


def recorded(path):
    """The checksum recorded beside `path` when it was verified.

    Raises ChecksumError where there is none: such an archive was never verified.
    """
    place = record_path(path)
    try:
        digits = place.read_text(encoding="ascii").split()[0]
        return "sha256:" + parse(f"sha256:{digits}")[1]
    except (OSError, UnicodeDecodeError, IndexError, ChecksumError) as error:
        raise ChecksumError(
            f"{place} is missing or unreadable, so {path} counts as not verified; "
            "delete both and run the workflow again"
        ) from error
