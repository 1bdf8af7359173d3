"""Describe the runs of rows: their count, mean, spread and pair correlation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mushin.statistics.ties import BoolArray, FloatArray, IntArray, is_constant, resolution


@dataclass(frozen=True)
class Moments:
    """Count, mean and standard deviation of the runs along the last axis, each of shape (...).

    Attributes
    ----------
    n : int array
        Runs that are not missing.
    mean : float array
        In the units of the metric; NaN without runs or where a run is inf.
    sd : float array
        With n - 1 in the denominator; exactly 0 where the runs differ by float noise only, NaN for
        fewer than two runs or where a run is inf.
    is_constant : bool array
        Two runs or more, and all the same.
    """

    n: IntArray
    mean: FloatArray
    sd: FloatArray
    is_constant: BoolArray


def moments(values: FloatArray) -> Moments:
    """Count the runs and compute their mean and standard deviation.

    Parameters
    ----------
    values : float array, shape (..., n)
        Runs along the last axis; NaN where one is missing.

    Returns
    -------
    Moments
        Arrays of shape (...).

    Examples
    --------
    >>> runs = moments(np.array([0.8, 0.9, np.nan]))
    >>> int(runs.n), float(runs.mean.round(3)), float(runs.sd.round(3))
    (2, 0.85, 0.071)
    """
    present = ~np.isnan(values)
    n = present.sum(axis=-1)
    diverged = np.asarray(np.isinf(values).any(axis=-1))
    usable = present & ~diverged[..., None]
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        mean = np.where(usable, values, 0.0).sum(axis=-1) / np.where(diverged, 0, n)
        away = np.where(usable, values - mean[..., None], 0.0)
        # The largest deviation is taken out of the square, which would leave the range of floats.
        scale = np.abs(away).max(axis=-1, initial=0.0)
        shape = away / np.where(scale > 0, scale, 1.0)[..., None]
        sd = scale * np.sqrt((shape**2).sum(axis=-1) / (n - 1))
    constant = is_constant(values) & (n >= 2)
    sd = np.where(constant, 0.0, np.where((n >= 2) & ~diverged, sd, np.nan))
    return Moments(n, mean, sd, constant)


def difference_moments(a: FloatArray, b: FloatArray) -> Moments:
    """Describe the differences of pairs, judging their spread by the float noise of `a` and `b`.

    Parameters
    ----------
    a, b : float array, shape (..., n)
        Paired runs, none of them inf; NaN in both where a pair is missing.

    Returns
    -------
    Moments
        Of a - b. Constant differences have an sd of 0, and a mean of 0 where they are all noise.

    Examples
    --------
    >>> pairs = difference_moments(np.array([0.81, 0.71, 0.31]), np.array([0.80, 0.70, 0.30]))
    >>> bool(pairs.is_constant), float(pairs.sd)
    (True, 0.0)
    """
    difference = a - b
    noise = pair_noise(a, b).max(axis=-1, initial=0.0)
    described = moments(difference)
    present = ~np.isnan(difference)
    high = np.where(present, difference, -np.inf).max(axis=-1, initial=-np.inf)
    low = np.where(present, difference, np.inf).min(axis=-1, initial=np.inf)
    constant = (described.n >= 2) & (high - low <= 2 * noise)
    return Moments(
        n=described.n,
        mean=np.where(constant & (np.abs(described.mean) <= noise), 0.0, described.mean),
        sd=np.where(constant, 0.0, described.sd),
        is_constant=constant,
    )


def pair_noise(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return the float noise of each difference a - b, shape (..., n)."""
    noise = resolution(np.concatenate([a, b], axis=-1))
    return np.maximum(noise[..., : a.shape[-1]], noise[..., a.shape[-1] :])


def welch_error(a: Moments, b: Moments) -> tuple[FloatArray, FloatArray]:
    """Return the standard error of the difference of two means and its degrees of freedom.

    Returns
    -------
    error, df : float array, shape (...)
        NaN where a group has fewer than two runs or neither has any spread.

    References
    ----------
    Satterthwaite 1946, Biometrics Bulletin 2:110, doi:10.2307/3002019; Welch 1947.

    Examples
    --------
    >>> error, df = welch_error(moments(np.array([1.0, 2, 3])), moments(np.array([4.0, 5, 6])))
    >>> float(error.round(4)), float(df.round(6))
    (0.8165, 4.0)
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        error_a, error_b = a.sd / np.sqrt(a.n), b.sd / np.sqrt(b.n)
        error = np.hypot(error_a, error_b)
        df = 1 / ((error_a / error) ** 4 / (a.n - 1) + (error_b / error) ** 4 / (b.n - 1))
    usable = error > 0
    return np.where(usable, error, np.nan), np.where(usable, df, np.nan)


def pooled_sd(a: Moments, b: Moments) -> FloatArray:
    """Return the standard deviation of both groups together, shape (...); 0 where neither has spread.

    Examples
    --------
    >>> float(pooled_sd(moments(np.array([1.0, 2, 3])), moments(np.array([4.0, 5, 6]))))
    1.0
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        df = a.n + b.n - 2
        return np.asarray(np.hypot(a.sd * np.sqrt((a.n - 1) / df), b.sd * np.sqrt((b.n - 1) / df)))


def student_error(a: Moments, b: Moments) -> tuple[FloatArray, FloatArray]:
    """Return the standard error of the difference of two means of equal variance, and its df.

    Returns
    -------
    error, df : float array, shape (...)
        NaN where a group has fewer than two runs or neither has any spread.

    References
    ----------
    Student 1908, Biometrika 6:1, doi:10.1093/biomet/6.1.1.

    Examples
    --------
    >>> error, df = student_error(moments(np.array([1.0, 2, 3])), moments(np.array([4.0, 5, 6])))
    >>> float(error.round(4)), float(df)
    (0.8165, 4.0)
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        error = pooled_sd(a, b) * np.sqrt(1.0 / a.n + 1.0 / b.n)
    usable = error > 0
    return np.where(usable, error, np.nan), np.where(usable, a.n + b.n - 2.0, np.nan)


def mean_error(of: Moments) -> tuple[FloatArray, FloatArray]:
    """Return the standard error of a mean and its degrees of freedom.

    Returns
    -------
    error, df : float array, shape (...)
        NaN where there are fewer than two runs or these have no spread.

    Examples
    --------
    >>> error, df = mean_error(moments(np.array([1.0, 2, 3, 4])))
    >>> float(error.round(4)), float(df)
    (0.6455, 3.0)
    """
    usable = (of.n >= 2) & (of.sd > 0)
    n = np.where(usable, of.n, 2)
    return np.where(usable, of.sd / np.sqrt(n), np.nan), np.where(usable, n - 1.0, np.nan)


def pair_correlation(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return Pearson's correlation of paired runs.

    Parameters
    ----------
    a, b : float array, shape (..., n)
        Runs along the last axis, paired by position; a pair that misses one (NaN) is left out.

    Returns
    -------
    float array, shape (...)
        In [-1, 1]; NaN for fewer than three pairs, a constant group, or a run that is inf.

    References
    ----------
    Pearson 1895, Proc. R. Soc. 58:240, doi:10.1098/rspl.1895.0041.

    Examples
    --------
    >>> float(pair_correlation(np.array([1.0, 2, 3]), np.array([2.0, 4, 6])))
    1.0
    """
    missing = np.isnan(a) | np.isnan(b)
    of_a, of_b = moments(np.where(missing, np.nan, a)), moments(np.where(missing, np.nan, b))
    usable = (of_a.n >= 3) & (of_a.sd > 0) & (of_b.sd > 0)
    with np.errstate(invalid="ignore"):
        z_a = (a - of_a.mean[..., None]) / np.where(usable, of_a.sd, 1.0)[..., None]
        z_b = (b - of_b.mean[..., None]) / np.where(usable, of_b.sd, 1.0)[..., None]
        product = np.where(missing | ~usable[..., None], 0.0, z_a * z_b).sum(axis=-1)
    correlation = product / np.where(usable, of_a.n - 1, 1)
    return np.where(usable, np.clip(correlation, -1.0, 1.0), np.nan)
