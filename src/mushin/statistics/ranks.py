"""Rank methods within blocks (data sets), and test whether their mean ranks differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, fdtrc

from mushin.statistics.ties import FloatArray, doubled_midranks, resolution


@dataclass(frozen=True)
class FriedmanTest:
    """Whether any method differs; arrays of shape (...).

    Attributes
    ----------
    chi2, chi2_df, chi2_p : float array
        Friedman's statistic; its p is an approximation that is good from about 10 blocks on.
    f, f_df1, f_df2, f_p : float array
        Iman and Davenport's, which is less conservative.
    """

    chi2: FloatArray
    chi2_df: int
    chi2_p: FloatArray
    f: FloatArray
    f_df1: int
    f_df2: int
    f_p: FloatArray


def rank_in_blocks(scores: FloatArray, *, higher_is_better: bool = True) -> FloatArray:
    """Rank the methods of each block, the best first; ties, float noise aside, share their ranks.

    Parameters
    ----------
    scores : float array, shape (..., methods)
        One block per row, without NaN; inf is as bad or as good as can be.
    higher_is_better : bool
        The direction of the scores.

    Returns
    -------
    float array, shape (..., methods)
        From 1, the best; each row sums to K (K + 1) / 2.

    Examples
    --------
    >>> rank_in_blocks(np.array([[0.9, 0.7, 0.1 + 0.6], [0.1, 0.2, 0.3]])).tolist()
    [[1.0, 2.5, 2.5], [3.0, 2.0, 1.0]]
    """
    rows = np.asarray(scores, dtype=np.float64).reshape(-1, scores.shape[-1])
    towards = -rows if higher_is_better else rows
    doubled = doubled_midranks(towards, resolution(towards), np.ones(rows.shape, dtype=bool))
    return np.asarray((doubled / 2).reshape(scores.shape))


def friedman(ranks: FloatArray, *, correct_ties: bool = True) -> FriedmanTest:
    """Test whether all methods rank alike.

    Parameters
    ----------
    ranks : float array, shape (..., blocks, methods)
        From `rank_in_blocks`; two blocks and two methods at least.
    correct_ties : bool
        Divide by what ties take from the variance, as R and scipy do; Demšar's printed values do not.

    Returns
    -------
    FriedmanTest
        Of shape (...). Where every block ties all methods, chi2 and F are 0 and p is 1. Where every block has
        the same order, F is infinite and does not tell how many blocks agree: its p is NaN; see chi2.

    References
    ----------
    Friedman 1937, J. Am. Stat. Assoc. 32:675, doi:10.1080/01621459.1937.10503522; ties as in Hollander &
    Wolfe 1999, section 7.1; Iman & Davenport 1980, Commun. Stat. A9:571, doi:10.1080/03610928008827904.

    Examples
    --------
    >>> result = friedman(np.array([[1.0, 2, 3], [1, 3, 2], [1, 2, 3], [1, 2, 3]]))
    >>> float(result.chi2), float(result.f.round(6))
    (6.5, 13.0)
    """
    blocks, methods = ranks.shape[-2:]
    # The sum of squared ranks holds the ties: without any it is K (K + 1) (2K + 1) / 6 in each block.
    centre = (methods + 1) / 2
    between = blocks**2 * ((ranks.mean(axis=-2) - centre) ** 2).sum(axis=-1)
    untied = blocks * methods * (methods**2 - 1) / 12
    variance = ((ranks - centre) ** 2).sum(axis=(-2, -1)) if correct_ties else np.full(between.shape, untied)
    df = methods - 1
    chi2 = df * between / np.where(variance > 0, variance, 1.0)
    rest = blocks * df - chi2
    with np.errstate(divide="ignore"):
        f = (blocks - 1) * chi2 / np.maximum(rest, 0.0)
    df2 = df * (blocks - 1)
    # An infinite F would have p = 0 however few blocks agree, two as well as a hundred.
    f_p = np.where(np.isinf(f), np.nan, fdtrc(df, df2, f))
    return FriedmanTest(chi2=chi2, chi2_df=df, chi2_p=chdtrc(df, chi2), f=f, f_df1=df, f_df2=df2, f_p=f_p)


def critical_difference(methods: int, blocks: int, *, alpha: float = 0.05) -> float:
    """Return the difference of mean ranks from which on two methods differ (Nemenyi).

    Parameters
    ----------
    methods, blocks : int
        Two each at least.
    alpha : float
        Family-wise error of all pairs, in (0, 1).

    Returns
    -------
    float
        In ranks. The quantile of the studentised range is that of infinite degrees of freedom.

    References
    ----------
    Nemenyi 1963; Demšar 2006, JMLR 7:1, section 3.2.2.

    Examples
    --------
    >>> round(critical_difference(4, 14), 2), round(critical_difference(4, 14, alpha=0.1), 2)
    (1.25, 1.12)
    """
    from scipy.stats import studentized_range

    quantile = float(studentized_range.ppf(1 - alpha, methods, np.inf)) / np.sqrt(2)
    return float(quantile * _rank_error(methods, blocks))


def nemenyi_p(difference: FloatArray, methods: int, blocks: int) -> FloatArray:
    """Return the family-wise p of differences of mean ranks.

    Parameters
    ----------
    difference : float array, shape (...)
        Of two mean ranks.
    methods, blocks : int
        Two each at least.

    Returns
    -------
    float array, shape (...)
        In [0, 1], for all pairs at once: no further correction.

    References
    ----------
    As for `critical_difference`.

    Examples
    --------
    >>> float(nemenyi_p(np.array(critical_difference(4, 14)), 4, 14).round(6))
    0.05
    """
    from scipy.stats import studentized_range

    away = np.abs(difference) / _rank_error(methods, blocks) * np.sqrt(2)
    return np.asarray(studentized_range.sf(away, methods, np.inf))


def groups_of_equals(mean_ranks: FloatArray, difference: float) -> list[tuple[int, ...]]:
    """Group the methods whose mean ranks all lie within less than a difference: the bars of a CD diagram.

    Parameters
    ----------
    mean_ranks : float array, shape (methods,)
        Of each method.
    difference : float
        The critical difference.

    Returns
    -------
    list of tuple of int
        The largest groups of two methods or more, by position, the best rank first. A method may be in
        several; being in one is no proof of equality.

    Examples
    --------
    >>> groups_of_equals(np.array([3.143, 2.0, 2.893, 1.964]), 1.12)
    [(3, 1, 2), (2, 0)]
    """
    order = np.argsort(mean_ranks, kind="stable")
    ordered = mean_ranks[order]
    groups: list[tuple[int, ...]] = []
    reached = 0
    for start in range(len(ordered)):
        end = int(np.searchsorted(ordered - ordered[start], difference, side="left"))
        if end > max(reached, start + 1):
            groups.append(tuple(order[start:end].tolist()))
        reached = max(reached, end)
    return groups


def _rank_error(methods: int, blocks: int) -> float:
    """Return the standard error of a difference of mean ranks over the root of two, times that root."""
    return float(np.sqrt(methods * (methods + 1) / (6 * blocks)))
