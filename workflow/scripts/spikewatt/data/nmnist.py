"""N-MNIST's format: a zip of recordings `Train/<label>/<number>.bin`, read in place.

A recording is a list of 40-bit big-endian events: x, y, a polarity bit and 23 bits of
microseconds (see `events`).
"""

import re
import threading
import zipfile
from dataclasses import dataclass

from spikewatt.data.errors import ArchiveError, hostile
from spikewatt.data.names import require_safe

EVENT_BYTES = 5
# The longest of 860 official recordings looked at has 7,152 events.
MOST_EVENTS = 200_000
# The official recordings have about 4,000 on average; ten times as many are allowed.
MOST_MEAN_EVENTS = 40_000
FOLDERS = {"train": "Train", "test": "Test"}
ENCRYPTED = 0x1


@dataclass(frozen=True)
class Recording:
    """One member of the archive: its name, its label and its size in bytes."""

    name: str
    label: int
    size: int
    member: zipfile.ZipInfo


class Recordings:
    """The recordings of one archive, in the order of label and number.

    That is the order of their paths, and so of tonic's dataset. `read` may be called
    from several threads. Raises ArchiveError for an archive that is damaged, unsafe,
    larger than the dataset can be, or empty.
    """

    def __init__(self, path, split, dataset):
        self.path = path
        self._lock = threading.Lock()
        with hostile(path):
            self._zip = zipfile.ZipFile(path)
        try:
            with hostile(path):
                self.entries = self._entries(split, dataset)
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self._zip.close()

    def __len__(self):
        return len(self.entries)

    @property
    def bytes(self):
        """Bytes of all recordings together, unpacked."""
        return sum(entry.size for entry in self.entries)

    def where(self, index):
        """The recording's place for messages: archive and member."""
        return f"{self.path}: {self.entries[index].name}"

    def read(self, index):
        """The bytes of a recording, no more than its entry announces."""
        entry = self.entries[index]
        with hostile(self.where(index)):
            # zipfile counts its open members without a lock of its own.
            with self._lock:
                handle = self._zip.open(entry.member)
            try:
                # One byte more than announced makes zipfile compare the CRC.
                data = handle.read(entry.size + 1)
            finally:
                with self._lock:
                    handle.close()
        if len(data) != entry.size:
            raise ArchiveError(
                self.where(index), f"it does not have {entry.size} bytes", len(data)
            )
        return data

    def _entries(self, split, dataset):
        limit = getattr(dataset, split)
        entries = {}
        for member in self._zip.infolist():
            entry = _recording(self.path, member, split, dataset)
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


def _recording(path, member, split, dataset):
    """The entry of a recording; None for folders and for what lies elsewhere."""
    require_safe(path, member.filename, member.header_offset)
    kind = member.external_attr >> 16 & 0o170000
    if kind not in (0, 0o100000, 0o040000):
        raise ArchiveError(
            path, f"{member.filename} is neither file nor folder", member.header_offset
        )
    if not member.filename.startswith(f"{FOLDERS[split]}/"):
        return None
    if member.is_dir() or not member.filename.endswith(".bin"):
        return None
    label = _label(path, member, split, dataset)
    _require_plain(path, member)
    return Recording(member.filename, label, member.file_size, member)


def _label(path, member, split, dataset):
    named = re.fullmatch(rf"{FOLDERS[split]}/(\d)/\d{{1,9}}\.bin", member.filename)
    if not named or int(named[1]) >= len(dataset.classes):
        raise ArchiveError(
            path,
            f"{member.filename} is not {FOLDERS[split]}/<label>/<number>.bin",
            member.header_offset,
        )
    return int(named[1])


def _require_plain(path, member):
    """Refuse what a recording cannot be: encrypted, oddly packed, far too large."""
    where = f"{path}: {member.filename}"
    if member.flag_bits & ENCRYPTED:
        raise ArchiveError(where, "it is encrypted", member.header_offset)
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArchiveError(where, "it is packed in an unknown way")
    if member.file_size > MOST_EVENTS * EVENT_BYTES:
        raise ArchiveError(
            where, f"it has {member.file_size} bytes, more than a recording can have"
        )
