"""Turn the values of a swept parameter into labels that select, and that netCDF can hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_INT64 = np.iinfo(np.int64)


def coordinate(values: Sequence[Any]) -> NDArray[Any]:
    """Return labels for plain values, each different.

    Parameters
    ----------
    values : sequence
        Of None, bool, int, float, str, list or dict.

    Returns
    -------
    array, shape (len(values),)
        bool, int64, float64 (also for int among float), or object with str. Values that are of several other
        types, or none of these, become text as Python writes it: ``"None"``, ``"[1, 2]"``; a string among
        them stays as it is, unless it reads like another label.

    Examples
    --------
    >>> coordinate([1, 0.5]).tolist(), coordinate(["relu", None]).tolist()
    ([1.0, 0.5], ['relu', 'None'])
    """
    kinds = {type(value) for value in values}
    if kinds == {bool}:
        return np.array(values, dtype=np.bool_)
    if kinds == {int} and all(_INT64.min <= value <= _INT64.max for value in values):
        return np.array(values, dtype=np.int64)
    if kinds <= {int, float} and all(abs(value) <= 2**53 for value in values if isinstance(value, int)):
        return np.array(values, dtype=np.float64)
    labels = [value if isinstance(value, str) else repr(value) for value in values]
    if len(set(labels)) < len(labels):
        labels = [repr(value) for value in values]
    return np.array(labels, dtype=object)
