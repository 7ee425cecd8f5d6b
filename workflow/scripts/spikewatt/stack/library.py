"""Samples as the paper's stack loaded them: by torchvision and tonic, one by one.

`loading: library`. torchvision's datasets and transforms read images, tonic's dataset,
`Denoise`, `ToFrame`, `DiskCachedDataset` and `PadTensors` recordings, from the verified
archives that the prepared arrays were made from. Every sample is equal to the prepared
one, bit for bit: loading decides how long an epoch takes and nothing else.

Unpacked files and tonic's cache lie in a folder of the run's. What is unpacked was read
by our own readers before, byte for byte, when it was prepared: the checksums are those
that the prepared data carry. So torchvision's plain `pickle` meets no pickle that
`data.pickles` did not find harmless.
"""

import shutil
import tarfile
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import Subset

from spikewatt.data import catalogue, checksum, idx, libraries, space
from spikewatt.data.nmnist import Recordings
from spikewatt.stack import frames, padding

FILE_BYTES = 4096  # of disk that a small file takes beyond its content, at most
PROBES = 16  # recordings that the size of the cache is worked out from
RESERVE = 1.2  # of the cache over what they say


def opened(plan, data, archives, room, split, indices):
    """The source of a run's samples: `LibraryImages` or `LibraryRecordings`.

    plan: of the run; data: prepared, as `data.arrays.load` gives it; archives: the
    folder of the data set's verified archives; room: an empty folder, for what is
    unpacked and for the cache; split: «train» or «test»; indices: of all samples that
    will be asked for. Raises ValueError, ChecksumError or NotEnoughSpace.
    """
    name = plan["dataset"]
    if name not in libraries.READ:
        raise ValueError(
            f"loading: library reads {', '.join(libraries.READ)}, not {name}; set "
            "loading: prepared in the config"
        )
    paths = _verified(name, data, Path(archives))
    if name in libraries.TONIC:
        return LibraryRecordings(plan, data, paths, Path(room), split, indices)
    return LibraryImages(plan, paths, Path(room), split)


def _verified(name, data, archives):
    """File → path of the archives that `data` was prepared from, in their order."""
    paths, sums = {}, data.origin["checksums"]
    for file in catalogue.get(name).files:
        path = archives / file
        if not path.exists():
            raise ValueError(
                f"loading: library reads {path}, which is missing. Get it again: "
                f"snakemake --cores 1 {path} (with the --configfile and --config of "
                "these results), or set loading: prepared in the config"
            )
        checksum.verify(path, sums[file])
        paths[file] = path
    return paths


class LibraryImages:
    """torchvision's dataset of a split, with `ToTensor`, and `Resize` if asked for."""

    def __init__(self, plan, paths, room, split):
        from torchvision import datasets, transforms

        made = catalogue.get(plan["dataset"])
        kind = getattr(datasets, made.library)
        what = f"loading: library unpacks the archives of {made.name}. It"
        space.require_disk(room, 2 * made.bytes, what)
        if issubclass(kind, datasets.MNIST):
            _unpack_gzips(paths, room / kind.__name__ / "raw")
        else:
            kind = _without_checksums(kind)
            _unpack_tar(paths, room / kind.base_folder, _files(kind))
        size = plan["resize"]
        resize = [transforms.Resize((size, size))] if size else []
        transform = transforms.Compose([*resize, transforms.ToTensor()])
        self.dataset = kind(room, train=split == "train", transform=transform)

    collate = None  # torch's own

    def samples(self, indices):
        """The samples `indices` as a dataset: float32 C×H×W in [0, 1], label."""
        return Subset(self.dataset, np.asarray(indices).tolist())


def _unpack_gzips(paths, folder):
    """The idx files of MNIST and its kin, where torchvision looks for them."""
    folder.mkdir(parents=True)
    for file, path in paths.items():
        idx.unpack(path, folder / file.removesuffix(".gz"))


def _files(kind):
    listed = [*kind.train_list, *kind.test_list]
    return [*(name for name, _ in listed), kind.meta["filename"]]


def _unpack_tar(paths, folder, wanted):
    """The files named `wanted` of an archive; no name in it decides on a place."""
    folder.mkdir(parents=True)
    (path,) = paths.values()
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            name = Path(member.name).name
            if member.isreg() and name in wanted:
                with open(folder / name, "wb") as plain:
                    shutil.copyfileobj(archive.extractfile(member), plain)


def _without_checksums(kind):
    """A class of torchvision's that takes subsets: ours has verified the archive."""
    own = {
        "train_list": [[name, None] for name, _ in kind.train_list],
        "test_list": [[name, None] for name, _ in kind.test_list],
        "meta": {**kind.meta, "md5": None},
    }
    return type(kind.__name__, (kind,), own)


class LibraryRecordings:
    """tonic's dataset of a split, with its cache of frames on disk, which starts empty.

    Only the recordings `indices` are unpacked.
    """

    def __init__(self, plan, data, paths, room, split, indices):
        from spikewatt.data import with_tonic  # GPL-3.0-only: loaded on demand

        self.masked = padding.masks(plan)
        self.pad = with_tonic.PadTensors(batch_first=False)
        self.known = np.sort(np.asarray(indices))
        made = catalogue.get(plan["dataset"])
        path = dict(zip(("train", "test"), paths.values(), strict=True))[split]
        with Recordings(path, split, made) as archive:
            unpacked = sum(archive.entries[i].size + FILE_BYTES for i in self.known)
            self.require_room(with_tonic, data.split(split), room, unpacked)
            with_tonic.unpack(archive, split, room, self.known)
        found = with_tonic.recordings(room, split, data.shape, plan["events"])
        self.dataset = with_tonic.cached(found, room / "cache")

    def require_room(self, with_tonic, part, room, unpacked):
        """Raise NotEnoughSpace unless recordings and cache fit, with the figures."""
        dense, cache = cache_bytes(part, self.known, room, with_tonic.frames_bytes)
        space.require_disk(
            room,
            unpacked + cache,
            "loading: library keeps tonic's cache of frames on disk. For "
            f"{len(self.known):,} recordings that is about {cache:,} bytes ({dense:,} "
            f"before lzf packs them), beside {unpacked:,} of unpacked recordings. With "
            "loading: prepared there is none; max_train_samples takes fewer "
            "recordings. It",
        )

    def samples(self, indices):
        """The samples `indices` as a dataset: frames int16 T×P×H×W, label."""
        return Subset(self.dataset, np.searchsorted(self.known, indices).tolist())

    def collate(self, samples):
        """As `reference.padded` or `with_lengths`, by tonic's `PadTensors`."""
        values, labels = self.pad(samples)
        if not self.masked:
            return values, labels
        lengths = torch.tensor([len(own) for own, _ in samples])
        return padding.Padded(values, lengths), labels


def cache_bytes(part, indices, room, frames_bytes):
    """(bytes of the dense frames, bytes that the cache takes of disk, at most).

    part: an `arrays.EventSplit`; indices: of the recordings; frames_bytes: how much a
    recording's frames (int16) take packed, a function of them and a folder. Some
    recordings are packed for a try; frames are sparse, and pack to some percent.
    """
    sizes = part.num_bins[indices].astype(np.int64) * np.prod(part.sensor) * 2
    places = np.unique(np.linspace(0, len(indices) - 1, PROBES).astype(np.int64))
    share = max(
        frames_bytes(_frames(part, indices[place]), room) / sizes[place]
        for place in places
    )
    dense = int(sizes.sum())
    return dense, int(RESERVE * share * dense) + FILE_BYTES * len(indices)


def _frames(part, index):
    """The frames of a recording, int16 T×P×H×W, as tonic's `ToFrame` makes them."""
    return frames.dense(part, index).astype(np.int16)
