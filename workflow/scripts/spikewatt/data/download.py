"""Official archives from the net: several places, bounded patience, verified.

An archive appears under its name only after its checksum matched. What arrived of an
unfinished one is kept in a hidden folder beside it, so that a killed job goes on there.
A second link to the finished one stays in that folder (it takes no space): Snakemake
deletes outputs before a job that runs again, and a gigabyte is not fetched twice for
that.
"""

import logging
import os
import time
from pathlib import Path

import pooch

from spikewatt.data import catalogue, checksum, space
from spikewatt.data.transfer import Interrupted, Patience, Refused, Transfer
from spikewatt.files import atomic
from spikewatt.files.exclusive import exclusive

log = logging.getLogger(__name__)

PATIENCE = Patience()
PART, VERIFIED, LOCK = "part", "verified", "lock"


class DownloadError(RuntimeError):
    """No place had the archive; the message lists every attempt."""


def download(dataset, file, output, mirrors=(), patience=PATIENCE):
    """Fetch an official archive to `output` and record its checksum beside it.

    `mirrors` are addresses of folders asked before the catalogue's places. Raises
    DownloadError when every place failed, NotEnoughSpace before or while the disk
    overflows.
    """
    archive = catalogue.get(dataset).archive(file)
    own = [f"{folder.rstrip('/')}/{file}" for folder in mirrors]
    fetch(archive, [*own, *archive.urls], output, patience)
    checksum.record(output)


def fetch(archive, urls, output, patience):
    """Fetch `archive` from the first of `urls` that has it; see `download`."""
    output = Path(output)
    folder = output.parent / f".{output.name}.download"
    folder.mkdir(parents=True, exist_ok=True)
    with exclusive(folder / LOCK, f"downloading {archive.name}"):
        _drop_leftovers(folder)
        _fetch(archive, urls, output, folder, patience)


def _fetch(archive, urls, output, folder, patience):
    have = sum(path.stat().st_size for path in folder.iterdir())
    what = f"downloading {archive.name}"
    tried = []
    with space.watched(folder, archive.size - have, what):
        for url, other in zip(urls, [*urls[1:], None], strict=True):
            verified = _from(url, other, archive, folder / PART, patience, tried)
            if verified:
                _place(verified, output)
                return
    raise DownloadError(
        f"{archive.name} could not be downloaded. Tried:\n  "
        + "\n  ".join(tried)
        + "\nTry again later (what arrived is kept), or get the file another way and "
        "run with --config source=local archives=FOLDER"
    )


def _drop_leftovers(folder):
    """Remove temporary files of a killed download, except what is worth keeping."""
    for path in folder.iterdir():
        if path.name not in (PART, VERIFIED, LOCK):
            path.unlink()


def _place(verified, output):
    with atomic.placing(output) as temporary:
        try:
            os.link(verified, temporary)
        except OSError:  # a file system without links
            os.replace(verified, temporary)


def _from(url, other, archive, part, patience, tried):
    """Path of the verified file from `url`, or None; failures are added to `tried`.

    other: the address that is asked next; None where this is the last.
    """
    for attempt in range(patience.attempts):
        if attempt:
            time.sleep(patience.pause_s * 2 ** (attempt - 1))
        transfer = Transfer(archive, part, patience)
        last = attempt == patience.attempts - 1
        try:
            return _retrieve(url, archive, transfer)
        except Refused as error:
            problem, last = error, True
        except Interrupted as error:
            problem = error
        except ValueError:  # pooch: the checksum differs
            problem = f"its content does not have {archive.checksum}"
            # Not of a part from elsewhere: the address serves something else.
            last = last or not transfer.resumed
        _note(tried, url, f"{problem}{_then(other) if last else ''}")
        if last:
            return None
    return None


def _then(other):
    return f"; next is {other}" if other else "; no other address is known"


def _retrieve(url, archive, transfer):
    pooch.get_logger().setLevel(logging.WARNING)
    return pooch.retrieve(
        url,
        known_hash=archive.checksum,
        fname=VERIFIED,
        path=transfer.part.parent,
        downloader=transfer,
    )


def _note(tried, url, problem):
    tried.append(f"{url}: {problem}")
    log.warning("%s: %s", url, problem)
