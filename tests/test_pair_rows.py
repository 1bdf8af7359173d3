import numpy as np
import pytest
from scipy import stats

from mushin.comparisons import compare_methods
from mushin.planned_power import power
from mushin.statistics.tests import find_test
from test_comparisons import labelled_study

NOT_T = ["mannwhitney", "wilcoxon", "permutation", "signflip"]
every_simulated_test = pytest.mark.parametrize("test", NOT_T)


def _runs(n, sd, difference, *, paired):
    """Two methods with exactly this spread (of the differences, where paired) and this difference."""
    shape = stats.norm.ppf((np.arange(n) + 0.5) / n)
    shape *= sd / shape.std(ddof=1)
    return np.stack([0.5 + difference + shape, np.full(n, 0.5) if paired else 0.5 + shape])


def _rejected(test, n, difference, sd, *, samples=2_000, level=0.05):
    """Return how often scipy finds the difference in normal runs."""
    rng = np.random.default_rng(n)
    a, b = rng.normal(difference, sd, (samples, n)), rng.normal(0.0, sd, (samples, n))
    if test == "mannwhitney":
        p = stats.mannwhitneyu(a, b, axis=1, method="exact").pvalue
    elif test == "wilcoxon":
        p = stats.wilcoxon(a, axis=1, method="exact").pvalue
    else:
        p = find_test(test).run(a, b if test == "permutation" else np.zeros_like(a)).p_value
    return np.mean(p <= level)


@every_simulated_test
def test_the_detectable_difference_is_found_four_times_in_five(test):
    n, sd = 7, 0.02
    row = compare_methods(labelled_study(_runs(n, sd, 0.01, paired=find_test(test).paired)), test=test).iloc[
        0
    ]
    assert _rejected(test, n, row["mde_80"], sd) == pytest.approx(0.8, abs=0.04)


@pytest.mark.parametrize(
    ("test", "d"), [("mannwhitney", 1.5), ("wilcoxon", 1.0), ("signflip", 1.2), ("mannwhitney", 0.7)]
)
def test_the_seeds_needed_find_the_observed_difference_four_times_in_five(test, d):
    values = _runs(6, 0.02, 0.02 * d, paired=find_test(test).paired)
    needed = int(compare_methods(labelled_study(values), test=test).iloc[0]["seeds_needed_80"])
    assert _rejected(test, needed, d, 1.0) > 0.77
    assert _rejected(test, needed - 2, d, 1.0) < 0.82


@every_simulated_test
def test_every_pair_gets_what_power_says_of_its_effect(test):
    rng = np.random.default_rng(1)
    values = rng.normal(0, 1, (4, 9)) + np.arange(4)[:, None]
    table = compare_methods(labelled_study(values), test=test)
    a, b = values[np.triu_indices(4, 1)[0]], values[np.triu_indices(4, 1)[1]]
    if find_test(test).paired:
        unit = (a - b).std(axis=1, ddof=1)
    else:
        unit = np.sqrt((a.var(axis=1, ddof=1) + b.var(axis=1, ddof=1)) / 2)
    effects = np.abs((a - b).mean(axis=1)) / unit
    said = power(4, 9, test=test, effects=effects.tolist())
    np.testing.assert_allclose(table["mde_80"], said.detectable_effect * unit, rtol=1e-9)
    np.testing.assert_array_equal(table["seeds_needed_80"], list(said.seeds_needed.values()))


def test_unequal_spreads_count_by_their_root_mean_square():
    n, spreads = 8, np.array([0.01, 0.03])
    shape = _runs(n, 1.0, 0.0, paired=False)
    row = compare_methods(labelled_study(shape * spreads[:, None]), test="mannwhitney").iloc[0]
    rng = np.random.default_rng(0)
    a, b = rng.normal(0, 1, (2, 4_000, n)) * spreads[:, None, None]
    found = stats.mannwhitneyu(a + row["mde_80"], b, axis=1, method="exact").pvalue <= 0.05
    assert found.mean() == pytest.approx(0.8, abs=0.05)


@pytest.mark.parametrize("test", ["mannwhitney", "permutation"])
def test_with_a_missing_run_the_detectable_difference_errs_to_the_safe_side(test):
    values = _runs(6, 0.02, 0.01, paired=False)
    values[1] = np.append(values[0, :5] - values[0, :5].mean(), np.nan)
    row = compare_methods(labelled_study(values), test=test, allow_incomplete=True).iloc[0]
    spread = np.sqrt((row["sd_a"] ** 2 + row["sd_b"] ** 2) / 2)
    rng = np.random.default_rng(0)
    a, b = rng.normal(row["mde_80"], spread, (1_000, 6)), rng.normal(0, spread, (1_000, 5))
    assert np.mean(find_test(test).run(a, b).p_value <= 0.05) > 0.78


@every_simulated_test
def test_no_difference_is_large_enough_for_too_few_runs(test):
    values = np.random.default_rng(0).normal(0, 1, (5, 4))
    assert (compare_methods(labelled_study(values), test=test)["mde_80"] == np.inf).all()
    two = compare_methods(labelled_study(values[:2, :2]), test=test)
    assert (two["mde_80"] == np.inf).all()


def test_nothing_is_said_without_spread_or_with_a_diverged_run():
    values = np.random.default_rng(0).normal(0, 1, (3, 6))
    values[0, 2] = -np.inf
    diverged = compare_methods(labelled_study(values), test="mannwhitney")
    assert diverged["mde_80"].isna().tolist() == [True, True, False]
    assert diverged["seeds_needed_80"].isna().tolist() == [True, True, False]
    constant = compare_methods(labelled_study([[0.5] * 6, [0.4] * 6]), test="mannwhitney")
    assert constant[["mde_80", "seeds_needed_80"]].isna().all(axis=None)


def test_a_difference_on_the_other_side_needs_no_end_of_seeds():
    values = _runs(8, 0.02, 0.02, paired=False)
    less = compare_methods(labelled_study(values), test="mannwhitney", alternative="less").iloc[0]
    assert less["seeds_needed_80"] == np.inf
    assert np.isfinite(less["mde_80"])
