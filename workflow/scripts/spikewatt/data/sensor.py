"""A simulated event camera looking at a digit, as N-MNIST was recorded.

Orchard et al. (2015): the camera makes three saccades of about 100 ms before a still
image. A pixel fires whenever the logarithm of its light changed by a threshold since it
last fired, with the sign of the change as polarity. Paths are those that the authors'
stabilisation takes out again: right and down 3.5 and 7 pixels, right and up, then left.
"""

import numpy as np

from spikewatt.compute.numba_cache import compiled

SIDE = 34
SACCADE_US = 105_000
STEP_US = 1_500
# Where the image's corner is (right, down), in pixels, before, between and after the
# saccades. The last misses the first a little, as in a real camera: on an exact return
# every pixel would come to rest on its threshold, and fire or not by rounding.
CORNERS = np.array([[0.0, 0.0], [3.5, 7.0], [7.0, 0.0], [0.3, 0.2]])
THRESHOLD = 0.44  # of the natural logarithm of light; about 4,000 events a digit
MISMATCH = 0.05  # relative spread of the threshold over the pixels
DARK = 0.1  # light of a black pixel, that of a white one being 1.1
NOISE_HZ = 0.5  # events a pixel and second without any change
MOST_EVENTS = 50_000


def record(image, generator, thresholds):
    """Record one digit: bytes of an N-MNIST recording (5 a event, ordered by time).

    `image`: uint8 28 × 28. `thresholds`: of each pixel, 34 × 34 (see `thresholds`).
    """
    light = np.zeros((SIDE + 2, SIDE + 2))
    light[1 : 1 + image.shape[0], 1 : 1 + image.shape[1]] = image / 255
    columns = simulate(light, _path(), thresholds, STEP_US, MOST_EVENTS)
    columns = np.concatenate([columns, _noise(generator)], axis=1)
    return pack(*columns[:, np.argsort(columns[3], kind="stable")])


def thresholds(generator):
    """Contrast thresholds of a sensor's pixels, 34 × 34."""
    return THRESHOLD * (1 + MISMATCH * generator.standard_normal((SIDE, SIDE)))


def pack(x, y, polarity, time):
    """Events as bytes: x, y, polarity bit and 23 bits of microseconds, big-endian."""
    word = (polarity.astype(np.int64) << 23) | time.astype(np.int64)
    raw = [x, y, word >> 16, (word >> 8) & 255, word & 255]
    return np.stack(raw, axis=1).astype(np.uint8).tobytes()


def _path():
    """The image's corner at every time step; each saccade speeds up and slows down."""
    steps = np.arange(0, 3 * SACCADE_US + 1, STEP_US)
    saccade = np.minimum(steps // SACCADE_US, 2)
    done = (1 - np.cos(np.pi * (steps / SACCADE_US - saccade))) / 2
    start, end = CORNERS[saccade], CORNERS[saccade + 1]
    return start + (end - start) * done[:, None]


def _noise(generator):
    """Events that nothing caused, as rows x, y, polarity, time."""
    duration = 3 * SACCADE_US
    count = generator.poisson(NOISE_HZ * SIDE * SIDE * duration / 1e6)
    limits = np.array([[SIDE], [SIDE], [2], [duration]])
    return generator.integers(0, limits, size=(4, count))


@compiled
def simulate(light, path, threshold, step_us, most):
    """Rows x, y, polarity, time of all threshold crossings (ordered by step).

    light: 0…1, square, with a border of one dark pixel. path: where its corner is
    (right, down) at each step. threshold: of each pixel of the sensor. most: events.
    """
    height, width = threshold.shape
    rows = np.empty((4, most), np.int64)
    count = 0
    before = np.empty((height, width))
    fired = np.empty((height, width))
    for step in range(len(path)):
        right, down = path[step]
        for y in range(height):
            for x in range(width):
                now = np.log(DARK + _seen(light, x - right, y - down))
                if step == 0:
                    before[y, x] = fired[y, x] = now
                    continue
                change = now - before[y, x]
                while abs(now - fired[y, x]) >= threshold[y, x] and count < most:
                    up = now > fired[y, x]
                    fired[y, x] += threshold[y, x] if up else -threshold[y, x]
                    part = (fired[y, x] - before[y, x]) / change
                    rows[0, count], rows[1, count], rows[2, count] = x, y, up
                    rows[3, count] = int((step - 1 + part) * step_us)
                    count += 1
                before[y, x] = now
    return rows[:, :count]


@compiled
def _seen(light, x, y):
    """Light at a point between pixels; nothing is seen outside the image."""
    column, row = int(np.floor(x)), int(np.floor(y))
    right, down = x - column, y - row
    column, row = column + 1, row + 1  # the border of the padded image
    if min(column, row) < 0 or max(column, row) + 1 >= light.shape[0]:
        return 0.0
    upper = (1 - right) * light[row, column] + right * light[row, column + 1]
    lower = (1 - right) * light[row + 1, column] + right * light[row + 1, column + 1]
    return (1 - down) * upper + down * lower
