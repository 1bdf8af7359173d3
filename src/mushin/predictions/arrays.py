"""Check the predictions for a test split, whatever made them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mushin.errors import PredictionError, did_you_mean

_KEYS = ("labels", "probabilities", "values")
_ACCEPTED = (
    "accepted: an array of labels (N,) or (N, H, W), of probabilities (N, C) or (N, C, H, W), or of values"
    " (N,) for a regression, or a mapping with the keys 'labels' and 'probabilities', or 'values'"
)
# How far outside [0, 1] an average of float32 probabilities may round.
_ROUNDING = 1e-5
# How far the probabilities of a sample may sum from 1: half precision and three decimals stay within it,
# logits and one-against-rest scores do not.
_SUM_TOLERANCE = 0.01
# Probabilities that are widened at once, 16 MB.
_CHUNK = 2**21


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a method says about each sample of a test split, in the split's order.

    Attributes
    ----------
    labels : int array, shape (N,) or (N, H, W), optional
        Class indices from 0, of type uint8, int32 or int64.
    probabilities : float32 array, shape (N, C) or (N, C, H, W), optional
        In [0, 1], summing to 1 over axis 1; always beside labels.
    values : float64 array, shape (N,), optional
        Finite numbers, for a task on values; in place of labels.
    """

    labels: NDArray[Any] | None = None
    probabilities: NDArray[np.float32] | None = None
    values: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(next(iter(self.arrays().values())))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that are present, by name."""
        named = {"labels": self.labels, "probabilities": self.probabilities, "values": self.values}
        return {name: array for name, array in named.items() if array is not None}


def as_predictions(value: object, source: str) -> Predictions:
    """Convert what a method returned, or a file holds, to `Predictions`.

    Parameters
    ----------
    value : array or mapping
        An array of integers holds labels, one of floats probabilities, or values where it has the shape (N,)
        or (N, 1). A mapping has ``labels``, ``probabilities`` or both, or ``values``. Anything that
        `numpy.asarray` takes is an array: tensors on the CPU, JAX arrays, lists.
    source : str
        Opens the message of an error: a method or a file.

    Returns
    -------
    Predictions
        Where there were no labels, the class of the highest probability, the first of equals.

    Raises
    ------
    PredictionError
        If `value` is neither, holds no sample, labels that are no class indices, NaN, infinite values, or
        probabilities that are outside [0, 1] or do not sum to 1 (within 0.01) over the classes.

    Examples
    --------
    >>> as_predictions([[0.25, 0.75], [0.5, 0.5]], "forest").labels
    array([1, 0], dtype=uint8)
    """
    found = _by_name(value, source)
    if "values" in found:
        if len(found) > 1:
            raise PredictionError(f"{source}: values came beside {' and '.join(found)}; give one kind")
        return Predictions(values=_checked_values(found["values"], source))
    probabilities = found.get("probabilities")
    if probabilities is not None:
        probabilities = _checked_probabilities(probabilities, source)
    if "labels" in found:
        labels = _checked_labels(found["labels"], source)
    else:
        assert probabilities is not None
        labels = _narrow(probabilities.argmax(axis=1))
    if probabilities is None:
        return Predictions(labels)
    expected = (*probabilities.shape[:1], *probabilities.shape[2:])
    if labels.shape != expected:
        raise PredictionError(
            f"{source}: the labels have shape {labels.shape} and the probabilities {probabilities.shape};"
            " they must agree, but for the classes on axis 1 of the probabilities"
        )
    return Predictions(labels, np.require(probabilities, np.float32, ["C", "W"]))


def check_predictions(
    predictions: Predictions, source: str, *, n_samples: int, num_classes: int | None
) -> None:
    """Hold predictions against the test split; without `num_classes`, in number only.

    Raises
    ------
    PredictionError
        If there is not one prediction per sample, values came for classes, a label is no class, or the number
        of columns of the probabilities is not the number of classes.
    """
    if len(predictions) != n_samples:
        raise PredictionError(
            f"{source}: {len(predictions)} predictions came for {n_samples} test samples; give one per"
            " sample, in the order of the test split"
        )
    if num_classes is None:
        return
    refuse_other_kind(predictions, source, of_values=False)
    assert predictions.labels is not None
    highest = int(predictions.labels.max())
    if highest >= num_classes:
        raise PredictionError(
            f"{source}: a label is {highest}; accepted are 0 to {num_classes - 1}, for num_classes is"
            f" {num_classes}"
        )
    columns = None if predictions.probabilities is None else predictions.probabilities.shape[1]
    if columns not in (None, num_classes):
        raise PredictionError(
            f"{source}: the probabilities are of {columns} classes, but num_classes is {num_classes}; give a"
            " column for every class, also for one that the training split lacks"
        )


def refuse_other_kind(predictions: Predictions, source: str, *, of_values: bool) -> None:
    """Raise PredictionError if values came for a task on classes, or anything else for one on values."""
    if of_values and predictions.values is None:
        raise PredictionError(
            f"{source}: {' and '.join(predictions.arrays())} came, but the task is on values; give floats"
            " (N,), or a mapping with the key 'values'"
        )
    if not of_values and predictions.values is not None:
        raise PredictionError(
            f"{source}: floats of shape {predictions.values.shape} came, which are values, but the task is on"
            " classes; probabilities have a column per class, (N, C), and labels are whole numbers"
        )


def _by_name(value: object, source: str) -> dict[str, NDArray[Any]]:
    """Return the arrays of `value` by what they hold."""
    if isinstance(value, Mapping):
        for key in value:
            if key not in _KEYS:
                hint = did_you_mean(str(key), _KEYS) or ";"
                raise PredictionError(f"{source}: the key {key!r} is unknown{hint} {_ACCEPTED}")
        named = {key: _array(given, source) for key, given in value.items() if given is not None}
        if not named:
            raise PredictionError(f"{source}: neither labels nor probabilities nor values came; {_ACCEPTED}")
        return named
    if value is None:
        raise PredictionError(f"{source}: None came; end the function with 'return predictions'; {_ACCEPTED}")
    array = _array(value, source)
    is_values = array.ndim == 1 or array.shape[1:] == (1,)
    of_floats = "values" if is_values else "probabilities"
    return {of_floats if array.dtype.kind == "f" else "labels": array}


def _array(value: object, source: str) -> NDArray[Any]:
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise PredictionError(f"{source}: no array came ({error}); {_ACCEPTED}") from None
    if array.dtype.kind not in "biuf":
        raise PredictionError(f"{source}: an array of {array.dtype} came, not of numbers; {_ACCEPTED}")
    if array.size == 0 or array.ndim == 0:
        raise PredictionError(f"{source}: an array of shape {array.shape} came; {_ACCEPTED}")
    return array


def _checked_values(values: NDArray[Any], source: str) -> NDArray[np.float64]:
    flat = values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
    if flat.ndim != 1:
        raise PredictionError(
            f"{source}: values of shape {values.shape} came; accepted: (N,), one per sample"
        )
    unusable = ~np.isfinite(flat)
    if unusable.any():
        place = int(np.flatnonzero(unusable)[0])
        raise PredictionError(
            f"{source}: the value of sample {place + 1} is {flat[place]}, one of {int(unusable.sum())} that"
            " are NaN or inf; has the training diverged?"
        )
    return np.require(flat, np.float64, ["C", "W"])


def _checked_labels(labels: NDArray[Any], source: str) -> NDArray[Any]:
    if labels.dtype.kind == "f":
        raise PredictionError(f"{source}: the labels are {labels.dtype}; labels are whole numbers from 0")
    lowest, highest = int(labels.min()), int(labels.max())
    if lowest < 0 or highest > np.iinfo(np.int64).max:
        stray = lowest if lowest < 0 else highest
        raise PredictionError(f"{source}: a label is {stray}; labels are the indices of the classes, from 0")
    return _narrow(labels)


def _narrow(labels: NDArray[Any]) -> NDArray[Any]:
    """Return labels from 0 on in the smallest type that every reader knows."""
    highest = int(labels.max())
    kinds = (np.uint8, np.int32, np.int64)
    kind = next(kind for kind in kinds if highest <= np.iinfo(kind).max)
    return np.require(labels, kind, ["C", "W"])


def _checked_probabilities(probabilities: NDArray[Any], source: str) -> NDArray[Any]:
    """Return probabilities in their own precision, in which equals and the highest are told apart."""
    if probabilities.dtype.kind != "f":
        raise PredictionError(f"{source}: the probabilities are {probabilities.dtype}; accepted: floats")
    if probabilities.ndim < 2 or probabilities.shape[1] < 2:
        raise PredictionError(
            f"{source}: floats of shape {probabilities.shape} came; probabilities have a column per class,"
            " (N, C), and labels are whole numbers"
        )
    for part in _chunks(probabilities):
        lowest, highest = float(part.min()), float(part.max())
        if np.isnan(lowest):
            raise PredictionError(f"{source}: the probabilities hold NaN; has the training diverged?")
        if lowest < -_ROUNDING or highest > 1 + _ROUNDING:
            raise PredictionError(
                f"{source}: the probabilities range from {lowest:g} to {highest:g}; accepted are values in"
                " [0, 1]. Are they logits? Apply softmax"
            )
        sums = part.sum(axis=1, dtype=np.float64)
        worst = float(sums.flat[np.abs(sums - 1).argmax()])
        if abs(worst - 1) > _SUM_TOLERANCE:
            raise PredictionError(
                f"{source}: the probabilities of a sample sum to {worst:g} over the classes; they must sum"
                f" to 1 within {_SUM_TOLERANCE}"
            )
    return probabilities


def _chunks(probabilities: NDArray[Any]) -> Iterator[NDArray[Any]]:
    size = max(1, _CHUNK * len(probabilities) // probabilities.size)
    for start in range(0, len(probabilities), size):
        yield probabilities[start : start + size]
