"""Intervals of a mean and of the difference of two means, by Student's t."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtrit

from mushin.statistics.moments import Moments, welch_error
from mushin.statistics.ties import FloatArray

Interval = tuple[FloatArray, FloatArray]
Range = tuple[float, float]

ANY_VALUE: Range = (-np.inf, np.inf)


def mean_interval(of: Moments, *, alpha: float = 0.05, valid_range: Range = ANY_VALUE) -> Interval:
    """Return the t interval of a mean, cut to the values that the metric can take.

    Parameters
    ----------
    of : Moments
        Of the runs, or of the differences of pairs.
    alpha : float
        In (0, 1); the interval covers the mean of a normal population with chance 1 - alpha.
    valid_range : (float, float)
        Smallest and largest possible value of the mean.

    Returns
    -------
    low, high : float array, shape (...)
        NaN where there are fewer than two runs or these have no spread.

    References
    ----------
    Student 1908, Biometrika 6:1, doi:10.1093/biomet/6.1.1.

    Examples
    --------
    >>> from mushin.statistics.moments import moments
    >>> low, high = mean_interval(moments(np.array([0.99, 1, 1, 0.97, 1])), valid_range=(0, 1))
    >>> float(low.round(4)), float(high)
    (0.9758, 1.0)
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(of.sd > 0, of.sd / np.sqrt(of.n), np.nan)
    return _around(of.mean, error, np.where(of.n >= 2, of.n - 1.0, np.nan), alpha, valid_range)


def welch_interval(
    a: Moments, b: Moments, *, alpha: float = 0.05, valid_range: Range = ANY_VALUE
) -> Interval:
    """Return the t interval of the difference of two means, without assuming equal variances.

    Parameters
    ----------
    a, b : Moments
        Of the runs of both groups.
    alpha : float
        In (0, 1). At alpha / m the intervals of m differences cover all of them with chance 1 - alpha.
    valid_range : (float, float)
        Smallest and largest possible value of the difference; see `difference_range`.

    Returns
    -------
    low, high : float array, shape (...)
        Of mean(A) - mean(B); NaN where a group has fewer than two runs or neither has any spread.

    References
    ----------
    Welch 1947, Biometrika 34:28, doi:10.1093/biomet/34.1-2.28; Dunn 1961 for alpha / m.

    Examples
    --------
    >>> from mushin.statistics.moments import moments
    >>> a, b = moments(np.array([0.91, 0.92, 0.94])), moments(np.array([0.80, 0.83, 0.81]))
    >>> [float(bound.round(4)) for bound in welch_interval(a, b)]
    [0.0754, 0.1446]
    """
    error, df = welch_error(a, b)
    return _around(a.mean - b.mean, error, df, alpha, valid_range)


def difference_range(valid_range: Range) -> Range:
    """Return the smallest and largest difference of two values in `valid_range`.

    Examples
    --------
    >>> difference_range((0.0, 1.0))
    (-1.0, 1.0)
    """
    low, high = valid_range
    return (low - high, high - low)


def _around(centre: FloatArray, error: FloatArray, df: FloatArray, alpha: float, valid: Range) -> Interval:
    """Return centre plus and minus t times its standard error, cut to the valid values."""
    half = -stdtrit(df, np.full(np.shape(df), alpha / 2)) * error
    return np.maximum(centre - half, valid[0]), np.minimum(centre + half, valid[1])
