"""The data sets of events, as data: names, sums, places and sizes of their archives.

Each brings the `events:` settings that fit its sensor. The Snakefile imports this
module: it imports nothing heavy.
"""

from spikewatt.data.dataset import Archive, Dataset
from spikewatt.data.image_sets import DIGITS, OBJECTS


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
    about="handwritten digits before an event camera",
    library="NMNIST",
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


def _shd(split, md5, size):
    name = f"shd_{split}.h5.zip"
    places = ("https://zenkelab.org/datasets/", "https://compneuro.net/datasets/")
    return Archive(
        name,
        f"md5:{md5}",
        size,
        tuple(place + name for place in places),
        exact_size=False,
        elsewhere=(f"SHD/{name}",),
    )


SHD = Dataset(
    name="shd",
    title="SHD",
    about="spoken digits through a model of the inner ear",
    kind="events",
    reader="shd",
    library="SHD",
    shape=(1, 1, 700),
    classes=(
        *(f"english_{digit}" for digit in DIGITS),
        *("german_null", "german_eins", "german_zwei", "german_drei", "german_vier"),
        *("german_fuenf", "german_sechs", "german_sieben", "german_acht"),
        "german_neun",
    ),
    # As compneuro.net counts them; zenkelab.org has 8,332 and 2,088.
    train=8_156,
    test=2_264,
    exact_counts=False,
    # The reader relies on this order: train, test.
    archives=(
        _shd("train", "f3252aeb598ac776c1b526422d90eecb", 125_000_000),
        _shd("test", "1503a5064faa34311c398fb0a1ed0a6f", 36_000_000),
    ),
    licence="CC BY 4.0",
    citation=(
        "B. Cramer, Y. Stradmann, J. Schemmel, F. Zenke: The Heidelberg spiking data "
        "sets for the systematic evaluation of spiking neural networks. IEEE "
        "Transactions on Neural Networks and Learning Systems 33 (2022)"
    ),
    # About 100 steps a word; units are no neighbours as pixels are, so no filter.
    events={"filter_time_us": None, "bin_us": 10_000},
)


def _figshare(name, md5, size, number, library):
    """An archive of figshare's, at the two addresses that scripts get it from.

    figshare.com/ndownloader, which tonic 1.7.0 has, answers scripts with status 202
    and no bytes since January 2026 (tonic's issues 329 and 330).
    """
    return Archive(
        name,
        f"md5:{md5}",
        size,
        (
            f"https://ndownloader.figshare.com/files/{number}",
            f"https://api.figshare.com/v2/file/download/{number}",
        ),
        exact_size=False,
        elsewhere=(f"{library}/{name}",),
    )


DVS_GESTURE = Dataset(
    name="dvs_gesture",
    title="DVS-Gesture",
    about="gestures before an event camera",
    kind="events",
    reader="dvs_gesture",
    library="DVSGesture",
    shape=(2, 128, 128),
    classes=(
        *("hand_clapping", "right_hand_wave", "left_hand_wave"),
        *("right_arm_clockwise", "right_arm_counterclockwise"),
        *("left_arm_clockwise", "left_arm_counterclockwise"),
        *("arm_roll", "air_drums", "air_guitar", "other_gestures"),
    ),
    train=1_077,
    test=264,
    exact_counts=False,
    # The reader relies on this order: train, test.
    archives=(
        _figshare(
            *("ibmGestureTrain.tar.gz", "3a8f0d4120a166bac7591f77409cb105"),
            *(2_400_000_000, 38022171, "DVSGesture"),
        ),
        _figshare(
            *("ibmGestureTest.tar.gz", "56070e45dadaa85fff82e0fbfbc06de5"),
            *(691_000_000, 38020584, "DVSGesture"),
        ),
    ),
    licence="CC BY 4.0",
    citation=(
        "A. Amir, B. Taba, D. Berg et al.: A low power, fully event-based gesture "
        "recognition system. IEEE Conference on Computer Vision and Pattern "
        "Recognition (2017)"
    ),
    # About 120 steps of a gesture of 6 s, and the 32 × 32 pixels of CIFAR-10.
    events={"filter_time_us": 10_000, "bin_us": 50_000, "spatial_factor": 4},
)

CIFAR10_DVS = Dataset(
    name="cifar10_dvs",
    title="CIFAR10-DVS",
    about="things and animals before an event camera",
    kind="events",
    reader="cifar10_dvs",
    library="CIFAR10DVS",
    shape=(2, 128, 128),
    classes=OBJECTS,
    # Its authors made no split: the last hundred of each class test.
    train=9_000,
    test=1_000,
    archives=(
        _figshare(
            *("CIFAR10DVS.zip", "ce3a4a0682dc0943703bd8f749a7701c"),
            *(11_200_000_000, 38023437, "CIFAR10DVS"),
        ),
    ),
    licence="CC BY 4.0",
    citation=(
        "H. Li, H. Liu, X. Ji, G. Li, L. Shi: CIFAR10-DVS: an event-stream dataset for "
        "object classification. Frontiers in Neuroscience 11:309 (2017)"
    ),
    # About 65 steps of a recording of 1.3 s, and the 32 × 32 pixels of CIFAR-10.
    events={"filter_time_us": 10_000, "bin_us": 20_000, "spatial_factor": 4},
)

EVENT_SETS = (NMNIST, SHD, DVS_GESTURE, CIFAR10_DVS)
