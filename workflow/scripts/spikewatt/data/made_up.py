"""Noise of the shape of a prepared data set: for timing what is not there yet."""

import json
import math

import numpy as np
from safetensors.numpy import save_file

from spikewatt.data.arrays import FORMAT, METADATA_KEY, SPLITS
from spikewatt.data.sizes import Size

# Part of the pixels that are not black: of drawings, which have one channel, and else.
INK, COLOUR = 0.2, 1.0


def like(data):
    """The `Size` of prepared data that is there, as `arrays.load` gives it."""
    splits = [data.split(name) for name in SPLITS]
    counts = [len(split) for split in splits]
    if not hasattr(splits[0], "num_bins"):
        return Size(*counts)
    first = splits[0]
    events = len(first.address) / max(1, len(first))
    return Size(*counts, max(1, round(first.num_bins.mean())), round(events))


def write(path, dataset, settings, size, count, seed=0):
    """Write prepared data of noise to `path`: `count` samples in each split.

    dataset: a `Dataset`; settings: of its events, or None for images; size: a `Size`,
    which says how long recordings are. The same bytes for a seed.
    """
    generator = np.random.default_rng(seed)
    arrays = {}
    for split in SPLITS:
        if settings is None:
            made = {"images": _images(generator, dataset, count)}
        else:
            sensor = dataset.input_shape(events=settings)
            made = _recordings(generator, sensor, size, count)
        made["labels"] = np.arange(count, dtype=np.int64) % len(dataset.classes)
        arrays |= {f"{split}_{name}": array for name, array in made.items()}
    save_file(arrays, path, metadata={METADATA_KEY: _metadata(dataset, settings)})


def _images(generator, dataset, count):
    shape = (count, *dataset.shape)
    images = generator.integers(0, 256, shape, dtype=np.uint8)
    share = INK if dataset.shape[0] == 1 else COLOUR
    return images * (generator.random(shape) < share).astype(np.uint8)


def _recordings(generator, sensor, size, count):
    """Events at random places and times, in order of time and address."""
    shape, places = (count, size.events), math.prod(sensor)
    key = generator.integers(0, size.bins * places, shape, dtype=np.int64)
    key.sort(axis=1)
    bins, address = np.divmod(key.reshape(-1), places)
    return {
        "indptr": np.arange(count + 1, dtype=np.int64) * size.events,
        "bin": bins.astype(np.uint16),
        "address": address.astype(np.uint16),
        "num_bins": np.full(count, size.bins, np.int32),
    }


def _metadata(dataset, settings):
    metadata = {
        "format": FORMAT,
        "dataset": dataset.name,
        "kind": dataset.kind,
        "classes": list(dataset.classes),
        "checksums": {},
        "digest": "made up",
    }
    if settings is not None:
        metadata["sensor"] = list(dataset.input_shape(events=settings))
    return json.dumps(metadata, ensure_ascii=False)
