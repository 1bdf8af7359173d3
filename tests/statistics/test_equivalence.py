import numpy as np
import pytest
from statsmodels.stats.weightstats import ttost_ind, ttost_paired

from mushin.statistics.equivalence import equivalence
from mushin.statistics.moments import difference_moments, mean_error, moments, student_error, welch_error


@pytest.mark.parametrize(("usevar", "standard_error"), [("unequal", welch_error), ("pooled", student_error)])
def test_p_tost_is_that_of_statsmodels(usevar, standard_error):
    a, b = np.random.default_rng(0).normal(0.8, 0.02, (2, 7))
    of_a, of_b = moments(a), moments(b)
    found = equivalence(of_a.mean - of_b.mean, *standard_error(of_a, of_b), np.array(0.03))
    p_tost, above, below = ttost_ind(a, b, -0.03, 0.03, usevar=usevar)
    assert float(found.p_tost) == pytest.approx(p_tost, rel=1e-9)
    assert float(found.p_above) == pytest.approx(above[1], rel=1e-9)
    assert float(found.p_below) == pytest.approx(below[1], rel=1e-9)


def test_paired_p_tost_is_that_of_statsmodels():
    a, b = np.random.default_rng(1).normal(0.8, 0.02, (2, 7))
    pairs = difference_moments(a, b)
    found = equivalence(pairs.mean, *mean_error(pairs), np.array(0.03))
    assert float(found.p_tost) == pytest.approx(ttost_paired(a, b, -0.03, 0.03)[0], rel=1e-9)


def test_no_margin_no_evidence():
    one = np.ones(1)
    assert np.isnan(equivalence(one, one, one, np.nan * one).p_tost).all()
