"""MNIST's format: gzip around a big-endian header and numbers, row by row (idx).

The numbers are unsigned bytes, and for QMNIST's labels 32-bit integers.
"""

import gzip
import shutil
import struct

import numpy as np

from spikewatt.data.errors import ArchiveError, hostile

# By number of dimensions. QMNIST's labels are rows of eight numbers.
MAGIC = {1: 0x0801, 2: 0x0C02, 3: 0x0803}
TYPES = {1: np.uint8, 2: np.dtype(">i4"), 3: np.uint8}


def read_images(path, limit, height, width):
    """Images of an idx3 file as uint8, count × height × width; at most `limit`."""
    return _read(path, limit, (height, width))


def read_labels(path, limit, classes):
    """Labels of an idx1 file as int64; each must be below `classes`."""
    labels = _read(path, limit, ()).astype(np.int64)
    _require_classes(path, labels, classes, 8, 1)
    return labels


def read_label_rows(path, limit, columns, classes):
    """Labels of an idx2 file as int64, the first of the `columns` of each row."""
    labels = _read(path, limit, (columns,))[:, 0].astype(np.int64)
    _require_classes(path, labels, classes, 12, 4 * columns)
    return labels


def _require_classes(path, labels, classes, start, step):
    wrong = np.flatnonzero((labels < 0) | (labels >= classes))
    if len(wrong):
        where = int(wrong[0])
        raise ArchiveError(
            path,
            f"label {labels[where]} is not in 0…{classes - 1}",
            start + step * where,
        )


def _read(path, limit, shape):
    """Header, then exactly what it announces: memory is bounded by `limit`."""
    dtype = np.dtype(TYPES[1 + len(shape)])
    with hostile(path), gzip.open(path, "rb") as handle:
        count = _header(path, handle, limit, shape)
        start = 8 + 4 * len(shape)
        size = count * int(np.prod(shape, dtype=int)) * dtype.itemsize
        data = handle.read(size)
        if len(data) < size:
            raise ArchiveError(
                path,
                f"it ends early: {count} entries are announced",
                start + len(data),
            )
        if handle.read(1):
            raise ArchiveError(
                path, f"data follows the {count} announced entries", start + size
            )
    return np.frombuffer(data, dtype).reshape(count, *shape)


def _header(path, handle, limit, shape):
    dimensions = 1 + len(shape)
    header = handle.read(4 + 4 * dimensions)
    if len(header) < 4 + 4 * dimensions:
        raise ArchiveError(path, "it ends within its header", len(header))
    magic, count, *edges = struct.unpack(f">{1 + dimensions}I", header)
    if magic != MAGIC[dimensions]:
        raise ArchiveError(
            path, f"it starts with 0x{magic:08x}, not 0x{MAGIC[dimensions]:08x}", 0
        )
    if count > limit:
        raise ArchiveError(
            path, f"it announces {count} entries, the dataset has {limit}", 4
        )
    if tuple(edges) != tuple(shape):
        raise ArchiveError(path, f"its entries are {edges}, not {list(shape)}", 8)
    return count


def pack(array):
    """The bytes of an idx file (gzip): labels N, images N × H × W, rows of labels."""
    header = struct.pack(
        f">{1 + array.ndim}I", MAGIC[array.ndim], *(int(side) for side in array.shape)
    )
    data = array.astype(TYPES[array.ndim]).tobytes()
    return gzip.compress(header + data, mtime=0)


def unpack(path, output):
    """Write what is in the gzip `path`, which was read before, to the file `output`."""
    with hostile(path), gzip.open(path, "rb") as packed, open(output, "wb") as handle:
        shutil.copyfileobj(packed, handle)
