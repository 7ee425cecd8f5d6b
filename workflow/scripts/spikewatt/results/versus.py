"""Whether a network is as accurate as the one that it is compared with.

Runs of a seed share split and initial weights: their differences in test accuracy are
held against 0 by `results.equivalence`, with the margin that paper/margins.csv declares
for rivals. Both answer the same test samples, so that how well those stand for all
others follows from the samples that only one of the two gets right.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from spikewatt import paper
from spikewatt.results import beside, equivalence, measured, stats
from spikewatt.results.pairs import same_seeds
from spikewatt.results.stages import PREDICTIONS

EQUIVALENT, BETTER, WORSE = "equivalent", "better", "worse"
INCONCLUSIVE = equivalence.INCONCLUSIVE
# The prior's spread counts as much as this many seeds of one's own.
WEIGHT = 4.0


@dataclass(frozen=True)
class AccuracyDifference:
    """Test accuracy of a network minus its partner's, in points.

    mean, half, n: over the seeds that both have, with the half width of its 95 %
    interval; low, high: the 90 % interval that the verdict rests on; verdict:
    EQUIVALENT (within the margin), BETTER or WORSE (beyond it), or INCONCLUSIVE; None
    without a pair of tests.
    """

    mean: float | None = None
    half: float | None = None
    n: int = 0
    low: float | None = None
    high: float | None = None
    verdict: str | None = None


def margin():
    """The largest difference in points that changes nothing for a reader."""
    return paper.margins()["any", "rival_accuracy_difference"]["margin"]


def difference(first, second):
    """`AccuracyDifference` of the runs `second` to another network's, `first`."""
    below, above = same_seeds(first, second)
    tested = [
        pair
        for pair in zip(below, above, strict=True)
        if all(stats.present([_accuracy(run)]).size for run in pair)
    ]
    if not tested:
        return AccuracyDifference()
    accuracies = [[_accuracy(run) for run in pair] for pair in tested]
    points = [after - before for before, after in accuracies]
    shares = [float(np.mean(part)) / 100 for part in zip(*accuracies, strict=True)]
    prior = prior_of(*shares, _samples(tested), sampling_error(tested))
    return AccuracyDifference(*stats.mean_ci(points), *judged(points, prior))


def judged(points, prior):
    """(low, high, verdict) of differences in points, one a seed."""
    decision = equivalence.decide(points, 0.0, prior, scatter=0.0)
    verdict = {
        equivalence.REPRODUCED: EQUIVALENT,
        equivalence.NOT_REPRODUCED: BETTER if decision.low > 0 else WORSE,
    }.get(decision.answer, INCONCLUSIVE)
    return decision.low, decision.high, verdict


def prior_of(first, second, samples, sampled=None):
    """The `equivalence.Prior` of a difference of two shares among so many samples.

    sampled: sampling error in points; where it is unknown, that of two networks that
    err independently, which is larger.
    """
    most = 1 - 0.5 / samples  # nobody is known to be always right
    errors = [equivalence.share_errors(min(s, most), samples) for s in (first, second)]
    spread, known = (100 * math.hypot(*part) for part in zip(*errors, strict=True))
    return equivalence.Prior(
        margin(), spread, WEIGHT, known if sampled is None else sampled
    )


def sampling_error(pairs):
    """How well the difference is known that is asked on this test set, in points.

    pairs: (run, run) of a seed each. The standard error over samples of which of the
    two is right, mean over seeds; None where a run's predictions are not whole.
    """
    right = [[_right(run) for run in pair] for pair in pairs]
    if any(part is None for pair in right for part in pair):
        return None
    each = pd.concat([after - before for before, after in right])
    each = each.groupby(level=0).mean()
    if len(each) < 2:
        return None
    return 100 * float(each.std(ddof=1)) / math.sqrt(len(each))


def _right(run):
    """1.0 for each test sample that a run gets right, else 0.0, by its index."""
    table = beside.read(run, PREDICTIONS.numbers, ["index", "label", "prediction"])
    if table is None:
        return None
    right = (table["label"] == table["prediction"]).astype(float)
    return right.set_axis(table["index"])


def _accuracy(run):
    return measured.table2_row(run).get("test_accuracy_pct", math.nan)


def _samples(tested):
    """Samples of a test; the fewest, where tests differ."""
    counts = stats.present([run.test["samples"] for pair in tested for run in pair])
    return max(1.0, float(counts.min())) if counts.size else 1.0
