"""The catalogue against the lists of torchvision and tonic, which are installed."""

import subprocess
import sys
from pathlib import Path

import pytest
import tonic.datasets
import torchvision.datasets

from spikewatt.data import catalogue

SCRIPTS = Path(catalogue.__file__).parents[2]
IMAGES = [name for name, known in catalogue.DATASETS.items() if known.kind == "images"]


def theirs(dataset):
    """Names and MD5 sums of a set's archives, as its library's class lists them."""
    library = getattr(
        torchvision.datasets if dataset.name in IMAGES else tonic.datasets,
        dataset.library,
    )
    if dataset.name == "svhn":
        return {name: md5 for _, name, md5 in list(library.split_list.values())[:2]}
    if dataset.name in ("cifar10", "cifar100"):
        return {library.filename: library.tgz_md5}
    if dataset.name == "cifar10_dvs":
        return {library.filename: library.file_md5}
    if dataset.name == "qmnist":
        both = library.resources["train"] + library.resources["test"]
        return {url.rpartition("/")[2]: md5 for url, md5 in both}
    if dataset.name in IMAGES:
        return dict(library.resources)
    if dataset.name == "nmnist":
        return {
            library.train_filename: library.train_md5,
            library.test_filename: library.test_md5,
        }
    names = ("train_filename", "test_filename")
    if dataset.name == "shd":
        names = "train_zip", "test_zip"
    return {
        getattr(library, names[0]): library.train_md5,
        getattr(library, names[1]): library.test_md5,
    }


@pytest.mark.parametrize("name", catalogue.DATASETS)
def test_names_and_checksums_are_those_of_torchvision_and_tonic(name):
    """So that a set that its publishers replaced shows."""
    dataset = catalogue.get(name)
    ours = {archive.name: archive.checksum for archive in dataset.archives}
    assert ours == {file: f"md5:{md5}" for file, md5 in theirs(dataset).items()}


@pytest.mark.parametrize("name", ["fashion_mnist", "kmnist", "dvs_gesture", "svhn"])
def test_classes_and_shapes_are_theirs(name):
    dataset = catalogue.get(name)
    if name == "dvs_gesture":
        library = tonic.datasets.DVSGesture
        assert dataset.shape == library.sensor_size[::-1]
        words = ["clap", "right", "left", "right", "right", "left", "left"]
        words += ["roll", "drums", "guitar", "other"]
        pairs = zip(words, dataset.classes, library.classes, strict=True)
        for word, own, other in pairs:
            assert word in own and word in other.lower()
    elif name == "svhn":
        assert dataset.classes[0] == "zero"  # which torchvision makes of label 10
    else:
        library = getattr(torchvision.datasets, dataset.library)
        same = str.maketrans("/- ", "___")
        assert list(dataset.classes) == [
            word.lower().translate(same).replace("t_shirt_top", "t_shirt")
            for word in library.classes
        ]


def test_only_one_module_of_data_imports_torchvision():
    folder = SCRIPTS / "spikewatt" / "data"
    importing = [
        path.name
        for path in folder.rglob("*.py")
        if "from torchvision" in path.read_text(encoding="utf-8")
    ]
    assert importing == ["with_torchvision.py"]


def test_preparation_loads_what_its_own_set_needs():
    """Neither torch nor the readers of HDF5 and AEDAT 4 for MNIST or N-MNIST."""
    code = (
        "import sys, spikewatt.data.prepare, spikewatt.data.sample; print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=SCRIPTS, capture_output=True, text=True
    )
    loaded = done.stdout.split()
    assert "spikewatt.data.prepare_events" in loaded
    assert not {"torch", "torchvision", "tonic", "h5py", "aedat"} & set(loaded)
