"""Sample archives: official formats, the same bytes for a seed, and learnable."""

import io
import zipfile

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from tonic.datasets.nmnist import NMNIST, stabilize
from tonic.io import read_mnist_file

from spikewatt.data import (
    catalogue,
    checksum,
    cifar,
    idx,
    sample,
    sample_images,
    sample_scenes,
    sample_words,
    sensor,
)
from spikewatt.data.nmnist import Recordings

SIZES = {"train": 40, "test": 12}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_all(tmp_path_factory.mktemp("sample"), seed=0)


def make_all(folder, seed, **sizes):
    for dataset in catalogue.DATASETS.values():
        (folder / dataset.name).mkdir()
        for file in dataset.files:
            output = folder / dataset.name / file
            sample.make(dataset.name, file, output, seed=seed, **(sizes or SIZES))
    return folder


def digits(folder, split="train"):
    start = {"train": "train", "test": "t10k"}[split]
    names = f"{start}-images-idx3-ubyte.gz", f"{start}-labels-idx1-ubyte.gz"
    images = idx.read_images(folder / "mnist" / names[0], 60_000, 28, 28)
    return images, idx.read_labels(folder / "mnist" / names[1], 60_000, 10)


def colours(folder):
    path = folder / "cifar10" / "cifar-10-python.tar.gz"
    return cifar.read(path, checksum.recorded(path), catalogue.CIFAR10)


def test_same_seed_same_bytes_and_another_seed_others(folder, tmp_path_factory):
    again = make_all(tmp_path_factory.mktemp("again"), seed=0)
    other = make_all(tmp_path_factory.mktemp("other"), seed=1)
    for dataset in catalogue.DATASETS.values():
        for file in dataset.files:
            first = (folder / dataset.name / file).read_bytes()
            assert (again / dataset.name / file).read_bytes() == first
            assert (other / dataset.name / file).read_bytes() != first


def test_counts_are_as_asked(folder):
    assert len(digits(folder)[1]) == 40
    assert len(digits(folder, "test")[1]) == 12
    splits, classes = colours(folder)
    assert (len(splits["train"][1]), len(splits["test"][1])) == (40, 12)
    assert classes[0] == "warm disk"
    for split, count in SIZES.items():
        path = folder / "nmnist" / f"{split}.zip"
        with Recordings(path, split, catalogue.NMNIST) as recordings:
            assert len(recordings) == count


def test_recording_shows_the_digit_of_the_image_before_it(folder):
    images, labels = digits(folder)
    with zipfile.ZipFile(folder / "nmnist" / "train.zip") as archive:
        numbers = {int(name[-9:-4]): int(name[6]) for name in archive.namelist()}
        assert numbers == {k + 1: label for k, label in enumerate(labels)}
        seen = [steady(archive, k + 1, label) for k, label in enumerate(labels)]
    # Events are where the logarithm of light changes: at the edges of that digit.
    edges = [np.hypot(*np.gradient(np.log(0.1 + image / 255))) for image in images]
    match = np.corrcoef([edge.ravel() for edge in edges], seen)[:40, 40:]
    assert (match.argmax(axis=0) == np.arange(40)).all()
    assert np.diag(match).mean() > 0.9


def steady(archive, number, label):
    """Events a pixel once tonic took out the motion of the real camera, 28 × 28."""
    data = archive.read(f"Train/{label}/{number:05d}.bin")
    found = stabilize(read_mnist_file(io.BytesIO(data), NMNIST.dtype, is_stream=True))
    counts = np.histogram2d(found["y"], found["x"], 34, [[0, 34], [0, 34]])[0]
    return counts[2:30, 4:32].ravel()  # tonic's offsets


def test_recordings_resemble_the_real_ones(folder):
    # 800 real ones: 4,101 events on average, half of them on, 297 to 315 ms long.
    with Recordings(
        folder / "nmnist" / "train.zip", "train", catalogue.NMNIST
    ) as recordings:
        decoded = [recordings.read(index) for index in range(len(recordings))]
    assert 3_000 < np.mean([len(time) for *_, time in decoded]) < 5_500
    assert 0.45 < np.mean([polarity.mean() for _, _, polarity, _ in decoded]) < 0.55
    ends = [time[-1] for *_, time in decoded]
    assert 290_000 < min(ends) <= max(ends) <= 3 * sensor.SACCADE_US


def test_a_step_of_light_gives_as_many_events_as_thresholds_it_crosses():
    # One pixel moves over another: ln(1.1 / 0.1) = 2.398 is 5 thresholds of 0.44 up,
    # and as many down again but for the last, which needs an exact return.
    light = np.zeros((36, 36))
    light[10, 10] = 1.0
    path = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]])
    thresholds = np.full((34, 34), 0.44)
    found = sensor.simulate(light, path, thresholds, 1_000, 1_000)
    x, y, polarity, time = found
    assert set(y.tolist()) == {9}
    middle = x == 10
    assert polarity[middle].sum() == 5
    assert time[middle & (polarity == 1)].tolist() == [
        int(1_000 * step * 0.44 / np.log(11)) for step in range(1, 6)
    ]
    assert (polarity[x == 9] == 0).all()


@pytest.mark.parametrize(
    "make, model",
    [
        (sample_images.digits, LogisticRegression(max_iter=200)),
        (sample_images.colours, RandomForestClassifier(random_state=0)),
    ],
)
def test_classes_can_be_learnt(make, model):
    images, labels = make("train", 300, seed=0)
    model.fit(images.reshape(300, -1) / 255, labels)
    images, labels = make("test", 100, seed=0)
    assert model.score(images.reshape(100, -1) / 255, labels) > 0.7


def thing_counts(split, count, seed):
    """Made-up recordings as pictures: where events were, in thirds of the time."""
    thresholds = sample_scenes.thresholds(np.random.default_rng(seed))
    images, labels = sample_scenes.things(split, count, seed, classes=10)
    generator = np.random.default_rng([seed, split == "test"])
    seen = [sample_scenes.thing(image, generator, thresholds) for image in images]
    return np.array([counted(columns) for columns in seen]), labels


def gesture_counts(split, count, seed):
    thresholds = sample_scenes.thresholds(np.random.default_rng(seed))
    generator = np.random.default_rng([seed, split == "test"])
    labels = np.arange(count) % 11
    seen = [sample_scenes.gesture(label, generator, thresholds) for label in labels]
    return np.array([counted(columns) for columns in seen]), labels


def counted(columns):
    x, y, _, time = columns
    bins = (range(0, 129, 8), range(0, 129, 8), np.linspace(0, time[-1] + 1, 4))
    return np.histogramdd(np.stack([y, x, time], axis=1), bins)[0]


def word_counts(split, count, seed):
    times, units, labels = sample_words.words(split, count, seed, classes=20)
    edges = (np.linspace(0, 0.7, 4), np.linspace(0, 700, 36))
    pairs = zip(times, units, strict=True)
    return np.array([np.histogram2d(t, u, edges)[0] for t, u in pairs]), labels


def patterns_of(classes, shape):
    def make(split, count, seed):
        return sample_images.patterns(split, count, seed, shape, classes)

    return make


@pytest.mark.parametrize(
    ("make", "classes", "least"),
    [
        (patterns_of(10, (1, 28, 28)), 10, 0.9),
        (patterns_of(100, (3, 32, 32)), 100, 0.7),
        (thing_counts, 10, 0.7),
        (gesture_counts, 11, 0.6),
        (word_counts, 20, 0.8),
    ],
)
def test_the_classes_of_all_sets_can_be_learnt(make, classes, least):
    """By something that is no network, far above guessing; each class is there."""
    model = RandomForestClassifier(random_state=0)
    seen, labels = make("train", 3 * classes if classes == 100 else 110, seed=0)
    assert set(labels) == {*range(classes)}
    model.fit(seen.reshape(len(seen), -1), labels)
    other, due = make("test", max(55, classes), seed=0)
    assert not np.array_equal(seen[: len(other)], other[: len(seen)])
    assert model.score(other.reshape(len(other), -1), due) > least > 5 / classes


def test_scenes_are_seen_as_by_the_whole_sensor():
    """Only a part of the sensor is simulated: elsewhere nothing moves."""
    light = sample_scenes._hand()
    path = np.stack([np.linspace(-3, 10, 15), np.linspace(100, 120, 15)], axis=1)
    thresholds = sample_scenes.thresholds(np.random.default_rng(0))
    part = sample_scenes._seen(light, path, thresholds, 1_000)
    whole = sensor.simulate(np.pad(light, 1), path, thresholds, 1_000, 100_000)
    assert part.shape[1] > 500
    assert np.array_equal(part, whole)


def test_no_digit_is_in_both_splits():
    train, test = (
        {image[image > 0].tobytes() for image in sample_images.digits(split, n, 0)[0]}
        for split, n in (("train", 1_347), ("test", 450))
    )
    # Every digit of scikit-learn's is used once: 1,797, a few of them twins.
    assert len(train) > 1_340
    assert len(test) > 445
    assert len(train & test) == 0
