"""Opening a prepared dataset: arrays mapped from disk, nothing executed, no torch."""

import hashlib
import json
import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors import SafetensorError, safe_open

FORMAT = "spikewatt dataset 1"
METADATA_KEY = "spikewatt"
SPLITS = ("train", "test")
ABOUT_THE_FILE = ("format", "classes", "digest")  # in metadata, beside its origin
MOST_ADDRESSES = 2**16  # an address is stored as uint16
TYPES = {
    "images": np.uint8,
    "labels": np.int64,
    "indptr": np.int64,
    "bin": np.uint16,
    "address": np.uint16,
    "num_bins": np.int32,
}
CODES = {"U8": np.uint8, "I64": np.int64, "U16": np.uint16, "I32": np.int32}


class DatasetError(ValueError):
    """A prepared dataset is damaged or of another format; says how to make it anew."""

    def __init__(self, path, problem):
        super().__init__(
            f"{path}: {problem}. Delete it and run the workflow again to prepare it"
        )


@dataclass(frozen=True)
class ImageSplit:
    """Images uint8 N × C × H × W and their labels int64 N."""

    images: np.ndarray
    labels: np.ndarray

    def __len__(self):
        return len(self.labels)


class ResizedSplit:
    """An `ImageSplit` with its images enlarged, in memory, once they are asked for."""

    def __init__(self, split, size):
        self._split, self._size = split, size
        self.labels = split.labels
        self.shape = (split.images.shape[1], size, size)

    def __len__(self):
        return len(self.labels)

    @cached_property
    def images(self):
        return resized(self._split.images, self._size)


@dataclass(frozen=True)
class EventSplit:
    """Recordings as compressed rows.

    Recording i is `bin[indptr[i]:indptr[i+1]]` and `address` likewise (uint16, sorted,
    repeated entries are counts), with `num_bins[i]` time steps; an address is
    polarity·H·W + y·W + x on the `sensor` (P, H, W).
    """

    indptr: np.ndarray
    bin: np.ndarray
    address: np.ndarray
    num_bins: np.ndarray
    labels: np.ndarray
    sensor: tuple[int, int, int]

    def __len__(self):
        return len(self.labels)


@dataclass(frozen=True)
class _Prepared:
    metadata: dict  # what `prepare` recorded: dataset, classes, checksums, …
    splits: dict

    @property
    def digest(self):
        """What the arrays and the settings they were prepared with come to."""
        return self.metadata["digest"]

    @property
    def origin(self):
        """What the arrays were prepared from, and with which settings, as a dict."""
        return {k: v for k, v in self.metadata.items() if k not in ABOUT_THE_FILE}

    def split(self, name):
        """The split "train" or "test"."""
        return self.splits[name]

    @property
    def classes(self):
        """Number of classes."""
        return len(self.metadata["classes"])


class Images(_Prepared):
    """A prepared dataset of images; its splits are `ImageSplit`."""

    @property
    def shape(self):
        """Channels, height, width of an image."""
        return self.splits["train"].images.shape[1:]

    def resized(self, size):
        """The same dataset with images of `size` × `size` pixels, in memory."""
        splits = {name: ResizedSplit(one, size) for name, one in self.splits.items()}
        return ResizedImages(self.metadata, splits)


class ResizedImages(Images):
    """`Images` of another size; its splits are `ResizedSplit`."""

    @property
    def shape(self):
        """Channels, height, width of an image; enlarges none."""
        return self.splits["train"].shape


class Events(_Prepared):
    """A prepared dataset of event recordings; its splits are `EventSplit`."""

    @property
    def shape(self):
        """Polarities, height, width of the sensor."""
        return self.splits["train"].sensor


def load(path):
    """Open a prepared dataset as `Images` or `Events`; arrays are read-only maps.

    Raises FileNotFoundError, or DatasetError where the content is not what
    `prepare` writes: kernels rely on bins and addresses within bounds.
    """
    path = Path(path)
    metadata, arrays = _open(path)
    if metadata["kind"] == "images":
        splits = {name: _images(path, name, arrays) for name in SPLITS}
    else:
        sensor = tuple(metadata["sensor"])
        splits = {name: _events(path, name, arrays, sensor) for name in SPLITS}
    for name, split in splits.items():
        _check_labels(path, name, split.labels, len(metadata["classes"]))
    return (Images if metadata["kind"] == "images" else Events)(metadata, splits)


def resized(images, size):
    """Images uint8 N × C × H × W enlarged to N × C × size × size (bilinear, Pillow)."""
    count, channels = images.shape[:2]
    result = np.empty((count * channels, size, size), dtype=np.uint8)
    for place, image in enumerate(images.reshape(-1, *images.shape[2:])):
        enlarged = Image.fromarray(image).resize(
            (size, size), Image.Resampling.BILINEAR
        )
        result[place] = np.asarray(enlarged)
    return result.reshape(count, channels, size, size)


def digest(path):
    """The digest that `prepare` recorded in a prepared dataset; reads its header alone.

    Raises as `load`.
    """
    return _metadata(Path(path))["digest"]


def content_digest(arrays, metadata):
    """The digest of arrays by name and of the settings they were prepared with."""
    total = hashlib.sha256(json.dumps(metadata, sort_keys=True).encode())
    for name, array in sorted(arrays.items()):
        total.update(f"{name} {array.dtype} {array.shape}".encode())
        total.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8))
    return total.hexdigest()


def _open(path):
    """Metadata and arrays; safetensors checks the layout, numpy maps the bytes."""
    metadata = _metadata(path)
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    return metadata, {
        name: _mapped(path, entry, 8 + length)
        for name, entry in header.items()
        if name != "__metadata__"
    }


def _metadata(path):
    try:
        with safe_open(path, framework="np") as file:
            text = (file.metadata() or {}).get(METADATA_KEY)
        metadata = json.loads(text) if text else {}
    except (SafetensorError, ValueError) as error:
        raise DatasetError(path, f"it is damaged ({error})") from error
    _check_metadata(path, metadata)
    return metadata


def _check_metadata(path, metadata):
    if not isinstance(metadata, dict) or metadata.get("format") != FORMAT:
        raise DatasetError(path, f"it is not of the format «{FORMAT}»")
    kind, sensor = metadata.get("kind"), metadata.get("sensor")
    classes = metadata.get("classes")
    if kind not in ("images", "events") or not isinstance(classes, list):
        raise DatasetError(path, "it does not say its kind and classes")
    if kind == "events" and not (
        isinstance(sensor, list)
        and len(sensor) == 3
        and all(type(side) is int and 0 < side <= MOST_ADDRESSES for side in sensor)
        and math.prod(sensor) <= MOST_ADDRESSES
    ):
        raise DatasetError(path, f"its sensor is {sensor}")
    if not isinstance(metadata.get("digest"), str):
        raise DatasetError(path, "it has no digest of its content")


def _mapped(path, entry, start):
    dtype = CODES.get(entry["dtype"])
    if dtype is None:
        raise DatasetError(path, f"it has an array of type {entry['dtype']}")
    shape = tuple(entry["shape"])
    if 0 in shape:  # nothing can be mapped
        return np.empty(shape, dtype=dtype)
    offset = start + entry["data_offsets"][0]
    return np.memmap(path, dtype=dtype, mode="r", offset=offset, shape=shape)


def _take(path, split, arrays, *names):
    taken = []
    for name in names:
        array = arrays.get(f"{split}_{name}")
        if array is None or array.dtype != TYPES[name]:
            raise DatasetError(path, f"it has no array {split}_{name} as it should be")
        taken.append(array)
    return taken


def _images(path, split, arrays):
    images, labels = _take(path, split, arrays, "images", "labels")
    if images.ndim != 4 or labels.shape != images.shape[:1]:
        raise DatasetError(path, f"its {split} images and labels do not fit together")
    return ImageSplit(images, labels)


def _events(path, split, arrays, sensor):
    names = ("indptr", "bin", "address", "num_bins", "labels")
    indptr, bins, address, num_bins, labels = _take(path, split, arrays, *names)
    if indptr.ndim != 1 or not indptr.size:
        raise DatasetError(path, f"its {split}_indptr has the shape {indptr.shape}")
    sizes = np.diff(indptr)
    fits = (
        labels.shape == num_bins.shape == sizes.shape
        and bins.shape == address.shape == (indptr[-1],)
        and indptr[0] == 0
        and (sizes >= 0).all()
        and (address.size == 0 or int(address.max()) < np.prod(sensor))
        and _bins_fit(indptr, bins, num_bins, sizes)
    )
    if not fits:
        raise DatasetError(path, f"the arrays of its {split} events contradict another")
    return EventSplit(indptr, bins, address, num_bins, labels, sensor)


def _check_labels(path, split, labels, classes):
    if not labels.size or labels.min() < 0 or labels.max() >= classes:
        raise DatasetError(path, f"its {split} labels are not in 0…{classes - 1}")


def _bins_fit(indptr, bins, num_bins, sizes):
    filled = sizes > 0
    if not filled.any():
        return True
    highest = np.maximum.reduceat(bins, indptr[:-1][filled])
    return bool((highest < num_bins[filled]).all())
