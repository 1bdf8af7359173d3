"""Test whether one group ranks above the other, exactly for small samples."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from scipy.special import ndtr

from mushin.errors import ConfigError
from mushin.statistics.exact import MOST_RUNS, rank_sum_p, signed_rank_p
from mushin.statistics.moments import pair_noise
from mushin.statistics.outcome import (
    MIN_RUNS,
    Alternative,
    Outcome,
    as_pairs,
    as_runs,
    check_alternative,
)
from mushin.statistics.ties import FloatArray, IntArray, doubled_midranks, resolution

EXACT_UP_TO_PAIRS = 50
EXACT_UP_TO_RUNS = 60

_MIRRORED: Mapping[Alternative, Alternative] = MappingProxyType(
    {"two-sided": "two-sided", "greater": "less", "less": "greater"}
)


def wilcoxon(
    a: FloatArray,
    b: FloatArray,
    *,
    alternative: Alternative = "two-sided",
    exact_up_to: int = EXACT_UP_TO_PAIRS,
    noise: FloatArray | None = None,
) -> Outcome:
    """Test whether paired differences are symmetric around zero (Wilcoxon's signed ranks).

    Zero differences are left out, tied ones share their ranks, and p is exact given these ranks. Of a
    pair with one diverged run (inf) the difference is the largest of all; with two it is zero.

    Parameters
    ----------
    a, b : float array, shape (..., n)
        Runs along the last axis, paired by position; a pair that misses one (NaN) is left out.
    alternative : {"two-sided", "greater", "less"}
        ``greater`` looks for A above B only, ``less`` for A below B.
    exact_up_to : int
        Rows with more pairs get the normal approximation, corrected for ties but not for continuity; at
        most 1000.
    noise : float array, shape (..., n), optional
        The float noise of each difference, where pairs share no scale; by default that of the row.

    Returns
    -------
    Outcome
        Of shape (...); the statistic is the sum of the ranks of the positive differences (R's V). Fewer
        than two pairs are untestable. ``how`` is ``exact`` or ``asymptotic``.

    Raises
    ------
    DataError
        The numbers of runs differ.
    ConfigError
        `exact_up_to` is above 1000.

    References
    ----------
    Wilcoxon 1945, Biometrics Bulletin 1:80, doi:10.2307/3001968; Streitberg & Röhmel 1986 for the exact
    distribution with ties; Hollander & Wolfe 1999, section 3.1, for the approximation.

    Examples
    --------
    >>> outcome = wilcoxon(np.array([1.0, 2, 3, 4, 5, 6]), np.zeros(6))
    >>> float(outcome.statistic), float(outcome.p_value)
    (21.0, 0.03125)
    """
    check_alternative(alternative)
    _check_exact_up_to(exact_up_to)
    first, second = as_pairs(a, b)
    shape = first.shape[:-1]
    ranks, signs = signed_ranks(first, second, noise)
    n = (~np.isnan(first)).sum(axis=-1).reshape(-1)
    positive = np.where(signs > 0, ranks, 0).sum(axis=-1)
    total = ranks.sum(axis=-1)
    testable = n >= MIN_RUNS
    exact = testable & (n <= exact_up_to)
    p_value = np.full(len(ranks), np.nan)
    p_value[exact] = signed_rank_p(ranks[exact], positive[exact], alternative)
    rest = testable & ~exact
    # Of doubled ranks: the variance is the sum of squares / 4, and 2V - total is twice V's distance.
    spread = np.sqrt((ranks[rest].astype(float) ** 2).sum(axis=-1))
    p_value[rest] = _normal_p((2 * positive - total)[rest], spread, alternative)
    return Outcome(
        statistic=np.where(testable, positive / 2, np.nan).reshape(shape),
        df=np.full(shape, np.nan),
        p_value=p_value.reshape(shape),
        direction=np.where(testable, np.sign(2 * positive - total), 0.0).reshape(shape),
        how=np.where(testable, np.where(exact, "exact", "asymptotic"), "too_few_runs").reshape(shape),
    )


def mannwhitney(
    a: FloatArray,
    b: FloatArray,
    *,
    alternative: Alternative = "two-sided",
    exact_up_to: int = EXACT_UP_TO_RUNS,
) -> Outcome:
    """Test whether runs of one group tend to exceed those of the other (Mann-Whitney's U).

    Tied runs share their ranks, and p is exact given these ranks.

    Parameters
    ----------
    a, b : float array, shape (..., n_a) and (..., n_b)
        Runs along the last axis; NaN where one is missing, inf where one diverged. The leading shapes
        broadcast.
    alternative : {"two-sided", "greater", "less"}
        ``greater`` looks for A above B only, ``less`` for A below B.
    exact_up_to : int
        Pairs with more runs (n_a + n_b) get the normal approximation, corrected for ties and continuity;
        at most 1000.

    Returns
    -------
    Outcome
        Of shape (...); the statistic is U of A (R's W): how many pairs of runs A wins, a tie being half.
        Fewer than two runs in a group are untestable. ``how`` is ``exact`` or ``asymptotic``.

    Raises
    ------
    ConfigError
        `exact_up_to` is above 1000.

    References
    ----------
    Mann & Whitney 1947, Ann. Math. Stat. 18:50, doi:10.1214/aoms/1177730491; Streitberg & Röhmel 1986 for
    the exact distribution with ties; Hollander & Wolfe 1999, section 4.1, for the approximation.

    Examples
    --------
    >>> outcome = mannwhitney(np.ones(5), np.zeros(5))
    >>> float(outcome.statistic), float(outcome.p_value.round(5))
    (25.0, 0.00794)
    """
    check_alternative(alternative)
    _check_exact_up_to(exact_up_to)
    first, second = as_runs(a, b)
    shape = first.shape[:-1]
    ranks, n_a, n_b = pooled_ranks(first, second)
    of_a = ranks[:, : first.shape[-1]].sum(axis=-1)
    u = of_a / 2 - n_a * (n_a + 1) / 2
    testable = (n_a >= MIN_RUNS) & (n_b >= MIN_RUNS)
    exact = testable & (n_a + n_b <= exact_up_to)
    p_value = np.full(len(ranks), np.nan)
    for size_a, size_b in np.unique(np.stack([n_a, n_b])[:, exact], axis=1).T:
        rows = np.flatnonzero(exact & (n_a == size_a) & (n_b == size_b))
        known = ranks[rows][ranks[rows] > 0].reshape(len(rows), size_a + size_b)
        if size_a <= size_b:
            p_value[rows] = rank_sum_p(known, of_a[rows], int(size_a), alternative)
        else:  # the smaller group is counted faster
            of_b = known.sum(axis=-1) - of_a[rows]
            p_value[rows] = rank_sum_p(known, of_b, int(size_b), _MIRRORED[alternative])
    rest = testable & ~exact
    p_value[rest] = _rank_sum_normal_p(ranks[rest], u[rest], n_a[rest], n_b[rest], alternative)
    return Outcome(
        statistic=np.where(testable, u, np.nan).reshape(shape),
        df=np.full(shape, np.nan),
        p_value=p_value.reshape(shape),
        direction=np.where(testable, np.sign(u - n_a * n_b / 2), 0.0).reshape(shape),
        how=np.where(testable, np.where(exact, "exact", "asymptotic"), "too_few_runs").reshape(shape),
    )


def signed_ranks(
    a: FloatArray, b: FloatArray, noise: FloatArray | None = None
) -> tuple[IntArray, FloatArray]:
    """Rank the absolute differences of pairs, float noise aside.

    Parameters
    ----------
    a, b : float array, shape (..., n)
        Paired runs; NaN in both where a pair is missing.
    noise : float array, shape (..., n), optional
        Of each difference; by default `mushin.statistics.moments.pair_noise`.

    Returns
    -------
    ranks : int array, shape (rows, n)
        Doubled midranks; 0 where the difference is zero or missing. The leading shape is flattened.
    signs : float array, shape (rows, n)
        Of a - b.

    Examples
    --------
    >>> ranks, signs = signed_ranks(np.array([0.82, 0.81, 0.5]), np.array([0.81, 0.80, 0.7]))
    >>> ranks.tolist(), signs.tolist()
    ([[3, 3, 6]], [[1.0, 1.0, -1.0]])
    """
    rows = (int(np.prod(a.shape[:-1])), a.shape[-1])
    first, second = a.reshape(rows), b.reshape(rows)
    with np.errstate(invalid="ignore"):
        difference = np.where(first == second, 0.0, first - second)
    of_pairs = pair_noise(first, second) if noise is None else noise.reshape(rows)
    size = np.abs(difference)
    return doubled_midranks(size, of_pairs, size > of_pairs), np.sign(difference)


def pooled_ranks(a: FloatArray, b: FloatArray) -> tuple[IntArray, IntArray, IntArray]:
    """Rank the runs of both groups together, float noise aside.

    Parameters
    ----------
    a, b : float array, shape (..., n_a) and (..., n_b)
        Runs along the last axis; NaN where one is missing.

    Returns
    -------
    ranks : int array, shape (rows, n_a + n_b)
        Doubled midranks, A's first; 0 where a run is missing. The leading shape is flattened.
    n_a, n_b : int array, shape (rows,)
        Runs that are not missing.

    Examples
    --------
    >>> ranks, n_a, n_b = pooled_ranks(np.array([0.1 + 0.2, np.nan]), np.array([0.3]))
    >>> ranks.tolist(), n_a.tolist(), n_b.tolist()
    ([[3, 0, 3]], [1], [1])
    """
    pooled = np.concatenate([a, b], axis=-1)
    pooled = pooled.reshape(int(np.prod(pooled.shape[:-1])), pooled.shape[-1])
    present = ~np.isnan(pooled)
    ranks = doubled_midranks(pooled, resolution(pooled), present)
    split = a.shape[-1]
    return ranks, present[:, :split].sum(axis=-1), present[:, split:].sum(axis=-1)


def _check_exact_up_to(exact_up_to: int) -> None:
    """Refuse more runs than the exact distributions can count."""
    if exact_up_to > MOST_RUNS:
        raise ConfigError(f"exact_up_to is {exact_up_to}; exact p-values are counted up to {MOST_RUNS} runs")


def _rank_sum_normal_p(
    ranks: IntArray, u: FloatArray, n_a: IntArray, n_b: IntArray, alternative: Alternative
) -> FloatArray:
    """Approximate the p of U, with the corrections for ties and for continuity."""
    count = n_a + n_b
    centred = np.where(ranks > 0, ranks / 2 - (count[:, None] + 1) / 2, 0.0)
    variance = n_a * n_b / (count * (count - 1)) * (centred**2).sum(axis=-1)
    away = u - n_a * n_b / 2
    if alternative == "two-sided":
        away = np.maximum(np.abs(away) - 0.5, 0.0)
    else:
        away = away - (0.5 if alternative == "greater" else -0.5)
    return _normal_p(away, np.sqrt(variance), alternative)


def _normal_p(away: FloatArray, sd: FloatArray, alternative: Alternative) -> FloatArray:
    """Return the chance of a sum as far out, on the side or sides that the alternative looks at."""
    z = away / np.where(sd > 0, sd, 1.0)
    if alternative == "two-sided":
        p_value = 2 * ndtr(-np.abs(z))
    else:
        p_value = ndtr(-z if alternative == "greater" else z)
    return np.where(sd > 0, np.minimum(1.0, p_value), 1.0)  # without spread nothing is unusual
