import numpy as np
import pytest

from mushin.report.cells_text import fixed, format_p, half_width, interval, notes_on_runs, percent, signed


@pytest.mark.parametrize(
    ("p_value", "shown"),
    [(0.04567, "0.0457"), (1.0, "1"), (9.9e-5, "<0.0001"), (0.0, "<0.0001"), (np.nan, "n/a")],
)
def test_format_p(p_value, shown):
    assert format_p(p_value) == shown


def test_half_width_is_taken_from_the_bound_that_is_not_cut():
    assert half_width({"mean": 0.9, "ci_low": 0.7, "ci_high": 1.0}) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (signed(0.5, 2), "+0.50"),
        (signed(-0.5, 2), "-0.50"),
        (signed(np.nan, 2), "n/a"),
        (fixed(9e-10, 11), "9.00e-10"),
        (interval(0.1, 0.2, 1), "[0.1, 0.2]"),
        (interval(np.nan, np.nan, 1), "n/a"),
        (percent(0.05), "95%"),
        (notes_on_runs({"n_missing": 0, "n_diverged": 2}), "2 diverged"),
        (notes_on_runs({"n_missing": 0, "n_diverged": 0}), ""),
    ],
)
def test_numbers_as_text(shown, expected):
    assert shown == expected
