"""Made-up words as spikes of the inner ear: SHD's units and times."""

import numpy as np

UNITS = 700
LONGEST_S = 0.7
SPIKES = 1_500  # of a word, on average; the official ones have about 8,000
TONES = 3  # sounding together
SPREAD = 8.0  # of the units that a tone reaches


def words(split, count, seed, classes):
    """`count` words: lists of times (float16 seconds), of units, and the labels.

    A class is three tones that rise or fall on their way; a word of it is said faster
    or slower, higher or lower, louder or softer. The same for a seed.
    """
    ways = np.random.default_rng([seed, 7]).uniform(60, 640, (classes, TONES, 3))
    generator = np.random.default_rng([seed, 8, split == "test"])
    labels = generator.permutation(np.arange(count) % classes)
    said = [_word(ways[label], generator) for label in labels]
    return [time for time, _ in said], [unit for _, unit in said], labels


def _word(ways, generator):
    """Times (float16, ordered) and units (uint16) of one word."""
    length = generator.uniform(0.8, 1.0) * LONGEST_S
    count = max(1, generator.poisson(SPIKES))
    when = np.sort(generator.uniform(0, 1, count))
    tone = generator.integers(0, TONES, count)
    higher = generator.normal(0, 6)
    middle = np.array([np.interp(when, [0, 0.5, 1], way) for way in ways])
    unit = middle[tone, range(count)] + higher + generator.normal(0, SPREAD, count)
    return (
        (when * length).astype(np.float16),
        np.clip(unit, 0, UNITS - 1).round().astype(np.uint16),
    )
