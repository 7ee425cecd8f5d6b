"""N-MNIST's format: a zip of recordings `Train/<label>/<number>.bin`, read in place.

An event is five bytes: x, y, then the polarity (highest bit) and 23 bits of time in
microseconds, big-endian. As in tonic's reader, an event with y = 240 is no event but
says that the clock overflowed: 2^13 microseconds are added to all later times.

A recording without any event, with an event outside the sensor or with time running
backwards is an error: none of 860 official recordings has one.
"""

import re
import threading
import zipfile
from dataclasses import dataclass

import numpy as np

from spikewatt.compute.numba_cache import compiled
from spikewatt.data import zips
from spikewatt.data.errors import ArchiveError, hostile
from spikewatt.data.recording import Reader, Recording

EVENT_BYTES = 5
OVERFLOW_Y = 240
OVERFLOW_US = 2**13
# The longest of 860 official recordings looked at has 7,152 events.
MOST_EVENTS = 200_000
# The official recordings have about 4,000 on average; ten times as many are allowed.
MOST_MEAN_EVENTS = 40_000
FOLDERS = {"train": "Train", "test": "Test"}

FINE, OUTSIDE, BACKWARDS = range(3)
PROBLEMS = {
    OUTSIDE: "an event lies outside the {width}×{height} sensor",
    BACKWARDS: "time runs backwards",
}


@dataclass(frozen=True)
class Member:
    """One member of the archive: its name, its label and its size in bytes."""

    name: str
    label: int
    size: int
    member: zipfile.ZipInfo

    @property
    def events(self):
        """It has no more events than this."""
        return self.size // EVENT_BYTES


class Recordings(Reader):
    """The recordings of one archive, in the order of label and number.

    That is the order of their paths, and so of tonic's dataset. See
    `recording.Reader`; nothing is unpacked, `scratch` is not used.
    """

    def __init__(self, path, split, dataset, scratch=None):
        super().__init__(path, split, dataset, scratch)
        self._lock = threading.Lock()
        with hostile(path):
            self._zip = zipfile.ZipFile(path)
        try:
            with hostile(path):
                self.entries = self._entries(split, dataset)
        except BaseException:
            self.close()
            raise

    def close(self):
        self._zip.close()

    def read(self, index):
        """The events of a recording, checked."""
        where = self.where(index)
        return decode(where, self.raw(index), self.dataset.shape)

    def raw(self, index):
        """The bytes of a recording, no more than its entry announces."""
        entry, where = self.entries[index], self.where(index)
        return zips.content(where, self._zip, entry.member, self._lock)

    def _entries(self, split, dataset):
        limit = getattr(dataset, split)
        entries = {}
        for member in self._zip.infolist():
            entry = _entry(self.path, member, split, dataset)
            if entry is None:
                continue
            if entry.name in entries:
                raise ArchiveError(
                    self.path, f"{entry.name} occurs twice", member.header_offset
                )
            entries[entry.name] = entry
        if not entries:
            raise ArchiveError(self.path, f"it has no {FOLDERS[split]}/<label>/*.bin")
        total = sum(entry.size for entry in entries.values())
        most = MOST_MEAN_EVENTS * EVENT_BYTES * limit
        if len(entries) > limit or total > most:
            raise ArchiveError(
                self.path,
                f"it has {len(entries)} recordings of {total} bytes together; the "
                f"dataset has {limit} and far below {most} bytes",
            )
        return [entries[name] for name in sorted(entries)]


def _entry(path, member, split, dataset):
    """The entry of a recording; None for folders and for what lies elsewhere."""
    zips.require_safe_member(path, member)
    if not member.filename.startswith(f"{FOLDERS[split]}/"):
        return None
    if member.is_dir() or not member.filename.endswith(".bin"):
        return None
    label = _label(path, member, split, dataset)
    zips.require_plain(path, member, MOST_EVENTS * EVENT_BYTES, "a recording")
    return Member(member.filename, label, member.file_size, member)


def _label(path, member, split, dataset):
    named = re.fullmatch(rf"{FOLDERS[split]}/(\d)/\d{{1,9}}\.bin", member.filename)
    if not named or int(named[1]) >= len(dataset.classes):
        raise ArchiveError(
            path,
            f"{member.filename} is not {FOLDERS[split]}/<label>/<number>.bin",
            member.header_offset,
        )
    return int(named[1])


def decode(where, data, sensor):
    """The events in the bytes `data` of a recording, as a `Recording`, checked.

    sensor: (polarities, height, width). Raises ArchiveError with `where` and byte.
    """
    if not data or len(data) % EVENT_BYTES:
        raise ArchiveError(
            where, f"it has {len(data)} bytes; a recording has some events of 5", 0
        )
    _, height, width = sensor
    raw = np.frombuffer(data, dtype=np.uint8)
    *events, count, status, position = _decode(raw, width, height)
    if status != FINE:
        problem = PROBLEMS[status].format(width=width, height=height)
        raise ArchiveError(where, problem, position * EVENT_BYTES)
    if not count:
        raise ArchiveError(where, "it has clock overflows and no event", 0)
    return Recording(*(array[:count] for array in events))


@compiled
def _decode(raw, width, height):
    number = len(raw) // 5
    x = np.empty(number, np.uint16)
    y = np.empty(number, np.uint16)
    polarity = np.empty(number, np.uint8)
    time = np.empty(number, np.int64)
    count, added, last = 0, 0, -1
    for event in range(number):
        byte = 5 * event
        now = (np.int64(raw[byte + 2] & 127) << 16) | (np.int64(raw[byte + 3]) << 8)
        now |= np.int64(raw[byte + 4])
        if raw[byte + 1] == OVERFLOW_Y:
            added += OVERFLOW_US
            continue
        now += added
        if raw[byte] >= width or raw[byte + 1] >= height:
            return x, y, polarity, time, count, OUTSIDE, event
        if now < last:
            return x, y, polarity, time, count, BACKWARDS, event
        x[count], y[count] = raw[byte], raw[byte + 1]
        polarity[count], time[count] = raw[byte + 2] >> 7, now
        last = now
        count += 1
    return x, y, polarity, time, count, FINE, 0
