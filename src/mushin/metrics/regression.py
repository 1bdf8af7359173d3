"""Turn the moments and the values of a regression into scores: the arithmetic, on plain arrays.

Every function works on the last axis and keeps the leading ones, so that one call scores a whole study. The
conventions for constant values are those of the library that each function names.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Scores = NDArray[np.float64]

MOMENTS = (
    "count",
    "target_mean",
    "prediction_mean",
    "target_squares",
    "prediction_squares",
    "products",
    "squared_errors",
    "absolute_errors",
)
"""The entries of a vector of moments, in order.

The number of values; the means of targets and predictions; the sums of squared deviations from these means,
and of the products of both deviations; the sums of squared and of absolute errors.
"""


def mean_squared_error(moments: ArrayLike) -> Scores:
    """Average the squared difference of prediction and target.

    Parameters
    ----------
    moments : float64 array, shape (..., 8)
        See `MOMENTS`.

    Returns
    -------
    float64 array, shape (...)
        At least 0, lower is better, in squared units of the target; NaN where there is no value (scikit-learn
        ``mean_squared_error``, torchmetrics ``mean_squared_error``).

    Examples
    --------
    >>> float(mean_squared_error([2, 0, 0, 0, 0, 0, 10, 4]))
    5.0
    """
    return _ratio(_entry(moments, "squared_errors"), _entry(moments, "count"))


def mean_absolute_error(moments: ArrayLike) -> Scores:
    """Average the absolute difference of prediction and target.

    Parameters
    ----------
    moments : float64 array, shape (..., 8)
        See `MOMENTS`.

    Returns
    -------
    float64 array, shape (...)
        At least 0, lower is better, in units of the target; NaN where there is no value (scikit-learn
        ``mean_absolute_error``, torchmetrics ``mean_absolute_error``).

    Examples
    --------
    >>> float(mean_absolute_error([2, 0, 0, 0, 0, 0, 10, 4]))
    2.0
    """
    return _ratio(_entry(moments, "absolute_errors"), _entry(moments, "count"))


def root_mean_squared_error(moments: ArrayLike) -> Scores:
    """Take the square root of the mean squared error.

    Parameters
    ----------
    moments : float64 array, shape (..., 8)
        See `MOMENTS`.

    Returns
    -------
    float64 array, shape (...)
        At least 0, lower is better, in units of the target; NaN where there is no value (scikit-learn
        ``root_mean_squared_error``, torchmetrics ``mean_squared_error(squared=False)``).

    Examples
    --------
    >>> float(root_mean_squared_error([2, 0, 0, 0, 0, 0, 8, 4]))
    2.0
    """
    root: Scores = np.sqrt(mean_squared_error(moments))
    return root


def r2_score(moments: ArrayLike) -> Scores:
    """Return the share of the targets' variance that the predictions explain.

    1 - squared errors / squared deviations of the targets from their mean.

    Parameters
    ----------
    moments : float64 array, shape (..., 8)
        See `MOMENTS`.

    Returns
    -------
    float64 array, shape (...)
        At most 1, higher is better; 0 is what the targets' mean scores. Constant targets score 1 where every
        prediction is right and 0 elsewhere. NaN for fewer than two values (scikit-learn ``r2_score``).

    Examples
    --------
    >>> float(r2_score([3, 2, 2, 8, 8, 8, 2, 2]))
    0.75
    """
    errors, spread = _entry(moments, "squared_errors"), _entry(moments, "target_squares")
    of_constant = np.where(errors == 0, 1.0, 0.0)
    score = np.where(spread == 0, of_constant, 1.0 - _ratio(errors, spread))
    return np.where(_entry(moments, "count") < 2, np.nan, score)


def pearson_correlation(moments: ArrayLike) -> Scores:
    """Return Pearson's correlation of predictions and targets.

    Parameters
    ----------
    moments : float64 array, shape (..., 8)
        See `MOMENTS`.

    Returns
    -------
    float64 array, shape (...)
        In [-1, 1], higher is better. NaN where the targets or the predictions are constant, and for fewer
        than two values (scipy ``stats.pearsonr``, torchmetrics ``pearson_corrcoef``).

    Examples
    --------
    >>> round(float(pearson_correlation([3, 2, 2, 8, 2, 4, 2, 2])), 6)
    1.0
    """
    scale = np.sqrt(_entry(moments, "target_squares")) * np.sqrt(_entry(moments, "prediction_squares"))
    return np.clip(_ratio(_entry(moments, "products"), scale), -1.0, 1.0)


def spearman_correlation(targets: ArrayLike, predictions: ArrayLike) -> Scores:
    """Return Pearson's correlation of the ranks of predictions and targets; ties share their mean rank.

    Spearman 1904, doi:10.2307/1412159.

    Parameters
    ----------
    targets, predictions : float array, shape (..., N)
        The values, sample by sample.

    Returns
    -------
    float64 array, shape (...)
        In [-1, 1], higher is better. NaN where the targets or the predictions are constant, and for fewer
        than two values (scipy ``stats.spearmanr``, torchmetrics ``spearman_corrcoef``).

    Examples
    --------
    >>> round(float(spearman_correlation([1.0, 2.0, 3.0, 4.0], [10.0, 20.0, 25.0, 90.0])), 6)
    1.0
    """
    of_targets, of_predictions = _centred_ranks(targets), _centred_ranks(predictions)
    products = (of_targets * of_predictions).sum(axis=-1)
    scale = np.sqrt((of_targets**2).sum(axis=-1)) * np.sqrt((of_predictions**2).sum(axis=-1))
    return np.clip(_ratio(products, scale), -1.0, 1.0)


def _centred_ranks(values: ArrayLike) -> Scores:
    """Return the mean ranks less their mean, which ties do not change: 0 for constant values."""
    array = np.asarray(values, dtype=np.float64)
    rows = array.reshape(math.prod(array.shape[:-1]), array.shape[-1])
    ranks = np.empty_like(rows)
    for row, out in zip(rows, ranks, strict=True):
        _, which, counts = np.unique(row, return_inverse=True, return_counts=True)
        last = np.cumsum(counts)
        out[:] = (last - (counts - 1) / 2)[which] - (row.size + 1) / 2
    return ranks.reshape(array.shape)


def _entry(moments: ArrayLike, name: str) -> Scores:
    entry: Scores = np.asarray(moments, dtype=np.float64)[..., MOMENTS.index(name)]
    return entry


def _ratio(numerator: NDArray[Any], denominator: NDArray[Any]) -> Scores:
    """Divide; NaN where the denominator is 0."""
    quotient = np.full(np.shape(numerator), np.nan, dtype=np.float64)
    np.divide(numerator, denominator, out=quotient, where=denominator != 0)
    return quotient
