"""SHD, DVS-Gesture, CIFAR10-DVS: as tonic reads them; damage is named by its place."""

import io
import tarfile
import zipfile

import h5py
import numpy as np
import pytest
import tonic.datasets

from spikewatt.data import aedat4, catalogue, cifar10_dvs, dvs_gesture, sample, shd
from spikewatt.data.errors import ArchiveError
from spikewatt.data.sample_packing import tar, zipped

READERS = {
    "shd": shd.Words,
    "dvs_gesture": dvs_gesture.Gestures,
    "cifar10_dvs": cifar10_dvs.Things,
}
SIZES = {"train": 24, "test": 11}
USER = "ibmGestureTrain/user01_led"


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """The sample archives of the three sets, by set and file name."""
    folder = tmp_path_factory.mktemp("archives")
    for name in READERS:
        (folder / name).mkdir()
        for file in catalogue.get(name).files:
            sample.make(name, file, folder / name / file, seed=0, **SIZES)
    return folder


def opened(name, path, scratch, split="train"):
    scratch.mkdir(exist_ok=True)
    return READERS[name](path, split, catalogue.get(name), scratch)


def path_of(archives, name, split):
    files = catalogue.get(name).files
    return archives / name / files[0 if split == "train" else -1]


def theirs(name, split, path, folder):
    """The set as tonic reads it, unpacked by the usual tools."""
    library = getattr(tonic.datasets, catalogue.get(name).library)
    place = folder / library.__name__
    if name == "dvs_gesture":
        with tarfile.open(path) as archive:
            archive.extractall(place, filter="data")
    else:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(place)
    if name == "cifar10_dvs":
        for inner in place.glob("*.zip"):
            with zipfile.ZipFile(inner) as archive:
                archive.extractall(place)
        kind = type(library.__name__, (library,), {"_check_exists": lambda _: True})
        return kind(str(folder))
    kind = type(library.__name__, (library,), {"_check_exists": lambda _: True})
    return kind(str(folder), train=split == "train")


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("name", READERS)
def test_every_event_is_the_one_that_tonic_reads(archives, tmp_path, name, split):
    path = path_of(archives, name, split)
    other = theirs(name, split, path, tmp_path / "theirs")
    found = {}
    for events, label in (other[index] for index in range(len(other))):
        # Not in the same order: DVS-Gesture's of tonic is that of the file system.
        found.setdefault(int(label), []).append(as_rows(events))
    with opened(name, path, tmp_path / "scratch", split) as reader:
        assert len(reader) == SIZES[split]
        for index, entry in enumerate(reader.entries):
            read = reader.read(index)
            x, y, p, t = (part.astype(np.int64) for part in read)
            if name == "shd":
                p = p + 1  # tonic says that all have polarity 1, of one polarity
            rows = np.stack([t, x, y, p], axis=1)
            same = [np.array_equal(rows, one) for one in found[entry.label]]
            assert any(same), f"{reader.where(index)} is not among tonic's"
            assert entry.events >= len(rows)


def as_rows(events):
    y = events["y"] if "y" in events.dtype.names else np.zeros(len(events))
    columns = [events["t"], events["x"], y, events["p"]]
    return np.stack([np.asarray(part).astype(np.int64) for part in columns], axis=1)


def test_cifar10_dvs_is_split_by_number(archives, tmp_path):
    path = path_of(archives, "cifar10_dvs", "train")
    for split in ("train", "test"):
        with opened("cifar10_dvs", path, tmp_path / "scratch", split) as reader:
            numbers = [
                int(e.name.rpartition("_")[2].split(".")[0]) for e in reader.entries
            ]
            assert all((number >= 900) == (split == "test") for number in numbers)
            labels = [entry.label for entry in reader.entries]
            assert labels == sorted(labels)


# --- SHD: HDF5 ----------------------------------------------------------------------


def words(
    change=None, times=([0.1, 0.2], [0.5]), units=([3, 699], [0]), labels=(19, 0)
):
    """The bytes of an SHD file; `change` gets the open file."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for key, lists, kind in (("times", times, "<f2"), ("units", units, "<u2")):
            column = file.create_dataset(
                f"spikes/{key}", (len(lists),), h5py.vlen_dtype(np.dtype(kind))
            )
            for number, values in enumerate(lists):
                column[number] = values
        file["labels"] = np.array(labels, "<u2")
        if change:
            change(file)
    return buffer.getvalue()


def read_words(tmp_path, *files):
    path = tmp_path / "shd_train.h5.zip"
    names = ["shd_train.h5", "other.h5"]
    path.write_bytes(zipped(dict(zip(names, files, strict=False))))
    with opened("shd", path, tmp_path / "scratch") as reader:
        return [(entry.label, reader.read(n)) for n, entry in enumerate(reader.entries)]


def test_a_word_by_hand(tmp_path):
    (label, first), (_, second) = read_words(tmp_path, words())
    assert label == 19
    assert first.x.tolist() == [3, 699] and first.y.tolist() == [0, 0]
    # In float16 a tenth of a second is 0.0999755859375, two are 0.199951171875.
    assert first.time.tolist() == [99_975, 199_951]
    assert second.time.tolist() == [500_000]


def test_spikes_in_disorder_are_put_in_order(tmp_path):
    (_, read), _ = read_words(tmp_path, words(times=([0.5, 0.25], [0.5])))
    assert read.time.tolist() == [250_000, 500_000]
    assert read.x.tolist() == [699, 3]


def _replace(path, make):
    def change(file):
        del file[path]
        make(file)

    return change


def _external_file(file):
    file["labels"] = h5py.ExternalLink("/etc/passwd", "/")


def _soft(file):
    file["labels"] = h5py.SoftLink("/spikes/units")


def _outside(file):
    file.create_dataset("labels", (2,), "<u2", external=[("/etc/passwd", 0, 4)])


def _virtual(file):
    layout = h5py.VirtualLayout((2,), "<u2")
    layout[:] = h5py.VirtualSource("/tmp/elsewhere.h5", "labels", (2,))
    file.create_virtual_dataset("labels", layout)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (words(labels=(20, 0)), "label 20 of recording 0 is not in 0…19"),
        (words(labels=(0,)), "1 labels for 2 lists of times and 2 of units"),
        (words(units=([3], [0])), "recording 0 has 2 times for 1 units"),
        (words(units=([3, 700], [0])), "unit 700, and there are 700: another sensor"),
        (words(times=([], [0.5]), units=([], [0])), "recording 0 has 0 spikes"),
        (words(times=([0.1, -0.1], [0.5])), "times that no clock shows"),
        (words(times=([0.1, np.nan], [0.5])), "times that no clock shows"),
        (words(_replace("labels", _external_file)), "its labels is a link, not data"),
        (words(_replace("labels", _soft)), "its labels is a link, not data"),
        (words(_replace("labels", _outside)), "stored outside the file"),
        (words(_replace("labels", _virtual)), "stored outside the file"),
        (words(_replace("spikes", lambda file: None)), "it has no spikes/times"),
        (words(_replace("labels", lambda f: f.create_group("labels"))), "not a list"),
        (words()[:2000], "HDF5's library cannot read it"),
        (b"no HDF5 at all", "HDF5's library cannot read it"),
        (b"", "HDF5's library cannot read it"),
    ],
)
def test_a_false_hdf5_file_is_refused_in_a_sentence(tmp_path, data, problem):
    with pytest.raises(ArchiveError, match=f"shd_train.h5.zip: .*{problem}"):
        read_words(tmp_path, data)


def test_a_library_that_crashes_is_a_sentence_too(tmp_path, monkeypatch):
    program = tmp_path / "spikewatt" / "data" / "shd_unpack.py"
    program.parent.mkdir(parents=True)
    for folder in (program.parent, program.parent.parent):
        (folder / "__init__.py").touch()  # before the one that is installed
    program.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    monkeypatch.setattr(
        shd.elsewhere, "environment", lambda: {"PYTHONPATH": str(tmp_path)}
    )
    with pytest.raises(ArchiveError, match=r"h5.zip: .* cannot read it \(status -11\)"):
        read_words(tmp_path, words())


def test_the_zip_has_one_file_of_hdf5(tmp_path):
    with pytest.raises(ArchiveError, match="it has 2 files"):
        read_words(tmp_path, words(), words())


def test_more_words_than_the_set_has_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(type(catalogue.get("shd")), "most", lambda *_: 1)
    with pytest.raises(ArchiveError, match="it has 2 recordings, the dataset 1"):
        read_words(tmp_path, words())


# --- DVS-Gesture: a tar of arrays ---------------------------------------------------

ROWS = np.array([[1, 2, 1, 5], [127, 127, 0, 6]])


def npy(rows, **options):
    buffer = io.BytesIO()
    np.save(buffer, rows, **options)
    return buffer.getvalue()


def read_gestures(tmp_path, files):
    path = tmp_path / "ibmGestureTrain.tar.gz"
    path.write_bytes(tar(files))
    with opened("dvs_gesture", path, tmp_path / "scratch") as reader:
        return [(entry.label, reader.read(n)) for n, entry in enumerate(reader.entries)]


@pytest.mark.parametrize("kind", ["<i4", "<i8", "<f8", ">i2"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_gesture_by_hand(tmp_path, kind, order):
    rows = np.asarray(ROWS.astype(kind), order=order)
    files = {f"{USER}/10.npy": npy(rows), f"{USER}/2.npy": npy(rows)}
    found = read_gestures(tmp_path, files | {f"{USER}/._2.npy": b"of a Mac"})
    assert [label for label, _ in found] == [2, 10]
    assert found[0][1].x.tolist() == [1, 127] and found[0][1].polarity.tolist() == [
        1,
        0,
    ]
    assert found[0][1].time.tolist() == [5_000, 6_000]


def objects():
    class Harm:
        def __reduce__(self):
            return print, ("this was run",)

    return npy(np.array([[Harm()] * 4], dtype=object), allow_pickle=True)


def announced(shape):
    """An .npy file that announces more than it has."""
    return npy(ROWS).replace(b"(2, 4), }", f"{shape}, }}".encode().ljust(9), 1)


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("11.npy", npy(ROWS), "label 11 is not in 0…10"),
        ("one.npy", npy(ROWS), "is not ibmGestureTrain/user<n>_<light>/<label>.npy"),
        ("1.npy", npy(ROWS + [[0, 1, 0, 0]]), r"event 1 \(x 127, y 128\) lies outside"),
        ("1.npy", npy(ROWS - [[0, 3, 0, 0]]), r"event 0 \(x 1, y -1\) lies outside"),
        ("1.npy", npy(ROWS + [[0, 0, 1, 0]]), "event 0 has the polarity 2, not 0…1"),
        ("1.npy", npy(ROWS - [[0, 0, 0, 6]]), "event 0 has the time -1000 µs"),
        ("1.npy", npy(ROWS + 0.5), "pixels that are no whole numbers"),
        ("1.npy", npy(ROWS * np.nan), "numbers that are none"),
        ("1.npy", npy(ROWS[:, :3]), r"int64 \(2, 3\), not numbers N × 4"),
        ("1.npy", npy(ROWS[:0]), "it has no event"),
        ("1.npy", objects(), "it holds Python objects"),
        ("1.npy", npy(ROWS)[:-8], "announces .* and has 56 bytes"),
        ("1.npy", announced("(9**9, 4)"), "it cannot be read"),
        ("1.npy", b"\x93NUMPY\x09\x00", "it is an .npy file of version"),
        ("1.npy", b"no array", "it cannot be read"),
    ],
)
def test_a_false_gesture_is_refused_with_its_place(
    tmp_path, name, data, problem, capfd
):
    with pytest.raises(ArchiveError, match=f"Train.tar.gz.*{name}.*{problem}"):
        read_gestures(tmp_path, {f"{USER}/{name}": data})
    assert "this was run" not in capfd.readouterr().out


def test_unsafe_and_missing_members_of_the_tar(tmp_path):
    with pytest.raises(ArchiveError, match="it has no ibmGestureTrain/user"):
        read_gestures(tmp_path, {"ibmGestureTest/user01_led/1.npy": npy(ROWS)})
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(ArchiveError, match="a member with the name"):
        read_gestures(other, {f"{USER}/../../../x.npy": npy(ROWS)})


# --- CIFAR10-DVS: zips of AEDAT 4 ---------------------------------------------------

EVENTS = (np.array([1, 127]), np.array([2, 127]), np.array([1, 0]), np.array([5, 9]))


def read_things(tmp_path, files, split="train", without=()):
    """Read an archive of which «airplane.zip» holds `files`."""
    path = tmp_path / "CIFAR10DVS.zip"
    good = {
        of: {f"{of}/cifar10_{of}_{n}.aedat4": aedat4.pack(*EVENTS, 128, 128)}
        for n, of in enumerate(catalogue.get("cifar10_dvs").classes)
    }
    good["airplane"] = files
    kept = {f"{of}.zip": zipped(members) for of, members in good.items()}
    path.write_bytes(zipped({k: v for k, v in kept.items() if k not in without}))
    with opened("cifar10_dvs", path, tmp_path / "scratch", split) as reader:
        return [reader.read(index) for index in range(len(reader))]


def test_a_thing_by_hand(tmp_path):
    name = "airplane/cifar10_airplane_7.aedat4"
    read = read_things(tmp_path, {name: aedat4.pack(*EVENTS, 128, 128)})[0]
    assert [part.tolist() for part in read] == [part.tolist() for part in EVENTS]


FILE = "airplane/cifar10_airplane_7.aedat4"
GOOD = aedat4.pack(*EVENTS, 128, 128)


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({FILE: aedat4.pack(*EVENTS, 346, 260)}, "its sensor has 346×260 pixels, not"),
        (
            {FILE: aedat4.pack(EVENTS[0] + 1, *EVENTS[1:], 128, 128)},
            r"event 1 \(x 128, y 127\) lies outside the 128×128 sensor",
        ),
        ({FILE: GOOD[:-20]}, "it cannot be read"),
        ({FILE: b"#!AER-DAT3.1\r\n"}, "it cannot be read"),
        (
            {FILE: GOOD.replace(b'"EVTS"', b'"FRME"').replace(b">EVTS", b">IMUS")},
            "IMUS|event",
        ),
        ({"airplane/seven.aedat4": GOOD}, "is not airplane/<name>_<number>.aedat4"),
        ({FILE: GOOD, "airplane/x_7.aedat4": GOOD}, "recording 7 occurs twice"),
        ({"../outside_7.aedat4": GOOD}, "a member with the name"),
    ],
)
def test_a_false_recording_is_refused_with_its_place(tmp_path, files, problem):
    with pytest.raises(ArchiveError, match=f"CIFAR10DVS.zip: airplane.zip.*{problem}"):
        read_things(tmp_path, files)


def test_half_of_the_set_is_refused_before_anything_is_read(tmp_path):
    with pytest.raises(ArchiveError, match="it lacks frog.zip, truck.zip"):
        read_things(tmp_path, {FILE: GOOD}, without=("frog.zip", "truck.zip"))
    with pytest.raises(ArchiveError, match="it has no <class>/<name>_<number ≥ 900>"):
        read_things(tmp_path, {FILE: GOOD}, split="test")


def test_a_decoder_that_breaks_down_is_named_and_started_anew(tmp_path):
    decoder, file = aedat4.Decoder(), tmp_path / "a.aedat4"
    file.write_bytes(GOOD)
    assert len(decoder.read("first", file, (2, 128, 128))[0]) == 2
    decoder._process.kill()
    decoder._process.wait()
    with pytest.raises(ArchiveError, match="second: its decoder broke down over it"):
        decoder.read("second", file, (2, 128, 128))
    assert len(decoder.read("third", file, (2, 128, 128))[0]) == 2
    decoder.close()
