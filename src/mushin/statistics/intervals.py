"""Intervals of a mean and of the difference of two means, by Student's t."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtrit

from mushin.statistics.moments import Moments, mean_error
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
    error, df = mean_error(of)
    return t_interval(of.mean, error, df, alpha=alpha, valid_range=valid_range)


def t_interval(
    centre: FloatArray,
    error: FloatArray,
    df: FloatArray,
    *,
    alpha: float = 0.05,
    valid_range: Range = ANY_VALUE,
) -> Interval:
    """Return an estimate plus and minus a quantile of t times its standard error.

    Parameters
    ----------
    centre, error, df : float array, shape (...)
        The estimate, its standard error and its degrees of freedom, for a difference of means from
        `welch_error`, `student_error` or `mean_error`.
    alpha : float
        In (0, 1). At alpha / m the intervals of m differences cover all of them with chance 1 - alpha.
    valid_range : (float, float)
        Smallest and largest possible value of the estimate; see `difference_range`.

    Returns
    -------
    low, high : float array, shape (...)
        NaN where `error` is.

    References
    ----------
    Welch 1947, Biometrika 34:28, doi:10.1093/biomet/34.1-2.28; Dunn 1961 for alpha / m.

    Examples
    --------
    >>> low, high = t_interval(np.array(0.5), np.array(0.1), np.array(4.0))
    >>> float(low.round(4)), float(high.round(4))
    (0.2224, 0.7776)
    """
    half = -stdtrit(df, np.full(np.shape(df), alpha / 2)) * error
    return np.maximum(centre - half, valid_range[0]), np.minimum(centre + half, valid_range[1])


def difference_range(valid_range: Range) -> Range:
    """Return the smallest and largest difference of two values in `valid_range`.

    Examples
    --------
    >>> difference_range((0.0, 1.0))
    (-1.0, 1.0)
    """
    low, high = valid_range
    return (low - high, high - low)
