"""Put what the jobs returned for one metric into one array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mushin.errors import DataError
from mushin.sweeps.returned import Metric


def stack_metric(name: str, values: Sequence[Metric]) -> NDArray[np.generic]:
    """Stack the values of one metric, one per job.

    Parameters
    ----------
    name : str
        Of the metric, for messages.
    values : sequence
        One per job: None where there is none.

    Returns
    -------
    array, shape (len(values), ...)
        bool and int64 where every job returned one; float64 with NaN otherwise. Strings are objects, with NaN
        where there is none. Arrays of unequal lengths are padded with NaN at their ends.

    Raises
    ------
    DataError
        Some jobs returned numbers and others strings, or arrays of different numbers of dimensions.

    Examples
    --------
    >>> stack_metric("loss", [np.array([0.5, 0.25]), np.array([1.0])]).tolist()
    [[0.5, 0.25], [1.0, nan]]
    """
    known = {i: np.asarray(value) for i, value in enumerate(values) if value is not None}
    if not known:
        return np.full(len(values), np.nan)
    dims = {array.ndim for array in known.values()}
    if len(dims) > 1:
        raise DataError(
            f"metric {name!r} has {' and '.join(map(str, sorted(dims)))} dimensions in different jobs; "
            "return the same number from each, or leave it out with metrics=[...]"
        )
    are_text = {array.dtype.kind == "U" for array in known.values()}
    if len(are_text) > 1:
        raise DataError(
            f"metric {name!r} is text in some jobs and a number in others; "
            "return one of them from each, or leave it out with metrics=[...]"
        )
    shape = tuple(np.max([array.shape for array in known.values()], axis=0)) if dims != {0} else ()
    has_gaps = len(known) < len(values) or any(array.shape != shape for array in known.values())
    if are_text == {True}:
        stacked = np.full((len(values), *shape), np.nan, dtype=object)
    else:
        dtype = _dtype(list(known.values()), has_gaps)
        stacked = np.full((len(values), *shape), np.nan if dtype.kind == "f" else 0, dtype=dtype)
    for i, array in known.items():
        where: tuple[Any, ...] = (i, *(slice(length) for length in array.shape))
        stacked[where] = array
    return stacked


def _dtype(arrays: Sequence[NDArray[np.generic]], has_gaps: bool) -> np.dtype[np.generic]:
    common = np.result_type(*(array.dtype for array in arrays))
    if common.kind == "f" or has_gaps or len({array.dtype.kind == "b" for array in arrays}) > 1:
        return np.dtype(np.float64)
    return np.dtype(np.bool_ if common.kind == "b" else np.int64)
