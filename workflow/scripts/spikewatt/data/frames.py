"""Event recordings as still images: counts of events, for networks without time."""

import numpy as np

from spikewatt.data.arrays import Images, ImageSplit

# Recordings counted together: what their counts take stays below some 100 MB.
TOGETHER = 512


def framed(events, parts):
    """`arrays.Events` as `arrays.Images`: each recording as `parts` frames of counts.

    A recording is cut into `parts` equal parts of its own time, three for the three
    saccades of N-MNIST; channel part·P + p of its image holds how many events of
    polarity p each pixel had in that part. Counts are divided by the recording's
    largest one and kept in 8 bits, as other images are: N × parts·P × H × W, uint8.
    """
    splits = {
        name: ImageSplit(_images(split, parts), np.asarray(split.labels))
        for name, split in events.splits.items()
    }
    return Images(events.metadata, splits)


def counts(split, parts, start, stop):
    """Counts of the recordings start…stop of an `EventSplit`: n × parts·P × H × W."""
    rows = slice(int(split.indptr[start]), int(split.indptr[stop]))
    sizes = np.diff(split.indptr[start : stop + 1])
    recording = np.repeat(np.arange(stop - start), sizes)
    steps = np.asarray(split.num_bins[start:stop], np.int64)
    part = split.bin[rows].astype(np.int64) * parts // steps[recording]
    channels, *edges = split.sensor
    pixels = int(np.prod(split.sensor))
    place = (recording * parts + part) * pixels + split.address[rows]
    found = np.bincount(place, minlength=(stop - start) * parts * pixels)
    return found.reshape(stop - start, parts * channels, *edges)


def _images(split, parts):
    channels, *edges = split.sensor
    images = np.empty((len(split.labels), parts * channels, *edges), np.uint8)
    for start in range(0, len(images), TOGETHER):
        stop = min(start + TOGETHER, len(images))
        found = counts(split, parts, start, stop)
        largest = found.reshape(stop - start, -1).max(1).clip(1)
        images[start:stop] = np.rint(255 * found / largest[:, None, None, None])
    return images
