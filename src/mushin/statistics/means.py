"""Test the difference of two means by Student's t."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtr

from mushin.statistics.moments import Moments, difference_moments, moments, student_error, welch_error
from mushin.statistics.outcome import (
    MIN_RUNS,
    Alternative,
    Outcome,
    as_pairs,
    as_runs,
    check_alternative,
    refuse_diverged,
)
from mushin.statistics.ties import FloatArray, IntArray


def welch(a: FloatArray, b: FloatArray, *, alternative: Alternative = "two-sided") -> Outcome:
    """Test whether two means differ, without assuming equal variances.

    Where one group is constant, the formula is the one-sample t test of the other against that constant
    (``how`` says so). Where both are, there is no spread to judge by, and the pair is untestable.

    Parameters
    ----------
    a, b : float array, shape (..., n_a) and (..., n_b)
        Runs along the last axis; NaN where one is missing. The leading shapes broadcast.
    alternative : {"two-sided", "greater", "less"}
        ``greater`` looks for A above B only, ``less`` for A below B.

    Returns
    -------
    Outcome
        Of shape (...); the statistic is t. Fewer than two runs in a group are untestable.

    Raises
    ------
    DataError
        A run is inf.

    References
    ----------
    Welch 1947, Biometrika 34:28, doi:10.1093/biomet/34.1-2.28.

    Examples
    --------
    >>> outcome = welch(np.array([0.91, 0.92, 0.94]), np.array([0.80, 0.83, 0.81]))
    >>> float(outcome.p_value.round(6))
    0.000912
    """
    first, second = as_runs(a, b)
    refuse_diverged(first, second)
    of_a, of_b = moments(first), moments(second)
    error, df = welch_error(of_a, of_b)
    return _t_outcome(of_a, of_b, error, df, alternative, one_constant="one_sample_t")


def ttest_ind(a: FloatArray, b: FloatArray, *, alternative: Alternative = "two-sided") -> Outcome:
    """Test whether two means differ, assuming equal variances (Student).

    Parameters
    ----------
    a, b : float array, shape (..., n_a) and (..., n_b)
        Runs along the last axis; NaN where one is missing. The leading shapes broadcast.
    alternative : {"two-sided", "greater", "less"}
        ``greater`` looks for A above B only, ``less`` for A below B.

    Returns
    -------
    Outcome
        Of shape (...); the statistic is t. Fewer than two runs in a group, or two constant groups, are
        untestable. One constant group is taken to have the other's variance, as always here, which
        claims too much where the group is a deterministic baseline: use `welch` there.

    Raises
    ------
    DataError
        A run is inf.

    References
    ----------
    Student 1908, Biometrika 6:1, doi:10.1093/biomet/6.1.1.

    Examples
    --------
    >>> outcome = ttest_ind(np.array([1.0, 2, 3]), np.array([5.0, 6, 7]))
    >>> float(outcome.statistic.round(4)), float(outcome.df)
    (-4.899, 4.0)
    """
    first, second = as_runs(a, b)
    refuse_diverged(first, second)
    of_a, of_b = moments(first), moments(second)
    error, df = student_error(of_a, of_b)
    return _t_outcome(of_a, of_b, error, df, alternative, one_constant="t")


def ttest_rel(a: FloatArray, b: FloatArray, *, alternative: Alternative = "two-sided") -> Outcome:
    """Test whether the mean difference of pairs is zero.

    Where all differences are the same there is no spread to judge by: p is that of the sign-flip test,
    2^(1-n), half of that with a one-sided alternative, and ``how`` says ``sign_flip``.

    Parameters
    ----------
    a, b : float array, shape (..., n)
        Runs along the last axis, paired by position; a pair that misses one (NaN) is left out.
    alternative : {"two-sided", "greater", "less"}
        ``greater`` looks for A above B only, ``less`` for A below B.

    Returns
    -------
    Outcome
        Of shape (...); the statistic is t. Fewer than two pairs are untestable.

    Raises
    ------
    DataError
        A run is inf, or the numbers of runs differ.

    Examples
    --------
    >>> outcome = ttest_rel(np.array([0.91, 0.92, 0.94]), np.array([0.80, 0.83, 0.81]))
    >>> float(outcome.p_value.round(5))
    0.01084
    """
    first, second = as_pairs(a, b)
    refuse_diverged(first, second)
    of_difference = difference_moments(first, second)
    n = of_difference.n
    constant = of_difference.is_constant
    with np.errstate(divide="ignore", invalid="ignore"):
        t = of_difference.mean / (of_difference.sd / np.sqrt(n))
    df = np.where(n >= MIN_RUNS, n - 1.0, np.nan)
    usable = (n >= MIN_RUNS) & ~constant
    p_value = np.where(usable, _t_p(np.where(usable, t, 0.0), df, alternative), np.nan)
    flipped = _flip_p(np.sign(of_difference.mean), n, alternative)
    return Outcome(
        statistic=np.where(usable, t, np.nan),
        df=np.where(usable, df, np.nan),
        p_value=np.where(constant, flipped, p_value),
        direction=np.where(n >= MIN_RUNS, np.sign(of_difference.mean), 0.0),
        how=np.where(n < MIN_RUNS, "too_few_runs", np.where(constant, "sign_flip", "t")),
    )


def _t_outcome(
    a: Moments, b: Moments, error: FloatArray, df: FloatArray, alternative: Alternative, *, one_constant: str
) -> Outcome:
    """Compare the difference of two means with its standard error."""
    both_constant = a.is_constant & b.is_constant
    too_few = (a.n < MIN_RUNS) | (b.n < MIN_RUNS)
    usable = ~(both_constant | too_few)
    t = np.where(usable, a.mean - b.mean, 0.0) / np.where(usable, error, 1.0)
    df = np.where(usable, df, np.nan)
    how = np.where(a.is_constant ^ b.is_constant, one_constant, "t")
    how = np.where(both_constant, "both_constant", how)
    return Outcome(
        statistic=np.where(usable, t, np.nan),
        df=df,
        p_value=_t_p(t, df, alternative),
        direction=np.sign(t),
        how=np.where(too_few, "too_few_runs", how),
    )


def _t_p(t: FloatArray, df: FloatArray, alternative: Alternative) -> FloatArray:
    """Return the chance of a t as far out, on the side or sides that the alternative looks at."""
    check_alternative(alternative)
    if alternative == "two-sided":
        return np.asarray(2 * stdtr(df, -np.abs(t)))
    return np.asarray(stdtr(df, -t if alternative == "greater" else t))


def _flip_p(sign: FloatArray, n: IntArray, alternative: Alternative) -> FloatArray:
    """Return the p of n equal differences under random signs."""
    if alternative == "two-sided":
        return np.where(sign == 0, 1.0, np.ldexp(1.0, 1 - n))
    towards = sign if alternative == "greater" else -sign
    return np.where(towards > 0, np.ldexp(1.0, -n), 1.0)
