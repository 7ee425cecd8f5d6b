"""Neighbours on other GPUs, from looks worked out by hand."""

from spikewatt.meter.neighbours import Neighbours, descendants
from spikewatt.meter.others import Seen

# 10 holds a GPU; 11 is its child, 12 that one's; 20 and 21 are others.
PARENTS = {10: 1, 11: 10, 12: 11, 20: 1, 21: 20, 1: 0}
SEEN = {(pid, float(pid)): Seen(0.0, 0.0, parent) for pid, parent in PARENTS.items()}


def test_descendants_of_a_holder_are_known_by_their_parents():
    assert descendants(SEEN, {10}) == {(10, 10.0), (11, 11.0), (12, 12.0)}
    assert descendants(SEEN, {21, 99}) == {(21, 21.0)}


def test_numbers_that_were_used_again_make_no_circle():
    circle = {(1, 0.0): Seen(0.0, 0.0, 2), (2, 0.0): Seen(0.0, 0.0, 1)}
    assert descendants(circle, {9}) == set()


def test_as_many_as_there_were_at_once_count():
    held = {}
    neighbours = Neighbours(lambda: held, own=["GPU-0"])
    for moment, devices in ((0.0, "01"), (1.0, "0123"), (2.0, "02"), (3.0, "")):
        held = {f"GPU-{d}": {10 + int(d)} for d in devices}
        neighbours.add(SEEN, moment)
    assert neighbours.number([(0.0, 3.0)]) == 3
    assert neighbours.number([(1.5, 2.5)]) == 1
    assert neighbours.number([(0.2, 0.4)]) == 3  # the next look's
    assert neighbours.number([(2.2, 2.4)]) == 0
    assert neighbours.number([(2.2, 2.4), (1.5, 2.1)]) == 1
    # 10 holds the device that is measured here: it is no neighbour
    assert neighbours.processes == {(11, 11.0), (12, 12.0)}
