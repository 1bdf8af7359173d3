"""Read predictions, or targets, from a file of any supported kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mushin.errors import DataError
from mushin.predictions.arrays import Predictions, as_predictions
from mushin.predictions.netcdf import read_netcdf
from mushin.predictions.npz import read_npz
from mushin.predictions.table import read_csv

_PREDICTIONS = ("labels", "probabilities")
_TARGETS = ("targets", "labels")


def read_predictions(path: Path) -> Predictions:
    """Read labels or probabilities.

    Parameters
    ----------
    path : Path
        ``.npz`` or ``.nc`` with the arrays ``labels`` or ``probabilities`` or both, or with a single array of
        any name: integers are labels, floats probabilities. Or ``.csv``, see `mushin.predictions.table`.

    Raises
    ------
    DataError
        If the file is missing, damaged, of another kind, or holds no such array.
    PredictionError
        If what it holds cannot be scored; see `mushin.predictions.arrays.as_predictions`.
    """
    content = _read(path)
    if not isinstance(content, Mapping):
        return as_predictions(content, str(path))
    named = {name: content[name] for name in _PREDICTIONS if name in content}
    return as_predictions(named or _single(content, path, _PREDICTIONS), str(path))


def read_targets(path: Path) -> NDArray[Any]:
    """Read the true labels, in the same kinds of files: an array ``targets`` or ``labels``, or a single one.

    Returns
    -------
    int array, shape (N,) or (N, H, W)

    Raises
    ------
    DataError
        If the file is missing, damaged, of another kind, or holds no labels.
    """
    content = _read(path)
    if isinstance(content, Mapping):
        named = [content[name] for name in _TARGETS if name in content]
        content = named[0] if named else _single(content, path, _TARGETS)
    if content.dtype.kind not in "biu" or content.ndim == 0 or content.size == 0:
        raise DataError(
            f"{path}: {content.dtype} of shape {content.shape}; targets are whole numbers, one per sample"
        )
    if content.dtype.kind == "u" and content.max() > np.iinfo(np.int64).max:
        raise DataError(f"{path}: a target is {content.max()}; targets are the indices of the classes")
    return content.astype(np.int64)


def _read(path: Path) -> Mapping[str, NDArray[Any]] | NDArray[Any]:
    readers: dict[str, Callable[[Path], Mapping[str, NDArray[Any]] | NDArray[Any]]] = {
        ".npz": read_npz,
        ".nc": read_netcdf,
        ".csv": read_csv,
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
