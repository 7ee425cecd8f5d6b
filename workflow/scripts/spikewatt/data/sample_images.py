"""Small images to learn from without any download: real digits and made-up shapes."""

import numpy as np
from PIL import Image

SIDE = 28  # of MNIST's images
COLOUR_SIDE = 32  # of CIFAR-10's
SHAPES = ("disk", "square", "triangle", "ring", "cross")
TINTS = ("warm", "cold")
PATCHES = 5  # of a made-up pattern, along each edge
COLOUR_CLASSES = tuple(f"{tint} {shape}" for tint in TINTS for shape in SHAPES)


def digits(split, count, seed):
    """`count` digits as (uint8 count × 28 × 28, uint8 labels), the same for a seed.

    scikit-learn's 8×8 digits (Alpaydin & Kaynak 1998), enlarged. Three quarters of
    them serve to train, the others to test, so that no digit is in both; with more
    samples than digits they come again, moved by a pixel or not.
    """
    from sklearn.datasets import load_digits  # takes a second to import

    originals = load_digits()
    generator = np.random.default_rng([seed, 0])
    order = generator.permutation(len(originals.target))
    cut = len(order) * 3 // 4
    pool = order[:cut] if split == "train" else order[cut:]
    chosen = pool[np.arange(count) % len(pool)]
    generator = np.random.default_rng([seed, 1, split == "test"])
    moves = generator.integers(-1, 2, size=(count, 2))
    images = [
        _enlarged(originals.images[index], move)
        for index, move in zip(chosen, moves, strict=True)
    ]
    stacked = np.array(images, dtype=np.uint8).reshape(count, SIDE, SIDE)
    return stacked, originals.target[chosen].astype(np.uint8)


def _enlarged(digit, move):
    """An 8×8 digit of values 0…16 as 20×20 of 0…255, near the middle of 28×28."""
    small = Image.fromarray((digit * 255 / 16).round().astype(np.uint8))
    inner = np.asarray(small.resize((20, 20), Image.Resampling.BICUBIC))
    image = np.zeros((SIDE, SIDE), np.uint8)
    top, left = 4 + move[0], 4 + move[1]
    image[top : top + 20, left : left + 20] = inner
    return image


def colours(split, count, seed):
    """`count` colour images as (uint8 count × 3 × 32 × 32, labels), same for a seed.

    Ten classes: five shapes, each in warm and in cold colours, at any place, on a
    noisy background.
    """
    generator = np.random.default_rng([seed, 2, split == "test"])
    labels = generator.permutation(np.arange(count) % len(COLOUR_CLASSES))
    images = [_coloured(label, generator) for label in labels]
    shape = (count, 3, COLOUR_SIDE, COLOUR_SIDE)
    return np.array(images, dtype=np.uint8).reshape(shape), labels


def patterns(split, count, seed, shape, classes):
    """`count` images of made-up `classes`, as (uint8 count × shape, labels).

    shape: channels, height, width. Each class is a coarse pattern of light; an image
    of it is moved by a pixel or not, brighter or darker, and noisy. The same for a
    seed.
    """
    coarse = np.random.default_rng([seed, 5, classes])
    drawn = [_smooth(coarse, shape) for _ in range(classes)]
    generator = np.random.default_rng([seed, 6, split == "test"])
    labels = generator.permutation(np.arange(count) % classes)
    images = np.empty((count, *shape), np.uint8)
    for number, label in enumerate(labels):
        moved = np.roll(drawn[label], generator.integers(-1, 2, 2), axis=(1, 2))
        light = moved * generator.uniform(0.8, 1.1)
        images[number] = np.clip(light + generator.normal(0, 8, shape), 0, 255).round()
    return images, labels


def _smooth(generator, shape):
    """A pattern of `PATCHES` × `PATCHES` random values a channel, enlarged."""
    channels, height, width = shape
    small = generator.integers(0, 256, (channels, PATCHES, PATCHES), dtype=np.uint8)
    options = (width, height), Image.Resampling.BILINEAR
    enlarged = [np.asarray(Image.fromarray(part).resize(*options)) for part in small]
    return np.array(enlarged, dtype=float)


def _coloured(label, generator):
    tint, shape = TINTS[label // len(SHAPES)], SHAPES[label % len(SHAPES)]
    centre = generator.uniform(14, 18, size=2)
    mask = _mask(shape, centre, radius=generator.uniform(9, 12))
    strong, weak = generator.uniform(170, 255), generator.uniform(0, 80)
    middle = generator.uniform(40, 160)
    colour = (strong, middle, weak) if tint == "warm" else (weak, middle, strong)
    ground = generator.uniform(60, 150)
    image = np.where(mask, np.reshape(colour, (3, 1, 1)), ground)
    return np.clip(image + generator.normal(0, 12, image.shape), 0, 255).round()


def _mask(shape, centre, radius):
    row, column = np.mgrid[:COLOUR_SIDE, :COLOUR_SIDE]
    down, right = row - centre[0], column - centre[1]
    distance = np.hypot(down, right)
    larger = np.maximum(abs(down), abs(right))
    return {
        "disk": distance <= radius,
        "square": larger <= 0.85 * radius,
        "triangle": (abs(down) <= radius) & (2 * abs(right) <= down + radius),
        "ring": (distance <= radius) & (distance >= 0.55 * radius),
        "cross": (larger <= radius) & (np.minimum(abs(down), abs(right)) <= 2),
    }[shape]
