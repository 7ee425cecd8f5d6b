"""Verified archives to one file of arrays that every training opens."""

import json
from pathlib import Path

from safetensors.numpy import save_file

from spikewatt.data import catalogue, checksum, cifar, idx, prepare_events, space
from spikewatt.data.arrays import FORMAT, METADATA_KEY, content_digest
from spikewatt.data.errors import ArchiveError
from spikewatt.files import atomic
from spikewatt.files.scratch import scratch


def prepare(dataset, archives, output, settings, preparation="spikewatt", threads=1):
    """Write `output` (safetensors) from the archives in the folder `archives`.

    Each archive is compared with the checksum recorded when it was verified or made,
    before anything in it is read. `settings`: see `events.to_rows`; used by event
    datasets, as are `preparation` and `threads`. The bytes written depend on the
    archives and the settings only. Raises ChecksumError, ArchiveError or
    NotEnoughSpace.
    """
    dataset = catalogue.get(dataset)
    paths = {name: Path(archives) / name for name in dataset.files}
    sums = {name: checksum.recorded(path) for name, path in paths.items()}
    for name, path in paths.items():
        checksum.verify(path, sums[name])
    if dataset.kind == "events":
        _prepare_events(dataset, paths, output, sums, settings, preparation, threads)
    else:
        _prepare_images(dataset, paths, output, sums)


def _prepare_images(dataset, paths, output, sums):
    # Twenty times is more than any image archive here unpacks to.
    packed = sum(path.stat().st_size for path in paths.values())
    unpacked = min(dataset.bytes, 20 * packed)
    space.require_memory(3 * unpacked, f"preparing {dataset.name}")
    splits, classes = _READERS[dataset.reader](dataset, paths, sums, Path(output))
    arrays = {}
    for split, (images, labels) in splits.items():
        if not len(labels):
            raise ArchiveError(", ".join(map(str, paths.values())), f"no {split} image")
        arrays |= {f"{split}_images": images, f"{split}_labels": labels}
    _write(output, arrays, _metadata(dataset, classes, sums))


def _read_idx(dataset, paths, _sums, _output):
    """MNIST's four files; the catalogue lists them as images, labels, twice."""
    channels, height, width = dataset.shape
    files = list(paths.values())
    splits = {}
    for split, images_path, labels_path in (
        ("train", *files[:2]),
        ("test", *files[2:]),
    ):
        limit = dataset.most(split)
        images = idx.read_images(images_path, limit, height, width)
        labels = idx.read_labels(labels_path, limit, len(dataset.classes))
        if len(images) != len(labels):
            raise ArchiveError(
                labels_path, f"it has {len(labels)} labels for {len(images)} images", 4
            )
        splits[split] = images.reshape(-1, channels, height, width), labels
    return splits, dataset.classes


def _read_cifar(dataset, paths, sums, _output):
    ((name, path),) = paths.items()
    return cifar.read(path, sums[name], dataset)


def _read_torchvision(dataset, paths, sums, output):
    from spikewatt.data import with_torchvision  # loads torch: on demand

    with _room(dataset, output) as room:
        return with_torchvision.read(dataset, paths, sums, room)


_READERS = {"idx": _read_idx, "cifar": _read_cifar, "torchvision": _read_torchvision}


def _prepare_events(dataset, paths, output, sums, settings, preparation, threads):
    # A set that came without a split has one archive, for both.
    archives = list(paths.values()) * (2 if len(paths) == 1 else 1)
    splits = dict(zip(("train", "test"), archives, strict=True))
    metadata = _metadata(dataset, dataset.classes, sums) | {
        "sensor": list(dataset.input_shape(events=settings)),
        **settings,
    }
    with _room(dataset, Path(output)) as room:
        arrays = prepare_events.arrays(
            splits, dataset, room, settings, preparation, threads
        )
        _write(output, arrays, metadata)


def _room(dataset, output):
    """A folder beside `output` for one process at a time; emptied before and after."""
    folder, lock = (
        output.parent / f".{output.name}.{what}" for what in ("scratch", "lock")
    )
    return scratch(folder, lock, f"preparing {dataset.name}")


def _metadata(dataset, classes, sums):
    return {
        "format": FORMAT,
        "dataset": dataset.name,
        "kind": dataset.kind,
        "classes": list(classes),
        "checksums": sums,
    }


def _write(output, arrays, metadata):
    # safetensors writes several metadata keys in random order, one in none: the bytes
    # are to be the same each time.
    recorded = metadata | {"digest": content_digest(arrays, metadata)}
    text = json.dumps(recorded, sort_keys=True, ensure_ascii=False)
    size = sum(array.nbytes for array in arrays.values())
    atomic.sweep(output)  # a killed preparation's room is wanted
    with (
        space.watched(Path(output).parent, size, f"writing {output}"),
        atomic.placing(output) as temporary,
    ):
        save_file(arrays, temporary, metadata={METADATA_KEY: text})
