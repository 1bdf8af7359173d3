import pytest

from mushin.power_words import how_found
from mushin.statistics import design_power
from mushin.statistics.tests import available_tests


@pytest.mark.parametrize("test", available_tests())
@pytest.mark.parametrize("n_seeds", [3, 200])
def test_words_for_one_number_are_those_of_power(test, n_seeds):
    assert how_found(test, [n_seeds]) == design_power.TestPower(test, 0.05).how(n_seeds)


@pytest.mark.parametrize(
    ("test", "most"), [("mannwhitney", 30), ("wilcoxon", 50), ("permutation", 7), ("signflip", 12)]
)
def test_range_beyond_what_is_simulated_says_from_where_on(test, most):
    assert how_found(test, [3, most]) == "simulated"
    assert how_found(test, [3, most + 1]) == f"simulated, and asymptotic beyond {most} seeds,"
    assert how_found(test, [3, float("inf")]).endswith(f"asymptotic beyond {most} seeds,")
