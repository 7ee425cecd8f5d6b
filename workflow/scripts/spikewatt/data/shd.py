"""SHD's format: HDF5 in a zip.

Cramer et al. (2022): `spikes/times` (seconds) and `spikes/units` (0…699) are lists of
unequal length, `labels` says the word. `shd_unpack` reads the file, as a process of its
own (see `elsewhere`), and leaves plain arrays behind. A crash there is a sentence here.
"""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np

from spikewatt.data import elsewhere, recording, zips
from spikewatt.data.errors import ArchiveError, hostile
from spikewatt.data.shd_unpack import REFUSED

# A word has about 8,000 spikes, and about 4 bytes a spike in the file.
MOST_MEAN_BYTES = 400_000
PATIENCE_S = 3600


class Words(recording.Reader):
    """The words of one archive, in the order of the file, as tonic's; see there."""

    def __init__(self, path, split, dataset, scratch):
        super().__init__(path, split, dataset, scratch)
        file = Path(scratch) / f"{split}.h5"
        self._unpack(file)
        self._load(_arrays(path, file, dataset, split))
        self.require_count("recording")

    def read(self, index):
        part = slice(*self._indptr[index : index + 2])
        units = self._units[part].astype(np.int64)
        # As tonic does: cut to whole microseconds.
        time = (self._times[part] * 1e6).astype(np.int64)
        nothing = np.zeros_like(units)
        return recording.checked(
            self.where(index), units, nothing, nothing, time, self.dataset.shape
        )

    def _unpack(self, file):
        """The one HDF5 file in the zip, to `file`."""
        with hostile(self.path), zipfile.ZipFile(self.path) as archive:
            members = [m for m in archive.infolist() if m.filename.endswith(".h5")]
            for member in archive.infolist():
                zips.require_safe_member(self.path, member)
            if len(members) != 1:
                raise ArchiveError(
                    self.path, f"it has {len(members)} files *.h5, not 1"
                )
            most = self.dataset.most(self.split) * MOST_MEAN_BYTES
            zips.require_plain(self.path, members[0], most, self.dataset.title)
            zips.unpack(self.path, archive, members[0], file)

    def _load(self, folder):
        read = {name: np.load(folder / f"{name}.npy") for name in ("labels", "indptr")}
        self._indptr = read["indptr"]
        self._units = _mapped(folder / "units", np.uint16)
        self._times = _mapped(folder / "times", np.float64)
        lengths = np.diff(self._indptr).tolist()
        self.entries = [
            recording.Listed(f"recording {number}", int(label), length)
            for number, (label, length) in enumerate(
                zip(read["labels"], lengths, strict=True)
            )
        ]


def _arrays(path, file, dataset, split):
    """The folder that `shd_unpack` leaves, or what it has to say, as ArchiveError."""
    folder = file.with_suffix(".arrays")
    folder.mkdir()
    limits = {
        "recordings": dataset.most(split),
        "units": dataset.shape[2],
        "classes": len(dataset.classes),
    }
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "spikewatt.data.shd_unpack",
            *(str(file), str(folder), json.dumps(limits)),
        ],
        env=elsewhere.environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    file.unlink()
    if done.returncode == REFUSED:
        raise ArchiveError(path, done.stdout.strip())
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:] or [f"status {done.returncode}"]
        raise ArchiveError(path, f"HDF5's library cannot read it ({said[0]})")
    return folder


def _mapped(path, dtype):
    if not path.stat().st_size:
        return np.empty(0, dtype)
    return np.memmap(path, dtype, mode="r")
