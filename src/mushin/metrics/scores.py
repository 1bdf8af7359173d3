"""Score the probabilities of a classification: calibration and ranking, on plain arrays.

Every function works on the last axis and keeps the leading ones, so that one call scores a whole study. Both
agree with torchmetrics 1.9 (`torchmetrics.functional.classification`), whose conventions for empty classes
they follow.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mushin.metrics.ratio import ratio as _ratio

Scores = NDArray[np.float64]


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


def _macro(per_class: Scores, kept: NDArray[np.bool_], *, empty: float = 0.0) -> Scores:
    return _ratio(np.where(kept, per_class, 0.0).sum(axis=-1), kept.sum(axis=-1), empty=empty)
