"""Who wins a cost, by intervals that overlap or don't."""

import pytest

from spikewatt.results.wins import Entrant, judge


def entrants(spiking, other):
    """(mean, half width) of networks that spike and of others."""
    parts = [("s", True, one) for one in spiking] + [("o", False, one) for one in other]
    return [Entrant(f"{k}{m:g}", spikes, m, half) for k, spikes, (m, half) in parts]


@pytest.mark.parametrize(
    ("spiking", "other", "answer"),
    [
        ([(1.0, 0.2), (9.0, 0.1)], [(2.0, 0.2)], "wins"),
        ([(3.0, 0.2)], [(2.0, 0.2), (9.0, 0.1)], "loses"),
        ([(1.0, 0.6)], [(2.0, 0.4)], "inconclusive"),  # the intervals touch
        ([(1.0, None)], [(2.0, 0.1)], "inconclusive"),  # one seed
        ([(2.0, 0.0)], [(2.0, 0.0)], "alike"),
        ([(1.0, 0.0)], [(2.0, 0.0)], "wins"),
    ],
)
def test_answers(spiking, other, answer):
    outcome = judge(entrants(spiking, other))
    assert outcome.answer == answer
    assert outcome.spiking.mean == min(mean for mean, _ in spiking)
    assert outcome.other.mean == min(mean for mean, _ in other)


def test_of_accuracy_more_is_better():
    made = entrants([(97.0, 0.1), (98.0, 0.1)], [(97.5, 0.1)])
    assert judge(made, most=True).answer == "wins"
    assert judge(made, most=True).spiking.label == "s98"
    assert judge(entrants([(96.0, 0.1)], [(97.5, 0.1)]), most=True).answer == "loses"


def test_without_a_rival_of_the_other_kind_there_is_no_answer():
    assert judge(entrants([(1.0, 0.1)], [])) is None
    assert judge(entrants([], [(1.0, 0.1)])) is None
