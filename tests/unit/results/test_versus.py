"""Differences of networks in accuracy and their verdicts, worked out by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

import made_results
from spikewatt.results import runs, versus
from spikewatt.results.equivalence import Prior

# Of one seed: the ANN gets all ten right but the last two, the SNN all but the first.
ANN = [1, 1, 1, 1, 1, 1, 1, 1, 0, 0]
SNN = [0, 1, 1, 1, 1, 1, 1, 1, 1, 1]


def predict(run, right):
    table = pd.DataFrame({"index": range(len(right)), "label": 1, "prediction": right})
    table.to_csv(run.folder / "predictions.csv", index=False)


@pytest.fixture
def pair(tmp_path):
    """(runs of ANN, of SNN) of three seeds: 80 % and 90 %, 91 %, 89 %."""
    listed = made_results.make(tmp_path, experiments=["exp1"], seeds=(0, 1, 2))
    read = runs.read_all(listed)
    for run in read:
        accuracy = 80.0 if run.network == "ann" else 90.0 + (0, 1, -1)[run.seed]
        run.test["test_accuracy_pct"], run.test["samples"] = accuracy, 10
        predict(run, ANN if run.network == "ann" else SNN)
    return read[:3], read[3:]


def test_mean_and_interval_are_of_the_seeds_that_both_have(pair):
    ann, snn = pair
    found = versus.difference(ann, snn)
    half = 4.3027 * 1 / math.sqrt(3)  # Student's t of three, standard deviation 1
    assert (found.mean, found.n) == (10, 3)
    assert found.half == pytest.approx(half, rel=1e-4)
    assert versus.difference(ann, snn[:1]).n == 1
    assert versus.difference(ann, snn[:1]).half is None


def test_the_sampling_error_counts_the_samples_that_one_alone_gets_right(pair):
    """Differences −1, +1, +1 and seven 0: mean 0.1, variance (3 − 10·0.01)/9."""
    each = list(zip(*pair, strict=True))
    expected = 100 * math.sqrt(2.9 / 9 / 10)
    assert versus.sampling_error(each) == pytest.approx(expected)
    # Networks that answer the same differ by nothing that other samples would change.
    same = [(run, run) for run, _ in each]
    assert versus.sampling_error(same) == 0


def test_without_predictions_the_networks_are_taken_as_independent(pair):
    ann, snn = pair
    (snn[0].folder / "predictions.csv").unlink()
    assert versus.sampling_error(list(zip(ann, snn, strict=True))) is None
    prior = versus.prior_of(0.8, 0.9, 1000)
    assert prior.known == pytest.approx(100 * math.sqrt(0.16 / 1000 + 0.09 / 1000))
    assert prior.spread == pytest.approx(125 * math.sqrt(0.3 / 2000))
    assert prior.margin == 1


def test_who_is_always_right_on_few_samples_is_not_known_to_be():
    assert versus.prior_of(1.0, 1.0, 10).known > 5


@pytest.mark.parametrize(
    ("points", "verdict"),
    [
        ([0.1, 0.0, -0.1], "equivalent"),
        ([2.1, 2.0, 1.9], "better"),
        ([-2.1, -2.0, -1.9], "worse"),
        ([1.1, 1.0, 0.9], "inconclusive"),
        ([0.0], "equivalent"),
        ([9.0], "better"),
    ],
)
def test_verdicts_by_the_margin_of_a_point(points, verdict):
    prior = Prior(1.0, 0.1, 4.0, 0.1)
    low, high, found = versus.judged(points, prior)
    assert found == verdict
    n = len(points)
    squares = sum((p - sum(points) / n) ** 2 for p in points)
    variance = (4 * 0.01 + squares) / (4 + n - 1) / n
    total = variance + 0.01
    t = scipy_stats.t.ppf(0.95, (3 + n) * (total / variance) ** 2)
    assert high - low == pytest.approx(2 * t * math.sqrt(total))


def test_ten_samples_decide_nothing_and_no_test_has_no_verdict(pair):
    ann, snn = pair
    assert versus.difference(ann, snn).verdict == "inconclusive"
    for run in snn:
        run.test = None
    assert versus.difference(ann, snn) == versus.AccuracyDifference()
    assert versus.difference(ann, []) == versus.AccuracyDifference()


@pytest.mark.parametrize("seeds", [1, 3])
def test_errors_are_as_rare_as_promised(seeds):
    """At the margin itself either answer is wrong in one case of twenty at most."""
    rng, prior, answers = np.random.default_rng(0), Prior(1.0, 0.2, 4.0, 0.1), []
    for _ in range(1500):
        deviation = prior.spread * math.sqrt(prior.weight / rng.chisquare(prior.weight))
        true = 1.0 + rng.normal(0, prior.known)
        answers.append(versus.judged(rng.normal(true, deviation, seeds), prior)[2])
    for answer in ("equivalent", "better"):
        assert answers.count(answer) / 1500 < 0.073  # 5 % and four standard errors
    assert answers.count("worse") / 1500 < 0.01
