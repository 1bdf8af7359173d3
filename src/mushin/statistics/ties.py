"""Tell a tie from a difference, float noise aside."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_NOISE_IN_ULPS = 16  # a score is the end of a short chain of roundings
_SINGLE_NOISE_IN_ULPS = 4
_SINGLE_NOISE_OF_SPREAD = 1e-4  # keeps large whole numbers, which fit float32 too, apart


def resolution(values: FloatArray) -> FloatArray:
    """Estimate the float noise of every value, from the data's own size and spread.

    Two values that differ by no more than the larger of their resolutions are the same. The noise is 16
    units in the last place of the value, or of the row's median size where that is larger: ``1 - 0.9``
    differs from ``0.1``, and ``1e-17`` from ``0`` beside values near 1, by rounding only. Values that
    all fit float32 were computed there, and their noise is larger: 4 of its units, yet at most 1/10,000
    of the row's range.

    Parameters
    ----------
    values : float array, shape (..., n)
        Runs along the last axis; NaN where one is missing.

    Returns
    -------
    float array, shape (..., n)
        Non-negative, in the units of `values`; never NaN or inf.

    Examples
    --------
    >>> bool(abs(0.1 + 0.2 - 0.3) <= resolution(np.array([0.3, 0.1])).max())
    True
    """
    finite = np.isfinite(values)
    size = np.where(finite, np.abs(values), 0.0)
    noise = _NOISE_IN_ULPS * np.finfo(np.float64).eps * np.maximum(size, _median(size, finite))
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        is_single = np.all(~finite | (values.astype(np.float32) == values), axis=-1, keepdims=True)
    single_noise = np.minimum(
        _SINGLE_NOISE_IN_ULPS * float(np.finfo(np.float32).eps) * size,
        _SINGLE_NOISE_OF_SPREAD * _range(values, finite),
    )
    return np.where(is_single, np.maximum(noise, single_noise), noise)


def is_constant(values: FloatArray) -> BoolArray:
    """Say whether the runs of a row differ by float noise at most.

    Parameters
    ----------
    values : float array, shape (..., n)
        Runs along the last axis; NaN where one is missing.

    Returns
    -------
    bool array, shape (...)
        True for a row without two runs too.

    Examples
    --------
    >>> is_constant(np.array([[0.1 + 0.2, 0.3], [1e-9, 3e-9]])).tolist()
    [True, False]
    """
    if values.shape[-1] == 0:
        return np.ones(values.shape[:-1], dtype=bool)
    spread = _range(values, np.isfinite(values))[..., 0]
    constant: BoolArray = spread <= resolution(values).max(axis=-1)
    return constant & ~np.isinf(values).any(axis=-1)


def doubled_midranks(values: FloatArray, noise: FloatArray, ranked: BoolArray) -> IntArray:
    """Rank each row, ties sharing the mean of their ranks; doubled, so that ranks stay whole.

    Parameters
    ----------
    values : float array, shape (rows, n)
        What to rank along the last axis; inf ranks last.
    noise : float array, shape (rows, n)
        Neighbours that differ by no more than the larger of their noises are tied.
    ranked : bool array, shape (rows, n)
        False where a value takes no part.

    Returns
    -------
    int array, shape (rows, n)
        Twice the midrank, from 2; 0 where a value takes no part.

    Examples
    --------
    >>> row = np.array([[0.3, 0.1 + 0.2, 0.1]])
    >>> doubled_midranks(row, resolution(row), np.ones((1, 3), dtype=bool)).tolist()
    [[5, 5, 2]]
    """
    if values.size == 0:
        return np.zeros(values.shape, dtype=np.int64)
    order = np.argsort(np.where(ranked, values, np.nan), axis=-1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=-1)
    tolerance = np.take_along_axis(noise, order, axis=-1)
    kept = np.take_along_axis(ranked, order, axis=-1)
    starts = np.ones(values.shape, dtype=bool)
    with np.errstate(invalid="ignore"):
        gap = ordered[:, 1:] - ordered[:, :-1]
        tied = (gap <= np.maximum(tolerance[:, 1:], tolerance[:, :-1])) | (ordered[:, 1:] == ordered[:, :-1])
    starts[:, 1:] = ~(tied & kept[:, 1:])
    place = np.broadcast_to(np.arange(values.shape[-1]), values.shape)
    first = np.maximum.accumulate(np.where(starts, place, 0), axis=-1)
    ends = np.ones(values.shape, dtype=bool)
    ends[:, :-1] = starts[:, 1:]
    last_of_reversed = np.where(ends, place, values.shape[-1])[:, ::-1]
    last = np.minimum.accumulate(last_of_reversed, axis=-1)[:, ::-1]
    ranks = np.zeros(values.shape, dtype=np.int64)
    np.put_along_axis(ranks, order, np.where(kept, first + last + 2, 0), axis=-1)
    return ranks


def _median(size: FloatArray, finite: BoolArray) -> FloatArray:
    """Return the median of each row's finite values, 0 where there are none; shape (..., 1)."""
    known = np.where(finite, size, np.nan)
    known = np.where(finite.any(axis=-1, keepdims=True), known, 0.0)
    return np.nanmedian(known, axis=-1, keepdims=True) if size.shape[-1] else np.zeros((*size.shape[:-1], 1))


def _range(values: FloatArray, finite: BoolArray) -> FloatArray:
    """Return the range of each row's finite values, 0 where there are none; shape (..., 1)."""
    if values.shape[-1] == 0:
        return np.zeros((*values.shape[:-1], 1))
    low = np.where(finite, values, np.inf).min(axis=-1, keepdims=True)
    high = np.where(finite, values, -np.inf).max(axis=-1, keepdims=True)
    with np.errstate(over="ignore"):
        return np.where(low <= high, high - np.where(low <= high, low, 0.0), 0.0)
