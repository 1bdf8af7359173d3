import math

import pytest

from mushin.p_text import format_p


@pytest.mark.parametrize(
    ("p_value", "shown"),
    [(0.04567, "0.0457"), (1.0, "1"), (9.9e-5, "<0.0001"), (0.0, "<0.0001"), (math.nan, "n/a")],
)
def test_p_has_three_digits_or_is_a_bound(p_value, shown):
    assert format_p(p_value) == shown
