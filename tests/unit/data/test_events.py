"""Denoising and binning: tonic is the oracle, hand-worked recordings the anchor."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tonic.io import read_mnist_file

from made_archives import recording
from spikewatt.data import catalogue, events, nmnist, with_tonic
from spikewatt.data import recording as recording_module
from spikewatt.data.errors import ArchiveError
from spikewatt.data.nmnist import Recordings
from spikewatt.data.sensor import pack

SENSOR = (2, 34, 34)
REAL = os.environ.get("SPIKEWATT_TEST_DATA")
EXAMPLES = int(os.environ.get("SPIKEWATT_FUZZ_EXAMPLES", 200))


def rows(data, filter_time=10_000, bin_us=1_000, convert=events.to_rows, **more):
    """The rows that the bytes `data` of a recording of N-MNIST come to."""
    settings = {"filter_time_us": filter_time, "bin_us": bin_us} | more
    decoded = nmnist.decode("a recording", data, SENSOR)
    return convert("a recording", decoded, SENSOR, settings)


def bytes_of(*listed):
    """A recording of events (x, y, polarity, time)."""
    return pack(*np.array(listed, dtype=np.int64).T)


def assert_same_as_tonic(data, filter_time=10_000, bin_us=1_000, **more):
    assert_decoded_as_tonic(data)
    ours = rows(data, filter_time, bin_us, **more)
    theirs = rows(data, filter_time, bin_us, with_tonic.to_rows, **more)
    assert ours[2] == theirs[2]
    assert np.array_equal(ours[0], theirs[0])
    assert np.array_equal(ours[1], theirs[1])
    assert [part.dtype for part in ours[:2]] == [np.uint16, np.uint16]


def assert_decoded_as_tonic(data):
    theirs = read_mnist_file(io.BytesIO(data), with_tonic.DTYPE, is_stream=True)
    ours = nmnist.decode("a recording", data, SENSOR)
    assert [part.dtype for part in ours] == [*recording_module.TYPES.values()]
    for name, part in zip("xypt", ours, strict=True):
        assert np.array_equal(part, theirs[name])


def test_recording_worked_out_by_hand():
    data = bytes_of(
        (5, 5, 1, 20_000),  # alone so far: dropped
        (5, 6, 0, 29_999),  # its neighbour fired 9,999 µs ago: stays, bin 0
        (4, 6, 1, 30_500),  # stays, 501 µs after the first that stayed: bin 0
        (4, 6, 1, 30_998),  # stays, bin 0
        (5, 6, 0, 30_999),  # at the edge: bin 1
        (5, 5, 1, 31_500),  # bin 1
        (5, 5, 1, 32_000),  # bin 2, which is not complete: dropped
    )
    bins, address, count = rows(data)
    assert count == 2
    assert bins.tolist() == [0, 0, 0, 1, 1]
    on, low, high = 34 * 34, 5 * 34 + 5, 6 * 34 + 5
    assert address.tolist() == [high, on + high - 1, on + high - 1, high, on + low]
    assert_same_as_tonic(data)


def test_without_a_filter_every_event_stays():
    """Bins start at the first event: 1 000 µs each, the last one is not complete."""
    data = bytes_of(
        (5, 5, 1, 100), (9, 9, 0, 1_099), (0, 0, 0, 1_100), (1, 2, 0, 2_200)
    )
    bins, address, count = rows(data, filter_time=None)
    assert count == 2
    assert bins.tolist() == [0, 0, 1]
    assert address.tolist() == [9 * 34 + 9, 34 * 34 + 5 * 34 + 5, 0]
    assert_same_as_tonic(data, filter_time=None)


def test_joined_pixels_have_the_events_of_all():
    """34 pixels by fours are 9: x 33 → 8, y 5 → 1; polarities stay apart."""
    data = bytes_of(
        (0, 0, 1, 0), (3, 3, 1, 10), (4, 3, 1, 20), (33, 5, 0, 30), (0, 0, 0, 1_000)
    )
    bins, address, count = rows(data, filter_time=None, spatial_factor=4)
    assert count == 1
    assert bins.tolist() == [0] * 4
    assert address.tolist() == [1 * 9 + 8, 81, 81, 82]
    assert_same_as_tonic(data, filter_time=None, spatial_factor=4)


def test_exactly_the_filter_time_is_too_late():
    data = bytes_of((5, 5, 0, 20_000), (5, 6, 0, 30_000))
    assert rows(data)[0].size == 0
    assert_same_as_tonic(data)


def test_nothing_stays():
    data = bytes_of((0, 0, 0, 50_000), (20, 20, 1, 90_000))
    bins, address, count = rows(data)
    assert (bins.size, address.size, count) == (0, 0, 1)
    assert_same_as_tonic(data)


def test_shorter_than_a_bin():
    data = bytes_of((1, 1, 0, 100), (1, 2, 0, 300))
    assert rows(data)[2] == 1
    assert_same_as_tonic(data)


def test_clock_overflow_moves_later_events():
    data = bytes_of((1, 1, 0, 5), (9, 240, 1, 0), (1, 2, 0, 10), (1, 1, 1, 2_000))
    time = nmnist.decode("a recording", data, SENSOR)[3]
    assert time.tolist() == [5, 8192 + 10, 8192 + 2_000]
    assert_same_as_tonic(data)


@pytest.mark.parametrize(
    "data, place, problem",
    [
        (b"", 0, "0 bytes"),
        (recording()[:-1], 0, "199 bytes"),
        (bytes_of((0, 0, 0, 1), (34, 0, 0, 2)), 5, "outside the 34×34 sensor"),
        (bytes_of((0, 0, 0, 1), (0, 34, 0, 2)), 5, "outside the 34×34 sensor"),
        (bytes_of((0, 0, 0, 3), (1, 0, 0, 3), (1, 1, 0, 2)), 10, "time runs backwards"),
        (bytes_of((0, 240, 0, 3)), 0, "no event"),
    ],
)
def test_false_recordings_are_refused_with_their_place(data, place, problem):
    with pytest.raises(ArchiveError, match=f"a recording, byte {place}: .*{problem}"):
        nmnist.decode("a recording", data, SENSOR)


@pytest.mark.parametrize("convert", [events.to_rows, with_tonic.to_rows])
def test_more_bins_than_can_be_stored_are_refused(convert):
    data = bytes_of((1, 1, 0, 0), (1, 2, 0, 0), (1, 1, 0, 200_000), (1, 2, 0, 200_000))
    bins, _, count = rows(data, filter_time=10**6, bin_us=4)
    assert count == 50_000
    assert bins.max() == 0
    with pytest.raises(ValueError, match="66666 bins of 3 µs.*bin_us"):
        rows(data, 10**6, 3, convert)


@st.composite
def made_recordings(draw):
    """Events crowded in space and time, so that all of the rules come into play."""
    count = draw(st.integers(1, 60))
    side = draw(st.sampled_from([1, 2, 3, 34]))
    steps = draw(
        st.lists(
            st.sampled_from([0, 1, 400, 1_000, 9_999, 10_000, 10_001]),
            min_size=count,
            max_size=count,
        )
    )
    places = st.integers(0, side - 1)
    listed = [
        (draw(places), draw(places), draw(st.integers(0, 1)), time)
        for time in np.cumsum(steps)
    ]
    if draw(st.booleans()):  # a clock overflow; times start again behind it
        cut = draw(st.integers(0, count))
        start = listed[cut][3] if cut < count else 0
        later = [(x, y, p, time - start + 1) for x, y, p, time in listed[cut:]]
        last = listed[cut - 1][3] if cut else 0
        marks = [(0, 240, 0, 0)] * (last // nmnist.OVERFLOW_US + 1)
        listed = [*listed[:cut], *marks, *later]
    return bytes_of(*listed)


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    made_recordings(),
    st.sampled_from([None, 1, 500, 10_000]),
    st.sampled_from([100, 1_000, 30_000]),
    st.sampled_from([1, 2, 3, 7, 16]),
)
def test_made_recordings_are_the_same_as_tonics(data, filter_time, bin_us, factor):
    assert_same_as_tonic(data, filter_time, bin_us, spatial_factor=factor)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_rows_or_a_clear_error(data):
    try:
        bins, address, count = rows(data)
    except ArchiveError:
        return
    assert len(bins) == len(address) <= len(data) // 5
    assert (address < 2 * 34 * 34).all()
    assert (bins < count).all()


def test_a_crowd_in_one_bin_takes_no_longer_than_one_spread_out():
    count = 200_000
    generator = np.random.default_rng(0)
    x, y = generator.integers(0, 34, (2, count))
    time = np.zeros(count, np.int64)
    bins, address, bin_count = rows(pack(x, y, time, time))
    assert (bin_count, len(bins)) == (1, count)
    assert (np.diff(address.astype(int)) >= 0).all()


@pytest.mark.skipif(not REAL, reason="SPIKEWATT_TEST_DATA is not set")
@pytest.mark.parametrize("split", ["train", "test"])
def test_every_real_recording_is_the_same_as_tonics(split):
    path = Path(REAL) / "nmnist" / f"{split}.zip"
    with Recordings(path, split, catalogue.NMNIST) as recordings:
        for index in range(len(recordings)):
            assert_same_as_tonic(recordings.raw(index))
