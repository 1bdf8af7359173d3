import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mushin.errors import ConfigError
from mushin.statistics.corrections import adjust, holm
from mushin.statistics.shaffer import shaffer

GOLDEN = json.loads((Path(__file__).parents[1] / "golden/garcia_herrera_2008/expected.json").read_text())


def test_adjusted_p_is_that_of_r():
    raw, expected = GOLDEN["friedman_post_raw"], GOLDEN["shaffer_static"]
    adjusted = shaffer(np.array([raw[pair] for pair in raw]), methods=5)
    np.testing.assert_allclose(adjusted, [expected[pair] for pair in raw], rtol=1e-9)


def _largest_true_by_enumeration(methods, blocks, false):
    """Try every way to split the methods into groups of equals, in every block."""
    counts = {
        sum(label[i] == label[j] for i, j in itertools.combinations(range(methods), 2))
        for label in itertools.product(range(methods), repeat=methods)
    }
    size = blocks * methods * (methods - 1) // 2
    totals = {sum(each) for each in itertools.product(counts, repeat=blocks)}
    return max(total for total in totals if total <= size - false)


@pytest.mark.parametrize(("methods", "blocks"), [(2, 1), (3, 1), (4, 1), (5, 1), (3, 2), (4, 2)])
def test_factors_equal_the_enumeration_of_all_groups_of_equals(methods, blocks):
    size = blocks * methods * (methods - 1) // 2
    p = 1e-9 * 3.0 ** np.arange(size)
    expected = [_largest_true_by_enumeration(methods, blocks, false) for false in range(size)]
    np.testing.assert_allclose(shaffer(p, methods=methods) / p, expected, rtol=1e-6)


@settings(derandomize=True, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=12, max_size=12).map(np.array))
def test_adjusted_p_lies_between_the_raw_one_and_holms(p):
    adjusted = adjust("shaffer", p, methods=4)
    assert (adjusted >= p).all()
    assert (adjusted <= holm(p)).all()


def test_an_untestable_pair_counts():
    p = np.array([0.01, np.nan, 0.02])
    np.testing.assert_allclose(shaffer(p, methods=3), [0.03, np.nan, 0.03])


@pytest.mark.parametrize(("count", "methods", "family"), [(2, 3, None), (3, 3, 4), (3, 1, None), (3, 3, 2)])
def test_a_family_that_is_not_all_pairs_is_refused(count, methods, family):
    with pytest.raises(ConfigError, match=r"'shaffer' needs all pairs of the \d methods"):
        shaffer(np.full(count, 0.1), methods=methods, family_size=family)


def test_the_number_of_methods_must_be_known():
    with pytest.raises(ConfigError, match="'shaffer' needs to know how many methods"):
        adjust("shaffer", np.array([0.1]))
