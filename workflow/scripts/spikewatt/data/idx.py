"""MNIST's format: gzip around a big-endian header and unsigned bytes (idx)."""

import gzip
import struct

import numpy as np

from spikewatt.data.errors import ArchiveError, hostile

MAGIC = {1: 0x0801, 3: 0x0803}  # by number of dimensions, for unsigned bytes


def read_images(path, limit, height, width):
    """Images of an idx3 file as uint8, count × height × width; at most `limit`."""
    return _read(path, limit, (height, width))


def read_labels(path, limit, classes):
    """Labels of an idx1 file as int64; each must be below `classes`."""
    labels = _read(path, limit, ()).astype(np.int64)
    wrong = np.flatnonzero(labels >= classes)
    if len(wrong):
        where = int(wrong[0])
        raise ArchiveError(
            path, f"label {labels[where]} is not in 0…{classes - 1}", 8 + where
        )
    return labels


def _read(path, limit, shape):
    """Header, then exactly what it announces: memory is bounded by `limit`."""
    with hostile(path), gzip.open(path, "rb") as handle:
        count = _header(path, handle, limit, shape)
        start = 8 + 4 * len(shape)
        size = count * int(np.prod(shape, dtype=int))
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
    return np.frombuffer(data, dtype=np.uint8).reshape(count, *shape)


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
    """The bytes of an idx file (gzip) for uint8 labels (N) or images (N × H × W)."""
    header = struct.pack(
        f">{1 + array.ndim}I", MAGIC[array.ndim], *(int(side) for side in array.shape)
    )
    return gzip.compress(header + array.astype(np.uint8).tobytes(), mtime=0)
