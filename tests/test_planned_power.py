import json
import math
from pathlib import Path

import numpy as np
import pytest

from mushin.comparisons import compare_methods
from mushin.errors import ConfigError, UnknownNameError
from mushin.planned_power import power
from mushin.report.power_text import format_power
from mushin.statistics.corrections import available_corrections
from mushin.statistics.tests import available_tests
from test_comparisons import labelled_study

GOLDEN = json.loads((Path(__file__).parent / "golden/r_tests/power_t.json").read_text())
R_TESTS = {"two": "ttest_ind", "paired": "ttest_rel"}


@pytest.mark.parametrize("key", [key for key in GOLDEN if "_for_" not in key])
def test_the_chance_to_find_an_effect_is_that_of_r(key):
    design, n = key.rsplit("_n", 1)
    effect = float(design.split("_d")[1].lstrip("z"))
    found = power(2, int(n), test=R_TESTS[key.split("_")[0]], effects=[effect])
    assert found.chance[effect] == pytest.approx(GOLDEN[key], rel=1e-9)
    assert found.how == "exact"


@pytest.mark.parametrize("key", [key for key in GOLDEN if "_for_" in key])
def test_seeds_needed_are_those_of_r(key):
    effect = float(key.split("_d")[1].lstrip("z"))
    found = power(2, 5, test=R_TESTS[key.split("_")[0]], effects=[effect])
    assert found.seeds_needed[effect] == math.ceil(GOLDEN[key])


@pytest.mark.parametrize(("test", "n"), [("mannwhitney", 3), ("wilcoxon", 5), ("signflip", 7)])
@pytest.mark.parametrize("correction", available_corrections())
def test_the_smallest_corrected_p_is_that_of_perfect_separation(test, n, correction):
    values = 100.0 * np.arange(4)[:, None] + np.arange(n) * [[1], [2], [3], [5]]
    table = compare_methods(labelled_study(values), test=test, correction=correction)
    found = power(4, n, test=test, correction=correction)
    assert table["p_value"].min() == pytest.approx(found.smallest_p, rel=1e-12)
    assert table["p_corrected"].min() == pytest.approx(found.smallest_corrected_p, rel=1e-12)


@pytest.mark.parametrize("test", available_tests())
def test_no_claim_is_possible_with_two_seeds(test):
    found = power(2, 2, test=test)
    assert not found.can_claim
    assert found.detectable_effect == math.inf
    assert set(found.chance.values()) == {0.0}


@pytest.mark.parametrize(
    ("test", "smallest"), [("wilcoxon", [6, 7, 8, 9, 10, 11]), ("mannwhitney", [4, 5, 5, 6, 6, 7])]
)
def test_the_first_design_that_can_claim_is_that_of_the_specification(test, smallest):
    for methods, first in zip((2, 3, 4, 5, 6, 8), smallest, strict=True):
        assert [power(methods, n, test=test, effects=[]).can_claim for n in (first - 1, first)] == [
            False,
            True,
        ]


@pytest.mark.parametrize("test", available_tests())
def test_the_detectable_effect_is_found_with_a_chance_of_80_percent(test):
    effect = power(3, 12, test=test, effects=[]).detectable_effect * 1.001
    found = power(3, 12, test=test, effects=[effect])
    assert found.chance[effect] == pytest.approx(0.8, abs=0.003)
    assert found.seeds_needed[effect] == 12


def test_the_family_counts_pairs_metrics_and_data_sets():
    assert power(5, 5).family_size == 10
    assert power(5, 5, baseline=True).family_size == 4
    assert power(5, 5, n_metrics=6, n_datasets=3).family_size == 30
    assert power(5, 5, n_metrics=6, n_datasets=3, family="table").family_size == 180
    assert power(5, 5, correction="none").level == 0.05
    assert power(5, 5).level == 0.005


def test_one_side_finds_more_and_pairing_takes_the_paired_test():
    two, one = power(3, 5), power(3, 5, alternative="greater")
    assert one.detectable_effect < two.detectable_effect
    assert power(3, 5, test="mannwhitney", alternative="greater").smallest_p == two.smallest_p + 1 / 252
    assert power(3, 5, paired=True).test == "ttest_rel"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_methods": 1}, "n_methods is 1; it must be a whole number from 2"),
        ({"n_seeds": 0}, "n_seeds is 0; it must be a whole number from 1"),
        ({"n_metrics": 1.5}, r"n_metrics is 1\.5"),
        ({"n_datasets": True}, "n_datasets is True"),
        ({"alpha": 5}, "alpha is 5"),
        ({"effects": [0.5, 0]}, "effects holds 0; each must be a number above 0"),
        ({"correction": "shaffer", "baseline": True}, "'shaffer' needs two-sided tests of all pairs"),
        ({"correction": "shaffer", "alternative": "less"}, "'shaffer' needs two-sided tests of all pairs"),
    ],
)
def test_numbers_out_of_range_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        power(**{"n_methods": 3, "n_seeds": 5, **options})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"test": "welsh"}, "test 'welsh' is unknown; did you mean 'welch'"),
        ({"correction": "holms"}, "correction 'holms' is unknown; did you mean 'holm'"),
        ({"family": "tabel"}, "family 'tabel' is unknown; did you mean 'table'"),
        ({"alternative": "les"}, "alternative 'les' is unknown; did you mean 'less'"),
    ],
)
def test_unknown_names_are_refused_with_a_suggestion(options, message):
    with pytest.raises(UnknownNameError, match=message):
        power(3, 5, **options)


def test_the_text_warns_where_no_claim_is_possible_and_where_none_is_likely():
    impossible = format_power(power(5, 3, test="mannwhitney"))
    assert "smallest adjusted p  1" in impossible
    assert "warning: no claim is possible with this design" in impossible
    assert "warning: even d = 2 is found with a chance of" in format_power(power(3, 5))
    assert "warning" not in format_power(power(2, 20))
    assert "d_z is a difference in standard deviations of the differences" in format_power(
        power(2, 20, test="wilcoxon", alternative="greater")
    )
    assert "warning: no claim is possible" in format_power(power(2, 2, effects=[]))
