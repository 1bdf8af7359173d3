"""Turn counts into scores: the arithmetic of every metric, on plain arrays.

A confusion matrix holds counts, rows targets and columns predictions; ignored samples are already left out.
Every function works on the last axes and keeps the leading ones, so that one call scores a whole study. All
agree with torchmetrics 1.9 (`torchmetrics.functional.classification`), whose conventions for empty classes
they follow. "Present" classes occur as a target or as a prediction.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mushin.metrics.ratio import ratio as _ratio

Scores = NDArray[np.float64]


def accuracy(confusion: ArrayLike) -> Scores:
    """Return the share of samples (or pixels) whose prediction is the target.

    Parameters
    ----------
    confusion : int array, shape (..., C, C)
        Counts; rows are targets, columns predictions.

    Returns
    -------
    float64 array, shape (...)
        In [0, 1], higher is better; 0 where there is no sample (torchmetrics ``average="micro"``).

    Examples
    --------
    >>> float(accuracy([[3, 1], [0, 4]]))
    0.875
    """
    counts = np.asarray(confusion)
    return _ratio(_true_positives(counts).sum(axis=-1), counts.sum(axis=(-2, -1)))


def macro_precision(confusion: ArrayLike) -> Scores:
    """Average tp / (tp + fp) over the present classes; a class that is never predicted adds 0.

    Parameters
    ----------
    confusion : int array, shape (..., C, C)
        Counts; rows are targets, columns predictions.

    Returns
    -------
    float64 array, shape (...)
        In [0, 1], higher is better; 0 where there is no sample (torchmetrics ``average="macro"``).

    Examples
    --------
    >>> float(macro_precision([[3, 1], [0, 4]]))
    0.9
    """
    counts = np.asarray(confusion)
    per_class = _ratio(_true_positives(counts), counts.sum(axis=-2))
    return _macro(per_class, _present(counts))


def macro_recall(confusion: ArrayLike) -> Scores:
    """Average tp / (tp + fn) over the present classes; a class that is never a target adds 0.

    Parameters
    ----------
    confusion : int array, shape (..., C, C)
        Counts; rows are targets, columns predictions.

    Returns
    -------
    float64 array, shape (...)
        In [0, 1], higher is better; 0 where there is no sample (torchmetrics ``average="macro"``).

    Examples
    --------
    >>> float(macro_recall([[3, 1], [0, 4]]))
    0.875
    """
    counts = np.asarray(confusion)
    per_class = _ratio(_true_positives(counts), counts.sum(axis=-1))
    return _macro(per_class, _present(counts))


def macro_f1(confusion: ArrayLike) -> Scores:
    """Average 2 tp / (2 tp + fp + fn) over the present classes: the F1 score, or Dice coefficient.

    Parameters
    ----------
    confusion : int array, shape (..., C, C)
        Counts; rows are targets, columns predictions.

    Returns
    -------
    float64 array, shape (...)
        In [0, 1], higher is better; 0 where there is no sample (torchmetrics ``average="macro"``).

    Examples
    --------
    >>> round(float(macro_f1([[3, 1], [0, 4]])), 6)
    0.873016
    """
    counts = np.asarray(confusion)
    per_class = _ratio(2 * _true_positives(counts), counts.sum(axis=-1) + counts.sum(axis=-2))
    return _macro(per_class, _present(counts))


def mean_iou(confusion: ArrayLike, *, ignore_index: int | None = None) -> Scores:
    """Average the intersection-over-union, tp / (tp + fp + fn), of the present classes.

    Parameters
    ----------
    confusion : int array, shape (..., C, C)
        Counts; rows are targets, columns predictions.
    ignore_index : int, optional
        The label that was ignored. Where it is a class, that class is left out of the mean, even if it was
        predicted (torchmetrics ``multiclass_jaccard_index``).

    Returns
    -------
    float64 array, shape (...)
        In [0, 1], higher is better; NaN where no class is left.

    Examples
    --------
    >>> float(mean_iou([[3, 1], [0, 4]]))
    0.775
    """
    counts = np.asarray(confusion)
    hits = _true_positives(counts)
    per_class = _ratio(hits, counts.sum(axis=-1) + counts.sum(axis=-2) - hits)
    kept = _present(counts)
    if ignore_index is not None and 0 <= ignore_index < counts.shape[-1]:
        kept[..., ignore_index] = False
    return _macro(per_class, kept, empty=np.nan)


def expected_calibration_error(count: ArrayLike, confidence: ArrayLike, correct: ArrayLike) -> Scores:
    """Average the gap between confidence and accuracy over the bins, weighted by their counts.

    Guo et al. 2017, "On calibration of modern neural networks", equation 3, arXiv:1706.04599; bins as in
    torchmetrics ``multiclass_calibration_error(n_bins=15, norm="l1")``.

    Parameters
    ----------
    count : int array, shape (..., B)
        Samples in each bin of confidence.
    confidence : float array, shape (..., B)
        Sum of the highest probability over the samples of each bin.
    correct : int array, shape (..., B)
        Samples of each bin whose most probable class is the target.

    Returns
    -------
    float64 array, shape (...)
        In [0, 1], lower is better; NaN where there is no sample.

    Examples
    --------
    >>> round(float(expected_calibration_error([0, 4], [0.0, 3.6], [0, 3])), 6)
    0.15
    """
    gap = np.abs(np.asarray(correct) - np.asarray(confidence, dtype=np.float64)).sum(axis=-1)
    return _ratio(gap, np.asarray(count).sum(axis=-1), empty=np.nan)


def macro_auroc(mann_whitney_u: ArrayLike, positives: ArrayLike, negatives: ArrayLike) -> Scores:
    """Average the one-vs-rest area under the ROC curve, U / (positives * negatives), over all classes.

    The area is the Mann-Whitney statistic in units of its maximum: Hanley & McNeil 1982,
    doi:10.1148/radiology.143.1.7063747. A class without positives or without negatives adds 0 and stays in
    the mean, as in torchmetrics ``multiclass_auroc(average="macro")``.

    Parameters
    ----------
    mann_whitney_u : float array, shape (..., C)
        Pairs of a positive and a negative in which the positive has the higher probability; ties count half.
    positives, negatives : int array, shape (..., C)
        Samples of the class, and of all the others.

    Returns
    -------
    float64 array, shape (...)
        In [0, 1], higher is better, 0.5 is chance; NaN where there is no sample.

    Examples
    --------
    >>> float(macro_auroc([3.0, 4.0], [2, 2], [2, 2]))
    0.875
    """
    of_class = np.asarray(positives, dtype=np.float64)
    of_others = np.asarray(negatives, dtype=np.float64)
    area = _ratio(np.asarray(mann_whitney_u), of_class * of_others)
    any_sample = np.broadcast_to((of_class + of_others > 0).any(axis=-1, keepdims=True), area.shape)
    return _macro(area, any_sample, empty=np.nan)


def _true_positives(counts: NDArray[Any]) -> NDArray[Any]:
    return np.diagonal(counts, axis1=-2, axis2=-1)


def _present(counts: NDArray[Any]) -> NDArray[np.bool_]:
    present: NDArray[np.bool_] = counts.sum(axis=-1) + counts.sum(axis=-2) > 0
    return present


def _macro(per_class: Scores, kept: NDArray[np.bool_], *, empty: float = 0.0) -> Scores:
    return _ratio(np.where(kept, per_class, 0.0).sum(axis=-1), kept.sum(axis=-1), empty=empty)
