import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from mushin.statistics.moments import moments, student_error, welch_error
from mushin.statistics.power import detectable_difference, seeds_needed, smallest_p, t_power
from mushin.statistics.tests import (
    find_test,
    mannwhitney,
    permutation,
    signflip,
    ttest_rel,
    welch,
    wilcoxon,
)

GOLDEN = json.loads((Path(__file__).parents[1] / "golden/r_tests/power_t.json").read_text())
POWERS = [key for key in GOLDEN if "_for_" not in key]
SEEDS = [key for key in GOLDEN if "_for_" in key]


@pytest.mark.parametrize("n", [2, 3, 6, 11])
def test_perfect_separation_reaches_the_smallest_p(n):
    a, b = np.arange(n) + 10.0, np.arange(n) * 0.5
    size = np.array(n)
    assert float(wilcoxon(a, b).p_value) == pytest.approx(
        float(smallest_p("wilcoxon", size, size)), rel=1e-12
    )
    expected = float(smallest_p("mannwhitney", size, size))
    assert float(mannwhitney(a, b).p_value) == pytest.approx(expected, rel=1e-12)


def test_a_t_test_has_no_smallest_p():
    assert smallest_p("welch", np.array([2]), np.array([9])).tolist() == [0]
    assert float(welch(np.array([1, 1 + 1e-9]), np.zeros(2)).p_value) < 1e-8


@pytest.mark.parametrize(
    ("test", "smallest"), [("wilcoxon", [6, 7, 8, 9, 10, 11]), ("mannwhitney", [4, 5, 5, 6, 6, 7])]
)
def test_smallest_n_for_any_rejection(test, smallest):
    n = np.arange(2, 20)
    for family, expected in zip((1, 3, 6, 10, 15, 28), smallest, strict=True):
        reached = smallest_p(test, n, n) <= 0.05 / family
        assert n[reached][0] == expected


@pytest.mark.parametrize("n", [4, 12, 25])
def test_rearranging_reaches_the_smallest_p(n):
    a, b, size = np.arange(n) + 100.0, np.arange(n) * 0.5, np.array(n)
    for run, name in ((permutation, "permutation"), (signflip, "signflip")):
        assert float(run(a, b).p_value) == pytest.approx(float(smallest_p(name, size, size)), rel=1e-12)


@pytest.mark.parametrize("sides", [1, 2])
@pytest.mark.parametrize("sizes", [(2, 2), (3, 3), (2, 3), (4, 2), (3, 4)])
@pytest.mark.parametrize("test", ["mannwhitney", "permutation"])
def test_no_runs_of_two_sizes_give_less_than_the_smallest_p(test, sizes, sides):
    n_a, n_b = sizes
    runs = np.array(list(itertools.product(range(3), repeat=n_a + n_b)), dtype=float)
    alternative = "two-sided" if sides == 2 else "greater"
    p_value = find_test(test).run(runs[:, :n_a], runs[:, n_a:], alternative=alternative).p_value
    assert p_value.min() == pytest.approx(float(smallest_p(test, n_a, n_b, sides=sides)), rel=1e-12)


@pytest.mark.parametrize("sides", [1, 2])
@pytest.mark.parametrize("test", ["wilcoxon", "signflip"])
def test_no_pairs_give_less_than_the_smallest_p(test, sides):
    runs = np.array(list(itertools.product(range(-2, 3), repeat=4)), dtype=float)
    alternative = "two-sided" if sides == 2 else "greater"
    p_value = find_test(test).run(runs, np.zeros_like(runs), alternative=alternative).p_value
    assert p_value.min() == pytest.approx(float(smallest_p(test, 4, 4, sides=sides)), rel=1e-12)


def test_the_mirror_of_an_untied_split_counts_whatever_the_sizes():
    p_value = mannwhitney(np.arange(3.0) + 10, np.arange(6.0)).p_value
    assert float(p_value) == pytest.approx(2 * float(smallest_p("mannwhitney", 3, 6)), rel=1e-12)


@pytest.mark.parametrize("key", POWERS)
def test_power_of_a_t_test_is_that_of_r(key):
    design, n = key.rsplit("_n", 1)
    n, effect = int(n), float(design.split("_d")[1].lstrip("z"))
    is_paired = key.startswith("paired")
    distance = effect * np.sqrt(n if is_paired else n / 2)
    df = n - 1.0 if is_paired else 2 * n - 2.0
    assert float(t_power(distance, np.array(df), alpha=0.05)) == pytest.approx(GOLDEN[key], rel=1e-9)


@pytest.mark.parametrize("alpha", [0.05, 0.05 / 28])
@pytest.mark.parametrize("df", [1.0, 2.0, 4.0, 18.0, 1000.0])
def test_detectable_difference_has_the_power_that_was_asked_for(df, alpha):
    df = np.array(df)
    found = detectable_difference(np.array(0.01), df, alpha=alpha, power=0.8)
    assert float(t_power(found / 0.01, df, alpha=alpha)) == pytest.approx(0.8, abs=1e-6)


@pytest.mark.parametrize("key", SEEDS)
def test_seeds_needed_are_those_of_r(key):
    is_paired, effect = key.startswith("paired"), float(key.split("_d")[1].lstrip("z"))
    spread, slope = (1.0, 1.0) if is_paired else (np.sqrt(2), 2.0)
    needed = seeds_needed(np.array([-effect]), np.array([spread]), np.array([slope]), alpha=0.05)
    assert needed.tolist() == [np.ceil(GOLDEN[key])]


def test_seeds_needed_are_three_at_least_and_may_be_out_of_reach():
    one = np.ones(4)
    needed = seeds_needed(
        np.array([1e6, 0.0, 1e-9, np.nan]), one, np.array([1.0, 1.0, 2.0, 2.0]), alpha=0.05 / 28
    )
    np.testing.assert_array_equal(needed, [3, np.inf, np.inf, np.nan])


def test_power_at_the_detectable_difference_is_80_percent():
    rng = np.random.default_rng(0)
    runs = moments(np.array([0.0, 1, 2, 3, 4]))
    difference = float(detectable_difference(*student_error(runs, runs), alpha=0.01))
    a, b = rng.normal(0, float(runs.sd), (2, 20_000, 5))
    rejected = stats.ttest_ind(a + difference, b, axis=1).pvalue <= 0.01
    assert rejected.mean() == pytest.approx(0.8, abs=0.01)


def test_no_detectable_difference_without_spread():
    constant = moments(np.ones(5))
    assert np.isnan(detectable_difference(*welch_error(constant, constant), alpha=0.05))


def test_a_paired_t_test_reaches_any_p():
    assert smallest_p("ttest_rel", np.array([3]), np.array([3])).tolist() == [0]
    assert float(ttest_rel(np.array([1, 1 + 1e-9, 1]), np.zeros(3)).p_value) < 1e-8


def test_one_run_reaches_nothing():
    assert smallest_p("mannwhitney", np.array([1]), np.array([60])).tolist() == [1]
