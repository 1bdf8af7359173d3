import math

import numpy as np
import pytest
import xarray as xr

from mushin.report.cells_text import (
    decimals_of_row,
    fixed,
    interval,
    note_on_spread,
    notes_on_runs,
    percent,
    records,
    signed,
    spread_of_mean,
)
from mushin.report.score_grid import arrange_scores
from mushin.report.tables import format_summary
from mushin.summaries import summarise_methods


def _summary(runs, valid_range=(0.0, 1.0)):
    scores = xr.DataArray(
        [runs],
        coords={"method": ["cnn"], "seed": range(len(runs))},
        dims=("method", "seed"),
        attrs={"higher_is_better": 1, "valid_range": valid_range},
    )
    return summarise_methods(xr.Dataset({"accuracy": scores}))


@pytest.mark.parametrize(
    ("runs", "shown"),
    [
        ([0.5, 0.6, 0.7], "± 0.25"),  # 4.303 x 0.1 / sqrt(3), not cut
        ([0.8, 0.9, 1.0], "± 0.25"),  # cut above
        ([0.0, 0.1, 0.2], "± 0.25"),  # cut below
        ([0.0, 1.0], "[0.00, 1.00]"),  # 0.5 ± 6.35, of which the range shows 0.5 on both sides
        ([0.2, 0.9], "[0.00, 1.00]"),
        ([0.5, 0.5], ""),  # no spread, no interval
    ],
)
def test_spread_is_half_of_the_interval_unless_the_range_cuts_both_ends(runs, shown):
    (row,) = records(_summary(runs))
    assert spread_of_mean(row, 2) == shown


def test_brackets_are_explained_where_there_are_any():
    assert note_on_spread(_summary([0.5, 0.6, 0.7]), whose="its") == "± half of its 95% t interval"
    cut = _summary([0.0, 1.0])
    assert "; in brackets the interval itself, where the range" in arrange_scores(cut).note
    assert "0.50 [0.00, 1.00]" in format_summary(cut)
    assert "in brackets the interval itself" in format_summary(cut)


@pytest.mark.parametrize(
    ("runs", "shown"),
    [
        ([3.1e30, 3.2e30, 3.4e30], "3.23e+30 ± 3.79e+29"),
        ([1e9 + 1, 1e9 + 2, 1e9 + 4], "1.0000000023e+09 ± 3.8"),
        ([12345.0, 12355.0, 12375.0], "12358 ± 38"),
        ([-2e31, -2.1e31], "-2.05e+31 ± 6.35e+30"),
    ],
)
def test_huge_scores_are_powers_of_ten_with_the_digits_that_their_spread_allows(runs, shown):
    assert shown in format_summary(_summary(runs, (-math.inf, math.inf)))


def test_infinity_stays_a_word():
    assert fixed(math.inf, 2) == "inf"
    assert decimals_of_row({"mean": math.inf, "ci_low": np.nan, "ci_high": np.nan}) == 3


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (signed(0.5, 2), "+0.50"),
        (signed(-0.5, 2), "-0.50"),
        (signed(np.nan, 2), "n/a"),
        (fixed(9e-10, 11), "9.00e-10"),
        (fixed(9_999_999.4, 0), "9999999"),
        (fixed(1e7, 0), "1.0000000e+07"),
        (fixed(-1e30, -27), "-1.000e+30"),
        (interval(0.1, 0.2, 1), "[0.1, 0.2]"),
        (interval(np.nan, np.nan, 1), "n/a"),
        (percent(0.05), "95%"),
        (notes_on_runs({"n_missing": 0, "n_diverged": 2}), "2 diverged"),
        (notes_on_runs({"n_missing": 0, "n_diverged": 0}), ""),
    ],
)
def test_numbers_as_text(shown, expected):
    assert shown == expected
