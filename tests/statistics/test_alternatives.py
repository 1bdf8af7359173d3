import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mushin.errors import UnknownNameError
from mushin.statistics.power import smallest_p, t_power
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
ALL_TESTS = [find_test(name) for name in available_tests()]
every_test = pytest.mark.parametrize("test", ALL_TESTS, ids=lambda test: test.name)
one_sided = pytest.mark.parametrize("alternative", ["greater", "less"])
halves = st.integers(-40, 40).map(lambda value: value / 8)


def _normal(n_a=9, n_b=9, shift=0.4):
    rng = np.random.default_rng(n_a)
    return rng.normal(shift, 1, n_a), rng.normal(0, 1, n_b)


@pytest.mark.parametrize("data", GOLDEN)
def test_one_sided_p_is_that_of_r(data):
    a, b = (np.array(GOLDEN[data][group], dtype=float) for group in "xy")
    for run, key in ((welch, "welch_greater"), (mannwhitney, "mwu_exact_midrank_greater")):
        if key in GOLDEN[data]:
            p_value = float(run(a, b, alternative="greater").p_value)
            assert p_value == pytest.approx(GOLDEN[data][key]["p"], rel=1e-9)


@one_sided
@pytest.mark.parametrize(("n_a", "n_b"), [(9, 9), (4, 7), (8, 3)])
def test_unpaired_one_sided_p_is_that_of_scipy(n_a, n_b, alternative):
    a, b = _normal(n_a, n_b)
    expected = {
        welch: stats.ttest_ind(a, b, equal_var=False, alternative=alternative),
        ttest_ind: stats.ttest_ind(a, b, alternative=alternative),
        mannwhitney: stats.mannwhitneyu(a, b, method="exact", alternative=alternative),
        permutation: stats.permutation_test(
            (a, b), lambda x, y: x.mean() - y.mean(), n_resamples=np.inf, alternative=alternative
        ),
    }
    for run, result in expected.items():
        assert float(run(a, b, alternative=alternative).p_value) == pytest.approx(result.pvalue, rel=1e-9)


@one_sided
def test_paired_one_sided_p_is_that_of_scipy(alternative):
    a, b = _normal()
    expected = {
        ttest_rel: stats.ttest_rel(a, b, alternative=alternative),
        wilcoxon: stats.wilcoxon(a - b, method="exact", alternative=alternative),
        signflip: stats.permutation_test(
            (a - b,), np.mean, permutation_type="samples", n_resamples=np.inf, alternative=alternative
        ),
    }
    for run, result in expected.items():
        assert float(run(a, b, alternative=alternative).p_value) == pytest.approx(result.pvalue, rel=1e-9)


@one_sided
def test_one_sided_approximations_are_those_of_scipy(alternative):
    a, b = _normal(40, 40, 0.1)
    a, b = a.round(1), b.round(1)
    expected = stats.mannwhitneyu(a, b, method="asymptotic", alternative=alternative).pvalue
    p_value = mannwhitney(a, b, exact_up_to=0, alternative=alternative).p_value
    assert float(p_value) == pytest.approx(expected, rel=1e-9)
    expected = stats.wilcoxon(np.round(a - b, 6), method="asymptotic", alternative=alternative).pvalue
    assert float(wilcoxon(a, b, exact_up_to=0, alternative=alternative).p_value) == pytest.approx(
        expected, rel=1e-9
    )


@every_test
@one_sided
@settings(derandomize=True, deadline=None, max_examples=30)
@given(data=st.lists(st.tuples(halves, halves), min_size=2, max_size=7))
def test_swapping_a_pair_swaps_the_sides(test, alternative, data):
    a, b = np.array(data).T
    other = "less" if alternative == "greater" else "greater"
    forth, back = test.run(a, b, alternative=alternative), test.run(b, a, alternative=other)
    np.testing.assert_allclose(forth.p_value, back.p_value, rtol=1e-9)


@every_test
@settings(derandomize=True, deadline=None, max_examples=30)
@given(data=st.lists(st.tuples(halves, halves), min_size=2, max_size=7))
def test_the_two_sides_add_up_to_one_or_more(test, data):
    a, b = np.array(data).T
    greater, less, both = (
        float(test.run(a, b, alternative=side).p_value) for side in ("greater", "less", "two-sided")
    )
    if np.isnan(both):
        assert np.isnan([greater, less]).all()
    else:
        assert greater + less >= 1 - 1e-9
        assert min(greater, less) <= both * (1 + 1e-9)


@pytest.mark.parametrize("run", [wilcoxon, mannwhitney])
@one_sided
def test_runs_that_are_all_the_same_are_no_evidence_on_any_side(run, alternative):
    same = np.ones(40)
    for exact_up_to in (0, 100):
        p_value = run(same, same, alternative=alternative, exact_up_to=exact_up_to).p_value
        assert float(p_value) == pytest.approx(1, rel=1e-12)


def test_constant_differences_have_half_the_p_on_their_side_and_none_on_the_other():
    b = np.linspace(0.1, 0.9, 10)
    assert float(ttest_rel(b + 0.01, b, alternative="greater").p_value) == 1 / 2**10
    assert float(ttest_rel(b + 0.01, b, alternative="less").p_value) == 1
    assert float(ttest_rel(b, b, alternative="less").p_value) == 1


@pytest.mark.parametrize(("n_a", "n_b"), [(3, 3), (4, 6)])
def test_perfect_separation_reaches_the_smallest_one_sided_p(n_a, n_b):
    a, b = np.arange(n_a) + 100.0, np.arange(n_b) * 0.5
    for name in ("mannwhitney", "permutation"):
        p_value = find_test(name).run(a, b, alternative="greater").p_value
        assert float(p_value) == pytest.approx(float(smallest_p(name, n_a, n_b, sides=1)), rel=1e-12)
    for name in ("wilcoxon", "signflip"):
        p_value = find_test(name).run(a, np.zeros(n_a), alternative="greater").p_value
        assert float(p_value) == pytest.approx(float(smallest_p(name, n_a, n_a, sides=1)), rel=1e-12)


def test_one_sided_power_is_the_share_of_rejections():
    rng = np.random.default_rng(0)
    a, b = rng.normal([[[1.0]], [[0.0]]], 1, (2, 20_000, 8))
    rejected = stats.ttest_ind(a, b, axis=1, alternative="greater").pvalue <= 0.05
    assert float(t_power(np.sqrt(4.0), np.array(14.0), alpha=0.05, sides=1)) == pytest.approx(
        rejected.mean(), abs=0.01
    )


@every_test
def test_an_unknown_alternative_is_named_with_a_suggestion(test):
    with pytest.raises(UnknownNameError, match=r"alternative 'greter' is unknown; did you mean 'greater'"):
        test.run(np.arange(4.0), np.zeros(4), alternative="greter")
