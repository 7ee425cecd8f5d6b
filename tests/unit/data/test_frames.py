"""Event recordings counted into frames, against counting event by event."""

import numpy as np
import pytest

import made_data
from spikewatt.data import arrays, frames

METADATA = {"digest": "d", "classes": list("0123456789"), "format": "f"}


@pytest.fixture
def events():
    made = made_data.MadeEvents(count=12, bins=9)
    return arrays.Events(METADATA, made.parts)


def counted(split, number, parts):
    """Counts of one recording, event by event."""
    channels, height, width = split.sensor
    made = np.zeros((parts, channels, height, width), int)
    for event in range(split.indptr[number], split.indptr[number + 1]):
        part = int(split.bin[event]) * parts // int(split.num_bins[number])
        polarity, pixel = divmod(int(split.address[event]), height * width)
        made[part, polarity, pixel // width, pixel % width] += 1
    return made.reshape(parts * channels, height, width)


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("together", [1, 5, 512])
def test_counts_and_their_scale(events, parts, together, monkeypatch):
    monkeypatch.setattr(frames, "TOGETHER", together)
    made = frames.framed(events, parts)
    assert made.shape == (2 * parts, 34, 34) and made.digest == "d"
    for name in ("train", "test"):
        split, images = events.split(name), made.split(name).images
        assert images.dtype == np.uint8
        assert (made.split(name).labels == split.labels).all()
        for number, image in enumerate(images):
            expected = counted(split, number, parts)
            assert image.max() == 255
            assert np.abs(image / 255 - expected / expected.max()).max() <= 0.5 / 255


def test_an_event_of_each_saccade_by_hand():
    """Nine steps, events in 0, 3, 4 and 8: parts 0, 1, 1 and 2."""
    split = arrays.EventSplit(
        indptr=np.array([0, 4, 4]),
        bin=np.array([0, 3, 4, 8], np.uint16),
        address=np.array([0, 5, 5, 3], np.uint16),
        num_bins=np.array([9, 2], np.int32),
        labels=np.array([1, 0]),
        sensor=(2, 2, 2),
    )
    made = frames.framed(arrays.Events(METADATA, {"train": split}), 3)
    first, silent = made.split("train").images
    expected = np.zeros((6, 2, 2))
    expected[0, 0, 0], expected[3, 0, 1], expected[4, 1, 1] = 0.5, 1, 0.5
    assert np.abs(first / 255 - expected).max() <= 0.5 / 255
    assert silent.sum() == 0
