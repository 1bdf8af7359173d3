import csv
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mushin.statistics.corrections import adjust
from mushin.statistics.ranks import (
    critical_difference,
    friedman,
    groups_of_equals,
    nemenyi_p,
    rank_in_blocks,
)
from mushin.statistics.tests import wilcoxon

GOLDEN = Path(__file__).parents[1] / "golden"


def _table(name):
    rows = list(csv.reader((GOLDEN / name).read_text().splitlines()))
    return rows[0][1:], np.array([row[1:] for row in rows[1:]], dtype=float)


def _demsar(*, as_published):
    """Table 6 of Demšar 2006 (JMLR 7:1); its printed voting row hides a tie that was broken before."""
    methods, scores = _table("demsar2006/table6.csv")
    if as_published:
        scores[12, 3] = 0.97499
    return methods, scores


def _expected(name):
    return json.loads((GOLDEN / name).read_text())


def _raw_p(mean_ranks, blocks):
    """The z test of two mean ranks that García & Herrera 2008 adjust."""
    methods = len(mean_ranks)
    i, j = np.triu_indices(methods, 1)
    z = (mean_ranks[i] - mean_ranks[j]) / np.sqrt(methods * (methods + 1) / (6 * blocks))
    return 2 * stats.norm.sf(np.abs(z))


PUBLISHED = [
    ("demsar2006/expected_published_ranks.json", _demsar(as_published=True)),
    ("demsar2006/expected_from_printed_values.json", _demsar(as_published=False)),
    ("garcia_herrera_2008/expected.json", _table("garcia_herrera_2008/data.csv")),
]
every_table = pytest.mark.parametrize(("file", "data"), PUBLISHED, ids=["demsar", "demsar_printed", "garcia"])


@every_table
def test_mean_ranks_and_friedman_are_those_of_r(file, data):
    (methods, scores), expected = data, _expected(file)
    ranks = rank_in_blocks(scores)
    np.testing.assert_allclose(
        ranks.mean(axis=0), [expected["average_ranks"][name] for name in methods], rtol=1e-12
    )
    for correct, key in ((True, "friedman_tie_corrected_baseR"), (False, "friedman_uncorrected_ties")):
        result = friedman(ranks, correct_ties=correct)
        assert float(result.chi2) == pytest.approx(expected[key]["chi2"], rel=1e-9)
        assert float(result.chi2_p) == pytest.approx(expected[key]["p"], rel=1e-9)
        assert result.chi2_df == expected[key]["df"]
    for ours, theirs in (("f", "F"), ("f_df1", "df1"), ("f_df2", "df2"), ("f_p", "p")):
        assert float(getattr(result, ours)) == pytest.approx(expected["iman_davenport"][theirs], rel=1e-9)


@every_table
@pytest.mark.parametrize(
    ("correction", "key"),
    [("holm", "holm"), ("hochberg", "hochberg"), ("shaffer", "shaffer_static"), ("bonferroni", "bonferroni")],
)
def test_adjusted_p_of_mean_ranks_is_that_of_r(file, data, correction, key):
    (methods, scores), expected = data, _expected(file)
    raw = _raw_p(rank_in_blocks(scores).mean(axis=0), len(scores))
    np.testing.assert_allclose(raw, list(expected["friedman_post_raw"].values()), rtol=1e-9)
    adjusted = adjust(correction, raw, methods=len(methods))
    np.testing.assert_allclose(adjusted, list(expected[key].values()), rtol=1e-9)


@every_table
def test_exact_wilcoxon_over_data_sets_is_that_of_r(file, data):
    (_, scores), expected = data, _expected(file)
    i, j = np.triu_indices(scores.shape[1], 1)
    p_value = wilcoxon(scores.T[i], scores.T[j]).p_value
    np.testing.assert_allclose(
        p_value, list(expected["wilcoxon_exact_zeros_dropped_midranks"].values()), rtol=1e-9
    )
    np.testing.assert_allclose(
        adjust("holm", p_value), list(expected["wilcoxon_exact_holm"].values()), rtol=1e-9
    )


def test_the_published_values_of_demsar_are_reproduced():
    methods, scores = _demsar(as_published=True)
    published = _expected("demsar2006/expected.json")["published_in_paper"]
    mean_ranks = rank_in_blocks(scores).mean(axis=0)
    result = friedman(rank_in_blocks(scores), correct_ties=False)
    assert mean_ranks.round(3).tolist() == published["average_ranks"]
    assert round(float(result.chi2), 2) == published["chi2_F"] == 9.28
    assert round(float(result.f), 2) == published["F_F"] == 3.69
    assert [result.f_df1, result.f_df2] == published["F_df"]
    for alpha, cd, key in ((0.05, 1.25, "cliques_cd05"), (0.1, 1.12, "cliques_cd10")):
        found = critical_difference(4, 14, alpha=alpha)
        assert round(found, 2) == cd
        groups = [[methods[i] for i in group] for group in groups_of_equals(mean_ranks, found)]
        assert groups == _expected("demsar2006/expected.json")["recomputed"][key]


@pytest.mark.parametrize("methods", range(2, 21))
def test_nemenyis_critical_values_are_those_of_r(methods):
    for alpha, q in _expected("demsar2006/nemenyi_q.json")[str(methods)].items():
        blocks = methods * (methods + 1) // 6 or 1
        error = np.sqrt(methods * (methods + 1) / (6 * blocks))
        assert critical_difference(methods, blocks, alpha=float(alpha)) / error == pytest.approx(q, rel=1e-9)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.integers(3, 6), st.integers(2, 9), st.integers(0, 10**6))
def test_friedman_with_ties_is_that_of_scipy(methods, blocks, seed):
    scores = np.random.default_rng(seed).integers(0, 4, (blocks, methods)).astype(float)
    if (scores == scores[:, :1]).all():
        scores[0, 0] += 1
    expected = stats.friedmanchisquare(*scores.T)
    result = friedman(rank_in_blocks(scores))
    assert float(result.chi2) == pytest.approx(expected.statistic, rel=1e-9, abs=1e-12)
    assert float(result.chi2_p) == pytest.approx(expected.pvalue, rel=1e-9)


def test_iman_davenport_with_ties_is_the_analysis_of_variance_of_the_ranks():
    ranks = rank_in_blocks(np.random.default_rng(0).integers(0, 5, (8, 4)).astype(float))
    residual = ranks - ranks.mean(axis=0) - ranks.mean(axis=1, keepdims=True) + ranks.mean()
    between = 8 * ((ranks.mean(axis=0) - ranks.mean()) ** 2).sum() / 3
    assert float(friedman(ranks).f) == pytest.approx(between / ((residual**2).sum() / 21), rel=1e-9)


def test_methods_that_tie_everywhere_do_not_differ():
    result = friedman(rank_in_blocks(np.ones((5, 3))))
    assert (float(result.chi2), float(result.chi2_p), float(result.f_p)) == (0, 1, 1)


@pytest.mark.parametrize("blocks", [2, 6])
def test_same_order_everywhere_gives_an_infinite_f_without_a_p(blocks):
    result = friedman(rank_in_blocks(np.tile([1.0, 2, 3], (blocks, 1))))
    assert float(result.f) == np.inf
    assert np.isnan(result.f_p)
    assert float(result.chi2) == pytest.approx(2 * blocks)


def test_lower_is_better_turns_the_ranks_around_and_float_noise_ties():
    assert rank_in_blocks(np.array([0.3, 0.1 + 0.2, 0.1]), higher_is_better=False).tolist() == [2.5, 2.5, 1]
    assert rank_in_blocks(np.array([-np.inf, 0.5, 0.7])).tolist() == [3, 2, 1]


def test_nemenyis_p_is_that_of_the_studentised_range_and_meets_the_critical_difference():
    difference = np.array([0.0, critical_difference(5, 9), 4.0])
    p_value = nemenyi_p(difference, 5, 9)
    assert p_value[:2] == pytest.approx([1, 0.05], rel=1e-9)
    assert 0 < p_value[2] < 0.001


@settings(derandomize=True, deadline=None)
@given(st.lists(st.integers(2, 20).map(lambda rank: rank / 2), min_size=2, max_size=7), st.floats(0.3, 5))
def test_groups_are_the_largest_sets_without_a_difference(mean_ranks, difference):
    ranks = np.array(mean_ranks)
    alike = [
        set(some)
        for size in range(2, len(ranks) + 1)
        for some in itertools.combinations(range(len(ranks)), size)
        if np.ptp(ranks[list(some)]) < difference
    ]
    largest = [some for some in alike if not any(some < other for other in alike)]
    found = [set(group) for group in groups_of_equals(ranks, difference)]
    assert len(found) == len(largest)
    assert all(group in largest for group in found)
