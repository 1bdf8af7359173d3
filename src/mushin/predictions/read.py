"""Read predictions, or targets, from a file of any supported kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mushin.errors import DataError
from mushin.predictions.arrays import Predictions, as_predictions
from mushin.predictions.netcdf import read_netcdf
from mushin.predictions.npz import read_npz
from mushin.predictions.table import read_csv

_PREDICTIONS = ("labels", "probabilities", "values")
_TARGETS = ("targets", "labels")
_TARGET_VALUES = ("targets", "values")


def read_predictions(path: Path, *, of_values: bool = False) -> Predictions:
    """Read labels, probabilities or values.

    Parameters
    ----------
    path : Path
        ``.npz`` or ``.nc`` with the arrays ``labels`` or ``probabilities`` or both, or with a single array of
        any name: integers are labels, floats (N, C) probabilities and (N,) values. Or ``.csv``, see
        `mushin.predictions.table`. The array ``values`` holds values of any type.
    of_values : bool
        Whether a single array, or column, holds values whatever its type.

    Raises
    ------
    DataError
        If the file is missing, damaged, of another kind, or holds no such array.
    PredictionError
        If what it holds cannot be scored; see `mushin.predictions.arrays.as_predictions`.
    """
    content = _read(path, of_values=of_values)
    if not isinstance(content, Mapping):
        return as_predictions({"values": content} if of_values else content, str(path))
    named: dict[str, NDArray[Any]] = {name: content[name] for name in _PREDICTIONS if name in content}
    if named:
        return as_predictions(named, str(path))
    single = _single(content, path, _PREDICTIONS)
    return as_predictions({"values": single} if of_values else single, str(path))


def read_targets(path: Path, *, of_values: bool = False) -> NDArray[Any]:
    """Read the true labels, in the same kinds of files: an array ``targets`` or ``labels``, or a single one.

    With `of_values` the true values: an array ``targets`` or ``values``, or a single one.

    Returns
    -------
    int64 array, shape (N,) or (N, H, W); of values float64, shape (N,)

    Raises
    ------
    DataError
        If the file is missing, damaged, of another kind, or holds no labels; or a value is NaN or inf.
    """
    content = _read(path, of_values=of_values)
    if isinstance(content, Mapping):
        names = _TARGET_VALUES if of_values else _TARGETS
        named = [content[name] for name in names if name in content]
        content = named[0] if named else _single(content, path, names)
    if of_values:
        return _target_values(content, path)
    if content.dtype.kind not in "biu" or content.ndim == 0 or content.size == 0:
        raise DataError(
            f"{path}: {content.dtype} of shape {content.shape}; targets are whole numbers, one per sample"
        )
    if content.dtype.kind == "u" and content.max() > np.iinfo(np.int64).max:
        raise DataError(f"{path}: a target is {content.max()}; targets are the indices of the classes")
    return content.astype(np.int64)


def _target_values(content: NDArray[Any], path: Path) -> NDArray[np.float64]:
    values = content[:, 0] if content.ndim == 2 and content.shape[1] == 1 else content
    if values.dtype.kind not in "biuf" or values.ndim != 1 or values.size == 0:
        raise DataError(
            f"{path}: {content.dtype} of shape {content.shape}; targets are numbers, one per sample"
        )
    unusable = np.flatnonzero(~np.isfinite(values))
    if unusable.size:
        place = int(unusable[0])
        raise DataError(
            f"{path}: the target of sample {place + 1} is {values[place]}; leave such samples out of both"
            " files"
        )
    return values.astype(np.float64)


def _read(path: Path, *, of_values: bool) -> Mapping[str, NDArray[Any]] | NDArray[Any]:
    readers: dict[str, Callable[[Path], Mapping[str, NDArray[Any]] | NDArray[Any]]] = {
        ".npz": read_npz,
        ".nc": read_netcdf,
        ".csv": partial(read_csv, of_values=of_values),
    }
    if path.suffix not in readers:
        raise DataError(f"{path}: the kind {path.suffix!r} is unknown; accepted: {', '.join(readers)}")
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    try:
        return readers[path.suffix](path)
    except MemoryError:
        raise DataError(f"{path}: needs more memory than there is") from None


def _single(content: Mapping[str, NDArray[Any]], path: Path, names: tuple[str, ...]) -> NDArray[Any]:
    if len(content) != 1:
        held = ", ".join(content) or "none"
        raise DataError(f"{path}: arrays: {held}; accepted: {' and '.join(names)}, or a single array")
    return next(iter(content.values()))
