from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mushin.errors import DataError
from mushin.sweeps.stack_metrics import stack_metric


@pytest.mark.parametrize(
    ("values", "expected", "dtype"),
    [
        ([1, 2], [1, 2], np.int64),
        ([1, None], [1, np.nan], np.float64),
        ([1, 0.5], [1.0, 0.5], np.float64),
        ([True, False], [True, False], np.bool_),
        ([True, None], [1.0, np.nan], np.float64),
        ([True, 2], [1.0, 2.0], np.float64),
        ([None, None], [np.nan, np.nan], np.float64),
        ([np.array([1, 2]), None], [[1, 2], [np.nan, np.nan]], np.float64),
        (
            [np.array([[1], [2]]), np.array([[3, 4]])],
            [[[1, np.nan], [2, np.nan]], [[3, 4], [np.nan] * 2]],
            np.float64,
        ),
        ([np.array([1, 2], dtype=np.uint8)], [[1, 2]], np.int64),
    ],
)
def test_numbers_are_stacked_with_nan_in_the_gaps(values: list[Any], expected: Any, dtype: Any) -> None:
    found = stack_metric("x", values)
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == dtype


def test_text_is_kept() -> None:
    assert stack_metric("x", ["a", "bcd"]).tolist() == ["a", "bcd"]
    gap = stack_metric("x", ["a", None]).tolist()
    assert gap[0] == "a"
    assert np.isnan(gap[1])
    assert stack_metric("x", [np.array(["a", "bcd"])]).tolist() == [["a", "bcd"]]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, "a"], "metric 'x' is text in some jobs and a number in others"),
        ([1, np.array([1])], "metric 'x' has 0 and 1 dimensions in different jobs; .*metrics="),
    ],
)
def test_what_does_not_fit_together_is_refused(values: list[Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        stack_metric("x", values)
