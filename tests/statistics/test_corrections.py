import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from mushin.errors import ConfigError, UnknownNameError
from mushin.statistics.corrections import adjust, available_corrections, holm

GOLDEN = json.loads((Path(__file__).parents[1] / "golden/r_tests/p_adjust.json").read_text())
IN_R = {"holm": "holm", "hochberg": "hochberg", "bonferroni": "bonferroni", "fdr_bh": "BH", "none": "none"}
IN_STATSMODELS = {
    "holm": "holm",
    "hochberg": "simes-hochberg",
    "bonferroni": "bonferroni",
    "fdr_bh": "fdr_bh",
}
p_values = st.lists(st.floats(0, 1), min_size=1, max_size=10).map(np.array)
every_correction = pytest.mark.parametrize("correction", IN_R)


@every_correction
@pytest.mark.parametrize("case", GOLDEN)
def test_adjusted_p_is_that_of_r(correction, case):
    adjusted = adjust(correction, np.array(GOLDEN[case]["p"]))
    np.testing.assert_allclose(adjusted, GOLDEN[case][IN_R[correction]], rtol=1e-9)


@pytest.mark.parametrize("correction", IN_STATSMODELS)
@settings(derandomize=True, deadline=None, max_examples=20)  # each collects garbage in statsmodels' holm
@given(p=p_values)
def test_adjusted_p_is_that_of_statsmodels(correction, p):
    expected = multipletests(p, method=IN_STATSMODELS[correction])[1]
    np.testing.assert_allclose(adjust(correction, p), expected, rtol=1e-9, atol=1e-300)


@every_correction
@settings(derandomize=True, deadline=None)
@given(p=p_values)
def test_adjusting_never_lowers_a_p_value_and_keeps_the_order(correction, p):
    adjusted = adjust(correction, p)
    assert (adjusted >= p).all()
    assert (adjusted <= 1).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(adjusted[order]) >= 0).all()


@every_correction
@settings(derandomize=True, deadline=None)
@given(p=p_values, data=st.data())
def test_the_order_of_the_tests_does_not_matter(correction, p, data):
    shuffled = np.array(data.draw(st.permutations(range(len(p)))))
    np.testing.assert_array_equal(adjust(correction, p[shuffled]), adjust(correction, p)[shuffled])


@every_correction
@settings(derandomize=True, deadline=None)
@given(p=p_values, untestable=st.integers(1, 4))
def test_an_untestable_pair_counts_as_one_with_p_of_1(correction, p, untestable):
    with_ones = adjust(correction, np.r_[p, np.ones(untestable)])[: len(p)]
    with_nan = adjust(correction, np.r_[p, np.full(untestable, np.nan)])
    outside = adjust(correction, p, family_size=len(p) + untestable)
    np.testing.assert_allclose(with_nan[: len(p)], with_ones, rtol=1e-15)
    np.testing.assert_allclose(outside, with_ones, rtol=1e-15)
    assert np.isnan(with_nan[len(p) :]).all()


@every_correction
def test_families_are_rows(correction):
    p = np.random.default_rng(0).random((3, 2, 6))
    together = adjust(correction, p, family_size=10)
    for row in np.ndindex(3, 2):
        np.testing.assert_array_equal(together[row], adjust(correction, p[row], family_size=10))


def test_a_family_cannot_be_smaller_than_its_tests():
    with pytest.raises(ConfigError, match="family_size is 2, but there are 3 tests"):
        holm(np.array([0.1, 0.2, 0.3]), family_size=2)


def test_an_unknown_correction_is_named_with_a_suggestion():
    with pytest.raises(UnknownNameError, match="correction 'holmes' is unknown; did you mean 'holm'"):
        adjust("holmes", np.array([0.1]))


def test_available_corrections_start_with_the_default():
    assert available_corrections()[0] == "holm"
