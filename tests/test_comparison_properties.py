"""What must hold of a comparison whatever the scores are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mushin.comparisons import compare_methods
from mushin.statistics.corrections import available_corrections
from mushin.statistics.tests import available_tests
from test_comparisons import labelled_study

METHODS, SEEDS = 4, 4
OPPOSITE = {"better": "worse", "worse": "better"}
A_MINUS_B = ("mean_diff", "effect_size")

numbers = st.integers(-64, 64).map(lambda value: value / 64)
scores = st.lists(numbers, min_size=METHODS * SEEDS, max_size=METHODS * SEEDS).map(
    lambda values: np.array(values).reshape(METHODS, SEEDS)
)
every_test = pytest.mark.parametrize("test", available_tests())
every_correction = pytest.mark.parametrize("correction", available_corrections())
few = settings(derandomize=True, deadline=None, max_examples=12)


def _by_pair(table):
    return {frozenset((row["method_a"], row["method_b"])): row for row in table.to_dict("records")}


@every_correction
@few
@given(values=scores)
def test_corrected_p_is_never_below_the_raw_one_and_keeps_its_order(correction, values):
    table = compare_methods(labelled_study(values), correction=correction).dropna(subset=["p_value"])
    assert (table["p_corrected"] >= table["p_value"] * (1 - 1e-12)).all()
    ordered = table.sort_values("p_value")["p_corrected"].to_numpy()
    assert (np.diff(ordered) >= -1e-12).all()


@pytest.mark.parametrize("correction", ["holm", "shaffer", "fdr_bh"])
@every_test
@settings(derandomize=True, deadline=None, max_examples=4)
@given(values=scores, order=st.permutations(range(METHODS)))
def test_the_order_of_the_methods_does_not_matter(test, correction, values, order):
    ds = labelled_study(values)
    before = _by_pair(compare_methods(ds, test=test, correction=correction))
    after = _by_pair(compare_methods(ds.isel(method=list(order)), test=test, correction=correction))
    for pair, row in after.items():
        same = row["method_a"] == before[pair]["method_a"]
        for name in ("p_value", "p_corrected"):
            assert row[name] == pytest.approx(before[pair][name], rel=1e-6, nan_ok=True)
        expected = before[pair]["decision"]
        assert row["decision"] == (expected if same else OPPOSITE.get(expected, expected))


@every_test
@few
@given(values=scores)
def test_relabelling_changes_labels_only(test, values):
    ds = labelled_study(values)
    renamed = ds.assign_coords(method=["z", "y", "x", "w"], seed=[9, 7, 5, 3])
    before, after = compare_methods(ds, test=test), compare_methods(renamed, test=test)
    names = ["method_a", "method_b"]
    assert (
        after[names].values.tolist()
        == before[names].replace(dict(zip("abcd", "zyxw", strict=True))).values.tolist()
    )
    pd.testing.assert_frame_equal(after.drop(columns=names), before.drop(columns=names))


@every_test
@few
@given(values=scores, scale=st.sampled_from([1e-6, 0.25, 100.0]), shift=st.sampled_from([0.0, 2.0]))
def test_affine_changes_of_a_metric_change_no_p_and_no_decision(test, values, scale, shift):
    before = compare_methods(labelled_study(values), test=test)
    after = compare_methods(labelled_study((values + shift) * scale), test=test)
    for name in ("p_value", "p_corrected"):
        np.testing.assert_allclose(after[name], before[name], rtol=1e-6)
    assert after["decision"].tolist() == before["decision"].tolist()


@every_test
@few
@given(values=scores)
def test_a_metric_turned_around_with_its_direction_gives_the_same_decisions(test, values):
    before = compare_methods(labelled_study(values), test=test)
    after = compare_methods(labelled_study(-values, higher=False), test=test)
    np.testing.assert_allclose(after["p_value"], before["p_value"], rtol=1e-9)
    np.testing.assert_allclose(after["prob_superiority"], before["prob_superiority"], rtol=1e-9)
    assert after["decision"].tolist() == before["decision"].tolist()


@every_test
@few
@given(values=scores)
def test_swapping_a_pair_flips_signs_only(test, values):
    ds = labelled_study(values[:2])
    forth = compare_methods(ds, test=test).iloc[0]
    back = compare_methods(ds.isel(method=[1, 0]), test=test).iloc[0]
    for name in A_MINUS_B:
        assert forth[name] == pytest.approx(-back[name], rel=1e-6, abs=1e-12, nan_ok=True)
    assert forth["ci_low"] == pytest.approx(-back["ci_high"], rel=1e-6, abs=1e-12, nan_ok=True)
    assert forth["prob_superiority"] == pytest.approx(1 - back["prob_superiority"], abs=1e-12)
    for name in ("p_value", "p_corrected", "p_min", "mde_80"):
        assert forth[name] == pytest.approx(back[name], rel=1e-6, nan_ok=True)
