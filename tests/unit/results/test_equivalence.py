"""The equivalence test against numbers worked out by hand and by simulation."""

import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from spikewatt.results.equivalence import (
    Prior,
    answered,
    decide,
    more_seeds,
    share_errors,
    spread,
)

ONE = Prior(margin=1.0, spread=0.2, weight=4.0, known=0.1)


def test_a_prior_counts_as_so_many_seeds():
    # (4·0.04 + (0.01 + 0 + 0.01)) / (4 + 2)
    variance, freedom = spread([0.9, 1.0, 1.1], ONE)
    assert (variance, freedom) == (pytest.approx(0.18 / 6), 6)
    assert spread([5.0], ONE) == (pytest.approx(0.04), 4)


def test_half_width_is_welchs_and_satterthwaites():
    decision = decide([0.3], 0.0, ONE)
    sampled, total = 0.04 * 2, 0.04 * 2 + 0.01
    freedom = total**2 / (sampled**2 / 4)
    half = scipy_stats.t.ppf(0.95, freedom) * math.sqrt(total)
    assert (decision.low, decision.high) == pytest.approx((0.3 - half, 0.3 + half))


@pytest.mark.parametrize(
    ("difference", "half", "rounding", "answer"),
    [
        (0.2, 0.7, 0.0, "reproduced"),
        (0.2, 0.7, 0.2, "inconclusive"),
        (0.5, 0.7, 0.0, "inconclusive"),
        (-1.8, 0.7, 0.0, "not reproduced"),
        (-1.8, 0.7, 0.2, "inconclusive"),
        (0.0, 5.0, 0.0, "inconclusive"),
    ],
)
def test_answers(difference, half, rounding, answer):
    assert answered(difference, half, 1.0, rounding) == answer


def test_the_seeds_it_names_would_decide_it():
    values = [0.55]
    decision = decide(values, 0.0, ONE)
    assert decision.answer == "inconclusive"
    many = decide(values * (1 + decision.more), 0.0, ONE)
    assert many.answer != "inconclusive"  # equal values scatter no more than assumed


def test_against_one_uncertain_run_no_number_of_seeds_may_do():
    vague = Prior(margin=1.0, spread=2.0, weight=4.0)
    decision = decide([0.0, 0.1], 0.0, vague)
    assert (decision.answer, decision.more) == ("inconclusive", None)
    assert more_seeds("reproduced", 0, 1, 2, vague) == 0


def test_errors_are_as_rare_as_promised():
    """At the margin itself either answer is wrong in one case of twenty at most."""
    rng = np.random.default_rng(0)
    answers = []
    for _ in range(4000):
        deviation = ONE.spread * math.sqrt(ONE.weight / rng.chisquare(ONE.weight))
        stated = rng.normal(0, math.hypot(deviation, ONE.known))
        answers.append(decide(rng.normal(1.0, deviation, 3), stated, ONE).answer)
    for answer in ("reproduced", "not reproduced"):
        assert answers.count(answer) / 4000 < 0.065  # 5 % and four standard errors


def test_a_number_that_scatters_not_adds_no_variance():
    """Three differences against 0: Student's interval of a mean, and τ besides."""
    values = [0.7, 0.8, 0.9]
    decision = decide(values, 0.0, ONE, scatter=0.0)
    sampled, total = 0.03 / 3, 0.03 / 3 + 0.01
    half = scipy_stats.t.ppf(0.95, 6 * (total / sampled) ** 2) * math.sqrt(total)
    assert (decision.low, decision.high) == pytest.approx((0.8 - half, 0.8 + half))
    assert decision.answer == "inconclusive" and decision.more >= 1
    many = decide(values * (1 + decision.more), 0.0, ONE, scatter=0.0)
    assert many.answer == "reproduced"


def test_a_share_of_right_answers_is_known_to_its_binomial_error():
    between, sampled = share_errors(0.98, 10_000)
    assert sampled == pytest.approx(0.0014)
    assert between == pytest.approx(1.25 * 0.001)
