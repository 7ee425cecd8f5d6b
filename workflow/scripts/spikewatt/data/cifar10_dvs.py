"""CIFAR10-DVS as tonic has it: a zip of a zip per class, of recordings in AEDAT 4.

Li et al. (2017): `<class>.zip` holds `<class>/cifar10_<class>_<number>.aedat4`. Its
authors made no split; as is usual, the last hundred of each class test. The class zips
are laid down in the scratch folder, since a zip is read from its end.
"""

import re
import tempfile
import threading
import zipfile
from typing import NamedTuple

from spikewatt.data import aedat4, recording, space, zips
from spikewatt.data.errors import ArchiveError, hostile

FIRST_TO_TEST = 900  # of the numbers 0…999 of each class
# Of a recording; the official ones have about 1,100,000. LZ4 packs 255 bytes into one
# at most, so that a bomb comes to 4 GB.
MOST_BYTES = 16_000_000
MOST_CLASS_BYTES = 16_000_000_000


class Thing(NamedTuple):
    """One recording: its name, label, events at most, and where it lies."""

    name: str
    label: int
    events: int
    member: zipfile.ZipInfo
    of: str  # class


class Things(recording.Reader):
    """The recordings of one split, in the order of class and number; see there."""

    def __init__(self, path, split, dataset, scratch):
        super().__init__(path, split, dataset, scratch)
        self._folder = scratch / "classes"
        self._folder.mkdir(exist_ok=True)  # the other split found it all unpacked
        self._zips, self._lock = {}, threading.Lock()
        self._decoder = aedat4.Decoder()
        try:
            self._unpack()
            for label, name in enumerate(dataset.classes):
                self.entries += self._listed(label, name)
            numbers = "number ≥ 900" if split == "test" else "number < 900"
            self.require_count(f"<class>/<name>_<{numbers}>.aedat4")
        except BaseException:
            self.close()
            raise

    def close(self):
        self._decoder.close()
        for archive in self._zips.values():
            archive.close()

    def read(self, index):
        entry, where = self.entries[index], self.where(index)
        data = zips.content(where, self._zips[entry.of], entry.member, self._lock)
        with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".aedat4") as file:
            file.write(data)
            file.flush()
            columns = self._decoder.read(where, file.name, self.dataset.shape)
        return recording.checked(where, *columns, self.dataset.shape)

    def _unpack(self):
        """Lay each class's zip down in the folder, if it does not lie there yet."""
        with hostile(self.path), zipfile.ZipFile(self.path) as archive:
            members = {}
            for member in archive.infolist():
                zips.require_safe_member(self.path, member)
                members[member.filename.rpartition("/")[2]] = member
            wanted = [f"{name}.zip" for name in self.dataset.classes]
            missing = [name for name in wanted if name not in members]
            if missing:
                raise ArchiveError(self.path, f"it lacks {', '.join(missing)}")
            for name in wanted:
                zips.require_plain(
                    self.path, members[name], MOST_CLASS_BYTES, "a class"
                )
            left = [n for n in wanted if not (self._folder / n).exists()]
            needed = sum(members[name].file_size for name in left)
            with space.watched(self._folder, needed, f"unpacking {self.path}"):
                for name in left:
                    zips.unpack(self.path, archive, members[name], self._folder / name)

    def _listed(self, label, of):
        """The entries of one class in this split, in the order of their numbers."""
        where, found = f"{self.path}: {of}.zip", {}
        with hostile(where):
            self._zips[of] = zipfile.ZipFile(self._folder / f"{of}.zip")
            for member in self._zips[of].infolist():
                zips.require_safe_member(where, member)
                if member.is_dir() or not member.filename.endswith(".aedat4"):
                    continue
                number = _number(where, member, of)
                if number in found:
                    raise ArchiveError(where, f"recording {number} occurs twice")
                zips.require_plain(where, member, MOST_BYTES, "a recording")
                found[number] = member
        return [
            Thing(
                f"{of}.zip: {found[number].filename}",
                label,
                aedat4.most_events(found[number].file_size),
                *(found[number], of),
            )
            for number in sorted(found)
            if (number >= FIRST_TO_TEST) == (self.split == "test")
        ]


def _number(where, member, of):
    named = re.fullmatch(rf"(.*/)?{of}/[\w-]*?(\d{{1,6}})\.aedat4", member.filename)
    if not named:
        raise ArchiveError(
            where,
            f"{member.filename} is not {of}/<name>_<number>.aedat4",
            member.header_offset,
        )
    return int(named[2])
