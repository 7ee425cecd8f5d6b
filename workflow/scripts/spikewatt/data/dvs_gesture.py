"""DVS-Gesture as tonic has it: a packed tar of `<folder>/user<n>_<light>/<label>.npy`.

Amir et al. (2017), cut into gestures: each file holds an array N × 4 of x, y, polarity
and milliseconds. A packed tar is read in one pass, so the recordings are laid down in
the scratch folder, 13 bytes an event.
"""

import io
import re

import numpy as np

from spikewatt.data import recording, space, tars
from spikewatt.data.errors import ArchiveError, hostile

FOLDERS = {"train": "ibmGestureTrain", "test": "ibmGestureTest"}
STORED = np.dtype([("x", "u2"), ("y", "u2"), ("polarity", "u1"), ("time", "i8")])
# A gesture has about 350,000 events, of 32 bytes each in the tar.
MOST_EVENTS = 20_000_000
MOST_MEAN_BYTES = 64_000_000
# How much larger than the packed tar the scratch files are, at most.
SWELL = 4


class Gestures(recording.Reader):
    """The gestures of one archive, in the order of user and label; see there."""

    def __init__(self, path, split, dataset, scratch):
        super().__init__(path, split, dataset, scratch)
        self._numbers = {}  # by name: what is written is called by numbers alone
        self._folder = scratch / f"{split}_recordings"
        self._folder.mkdir()
        needed = SWELL * path.stat().st_size
        with space.watched(scratch, needed, f"unpacking {path}"):
            found = self._unpack()
        self.entries = [found[name] for name in sorted(found, key=_order)]
        self.require_count(f"{FOLDERS[split]}/user<n>_<light>/<label>.npy")

    def read(self, index):
        stored = np.load(self._file(self.entries[index].name))
        return recording.Recording(
            *(np.ascontiguousarray(stored[name]) for name in STORED.names)
        )

    def _file(self, name):
        number = self._numbers.setdefault(name, len(self._numbers))
        return self._folder / f"{number}.npy"

    def _unpack(self):
        """An entry by the name of each recording, which then lies in `_file`."""
        found, most = {}, self.dataset.most(self.split) * MOST_MEAN_BYTES
        with tars.opened(self.path, most) as archive:
            for member in archive:
                name = tars.file_name(self.path, member)
                if name is None or not name.startswith(f"{FOLDERS[self.split]}/"):
                    continue
                if not name.endswith(".npy") or name.rpartition("/")[2].startswith("."):
                    continue
                if name in found:
                    raise ArchiveError(self.path, f"{name} occurs twice", member.offset)
                found[name] = self._lay_down(name, archive, member)
        return found

    def _lay_down(self, name, archive, member):
        where, label = f"{self.path}: {name}", self._label(name, member)
        if member.size > MOST_EVENTS * 32:
            raise ArchiveError(where, f"it has {member.size} bytes, too many")
        columns = _columns(where, tars.content(self.path, archive, member))
        events = recording.checked(where, *columns, self.dataset.shape)
        stored = np.empty(len(events.x), STORED)
        for field, part in zip(STORED.names, events, strict=True):
            stored[field] = part
        np.save(self._file(name), stored)
        return recording.Listed(name, label, len(stored))

    def _label(self, name, member):
        pattern = rf"{FOLDERS[self.split]}/user\d{{1,4}}_\w{{1,60}}/(\d{{1,3}})\.npy"
        named = re.fullmatch(pattern, name)
        if not named:
            raise ArchiveError(
                self.path,
                f"{name} is not {FOLDERS[self.split]}/user<n>_<light>/<label>.npy",
                member.offset,
            )
        classes = len(self.dataset.classes)
        if int(named[1]) >= classes:
            raise ArchiveError(
                self.path, f"{name}: label {named[1]} is not in 0…{classes - 1}"
            )
        return int(named[1])


def _order(name):
    """By folder, then by label as a number."""
    folder, _, file = name.rpartition("/")
    return folder, int(file.removesuffix(".npy"))


def _columns(where, data):
    """x, y, polarity and time in µs (int64) of the bytes of an .npy file."""
    rows = _array(where, data)
    if rows.ndim != 2 or rows.shape[1] != 4 or rows.dtype.kind not in "iuf":
        raise ArchiveError(
            where, f"it holds {rows.dtype} {rows.shape}, not numbers N × 4"
        )
    if rows.dtype.kind == "f" and not (np.abs(rows) < 2**52).all():
        raise ArchiveError(where, "it holds numbers that are none")
    x, y, polarity, milliseconds = rows.T
    if any((part != part.astype(np.int64)).any() for part in (x, y, polarity)):
        raise ArchiveError(where, "it has pixels that are no whole numbers")
    # As tonic does: to microseconds, then cut.
    time = (milliseconds * 1000).astype(np.int64)
    return *(part.astype(np.int64) for part in (x, y, polarity)), time


def _array(where, data):
    """The array of an .npy file; its header is read as numpy does, no pickle is."""
    with hostile(where):
        file = io.BytesIO(data)
        version = np.lib.format.read_magic(file)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }.get(version)
        if read is None:
            raise ArchiveError(where, f"it is an .npy file of version {version}")
        shape, by_column, dtype = read(file)
        if dtype.hasobject:
            raise ArchiveError(where, "it holds Python objects, not numbers")
        rest = data[file.tell() :]
        count = 1
        for side in shape:
            count *= int(side)
        if count * dtype.itemsize != len(rest):
            raise ArchiveError(
                where, f"it announces {shape} of {dtype} and has {len(rest)} bytes"
            )
        values = np.frombuffer(rest, dtype)
        return values.reshape(shape, order="F" if by_column else "C")
