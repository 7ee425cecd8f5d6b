"""All data sets by name. A new one is an entry in `image_sets` or `event_sets`.

The Snakefile imports this module: it imports nothing heavy.
"""

from spikewatt.data.dataset import Archive
from spikewatt.data.event_sets import EVENT_SETS, NMNIST
from spikewatt.data.image_sets import CIFAR10, IMAGE_SETS, MNIST

__all__ = ["CIFAR10", "DATASETS", "MNIST", "NMNIST", "Archive", "get", "listed"]
DATASETS = {dataset.name: dataset for dataset in (*IMAGE_SETS, *EVENT_SETS)}


def get(name):
    """The dataset of that name; KeyError lists the known ones."""
    if name not in DATASETS:
        raise KeyError(f"there is no dataset {name!r}; the known ones are {listed()}")
    return DATASETS[name]


def listed():
    """«mnist (handwritten digits), …»: all of them, a word each."""
    return ", ".join(f"{name} ({known.about})" for name, known in DATASETS.items())
