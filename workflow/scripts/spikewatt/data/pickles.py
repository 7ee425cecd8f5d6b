"""Python 2 pickles of CIFAR's batches, read without running anything in them.

Two guards, behind the checksum that comes first. Before unpickling, every opcode is
looked at: only those that the official files use may occur, and not more of them than
such a file needs. While unpickling, the three names that stand for numpy arrays lead
to inert stand-ins below; any other name is refused.
"""

import io
import pickle
import pickletools

import numpy as np

from spikewatt.data.errors import ArchiveError, hostile

OPCODES = frozenset(
    {
        "PROTO",
        "STOP",
        "MARK",
        "EMPTY_DICT",
        "EMPTY_LIST",
        "SETITEM",
        "SETITEMS",
        "APPEND",
        "APPENDS",
        "TUPLE",
        "TUPLE1",
        "TUPLE2",
        "TUPLE3",
        "NONE",
        "NEWFALSE",
        "BININT",
        "BININT1",
        "BININT2",
        "SHORT_BINSTRING",
        "BINSTRING",
        "GLOBAL",
        "REDUCE",
        "BUILD",
        "BINPUT",
        "LONG_BINPUT",
        "BINGET",
        "LONG_BINGET",
    }
)
# An official batch has three operations an image, and with coarse labels four.
PER_ENTRY = 10
MOST_OPCODES = 100_000  # for the 10,000 images of a batch of CIFAR-10


def load(name, data, most=MOST_OPCODES):
    """Unpickle the bytes `data` of the member `name`: plain values and uint8 arrays.

    most: pickle operations that are looked at. Strings come back as bytes. Raises
    ArchiveError with the offset of what is not allowed.
    """
    with hostile(name):
        _inspect(name, data, most)
        return _plain(name, _Unpickler(io.BytesIO(data), encoding="bytes").load())


def _inspect(name, data, most):
    for number, (opcode, value, offset) in enumerate(pickletools.genops(data)):
        if opcode.name not in OPCODES:
            raise ArchiveError(
                name, f"pickle operation {opcode.name} is not allowed", offset
            )
        # The unpickler's memo is as large as the largest index put into it.
        if number >= most or (opcode.name == "LONG_BINPUT" and value > most):
            raise ArchiveError(name, "it has too many pickle operations", offset)


class _Array:
    """Stands in for numpy.ndarray: keeps the state that would have been set."""

    def __setstate__(self, state):
        self.state = state


class _Dtype:
    """Stands in for numpy.dtype: keeps the name of the type."""

    def __init__(self, name, *_options):
        self.name = name

    def __setstate__(self, state):
        pass


def _new_array(*_options):
    return _Array()


_NAMES = {
    ("numpy.core.multiarray", "_reconstruct"): _new_array,
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        try:
            return _NAMES[module, name]
        except KeyError:
            raise pickle.UnpicklingError(
                f"the name {module}.{name} is not allowed"
            ) from None


def _plain(name, value):
    """The unpickled dictionary with real arrays in the place of stand-ins."""
    if not isinstance(value, dict):
        raise ArchiveError(name, "it does not hold a dictionary")
    return {
        key: _array(name, entry) if isinstance(entry, _Array) else entry
        for key, entry in value.items()
    }


def _array(name, stand_in):
    _version, shape, dtype, column_major, raw = stand_in.state
    if dtype.name != b"u1" or column_major or not isinstance(raw, bytes):
        raise ArchiveError(name, "an array is not made of unsigned bytes, row by row")
    if any(type(side) is not int or side < 0 for side in shape):
        raise ArchiveError(name, f"an array has the shape {shape}")
    return np.frombuffer(raw, dtype=np.uint8).reshape(shape)
