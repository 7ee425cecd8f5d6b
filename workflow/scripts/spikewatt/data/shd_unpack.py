"""From SHD's HDF5 file to plain arrays: a program, started by `shd`.

    python -m spikewatt.data.shd_unpack FILE FOLDER LIMITS

Leaves labels.npy (int64), indptr.npy (int64), units (uint16) and times (float64,
seconds) in FOLDER, recording after recording. What it does not believe it says in a
line, and ends with the status `REFUSED`. LIMITS: recordings, units, classes, as JSON.
"""

import json
import sys
from pathlib import Path

import numpy as np

from spikewatt.data import elsewhere

REFUSED = 3
MOST_SPIKES = 1_000_000  # of one recording; the official ones have about 8,000
# Filters of the library itself; others are programs that it would look for and load.
FILTERS = {1: "deflate", 2: "shuffle", 3: "fletcher32"}


class Unbelieved(Exception):
    """What is wrong with the file."""


def main(file, folder, limits):
    """Read the file `file`, write to `folder`; raises `Unbelieved`."""
    import h5py  # here, once memory is bounded

    with h5py.File(file, "r") as found:
        labels = _dataset(found, "labels")
        times, units = (
            _dataset(found, f"spikes/{name}") for name in ("times", "units")
        )
        counts = {len(part) for part in (labels, times, units)}
        if len(counts) > 1:
            raise Unbelieved(
                f"it has {len(labels)} labels for {len(times)} lists of times and "
                f"{len(units)} of units"
            )
        if len(labels) > limits["recordings"]:
            raise Unbelieved(
                f"it has {len(labels)} recordings, the dataset {limits['recordings']}"
            )
        for part, name in ((times, "times"), (units, "units")):
            if h5py.check_vlen_dtype(part.dtype) is None:
                raise Unbelieved(f"spikes/{name} does not hold lists")
        np.save(folder / "labels.npy", _labels(labels, limits["classes"]))
        lengths = _spikes(times, units, limits["units"], folder)
    np.save(folder / "indptr.npy", np.concatenate([[0], np.cumsum(lengths)]))


def _dataset(file, path):
    """A one-dimensional data set that lies in the file itself.

    Links (soft ones, and those into other files), external storage, virtual data sets
    and filters that are loaded from elsewhere are refused.
    """
    import h5py

    place = file
    for name in path.split("/"):
        link = place.get(name, getlink=True) if isinstance(place, h5py.Group) else None
        if link is None:
            raise Unbelieved(f"it has no {path}")
        if type(link) is not h5py.HardLink:
            raise Unbelieved(f"its {path} is a link, not data")
        place = place[name]
    if not isinstance(place, h5py.Dataset) or place.ndim != 1:
        raise Unbelieved(f"its {path} is not a list")
    plan = place.id.get_create_plist()
    filters = {plan.get_filter(n)[0] for n in range(plan.get_nfilters())}
    if place.external or place.is_virtual or filters - FILTERS.keys():
        raise Unbelieved(f"its {path} is stored outside the file or in an unknown way")
    return place


def _labels(labels, classes):
    if labels.dtype.kind not in "iu":
        raise Unbelieved("its labels are no whole numbers")
    read = labels[()].astype(np.int64)
    wrong = np.flatnonzero((read < 0) | (read >= classes))
    if wrong.size:
        where = int(wrong[0])
        raise Unbelieved(
            f"label {read[where]} of recording {where} is not in 0…{classes - 1}"
        )
    return read


def _spikes(times, units, most_units, folder):
    """Write all spikes; the number of each recording's."""
    lengths = []
    with (
        open(folder / "units", "wb") as unit_file,
        open(folder / "times", "wb") as clock,
    ):
        for number in range(len(times)):
            seconds, unit = np.asarray(times[number]), np.asarray(units[number])
            problem = _problem(seconds, unit, most_units)
            if problem:
                raise Unbelieved(f"recording {number} {problem}")
            unit.astype(np.uint16).tofile(unit_file)
            seconds.astype(np.float64).tofile(clock)
            lengths.append(len(unit))
    return lengths


def _problem(seconds, unit, most_units):
    """What is wrong with the spikes of a recording, or None."""
    if seconds.dtype.kind != "f" or unit.dtype.kind not in "iu":
        return "has times or units of another type"
    if len(seconds) != len(unit):
        return f"has {len(seconds)} times for {len(unit)} units"
    if not 0 < len(unit) <= MOST_SPIKES:
        return f"has {len(unit)} spikes"
    wrong = np.flatnonzero(unit >= most_units)
    if wrong.size:
        return f"has unit {unit[wrong[0]]}, and there are {most_units}: another sensor"
    if not (np.isfinite(seconds).all() and seconds.min() >= 0 and seconds.max() < 3600):
        return "has times that no clock shows"
    return None


if __name__ == "__main__":
    elsewhere.limit()
    try:
        main(sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3]))
    except Unbelieved as error:
        print(error)
        sys.exit(REFUSED)
