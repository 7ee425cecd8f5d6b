"""Whether what spikes beats what does not, in one cost or another."""

from dataclasses import dataclass

WINS, LOSES, ALIKE, INCONCLUSIVE = "wins", "loses", "alike", "inconclusive"


@dataclass(frozen=True)
class Entrant:
    """A network with its mean of a cost, and the half width of its 95 % interval.

    half: None where there is no interval; 0 of what is counted, not measured.
    """

    label: str
    spiking: bool
    mean: float
    half: float | None


@dataclass(frozen=True)
class Outcome:
    """answer: of the best network that spikes against the best that does not."""

    answer: str
    spiking: Entrant
    other: Entrant


def judge(entrants, most=False):
    """The `Outcome` of one cost; None where either kind has no entrant.

    Networks are apart where their intervals don't overlap. Without an interval nothing
    is known to be apart, so that it is inconclusive. most: whether more is better, as
    of accuracy.
    """
    spiking, other = (
        _best([one for one in entrants if one.spiking is kind], most)
        for kind in (True, False)
    )
    if spiking is None or other is None:
        return None
    return Outcome(_answer(spiking, other, most), spiking, other)


def _answer(one, other, most):
    if None in (one.half, other.half):
        return INCONCLUSIVE
    if one.half == other.half == 0 and one.mean == other.mean:
        return ALIKE
    if abs(one.mean - other.mean) <= one.half + other.half:
        return INCONCLUSIVE
    return WINS if (one.mean > other.mean) == most else LOSES


def _best(entrants, most):
    if not entrants:
        return None
    return (max if most else min)(entrants, key=lambda one: one.mean)
