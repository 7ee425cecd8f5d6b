"""Where below a folder of the user's an archive may lie, without reading any of it.

As FOLDER/<dataset>/<official file name>, or as torchvision and tonic keep it; the
catalogue names their places. The Snakefile asks this module: it imports nothing heavy.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from spikewatt.data import catalogue


@dataclass(frozen=True)
class Candidate:
    """A place where an archive may lie, as it is or as what it holds."""

    path: Path
    unpacked: bool = False


def candidates(dataset, file, folder, official=True):
    """All places of an archive below `folder` (`~` is the home folder), best first.

    official: whether the official archive is meant. Another one, by a checksum of the
    config, can't be made again from unpacked files.
    """
    folder = Path(os.path.expanduser(folder))
    archive = catalogue.get(dataset).archive(file)
    packed = [folder / path for path in (f"{dataset}/{file}", *archive.elsewhere)]
    places = [Candidate(path) for path in packed]
    if official and archive.unpacked:
        places.append(Candidate(folder / archive.unpacked.path, unpacked=True))
    return places


def present(dataset, file, folder, official=True):
    """The candidates that are there, best first; links are followed."""
    places = candidates(dataset, file, folder, official)
    return [place for place in places if os.path.isfile(place.path)]


def missing(dataset, files, folder, official=True):
    """One sentence on `files` that are in none of their places, and on these places."""
    places = [
        _shown(place.path)
        for file in files
        for place in candidates(dataset, file, folder, official)
    ]
    return (
        f"{_listed(files)} of {catalogue.get(dataset).title} "
        f"{'is' if len(files) == 1 else 'are'} not in {folder}: `source: local` looks "
        "for archives as FOLDER/<dataset>/<official file name>, or as torchvision and "
        f"tonic keep them, here for {_listed(places)}"
    )


def _shown(path):
    """A path, with what is odd about it."""
    if os.path.islink(path):
        return f"{path} (a link to {os.readlink(path)}, which is not there)"
    if os.path.lexists(path):
        return f"{path} (not a file)"
    closed = _closed_folder(path)
    return f"{path} ({closed} may not be read)" if closed else str(path)


def _closed_folder(path):
    """The folder on the way to `path` that may not be looked into, or None."""
    for folder in reversed(path.parents):
        if os.path.isdir(folder) and not os.access(folder, os.X_OK):
            return folder
    return None


def _listed(words):
    """«a», «a and b», «a, b and c»."""
    *first, last = map(str, words)
    return f"{', '.join(first)} and {last}" if first else last
