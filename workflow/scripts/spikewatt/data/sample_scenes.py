"""What moves before the simulated camera of 128 × 128 pixels: hands, and things.

Both are `sensor.simulate`'s: light that moves along a path. Noise is left out.
"""

import numpy as np

from spikewatt.data import sample_images, sensor

SIDE = 128
HAND_RADIUS = 7
HAND_STEP_US, HAND_STEPS, TURNS = 10_000, 50, 1
THING_SIDE, THING_STEP_US, THING_STEPS, THING_MOVES = 64, 7_500, 40, 6.0
MOST_EVENTS = 100_000
LEFT, RIGHT, MIDDLE = (36, 64), (92, 64), (64, 80)
CLOCKWISE, BACK = 1, -1
# Of each class of DVS-Gesture, in its order, what each hand does: where it moves, how
# far (right, down), which way round, and where in its turn it begins.
GESTURES = (
    [(LEFT, (18, 0), CLOCKWISE, 0), (RIGHT, (18, 0), CLOCKWISE, 0.5)],
    [(RIGHT, (22, 4), CLOCKWISE, 0)],
    [(LEFT, (22, 4), CLOCKWISE, 0)],
    [(RIGHT, (22, 22), CLOCKWISE, 0)],
    [(RIGHT, (22, 22), BACK, 0)],
    [(LEFT, (22, 22), CLOCKWISE, 0)],
    [(LEFT, (22, 22), BACK, 0)],
    [(MIDDLE, (10, 20), CLOCKWISE, 0), (MIDDLE, (10, 20), CLOCKWISE, 0.5)],
    [(LEFT, (0, 24), CLOCKWISE, 0), (RIGHT, (0, 24), CLOCKWISE, 0.5)],
    [(LEFT, (4, 8), CLOCKWISE, 0), (RIGHT, (4, 24), CLOCKWISE, 0.25)],
    None,
)


def thresholds(generator):
    """Contrast thresholds of the camera's pixels."""
    spread = sensor.MISMATCH * generator.standard_normal((SIDE, SIDE))
    return sensor.THRESHOLD * (1 + spread)


def gesture(label, generator, thresholds):
    """Rows x, y, polarity, time (µs) of a gesture of class `label`, ordered by time."""
    hands = GESTURES[label] or [_other(generator)]
    place = generator.normal(0, 3, 2)
    larger, begin = generator.uniform(0.85, 1.15), generator.uniform(0, 1)
    parts = [
        _seen(_hand(), _turning(hand, place, larger, begin), thresholds, HAND_STEP_US)
        for hand in hands
    ]
    return _ordered(np.concatenate(parts, axis=1))


def things(split, count, seed, classes):
    """`count` pictures of made-up things (uint8 count × 64 × 64) and their labels."""
    shape = 1, THING_SIDE, THING_SIDE
    images, labels = sample_images.patterns(split, count, seed, shape, classes)
    return images[:, 0], labels


def thing(image, generator, thresholds):
    """Rows x, y, polarity, time (µs) of a picture that is moved round a square."""
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0.1]]) * THING_MOVES
    along = np.linspace(0, len(corners) - 1, THING_STEPS)
    path = np.stack(
        [np.interp(along, range(len(corners)), axis) for axis in corners.T], axis=1
    )
    path += (SIDE - THING_SIDE) / 2 + generator.uniform(-4, 4, 2)
    return _ordered(_seen(image / 255, path, thresholds, THING_STEP_US))


def _hand():
    """A bright disk with a soft edge, by its pixels' light."""
    edge = np.arange(-HAND_RADIUS - 2, HAND_RADIUS + 3)
    distance = np.hypot(*np.meshgrid(edge, edge))
    return np.clip(HAND_RADIUS + 0.5 - distance, 0, 1)


def _turning(hand, place, larger, begin):
    """Where the corner of a hand's picture is (right, down) at every step."""
    middle, far, way, phase = hand
    turn = way * TURNS * np.linspace(0, 1, HAND_STEPS) + begin + phase
    angle = 2 * np.pi * turn[:, None]
    round_ = np.concatenate([np.cos(angle), np.sin(angle)], axis=1)
    return middle + place + larger * np.array(far) * round_ - HAND_RADIUS - 2


def _other(generator):
    """A hand that moves in a way of its own, slantwise to all others: far right."""
    return (64, 28), tuple(generator.uniform(25, 40, 2)), BACK, generator.uniform(0, 1)


def _seen(light, path, thresholds, step_us):
    """The events of `light` (0…1) moving along `path` (right, down at each step).

    Only the part of the sensor is simulated that sees any of it.
    """
    low = np.clip(np.floor(path.min(axis=0)).astype(int) - 1, 0, SIDE)
    high = np.clip(np.ceil(path.max(axis=0)).astype(int) + len(light) + 1, 0, SIDE)
    part = np.ascontiguousarray(thresholds[low[1] : high[1], low[0] : high[0]])
    padded = np.pad(light, 1)
    columns = sensor.simulate(padded, path - low, part, step_us, MOST_EVENTS)
    columns[:2] += low[:, None]
    return columns


def _ordered(columns):
    return columns[:, np.argsort(columns[3], kind="stable")]
