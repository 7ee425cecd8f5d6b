"""Small things done with files in more than one stage."""

import hashlib
import itertools

from spikewatt import atomic


def sha256(path):
    """The SHA-256 of a file as «sha256:<hexadecimal digits>»."""
    with open(path, "rb") as handle:
        return f"sha256:{hashlib.file_digest(handle, 'sha256').hexdigest()}"


def join_csv(parts, target):
    """Join CSV files of equal header into one, in the order given."""
    with atomic.writing(target) as joined:
        for number, part in enumerate(parts):
            with open(part, encoding="utf-8", newline="") as handle:
                joined.writelines(itertools.islice(handle, min(number, 1), None))
