"""Intervals against numbers worked out by hand, printed tables and scipy."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as oracle

from spikewatt.results import stats

values = st.lists(st.floats(0.1, 100), min_size=2, max_size=8)


def test_mean_and_interval_by_hand():
    # 1, 2, 3: mean 2, s = 1, t(0.975, 2) = 4.303 (printed tables): 4.303/√3 = 2.484
    mean, half, n = stats.mean_ci([1, 2, 3])
    assert (mean, n) == (2, 3)
    assert half == pytest.approx(2.484, abs=5e-4)


@given(values)
def test_interval_is_scipys(found):
    mean, half, n = stats.mean_ci(found)
    scale = oracle.sem(found)
    if scale < 1e-9:
        assert half == pytest.approx(0, abs=1e-6)
        return
    low, high = oracle.t.interval(0.95, n - 1, loc=mean, scale=scale)
    assert (mean - half, mean + half) == pytest.approx((low, high))


def test_few_and_missing_values():
    assert stats.mean_ci([]) == (None, None, 0)
    assert stats.mean_ci([math.nan, None]) == (None, None, 0)
    assert stats.mean_ci([5.0]) == (5.0, None, 1)
    assert stats.mean_ci([1, math.nan, 2, None, 3]) == stats.mean_ci([1, 2, 3])


def test_paired_difference_cancels_what_seeds_share():
    mean, half, n = stats.paired_difference([11, 22, 33], [10, 20, 30])
    assert (mean, n) == (2, 3)  # the differences are 1, 2, 3
    assert half == pytest.approx(2.484, abs=5e-4)


def test_pair_with_a_gap_is_left_out():
    assert stats.paired_difference([1, None, 9], [0, 5, math.nan]) == (1, None, 1)
    with pytest.raises(ValueError, match="2 and 1 values"):
        stats.paired_difference([1, 2], [1])


def test_ratio():
    assert stats.ratio(26.38, 9.39) == pytest.approx(2.80937, abs=1e-5)
    assert stats.ratio(1, 0) is None
    assert stats.ratio(None, 2) is None
    assert stats.ratio(1, math.nan) is None


def test_paired_ratio_by_hand():
    # ratios 2 and 8: geometric mean 4; logs ±ln 2, standard error ln 2,
    # t(0.975, 1) = 12.706: a factor of 2^12.706
    middle, low, high, n = stats.paired_ratio([2, 8], [1, 1])
    assert (middle, n) == (pytest.approx(4), 2)
    assert high == pytest.approx(4 * 2**12.706, rel=1e-3)
    assert low == pytest.approx(4 / 2**12.706, rel=1e-3)


def test_paired_ratio_leaves_out_what_has_no_logarithm():
    assert stats.paired_ratio([2, 5, 1], [1, 0, math.nan]) == (
        pytest.approx(2),
        None,
        None,
        1,
    )
    assert stats.paired_ratio([], []) == (None, None, None, 0)


@given(values)
def test_paired_ratio_turned_round(found):
    ones = [1.0] * len(found)
    middle, low, high, _ = stats.paired_ratio(found, ones)
    turned = stats.paired_ratio(ones, found)
    assert turned[:3] == pytest.approx((1 / middle, 1 / high, 1 / low))
