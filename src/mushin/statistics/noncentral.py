"""Invert the noncentral t distribution."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize.elementwise import find_root
from scipy.special import gammaincinv, nctdtr, ndtri

from mushin.statistics.ties import FloatArray

_LARGEST_T = 1000.0  # beyond it the normal part of t is nothing beside its chi part
_TO_THE_BIT = {"xatol": 1e-13, "xrtol": 1e-15, "fatol": 0.0, "frtol": 0.0}


def noncentrality(t: FloatArray, df: FloatArray, *, share: float) -> FloatArray:
    """Return the noncentrality under which t is exceeded with chance 1 - `share`.

    Parameters
    ----------
    t, df : float array, shape (...)
        A value of t and its degrees of freedom, above 0; NaN gives NaN.
    share : float
        In (0, 1): the chance of a smaller t.

    Returns
    -------
    float array, shape (...)
        Beyond |t| = 1000 from the chi part of t alone, to about five digits.

    References
    ----------
    Johnson, Kotz & Balakrishnan 1995, Continuous Univariate Distributions 2, chapter 31. Chandrupatla 1997,
    doi:10.1016/S0965-9978(96)00051-8, for the root.

    Examples
    --------
    >>> float(noncentrality(np.array(2.0), np.array(8.0), share=0.025).round(4))
    4.1349
    """
    size = np.abs(t)
    towards = np.where(t < 0, 1 - share, share)
    tail = min(share, 1 - share) / 4  # both the chi part and the normal part are rarely beyond
    lowest = size * chi_quantile(df, tail) + ndtri(tail)
    highest = size * chi_quantile(df, 1 - tail) - ndtri(tail)
    near = np.minimum(size, _LARGEST_T)
    found = find_root(
        _excess, (lowest, highest), args=(df, near, towards), tolerances=_TO_THE_BIT, maxiter=80
    )
    return np.where(t < 0, -1.0, 1.0) * np.where(
        size > _LARGEST_T, size * chi_quantile(df, 1 - towards), found.x
    )


def _excess(at: FloatArray, df: FloatArray, t: FloatArray, share: FloatArray) -> FloatArray:
    """Return how much more than `share` the chance of a smaller t is under a noncentrality."""
    return np.asarray(nctdtr(df, at, t) - share)


def bisect(function: Callable[[FloatArray], FloatArray], start: FloatArray, end: FloatArray) -> FloatArray:
    """Find where `function` falls from above 0 at `start` to below at `end`, to the last bit or so.

    Examples
    --------
    >>> root = bisect(lambda x: 2 - x**2, np.array(0.0), np.array(2.0))
    >>> float(root.round(6))
    1.414214
    """
    for _ in range(80):
        middle = (start + end) / 2
        before = function(middle) > 0
        start, end = np.where(before, middle, start), np.where(before, end, middle)
    return np.asarray((start + end) / 2)


def chi_quantile(df: FloatArray, share: FloatArray | float) -> FloatArray:
    """Return a quantile of the root of the mean of `df` squared normal variables.

    Examples
    --------
    >>> float(chi_quantile(np.array(1.0), 0.95).round(2))
    1.96
    """
    return np.asarray(np.sqrt(gammaincinv(df / 2, share) / (df / 2)))
