"""A recording's compressed rows as dense frames of event counts."""

import numpy as np


def dense(part, index):
    """The frames of recording `index` of an `arrays.EventSplit`: int64 T×P×H×W."""
    rows = slice(int(part.indptr[index]), int(part.indptr[index + 1]))
    pixels = int(np.prod(part.sensor))
    frames = np.bincount(
        part.bin[rows].astype(np.int64) * pixels + part.address[rows],
        minlength=int(part.num_bins[index]) * pixels,
    )
    return frames.reshape(-1, *part.sensor)
