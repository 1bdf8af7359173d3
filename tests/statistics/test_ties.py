import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mushin.statistics.ties import doubled_midranks, is_constant, resolution


def _midranks(row):
    values = np.array([row], dtype=float)
    return doubled_midranks(values, resolution(values), ~np.isnan(values))[0] / 2


@pytest.mark.parametrize("scale", [1e-300, 1e-9, 1.0, 1e5, 1e300])
def test_rounding_noise_is_a_tie_at_every_scale(scale):
    assert _midranks(np.array([0.1 + 0.2, 0.3, 0.4]) * scale).tolist() == [1.5, 1.5, 3]


@pytest.mark.parametrize("scale", [1e-300, 1e-9, 1.0, 1e5, 1e300])
def test_small_differences_are_no_tie_at_any_scale(scale):
    assert _midranks(np.array([1.0, 1 + 1e-12, 1 + 2e-12]) * scale).tolist() == [1, 2, 3]


def test_noise_around_zero_is_judged_by_the_other_values():
    assert _midranks([0.0, 1e-17, 0.5, 0.6]).tolist() == [1.5, 1.5, 3, 4]


def test_one_huge_value_does_not_tie_the_others():
    assert _midranks([0.1, 0.2, 0.3, 1e30]).tolist() == [1, 2, 3, 4]


def test_diverged_runs_rank_last_and_tie():
    assert _midranks([np.inf, 0.2, np.inf, 0.1]).tolist() == [3.5, 2, 3.5, 1]


def test_missing_runs_have_no_rank():
    assert _midranks([0.3, np.nan, 0.1]).tolist() == [2, 0, 1]


def test_values_computed_in_float32_tie_by_float32_noise():
    scores = np.array([0.83, 0.80, 0.34, 0.31], dtype=np.float32).astype(float)
    noise = resolution(scores).max()
    assert 1e-9 < abs((scores[0] - scores[1]) - (scores[2] - scores[3])) <= noise
    assert noise < 1e-5


def test_large_whole_numbers_do_not_tie_though_they_fit_float32():
    assert _midranks([10_000_001.0, 10_000_003.0, 10_000_900.0, 10_000_500.0]).tolist() == [1, 2, 4, 3]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ([0.1 + 0.2, 0.3, 0.3], True),
        ([3e-9, 1e-9], False),
        ([1e5, 1e5 + 1e-6], False),
        ([np.nan, 0.5], True),
        ([np.inf, np.inf], False),
        ([], True),
    ],
)
def test_is_constant(row, expected):
    assert bool(is_constant(np.array(row))) is expected


@settings(derandomize=True, deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=12))
def test_midranks_equal_scipys_rankdata(row):
    np.testing.assert_array_equal(_midranks(np.array(row, dtype=float)), stats.rankdata(row))
