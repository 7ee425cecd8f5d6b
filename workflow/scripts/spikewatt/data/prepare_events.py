"""Archives of recordings to compressed rows of sparse frames, in bounded memory."""

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from spikewatt.data import cifar10_dvs, dvs_gesture, events, nmnist, shd, space
from spikewatt.files.progress_bar import progress_bar

PIECE = 32  # recordings a thread takes at once
MEMORY = 512 * 2**20  # what preparing takes, whatever the size of the archive
ROW_BYTES = 4  # a bin and an address of uint16 for each event
# By a dataset's `reader`; see `recording.Reader`.
READERS = {
    "nmnist": nmnist.Recordings,
    "shd": shd.Words,
    "dvs_gesture": dvs_gesture.Gestures,
    "cifar10_dvs": cifar10_dvs.Things,
}


def arrays(paths, dataset, scratch, settings, preparation, threads):
    """The arrays of both splits by name, `bin` and `address` mapped from `scratch`.

    `paths`: archives by split. `settings`: see `events.to_rows`. `preparation`:
    "spikewatt" or "tonic"; both give the same. Recordings come in the order of the
    reader's entries.
    """
    space.require_memory(MEMORY, f"preparing {dataset.name}")
    convert = _converter(preparation)
    result, reader = {}, READERS[dataset.reader]
    for split, path in paths.items():
        with reader(path, split, dataset, Path(scratch)) as recordings:
            # Once in the scratch folder, once in the finished file.
            needed = 2 * recordings.events * ROW_BYTES
            work = _Work(recordings, dataset.shape, settings, convert)
            with space.watched(scratch, needed, f"preparing {path}"):
                arrays = work.run(Path(scratch), split, threads)
        result |= {f"{split}_{name}": array for name, array in arrays.items()}
    return result


def _converter(preparation):
    if preparation == "tonic":
        from spikewatt.data import with_tonic  # GPL-3.0-only: loaded on demand

        return with_tonic.to_rows
    return events.to_rows


class _Work:
    """Converts the recordings of one split on several threads, keeping their order."""

    def __init__(self, recordings, sensor, settings, convert):
        self.recordings = recordings
        self.sensor = sensor
        self.settings = settings
        self.convert = convert

    def run(self, scratch, split, threads):
        files = {name: scratch / f"{split}_{name}" for name in ("bin", "address")}
        lengths, bins = [], []
        with open(files["bin"], "wb") as bin_, open(files["address"], "wb") as address:
            for row in self._rows(split, threads):
                bin_.write(row[0])
                address.write(row[1])
                lengths.append(len(row[0]))
                bins.append(row[2])
        indptr = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        labels = [entry.label for entry in self.recordings.entries]
        return {
            "indptr": indptr.astype(np.int64),
            "num_bins": np.array(bins, dtype=np.int32),
            "labels": np.array(labels, dtype=np.int64),
            **{name: _mapped(path) for name, path in files.items()},
        }

    def _rows(self, split, threads):
        """The converted recordings in order, with few pieces waiting at any time."""
        starts = deque(range(0, len(self.recordings), PIECE))
        waiting = deque()
        title = f"{self.recordings.path} ({split})"
        with (
            ThreadPoolExecutor(threads) as pool,
            progress_bar(title, len(self.recordings), "recordings") as bar,
        ):
            try:
                while starts or waiting:
                    while starts and len(waiting) < 2 * threads:
                        waiting.append(pool.submit(self._piece, starts.popleft()))
                    piece = waiting.popleft().result()
                    yield from piece
                    bar.update(len(piece))
            finally:
                pool.shutdown(cancel_futures=True)

    def _piece(self, start):
        stop = min(start + PIECE, len(self.recordings))
        return [
            self.convert(
                self.recordings.where(index),
                self.recordings.read(index),
                self.sensor,
                self.settings,
            )
            for index in range(start, stop)
        ]


def _mapped(path):
    """A file of uint16 as an array that stays on disk; an empty file has no map."""
    if path.stat().st_size == 0:
        return np.empty(0, dtype=np.uint16)
    return np.memmap(path, dtype=np.uint16, mode="r")
