"""Read labels, probabilities or values from a ``.csv`` file."""

from __future__ import annotations

import csv
import textwrap
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mushin.errors import DataError

_LONGEST_HEADER = 2**20
_LONGEST_REASON = 200
_LARGEST_WHOLE = 2**53


def read_csv(path: Path, *, of_values: bool = False) -> NDArray[Any]:
    """Read a table with a header: one column of labels or values, or a column of probabilities per class.

    Parameters
    ----------
    path : Path
        Separated by commas, a line per sample in the order of the test split, in UTF-8.
    of_values : bool
        Whether a single column holds values, which need not be whole.

    Returns
    -------
    int64 array, shape (N,), or float64 array, shape (N, C); of values float64, shape (N,)

    Raises
    ------
    DataError
        If there is no header or no line, a column has no name, or a field is no number.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            names = _header(path, file.readline(_LONGEST_HEADER))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # numpy warns of an empty table; it is refused below.
                table = np.loadtxt(file, delimiter=",", comments=None, quotechar='"', ndmin=2)
    except ValueError as error:
        if isinstance(error, DataError):
            raise
        reason = textwrap.shorten(str(error), _LONGEST_REASON)
        raise DataError(f"{path}: not a table of numbers ({reason})") from None
    if table.size == 0:
        raise DataError(f"{path}: no line follows the header; give one per test sample")
    if table.shape[1] != len(names):
        raise DataError(f"{path}: the header names {len(names)} columns, but the lines have {table.shape[1]}")
    if len(names) > 1:
        return table
    return table[:, 0] if of_values else _labels(path, table[:, 0])


def _header(path: Path, line: str) -> list[str]:
    try:
        names = next(csv.reader([line], strict=True), [])
    except csv.Error as error:
        raise DataError(f"{path}: the first line is no header ({error})") from None
    if not names or "\0" in line:
        raise DataError(f"{path}: the first line is no header; give the names of the columns")
    if all(_is_number(name) for name in names):
        raise DataError(
            f"{path}: the first line holds numbers, not the names of the columns; put a header above it, or a"
            " sample would be lost"
        )
    for number, name in enumerate(names, start=1):
        if not name.strip():
            raise DataError(
                f"{path}: column {number} has no name; if it is an index, leave it out (pandas: index=False)"
            )
    return names


def _labels(path: Path, values: NDArray[Any]) -> NDArray[np.int64]:
    whole = (values == np.floor(values)) & (np.abs(values) < _LARGEST_WHOLE)
    if not whole.all():
        stray = int(np.flatnonzero(~whole)[0])
        raise DataError(
            f"{path}: sample {stray + 1} is {values[stray]:g}; a single column holds labels, whole numbers"
            " from 0; probabilities need a column per class, and values a task such as regression"
        )
    return values.astype(np.int64)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
