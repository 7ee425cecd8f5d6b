"""Small things done with files in more than one stage."""

import csv
import hashlib

from spikewatt.files import atomic


def sha256(path):
    """The SHA-256 of a file as «sha256:<hexadecimal digits>»."""
    with open(path, "rb") as handle:
        return f"sha256:{hashlib.file_digest(handle, 'sha256').hexdigest()}"


def join_csv(parts, target):
    """Join CSV files into one, in the order given; a part may be empty.

    It has the columns of all parts: what a part does not have is empty in its rows
    (a job that goes on elsewhere may have another meter).
    """
    columns = list(dict.fromkeys(name for part in parts for name in _header(part)))
    with atomic.writing(target) as joined:
        writer = csv.DictWriter(joined, columns, lineterminator="\n")
        writer.writeheader()
        for part in parts:
            with open(part, encoding="utf-8", newline="") as handle:
                writer.writerows(csv.DictReader(handle))


def _header(path):
    with open(path, encoding="utf-8", newline="") as handle:
        return next(csv.reader(handle), [])
