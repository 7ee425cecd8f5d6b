"""By which way the samples of a run come: a condition of the run, no part of it.

`library`: by torchvision and tonic, from the archives, with a cache on disk for
recordings. `prepared`: from the prepared arrays. Samples, order and draws are the same
in both, bit for bit; only what an epoch takes differs.
"""

import contextlib
from pathlib import Path

from spikewatt.files.scratch import scratch
from spikewatt.train.finished import room_of

LIBRARY, PREPARED = "library", "prepared"


def of_stack(stack, wish):
    """How the samples of a stack come where the config's `loading` is `wish`.

    None for the fast stack, which has one way alone.
    """
    return wish if stack == "reference" else None


@contextlib.contextmanager
def loaded(setup, dataset, kept, split, indices):
    """While this lasts, the samples of `split` come as `setup.loading` says.

    setup: an `assembly.Setup`; dataset: the path of its prepared file, beside whose
    folder the archives lie; kept: as of `training.Training`; indices: of all samples
    that will be asked for. What is unpacked and cached lies beside `kept`, starts empty
    and is gone at the end. Raises ValueError, ChecksumError or NotEnoughSpace.
    """
    if setup.loading != LIBRARY:
        yield
        return
    what = f"loading {setup.plan['experiment']}/{setup.plan['network']}"
    room = room_of(kept)
    with scratch(room, f"{room}.lock", what) as folder:
        archives = archives_of(dataset, setup.plan["dataset"])
        setup.stack.load_by_libraries(archives, folder, split, indices)
        yield


def archives_of(dataset, name):
    """resources/<source>/archives/<name>, for resources/<source>/datasets/<file>."""
    return Path(dataset).resolve().parents[1] / "archives" / name
