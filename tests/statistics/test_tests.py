import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mushin.errors import ConfigError, DataError, UnknownNameError
from mushin.statistics.tests import (
    available_tests,
    find_test,
    mannwhitney,
    permutation,
    signflip,
    ttest_ind,
    ttest_rel,
    welch,
    wilcoxon,
)

GOLDEN = json.loads((Path(__file__).parents[1] / "golden/r_tests/two_sample.json").read_text())
TESTS_IN_R = {
    "welch": (welch, "t"),
    "student": (ttest_ind, "t"),
    "paired_t": (ttest_rel, "t"),
    "mwu_exact_midrank": (mannwhitney, "W"),
    "wilcoxon_exact_zeros_dropped": (wilcoxon, "V"),
}
ALL_TESTS = [find_test(name) for name in available_tests()]


def _pair(name):
    return np.array(GOLDEN[name]["x"], dtype=float), np.array(GOLDEN[name]["y"], dtype=float)


@pytest.mark.parametrize(
    ("data", "key"), [(data, key) for data in GOLDEN for key in TESTS_IN_R if key in GOLDEN[data]]
)
def test_p_and_statistic_are_those_of_r(data, key):
    run, statistic = TESTS_IN_R[key]
    outcome, expected = run(*_pair(data)), GOLDEN[data][key]
    assert float(outcome.p_value) == pytest.approx(expected["p"], rel=1e-9)
    assert float(outcome.statistic) == pytest.approx(expected[statistic], rel=1e-9)
    if "df" in expected:
        assert float(outcome.df) == pytest.approx(expected["df"], rel=1e-9)


@pytest.mark.parametrize("data", GOLDEN)
def test_approximations_are_those_of_r(data):
    a, b = _pair(data)
    outcome = mannwhitney(a, b, exact_up_to=0)
    assert float(outcome.p_value) == pytest.approx(GOLDEN[data]["mwu_normal_cc"]["p"], rel=1e-9)
    assert outcome.how == "asymptotic"
    outcome = wilcoxon(a, b, exact_up_to=0)
    assert float(outcome.p_value) == pytest.approx(GOLDEN[data]["wilcoxon_normal_nocc"]["p"], rel=1e-9)
    assert outcome.how == "asymptotic"


@pytest.mark.parametrize("data", GOLDEN)
def test_permutation_of_means_is_that_of_r(data):
    outcome = permutation(*_pair(data))
    assert float(outcome.p_value) == pytest.approx(GOLDEN[data]["permutation_mean_exact"], rel=1e-9)
    assert outcome.how == "exact"


# The trap table of the specification.


def test_welch_tells_tiny_losses_apart():
    rng = np.random.default_rng(0)
    a, b = rng.normal(3e-9, 1e-10, 8), rng.normal(1e-9, 1e-10, 8)
    assert float(welch(a, b).p_value) == pytest.approx(4.872310959917222e-18, rel=1e-9)


def test_paired_t_tells_large_values_apart():
    rng = np.random.default_rng(0)
    b = 1e5 + 0.1 * rng.standard_normal(8)
    a = b + 0.4 + 0.02 * rng.standard_normal(8)
    outcome = ttest_rel(a, b)
    assert float(outcome.p_value) == pytest.approx(stats.ttest_rel(a, b).pvalue, rel=1e-9)
    assert float(outcome.p_value) < 1e-9
    assert outcome.how == "t"


NOISY_TIES = [
    (
        [0.81, 0.8, 0.82, 0.81, 0.8, 0.82, 0.84, 0.81, 0.82, 0.81],
        [0.82, 0.79, 0.82, 0.8, 0.79, 0.8, 0.8, 0.8, 0.82, 0.82],
        0.1796875,
    ),
    (
        [0.81, 0.81, 0.82, 0.82, 0.82, 0.79, 0.83, 0.82, 0.82, 0.81],
        [0.81, 0.78, 0.8, 0.8, 0.8, 0.81, 0.8, 0.75, 0.8, 0.79],
        0.02734375,
    ),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("a", "b", "expected"), NOISY_TIES)
def test_float_noise_breaks_no_tie(a, b, expected, dtype):
    a, b = (np.array(runs, dtype=dtype).astype(float) for runs in (a, b))
    assert float(wilcoxon(a, b).p_value) == expected


def test_wilcoxon_with_all_ranks_tied_is_the_sign_test():
    a = np.r_[np.ones(12), -np.ones(3)]
    assert float(wilcoxon(a, np.zeros(15)).p_value) == 0.03515625


def test_mannwhitney_of_two_constants_is_exact():
    assert float(mannwhitney(np.ones(5), np.zeros(5)).p_value) == pytest.approx(2 / 252, rel=1e-12)


def test_welch_against_a_constant_is_the_one_sample_t_test():
    a = 0.85 + 0.01 * np.linspace(-1, 1, 10)
    outcome = welch(a, np.full(10, 0.1 * 8))
    assert float(outcome.p_value) == pytest.approx(stats.ttest_1samp(a, 0.8).pvalue, rel=1e-9)
    assert float(outcome.df) == pytest.approx(9)
    assert outcome.how == "one_sample_t"


def test_constant_differences_get_the_sign_flip_p():
    b = np.linspace(0.1, 0.9, 10)
    outcome = ttest_rel(b + 0.01, b)
    assert float(outcome.p_value) == 2 / 2**10
    assert outcome.how == "sign_flip"
    assert float(outcome.direction) == 1


def test_identical_runs_are_no_evidence():
    a = np.linspace(0.1, 0.9, 10)
    for run in (ttest_rel, wilcoxon):
        outcome = run(a, a)
        assert float(outcome.p_value) == 1
        assert float(outcome.direction) == 0


@pytest.mark.parametrize("run", [welch, ttest_ind])
def test_two_constant_groups_are_untestable(run):
    outcome = run(np.full(5, 0.8), np.full(5, 0.9))
    assert np.isnan(outcome.p_value)
    assert outcome.how == "both_constant"


@pytest.mark.parametrize("test", ALL_TESTS, ids=lambda test: test.name)
@pytest.mark.parametrize("sizes", [(1, 1), (0, 0), (1, 5), (5, 1)])
def test_one_run_is_untestable(test, sizes):
    rng = np.random.default_rng(0)
    a, b = (np.r_[rng.random(size), np.full(6 - size, np.nan)] for size in sizes)
    outcome = test.run(a, b)
    assert np.isnan(outcome.p_value)
    assert outcome.how == "too_few_runs"
    assert float(outcome.direction) == 0


@pytest.mark.parametrize("test", [t for t in ALL_TESTS if t.compares == "means"], ids=lambda t: t.name)
def test_means_refuse_a_diverged_run(test):
    with pytest.raises(DataError, match=r"1 of the runs diverged \(inf\).* rank test"):
        test.run(np.array([0.1, np.inf, 0.3]), np.array([0.1, 0.2, 0.3]))


def test_rank_tests_take_a_diverged_run_as_the_largest():
    a, b = np.array([0.1, 0.2, np.inf, 0.4]), np.array([0.3, 0.5, 0.6, 0.7])
    finite = np.where(np.isinf(a), 1e6, a)
    for run in (mannwhitney, wilcoxon):
        assert run(a, b).p_value == run(finite, b).p_value
        assert run(a, b).statistic == run(finite, b).statistic


def test_a_pair_that_diverged_twice_is_a_tie():
    a, b = np.array([np.inf, 0.2, 0.3, 0.4]), np.array([np.inf, 0.1, 0.1, 0.1])
    assert wilcoxon(a, b).p_value == wilcoxon(a[1:], b[1:]).p_value


def test_paired_tests_refuse_groups_of_different_size():
    with pytest.raises(DataError, match="same seeds in both groups, got 3 and 2"):
        wilcoxon(np.ones(3), np.ones(2))


# Against independent oracles.


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.lists(st.integers(-4, 4), min_size=2, max_size=9))
def test_wilcoxon_equals_the_enumeration_of_all_signs(differences):
    d = np.array(differences, dtype=float)
    kept = d[d != 0]
    ranks = stats.rankdata(np.abs(kept))
    centre = ranks.sum() / 2
    away = abs(ranks[kept > 0].sum() - centre)
    flips = np.array(list(itertools.product([0, 1], repeat=len(kept)))).reshape(2 ** len(kept), -1)
    expected = np.mean(np.abs(flips @ ranks - centre) >= away)
    assert float(wilcoxon(d, np.zeros(len(d))).p_value) == pytest.approx(expected, rel=1e-12)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(
    st.lists(st.integers(0, 6), min_size=2, max_size=5), st.lists(st.integers(0, 6), min_size=2, max_size=6)
)
def test_mannwhitney_equals_the_enumeration_of_all_splits(a, b):
    ranks = stats.rankdata(a + b)
    expected_sum = len(a) * (len(a) + len(b) + 1) / 2
    away = abs(ranks[: len(a)].sum() - expected_sum)
    sums = np.array([sum(chosen) for chosen in itertools.combinations(ranks, len(a))])
    expected = np.mean(np.abs(sums - expected_sum) >= away)
    outcome = mannwhitney(np.array(a, dtype=float), np.array(b, dtype=float))
    assert float(outcome.p_value) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("n", [3, 10, 25, 50])
def test_wilcoxon_without_ties_equals_scipys_exact_test(n):
    rng = np.random.default_rng(n)
    d = rng.normal(0.3, 1, n)
    outcome = wilcoxon(d, np.zeros(n))
    assert float(outcome.p_value) == pytest.approx(stats.wilcoxon(d, method="exact").pvalue, rel=1e-9)
    assert outcome.how == "exact"


@pytest.mark.parametrize(("n_a", "n_b"), [(3, 7), (10, 10), (30, 30), (5, 40)])
def test_mannwhitney_without_ties_equals_scipys_exact_test(n_a, n_b):
    rng = np.random.default_rng(n_a)
    a, b = rng.normal(0.5, 1, n_a), rng.normal(0, 1, n_b)
    outcome = mannwhitney(a, b)
    expected = stats.mannwhitneyu(a, b, method="exact").pvalue
    assert float(outcome.p_value) == pytest.approx(expected, rel=1e-9)
    assert outcome.how == "exact"


@pytest.mark.parametrize("run", [wilcoxon, mannwhitney])
def test_exact_and_asymptotic_p_agree_for_many_runs(run):
    a, b = np.random.default_rng(2).normal([[0.1], [0]], 1, (2, 150)).round(1)
    exact, asymptotic = run(a, b, exact_up_to=300), run(a, b, exact_up_to=0)
    assert (exact.how, asymptotic.how) == ("exact", "asymptotic")
    assert float(exact.p_value) == pytest.approx(float(asymptotic.p_value), rel=0.01)
    with pytest.raises(ConfigError, match="exact_up_to is 2000; exact p-values are counted up to 1000 runs"):
        run(a, b, exact_up_to=2000)


def test_large_samples_are_approximated_and_say_so():
    rng = np.random.default_rng(1)
    a, b = rng.normal(0.2, 1, 80).round(1), rng.normal(0, 1, 80).round(1)
    outcome = mannwhitney(a, b)
    expected = stats.mannwhitneyu(a, b, method="asymptotic").pvalue
    assert outcome.how == "asymptotic"
    assert float(outcome.p_value) == pytest.approx(expected, rel=1e-9)
    outcome = wilcoxon(a, b)
    expected = stats.wilcoxon(np.round(a - b, 6), method="asymptotic").pvalue
    assert outcome.how == "asymptotic"
    assert float(outcome.p_value) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_signflip_equals_scipys_exact_permutation_test(seed):
    a, b = np.random.default_rng(seed).normal([[0.81], [0.8]], 0.02, (2, 8)).round(2)
    expected = stats.permutation_test(
        (np.round(a - b, 6),), np.mean, permutation_type="samples", n_resamples=np.inf
    ).pvalue
    outcome = signflip(a, b)
    assert float(outcome.p_value) == pytest.approx(expected, rel=1e-12)
    assert float(outcome.statistic) == pytest.approx(np.mean(a - b))


@pytest.mark.parametrize(("run", "like"), [(permutation, ttest_ind), (signflip, ttest_rel)])
def test_many_runs_are_rearranged_at_random_by_seed(run, like):
    a, b = np.random.default_rng(0).normal([[0.5], [0]], 1, (2, 20))
    outcome = run(a, b)
    assert outcome.how == "monte_carlo"
    assert run(a, b).p_value == outcome.p_value
    assert run(a, b, seed=1).p_value != outcome.p_value
    assert float(outcome.p_value) == pytest.approx(float(like(a, b).p_value), abs=0.02)
    assert float(run(a + 100, b).p_value) == pytest.approx(1e-5)


# Shapes and properties.


@pytest.mark.parametrize("test", ALL_TESTS, ids=lambda test: test.name)
def test_many_pairs_at_once_equal_each_by_itself(test):
    rng = np.random.default_rng(0)
    a, b = rng.normal(0.3, 1, (4, 3, 8)).round(1), rng.normal(0, 1, (3, 8)).round(1)
    a[0, 1, :3], b[2, 0] = np.nan, np.nan
    together = test.run(a, b)
    assert together.p_value.shape == (4, 3)
    for i, j in np.ndindex(4, 3):
        alone = test.run(a[i, j], b[j])
        for name in ("p_value", "statistic", "df", "direction"):
            np.testing.assert_allclose(getattr(together, name)[i, j], getattr(alone, name), rtol=1e-12)
        assert together.how[i, j] == alone.how


finite = st.integers(-1000, 1000).map(lambda value: value / 64)


@pytest.mark.parametrize("test", ALL_TESTS, ids=lambda test: test.name)
@settings(derandomize=True, deadline=None, max_examples=40)
@given(
    data=st.lists(st.tuples(finite, finite), min_size=3, max_size=7),
    scale=st.sampled_from([1e-9, 0.125, 1, 3, 1e6]),
    shift=st.sampled_from([0, 1, -16]),
)
def test_affine_changes_of_a_metric_change_no_p(test, data, scale, shift):
    a, b = np.array(data).T
    before, after = test.run(a, b), test.run((a + shift) * scale, (b + shift) * scale)
    np.testing.assert_allclose(after.p_value, before.p_value, rtol=1e-6)
    np.testing.assert_array_equal(after.direction, before.direction)


@pytest.mark.parametrize("test", ALL_TESTS, ids=lambda test: test.name)
@settings(derandomize=True, deadline=None, max_examples=40)
@given(data=st.lists(st.tuples(finite, finite), min_size=3, max_size=7))
def test_swapping_a_pair_changes_the_direction_only(test, data):
    a, b = np.array(data).T
    forth, back = test.run(a, b), test.run(b, a)
    np.testing.assert_allclose(forth.p_value, back.p_value, rtol=1e-9)
    np.testing.assert_array_equal(forth.direction, -back.direction)
    assert np.isnan(forth.p_value) or 0 <= forth.p_value <= 1


def test_an_unknown_test_is_named_with_a_suggestion():
    with pytest.raises(UnknownNameError, match="test 'welsh' is unknown; did you mean 'welch'"):
        find_test("welsh")


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("welch", "ttest_rel"),
        ("ttest_ind", "ttest_rel"),
        ("mannwhitney", "wilcoxon"),
        ("permutation", "signflip"),
        ("signflip", "signflip"),
    ],
)
def test_pairing_takes_the_paired_form_of_a_test(name, form):
    assert find_test(name, paired=True).name == form


def test_a_paired_test_that_shall_not_pair_is_a_contradiction():
    with pytest.raises(
        ConfigError, match="'wilcoxon' pairs the runs by seed, but paired is False; use 'mannw"
    ):
        find_test("wilcoxon", paired=False)
    assert not find_test("welch", paired=False).paired
