import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from mushin.statistics.intervals import difference_range, mean_interval, t_interval
from mushin.statistics.moments import (
    difference_moments,
    moments,
    pair_correlation,
    pooled_sd,
    student_error,
    welch_error,
)

GOLDEN = json.loads((Path(__file__).parents[1] / "golden/r_tests/two_sample.json").read_text())


@pytest.mark.parametrize(("key", "standard_error"), [("welch", welch_error), ("student", student_error)])
@pytest.mark.parametrize("data", [name for name in GOLDEN if "welch" in GOLDEN[name]])
def test_interval_of_a_difference_is_that_of_r(data, key, standard_error):
    a, b = (moments(np.array(GOLDEN[data][group], dtype=float)) for group in "xy")
    interval = t_interval(a.mean - b.mean, *standard_error(a, b))
    np.testing.assert_allclose(interval, GOLDEN[data][key]["ci95"], rtol=1e-8)


@pytest.mark.parametrize("data", [name for name in GOLDEN if "paired_t" in GOLDEN[name]])
def test_interval_of_a_mean_difference_is_that_of_r(data):
    a, b = (np.array(GOLDEN[data][group], dtype=float) for group in "xy")
    interval = mean_interval(difference_moments(a, b))
    np.testing.assert_allclose(interval, GOLDEN[data]["paired_t"]["ci95"], rtol=1e-8)


def test_interval_of_saturated_scores_stays_within_the_valid_range():
    runs = moments(np.array([0.99, 1, 1, 0.97, 1]))
    assert mean_interval(runs)[1] > 1
    low, high = mean_interval(runs, valid_range=(0, 1))
    assert 0 < low < runs.mean < high == 1


def test_interval_of_five_seeds_covers_the_mean_as_often_as_it_says():
    runs = np.random.default_rng(0).normal(0.8, 0.02, (20_000, 5))
    low, high = mean_interval(moments(runs))
    assert np.mean((low <= 0.8) & (high >= 0.8)) == pytest.approx(0.95, abs=0.005)


@pytest.mark.parametrize("runs", [[0.5], [], [np.nan, 0.5], [0.5, 0.5, 0.5], [0.5, np.inf]])
def test_no_interval_without_spread(runs):
    assert np.isnan(mean_interval(moments(np.array(runs, dtype=float)))).all()


def test_no_interval_of_a_difference_of_constants():
    constant = moments(np.full(4, 0.5))
    for standard_error in (welch_error, student_error):
        assert np.isnan(t_interval(np.array(0.0), *standard_error(constant, constant))).all()


def test_a_smaller_alpha_gives_a_wider_interval():
    estimate = (np.array(0.1), np.array(0.05), np.array(4.0))
    (low, high), (lower, higher) = t_interval(*estimate), t_interval(*estimate, alpha=0.05 / 6)
    assert lower < low < high < higher


def test_difference_range():
    assert difference_range((0.0, np.inf)) == (-np.inf, np.inf)


def test_moments_equal_numpys_and_ignore_missing_runs():
    runs = np.random.default_rng(0).random((3, 7))
    of_runs = moments(np.c_[runs, np.full(3, np.nan)])
    assert of_runs.n.tolist() == [7, 7, 7]
    np.testing.assert_allclose(of_runs.mean, runs.mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(of_runs.sd, runs.std(axis=1, ddof=1), rtol=1e-12)


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_moments_keep_the_range_of_floats(scale):
    of_runs = moments(np.array([1.0, 2, 3]) * scale)
    assert float(of_runs.sd / scale) == pytest.approx(1)
    assert float(welch_error(of_runs, of_runs)[1]) == pytest.approx(4)


def test_moments_of_a_diverged_run_are_undefined():
    of_runs = moments(np.array([1.0, 2, np.inf]))
    assert np.isnan([of_runs.mean, of_runs.sd]).all()
    assert not of_runs.is_constant


def test_differences_that_are_noise_are_zero():
    pairs = difference_moments(np.array([0.1 + 0.2, 0.7]), np.array([0.3, 0.7]))
    assert pairs.is_constant
    assert pairs.mean == 0


def test_pair_correlation_equals_scipys():
    a, b = np.random.default_rng(0).random((2, 8))
    assert float(pair_correlation(a, b)) == pytest.approx(stats.pearsonr(a, b).statistic, rel=1e-12)


@pytest.mark.parametrize("a", [[1.0, 2, np.nan], [1.0, 1, 1], [1.0, 2, np.inf]])
def test_no_pair_correlation_without_three_varied_pairs(a):
    assert np.isnan(pair_correlation(np.array(a), np.array([1.0, 3, 2])))


def test_pooled_sd_weighs_by_degrees_of_freedom():
    a, b = np.array([1.0, 2, 3, 4, 5]), np.array([1.0, 9])
    expected = np.sqrt((4 * a.var(ddof=1) + b.var(ddof=1)) / 5)
    assert float(pooled_sd(moments(a), moments(b))) == pytest.approx(expected)
