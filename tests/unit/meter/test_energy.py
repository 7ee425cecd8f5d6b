"""Energy arithmetic against values worked out by hand."""

import math

import numpy as np
import pytest

from spikewatt.meter import energy


def test_integral_of_a_constant_reaches_to_both_edges():
    # 100 W from 0.25 s to 2.75 s; samples at 1 s and 2 s only
    assert energy.integral([1, 2], [100, 100], 0.25, 2.75) == pytest.approx(250)


def test_integral_of_a_ramp_is_exact_with_interpolated_edges():
    # P = 10 t: the integral from 0.5 to 2.5 is 5 · (6.25 − 0.25) = 30
    times = [0, 1, 2, 3]
    assert energy.integral(times, [0, 10, 20, 30], 0.5, 2.5) == pytest.approx(30)


def test_integral_leaves_out_missing_readings():
    # the reading at 1 s is missing: one trapezoid from 0 s (0 W) to 2 s (20 W)
    assert energy.integral([0, 1, 2], [0, np.nan, 20], 0, 2) == pytest.approx(20)


@pytest.mark.parametrize(
    ("times", "values", "begin", "end"),
    [
        ([0, 1], [np.nan, np.nan], 0, 1),
        ([0, 1], [5, np.nan], 0, 1),
        ([0, 1], [1, 1], 0.5, 0.5),
    ],
    ids=["no reading", "one reading", "an empty phase"],
)
def test_no_integral_without_two_readings_and_a_time(times, values, begin, end):
    assert energy.integral(times, values, begin, end) is None


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [(1000, 1250, 250), (None, 5, None), (5, None, None), (None, None, None)],
)
def test_counter_difference_needs_both_edges(begin, end, expected):
    assert energy.counter_difference(begin, end) == expected


def test_a_counter_that_went_back_says_nothing():
    assert energy.counter_difference(100, 3) is None


def test_a_counter_that_wraps_goes_on_from_zero():
    # wraps at 1000: from 990 to 1000 are 10, and 5 more
    assert energy.counter_difference(990, 5, wrap=1000) == 15


@pytest.mark.parametrize(("approximate", "expected"), [(20, 15), (2100, 2015)])
def test_several_wraps_are_counted_by_what_is_expected(approximate, expected):
    assert energy.counter_difference(990, 5, 1000, approximate) == expected


def test_standard_error_counts_updates_not_readings():
    # 8 readings in 1 s, but one update every 0.25 s: n = 4.
    # 9, 11, … scatter around 10 with s² = 8 / 7.
    times = np.arange(8) / 8
    error = energy.standard_error(times, [9, 11] * 4, 0, 1, period=0.25)
    assert error == pytest.approx(math.sqrt(8 / 7) / 2)


def test_standard_error_without_a_known_period_counts_readings():
    error = energy.standard_error([0, 1], [9, 11], 0, 1, period=None)
    assert error == pytest.approx(math.sqrt(2) / math.sqrt(2))


def test_standard_error_of_one_reading_is_none():
    assert energy.standard_error([0], [9], 0, 1, 0.1) is None


def test_uncertainty_of_a_counter_is_that_of_two_rectangular_edges():
    # 100 W and 0.1 s: each edge is uniform over 10 J, variance 100 / 12
    assert energy.counter_uncertainty(100, 0.1, 0) == pytest.approx(math.sqrt(200 / 12))
    assert energy.counter_uncertainty(0, 0.1, 6) == pytest.approx(math.sqrt(6))


def test_uncertainty_of_a_counter_agrees_with_a_simulation():
    generator = np.random.default_rng(1)
    begin, seconds = generator.uniform(0, 1, 50000), generator.uniform(3, 5, 50000)
    read = np.floor((begin + seconds) / 0.1) * 0.1 - np.floor(begin / 0.1) * 0.1
    scatter = np.sqrt(np.mean((40 * (read - seconds)) ** 2))
    assert scatter == pytest.approx(energy.counter_uncertainty(40, 0.1, 0), rel=0.02)


def test_uncertainties_add_in_squares():
    assert energy.combined(3, 4) == 5
    assert energy.combined(3, None) is None


def test_spread():
    median, high, top = energy.spread([1, 2, np.nan, 3])
    assert (median, top) == (2, 3)
    assert high == pytest.approx(2.9)
    assert energy.spread([np.nan]) == (None, None, None)
