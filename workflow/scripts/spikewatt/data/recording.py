"""What every reader of an event format gives, and what no sensor sends.

A reader is a class like `Reader` below: opened with an archive, it lists its
entries, and gives each as a `Recording`. Denoising, joining pixels and binning
(`events`) are then the same for all formats.
"""

from typing import NamedTuple

import numpy as np

from spikewatt.data.errors import ArchiveError

TYPES = {"x": np.uint16, "y": np.uint16, "polarity": np.uint8, "time": np.int64}
LATEST_US = 2**62  # no clock shows more


class Recording(NamedTuple):
    """Events in the order of time: x, y uint16; polarity uint8; time int64 in µs."""

    x: np.ndarray
    y: np.ndarray
    polarity: np.ndarray
    time: np.ndarray


class Listed(NamedTuple):
    """What is known of a recording before it is read; `events`: at most so many."""

    name: str
    label: int
    events: int


class Reader:
    """The recordings of one split, in the order that they are prepared in.

    A reader opens `path` (an official archive, verified before) for `split` ("train"
    or "test") of `dataset` (from the catalogue), and may unpack what it can't read in
    place into the folder `scratch`, which is its own. It fills `entries` with an
    `Listed` or the like for each recording and gives it by `read`, from several threads
    at once. It raises ArchiveError, with file and place, for whatever is damaged,
    unsafe, larger than the dataset can be, or missing.
    """

    def __init__(self, path, split, dataset, scratch):
        self.path, self.split, self.dataset = path, split, dataset
        self.scratch = scratch
        self.entries = []

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()

    def __len__(self):
        return len(self.entries)

    def close(self):
        """Let go of files; what lies in `scratch` goes with it."""

    @property
    def events(self):
        """Events of all recordings together, at most."""
        return sum(entry.events for entry in self.entries)

    def where(self, index):
        """The recording's place for messages: archive and member."""
        return f"{self.path}: {self.entries[index].name}"

    def read(self, index):
        """Recording number `index`, as a `Recording` that `checked` has passed."""
        raise NotImplementedError

    def require_count(self, missing):
        """Refuse no recording at all (`missing` says what was looked for), or more."""
        most = self.dataset.most(self.split)
        if not self.entries:
            raise ArchiveError(self.path, f"it has no {missing}")
        if len(self.entries) > most:
            raise ArchiveError(
                self.path,
                f"it has {len(self.entries)} recordings to {self.split}, the dataset "
                f"has {most}",
            )


def checked(where, x, y, polarity, time, sensor):
    """The events as a `Recording`, once they are what the `sensor` can send.

    x, y, polarity, time (µs): equally long arrays of integers, in any order of time:
    most formats promise none. sensor: (polarities, height, width). Raises ArchiveError
    naming `where` and the number of the event.
    """
    parts = [np.asarray(part) for part in (x, y, polarity, time)]
    lengths = {part.shape for part in parts}
    if len(lengths) > 1 or parts[0].ndim != 1:
        raise ArchiveError(where, "its x, y, polarities and times are not as many")
    if not parts[0].size:
        raise ArchiveError(where, "it has no event")
    polarities, height, width = sensor
    limits = {"x": width, "y": height, "polarity": polarities, "time": LATEST_US}
    for part, (name, limit) in zip(parts, limits.items(), strict=True):
        wrong = np.flatnonzero((part < 0) | (part >= limit))
        if wrong.size:
            raise ArchiveError(where, _problem(name, int(wrong[0]), parts, sensor))
    order = _order(parts[-1])
    return Recording(
        *(
            np.ascontiguousarray(part[order], dtype)
            for part, dtype in zip(parts, TYPES.values(), strict=True)
        )
    )


def _order(time):
    """What puts events into the order of time; equal times stay as they were."""
    backwards = (time[1:] < time[:-1]).any()
    return np.argsort(time, kind="stable") if backwards else slice(None)


def _problem(name, number, parts, sensor):
    x, y, polarity, time = (part[number] for part in parts)
    polarities, height, width = sensor
    if name == "time":
        return f"event {number} has the time {time} µs"
    if name == "polarity":
        return f"event {number} has the polarity {polarity}, not 0…{polarities - 1}"
    return (
        f"event {number} (x {x}, y {y}) lies outside the {width}×{height} sensor: it "
        "is of another one"
    )
