import numpy as np
import pytest

from mushin.statistics.design_power import TestPower as Power
from mushin.statistics.shifts import MOST_SIMULATED, critical_shifts
from mushin.statistics.tests import find_test


@pytest.mark.parametrize(
    ("test", "n", "effect", "level"),
    [
        ("welch", 3, 3.0, 0.05),
        ("welch", 5, 2.0, 0.05 / 3),
        ("mannwhitney", 6, 2.0, 0.05 / 3),
        ("wilcoxon", 9, 1.2, 0.05),
        ("permutation", 5, 2.0, 0.05),
        ("permutation", 9, 1.5, 0.01),
        ("signflip", 8, 1.2, 0.05),
        ("mannwhitney", 33, 0.8, 0.05),
    ],
)
@pytest.mark.parametrize("alternative", ["two-sided", "greater"])
def test_the_chance_is_the_share_of_rejections(test, n, effect, level, alternative):
    samples = 1_000 if (test, n) == ("permutation", 9) else 4_000
    rng = np.random.default_rng(n)
    a, b = rng.normal(effect, 1, (samples, n)), rng.normal(0, 1, (samples, n))
    if find_test(test).paired:
        b = np.zeros_like(a)
    rejected = find_test(test).run(a, b, alternative=alternative).p_value <= level * (1 + 1e-12)
    sides = 2 if alternative == "two-sided" else 1
    error = np.sqrt(0.25 / samples + 0.25 / 5_000)
    assert Power(test, level, sides).chance(effect, n) == pytest.approx(rejected.mean(), abs=4 * error)


@pytest.mark.parametrize("test", list(MOST_SIMULATED))
def test_simulation_and_approximation_meet(test):
    most = MOST_SIMULATED[test]
    simulated, beyond = Power(test, 0.05).chance(1.2, most), Power(test, 0.05).chance(1.2, most + 1)
    assert Power(test, 0.05).how(most) == "simulated"
    assert Power(test, 0.05).how(most + 1) == "asymptotic"
    assert beyond == pytest.approx(simulated, abs=0.08)  # one seed more is up to .05


@pytest.mark.parametrize("test", list(MOST_SIMULATED))
def test_the_simulation_is_the_same_every_time(test):
    first = critical_shifts(test, 6, 0.025).copy()
    critical_shifts.cache_clear()
    np.testing.assert_array_equal(critical_shifts(test, 6, 0.025), first)


@pytest.mark.parametrize("test", list(MOST_SIMULATED))
def test_no_shift_is_enough_where_the_smallest_p_is_too_large(test):
    assert np.isinf(critical_shifts(test, 3, 0.001)).all()
    assert Power(test, 0.002).detectable(3) == np.inf


@pytest.mark.parametrize(("test", "n", "smallest"), [("permutation", 8, 2 / 12870), ("signflip", 13, 2**-12)])
def test_beyond_the_simulation_nothing_is_found_where_the_smallest_p_is_too_large(test, n, smallest):
    assert Power(test, 0.99 * smallest).how(n) == "asymptotic"
    assert Power(test, 0.99 * smallest).chance([1.0, 1e6], n).tolist() == [0, 0]
    assert Power(test, 0.99 * smallest).detectable(n) == np.inf
    assert Power(test, 0.99 * smallest).seeds_for(1e3) == n + 1
    assert Power(test, smallest).chance(1e6, n) == pytest.approx(1)


def test_welch_with_few_runs_finds_less_than_student():
    assert Power("welch", 0.05).chance(2.0, 3) < Power("ttest_ind", 0.05).chance(2.0, 3) - 0.05
    assert Power("welch", 0.05).chance(0.5, 60) == pytest.approx(
        Power("ttest_ind", 0.05).chance(0.5, 60), abs=1e-3
    )


def test_an_effect_may_be_out_of_reach():
    assert Power("welch", 0.05).seeds_for(1e-5) == np.inf
    assert Power("welch", 0.05).chance(1.0, 1) == 0
