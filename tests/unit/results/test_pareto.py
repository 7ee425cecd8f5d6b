"""Who is dominated, in examples that can be seen at a glance."""

import pytest

from spikewatt.results.pareto import dominated, front


@pytest.mark.parametrize(
    ("points", "beaten", "left"),
    [
        ([(1, 90), (2, 95), (3, 94)], [False, False, True], [0, 1]),
        ([(3, 99), (1, 90), (2, 95)], [False] * 3, [1, 2, 0]),
        ([(1, 90), (1, 90)], [False, False], [0, 1]),  # equal: neither beats the other
        ([(1, 90), (1, 91), (2, 91)], [True, False, True], [1]),
        ([], [], []),
    ],
)
def test_dominated_is_no_cheaper_and_no_better(points, beaten, left):
    assert dominated(points) == beaten
    assert front(points) == left
