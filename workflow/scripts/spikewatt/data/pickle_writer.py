"""Batches as Python 2 wrote CIFAR's: the pickle operations of the official files.

Python 3 cannot write them: it turns byte strings and arrays into calls that the reader
(`pickles`) rightly refuses.
"""

import pickle
import struct

START = pickle.PROTO + b"\x02"


def batch(title, images, labels):
    """The bytes of a batch: uint8 images N × 3 × 32 × 32 and their labels."""
    files = [f"sample_{number:05d}.png" for number in range(len(labels))]
    rows = images.reshape(len(images), -1)
    return _dictionary(
        batch_label=_text(title),
        labels=_list(_number(label) for label in labels),
        data=_array(rows),
        filenames=_list(_text(name) for name in files),
    )


def fine_batch(title, images, fine, coarse):
    """As `batch`, of CIFAR-100: with labels of 100 classes and of 20 over them."""
    files = [f"sample_{number:05d}.png" for number in range(len(fine))]
    return _dictionary(
        filenames=_list(_text(name) for name in files),
        batch_label=_text(title),
        fine_labels=_list(_number(label) for label in fine),
        coarse_labels=_list(_number(label) for label in coarse),
        data=_array(images.reshape(len(images), -1)),
    )


def fine_meta(fine, coarse):
    """The bytes of CIFAR-100's meta: the names of its classes."""
    return _dictionary(
        fine_label_names=_list(_text(name) for name in fine),
        coarse_label_names=_list(_text(name) for name in coarse),
    )


def meta(classes, per_batch):
    """The bytes of batches.meta: the class names and two counts."""
    return _dictionary(
        num_cases_per_batch=_number(per_batch),
        label_names=_list(_text(name) for name in classes),
        num_vis=_number(3072),
    )


def _dictionary(**entries):
    pairs = b"".join(_text(key) + value for key, value in entries.items())
    body = pickle.EMPTY_DICT + pickle.MARK + pairs + pickle.SETITEMS
    return START + body + pickle.STOP


def _list(items):
    return pickle.EMPTY_LIST + pickle.MARK + b"".join(items) + pickle.APPENDS


def _text(text):
    return _string(text.encode("ascii"))


def _string(data):
    if len(data) < 256:
        return pickle.SHORT_BINSTRING + bytes([len(data)]) + data
    return pickle.BINSTRING + struct.pack("<i", len(data)) + data


def _number(value):
    return pickle.BININT + struct.pack("<i", int(value))


def _tuple(*items):
    return pickle.MARK + b"".join(items) + pickle.TUPLE


def _name(module, name):
    return pickle.GLOBAL + f"{module}\n{name}\n".encode("ascii")


def _call(function, *arguments):
    return function + _tuple(*arguments) + pickle.REDUCE


def _array(rows):
    """A uint8 array as numpy's own `__reduce__` describes it."""
    dtype = _call(_name("numpy", "dtype"), _text("u1"), _number(0), _number(1))
    dtype += _tuple(
        _number(3), _text("|"), *[pickle.NONE] * 3, *[_number(-1)] * 2, _number(0)
    )
    dtype += pickle.BUILD
    empty = _call(
        _name("numpy.core.multiarray", "_reconstruct"),
        _name("numpy", "ndarray"),
        _tuple(_number(0)),
        _text("b"),
    )
    shape = _tuple(*(_number(side) for side in rows.shape))
    content = _string(rows.tobytes())
    return (
        empty
        + _tuple(_number(1), shape, dtype, pickle.NEWFALSE, content)
        + pickle.BUILD
    )
