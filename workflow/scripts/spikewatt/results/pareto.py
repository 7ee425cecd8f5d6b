"""Which of several networks another beats in cost and accuracy at once."""

import itertools


def dominated(points):
    """For each (cost, accuracy) whether another point is at least as good in both.

    And better in one: equal points do not dominate each other. By their numbers alone;
    whether these are apart beyond their intervals is for the reader to see.
    """
    return [any(_beats(other, point) for other in points) for point in points]


def front(points):
    """Indices of the points that none dominates, by growing cost."""
    beaten = dominated(points)
    left = itertools.filterfalse(beaten.__getitem__, range(len(points)))
    return sorted(left, key=points.__getitem__)


def _beats(other, point):
    (cost, accuracy), (least, most) = other, point
    return cost <= least and accuracy >= most and (cost, accuracy) != (least, most)
