import json
from pathlib import Path

import numpy as np
import pytest
from scipy import special, stats

from mushin.statistics.effects import (
    hedges_g,
    hedges_g_z,
    rank_biserial,
    rank_biserial_paired,
    superiority,
    superiority_paired,
)
from mushin.statistics.moments import difference_moments, moments

GOLDEN = json.loads((Path(__file__).parents[1] / "golden/r_tests/two_sample.json").read_text())


def _pair(data):
    return (np.array(GOLDEN[data][group], dtype=float) for group in "xy")


def _named(key):
    return [data for data in GOLDEN if key in GOLDEN[data]]


# R's effectsize searches its interval to about six digits.
@pytest.mark.parametrize("data", _named("hedges_g_pooled"))
def test_hedges_g_is_that_of_r(data):
    a, b = _pair(data)
    effect, expected = hedges_g(moments(a), moments(b)), GOLDEN[data]["hedges_g_pooled"]
    assert float(effect.size) == pytest.approx(expected["est"], rel=1e-9)
    np.testing.assert_allclose([effect.low, effect.high], expected["ci"], rtol=2e-5)


@pytest.mark.parametrize("data", _named("cohens_dz"))
def test_hedges_g_z_is_that_of_r(data):
    a, b = _pair(data)
    effect, expected = hedges_g_z(difference_moments(a, b)), GOLDEN[data]["cohens_dz"]
    df = len(a) - 1
    correction = special.gamma(df / 2) / (np.sqrt(df / 2) * special.gamma((df - 1) / 2))
    assert float(effect.size) == pytest.approx(expected["est"] * correction, rel=1e-9)
    if abs(expected["est"]) < 10:  # R's pt ends at a noncentrality of 37.6
        np.testing.assert_allclose(
            [effect.low, effect.high], np.array(expected["ci"]) * correction, rtol=2e-5
        )


@pytest.mark.parametrize("data", _named("cliffs_delta"))
def test_rank_biserial_is_that_of_r(data):
    effect = rank_biserial(*_pair(data))
    assert float(effect.size) == pytest.approx(GOLDEN[data]["cliffs_delta"]["est"], rel=1e-9)


@pytest.mark.parametrize("data", _named("rank_biserial_paired"))
def test_paired_rank_biserial_is_that_of_r(data):
    effect = rank_biserial_paired(*_pair(data))
    # In mwu_one_tie all differences are negative; the printed value has lost its sign.
    expected = -1 if data == "mwu_one_tie" else GOLDEN[data]["rank_biserial_paired"]["est"]
    assert float(effect.size) == pytest.approx(expected, rel=1e-9)


def test_noncentral_interval_inverts_the_noncentral_t():
    a, b = np.array([1.0, 2, 4, 5]), np.array([0.0, 1, 1])
    t, df = stats.ttest_ind(a, b).statistic, 5
    effect = hedges_g(moments(a), moments(b))
    d = t * np.sqrt(1 / 4 + 1 / 3)
    for bound, share in ((effect.low, 0.975), (effect.high, 0.025)):
        noncentrality = float(bound / effect.size * d / np.sqrt(1 / 4 + 1 / 3))
        assert stats.nct.cdf(t, df, noncentrality) == pytest.approx(share, rel=1e-9)


def test_a_huge_effect_has_a_finite_interval():
    effect = hedges_g_z(moments(np.array([1.0, 1 + 1e-6, 1 + 2e-6])))
    assert 0 < effect.low < effect.size < effect.high < np.inf


def test_constant_differences_have_no_g_z():
    b = np.linspace(0, 1, 10)
    assert np.isnan(hedges_g_z(difference_moments(b + 0.01, b)).size)


def test_two_pairs_have_no_g_z_free_of_bias():
    assert np.isnan(hedges_g_z(moments(np.array([1.0, 2]))).size)


@pytest.mark.parametrize("n", [3, 5, 10])
@pytest.mark.parametrize("shift", [0.5, 2.0])
def test_intervals_of_superiority_cover_as_often_as_they_say(n, shift):
    rng = np.random.default_rng(n)
    a, b = rng.normal(shift, 1, (4000, n)), rng.normal(0, 1, (4000, n))
    independent, paired = superiority(a, b), superiority_paired(a, b)
    expected = stats.norm.cdf(shift / np.sqrt(2))
    for chance in (independent, paired):
        assert np.mean((chance.low <= expected) & (expected <= chance.high)) > 0.93


@pytest.mark.parametrize("n", [5, 10])
@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_intervals_of_the_paired_rank_biserial_cover_about_as_often_as_they_say(n, shift):
    d = np.random.default_rng(n).normal(shift, 1, (4000, n))
    effect = rank_biserial_paired(d, np.zeros((4000, n)))
    one, two = stats.norm.cdf(shift), stats.norm.cdf(shift * np.sqrt(2))
    expected = 2 * (one + two * (n - 1) / 2) / ((n + 1) / 2) - 1
    assert np.mean((effect.low <= expected) & (expected <= effect.high)) > 0.925


@pytest.mark.parametrize("function", [superiority, superiority_paired])
def test_superiority_counts_a_tie_as_half_and_a_diverged_run_as_largest(function):
    a, b = np.array([0.1 + 0.2, np.inf, 0.1]), np.array([0.3, 0.3, 0.3])
    assert float(function(a, b).size) == pytest.approx(0.5)


@pytest.mark.parametrize("function", [superiority, superiority_paired])
def test_superiority_of_swapped_groups_is_the_complement(function):
    a, b = np.random.default_rng(0).random((2, 6)).round(1)
    forth, back = function(a, b), function(b, a)
    np.testing.assert_allclose(
        [forth.size, forth.low, forth.high], [1 - back.size, 1 - back.high, 1 - back.low]
    )


@pytest.mark.parametrize("function", [superiority, superiority_paired, rank_biserial, rank_biserial_paired])
def test_no_effect_without_runs(function):
    effect = function(np.full((2, 3), np.nan), np.ones((2, 3)))
    assert np.isnan([effect.size, effect.low, effect.high]).all()
