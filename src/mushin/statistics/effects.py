"""Effect sizes of a pair, each with an interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, gammaln, ndtri

from mushin.statistics.moments import Moments, pair_noise, pooled_sd
from mushin.statistics.noncentral import bisect, noncentrality
from mushin.statistics.outcome import as_pairs, as_runs
from mushin.statistics.rank_tests import pooled_ranks, signed_ranks
from mushin.statistics.ties import FloatArray


@dataclass(frozen=True)
class Effect:
    """An effect size and its interval at 1 - alpha; arrays of shape (...), NaN where there is none."""

    size: FloatArray
    low: FloatArray
    high: FloatArray


def hedges_g(a: Moments, b: Moments, *, alpha: float = 0.05) -> Effect:
    """Return the difference of two means in units of their pooled sd, corrected for small samples.

    Parameters
    ----------
    a, b : Moments
        Of the runs of both groups.
    alpha : float
        In (0, 1).

    Returns
    -------
    Effect
        Positive where A is above B. NaN where a group has fewer than two runs or neither has any spread.
        The interval is that of R's effectsize: the exact one for normal groups of equal variance, with the
        small-sample correction on its bounds too. It covers the effect times that correction with chance
        1 - alpha; the effect itself, where it is large and runs are few, less often (d = 3: .89 with 3
        runs, .93 with 5; docs/calibration.md).

    References
    ----------
    Hedges 1981, J. Educ. Stat. 6:107, doi:10.3102/10769986006002107; interval by inversion of the
    noncentral t: Steiger & Fouladi 1997, as in R's effectsize.

    Examples
    --------
    >>> from mushin.statistics.moments import moments
    >>> effect = hedges_g(moments(np.array([0.91, 0.92, 0.94])), moments(np.array([0.80, 0.83, 0.81])))
    >>> [float(value.round(3)) for value in (effect.size, effect.low, effect.high)]
    [5.746, 1.742, 9.767]
    """
    usable = (a.n >= 2) & (b.n >= 2)
    df = np.where(usable, a.n + b.n - 2.0, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(1 / (1 / a.n + 1 / b.n))
    return _standardised(a.mean - b.mean, pooled_sd(a, b), df, root, alpha)


def hedges_g_z(difference: Moments, *, alpha: float = 0.05) -> Effect:
    """Return the mean of paired differences in units of their sd, corrected for small samples.

    Parameters
    ----------
    difference : Moments
        Of the differences A - B.
    alpha : float
        In (0, 1).

    Returns
    -------
    Effect
        Positive where A is above B. NaN for fewer than two pairs or constant differences. The interval is
        as for `hedges_g`; with 3 pairs it covers an effect of 2.1 itself with chance .71, with 5 .88.

    References
    ----------
    Hedges 1981; Lakens 2013, Front. Psychol. 4:863, doi:10.3389/fpsyg.2013.00863, for g_z.

    Examples
    --------
    >>> from mushin.statistics.moments import moments
    >>> effect = hedges_g_z(moments(np.array([0.01, 0.02, 0.03])))
    >>> float(effect.size.round(4))
    1.1284
    """
    df = np.where(difference.n >= 2, difference.n - 1.0, np.nan)
    return _standardised(difference.mean, difference.sd, df, np.sqrt(difference.n), alpha)


def rank_biserial(a: FloatArray, b: FloatArray, *, alpha: float = 0.05) -> Effect:
    """Return how much more often a run of A exceeds one of B than the reverse (Cliff's delta).

    Parameters
    ----------
    a, b : float array, shape (..., n_a) and (..., n_b)
        Runs along the last axis; NaN where one is missing.
    alpha : float
        In (0, 1).

    Returns
    -------
    Effect
        In [-1, 1]; NaN where a group has no runs. The interval is that of `superiority`.

    References
    ----------
    Cureton 1956, Psychometrika 21:287, doi:10.1007/BF02289138; Cliff 1993.

    Examples
    --------
    >>> float(rank_biserial(np.array([3.0, 4, 5]), np.array([1.0, 2, 3])).size.round(3))
    0.889
    """
    chance = superiority(a, b, alpha=alpha)
    return Effect(2 * chance.size - 1, 2 * chance.low - 1, 2 * chance.high - 1)


def rank_biserial_paired(a: FloatArray, b: FloatArray, *, alpha: float = 0.05) -> Effect:
    """Return the share of the ranks of positive differences less that of the negative ones.

    Parameters
    ----------
    a, b : float array, shape (..., n)
        Runs along the last axis, paired by position; a pair that misses one (NaN) is left out.
    alpha : float
        In (0, 1).

    Returns
    -------
    Effect
        In [-1, 1]; NaN where all differences are zero. The interval is Wilson's for a proportion, with
        the count that gives the rank sum its variance under the null, 1.5 n (n + 1) / (2n + 1). For
        normal differences, n = 3 to 20, it covers .93 to .99 (R's effectsize: .91 to .00), but .89 where
        nearly all differences have one sign and n is at most 5.

    References
    ----------
    Kerby 2014, Compr. Psychol. 3:1, doi:10.2466/11.IT.3.1; Wilson 1927, J. Am. Stat. Assoc. 22:209,
    doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> effect = rank_biserial_paired(np.array([1.0, 2, 3, 4]), np.array([0.0, 0, 0, 5]))
    >>> float(effect.size)
    0.7
    """
    first, second = as_pairs(a, b)
    shape = first.shape[:-1]
    ranks, signs = signed_ranks(first, second)
    total = ranks.sum(axis=-1).reshape(shape)
    n = (ranks > 0).sum(axis=-1).reshape(shape)
    positive = np.where(signs > 0, ranks, 0).sum(axis=-1).reshape(shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = positive / total
        low, high = _wilson(share, 1.5 * n * (n + 1) / (2 * n + 1), alpha)
    return Effect(2 * share - 1, 2 * low - 1, 2 * high - 1)


def superiority(a: FloatArray, b: FloatArray, *, alpha: float = 0.05) -> Effect:
    """Return the chance that a run of A exceeds one of B, a tie being half.

    Parameters
    ----------
    a, b : float array, shape (..., n_a) and (..., n_b)
        Runs along the last axis; NaN where one is missing.
    alpha : float
        In (0, 1).

    Returns
    -------
    Effect
        In [0, 1]; NaN where a group has no runs. The interval keeps its coverage with few runs and near
        0 and 1.

    References
    ----------
    Newcombe 2006, Stat. Med. 25:559, doi:10.1002/sim.2324, method 5; Bouthillier et al. 2021 (MLSys), who
    ask for 0.75.

    Examples
    --------
    >>> chance = superiority(np.array([3.0, 4, 5]), np.array([1.0, 2, 3]))
    >>> [float(value.round(2)) for value in (chance.size, chance.low, chance.high)]
    [0.94, 0.45, 1.0]
    """
    first, second = as_runs(a, b)
    shape = first.shape[:-1]
    ranks, n_a, n_b = pooled_ranks(first, second)
    with np.errstate(divide="ignore", invalid="ignore"):
        u = ranks[:, : first.shape[-1]].sum(axis=-1) / 2 - n_a * (n_a + 1) / 2
        chance = u / (n_a * n_b)
        known = ~np.isnan(chance)
    z2 = ndtri(alpha / 2) ** 2
    more = (n_a + n_b) / 2 - 1

    def outside(theta: FloatArray) -> FloatArray:
        unequal = 1 + more * ((1 - theta) / (2 - theta) + theta / (1 + theta))
        variance = theta * (1 - theta) * unequal / np.maximum(n_a * n_b, 1)
        return np.asarray((chance - theta) ** 2 - z2 * variance)

    low = np.where(known, bisect(outside, np.zeros_like(chance), chance), np.nan)
    high = np.where(known, bisect(outside, np.ones_like(chance), chance), np.nan)
    return Effect(chance.reshape(shape), low.reshape(shape), high.reshape(shape))


def superiority_paired(a: FloatArray, b: FloatArray, *, alpha: float = 0.05) -> Effect:
    """Return the chance that the run of A exceeds its partner of B, a tie being half.

    Parameters
    ----------
    a, b : float array, shape (..., n)
        Runs along the last axis, paired by position; a pair that misses one (NaN) is left out.
    alpha : float
        In (0, 1).

    Returns
    -------
    Effect
        In [0, 1]; NaN without pairs. The interval is exact, and wide: its lower end takes ties as
        losses, its upper end as wins.

    References
    ----------
    Clopper & Pearson 1934, Biometrika 26:404, doi:10.1093/biomet/26.4.404.

    Examples
    --------
    >>> chance = superiority_paired(np.array([3.0, 4, 5, 6]), np.zeros(4))
    >>> [float(value.round(4)) for value in (chance.size, chance.low, chance.high)]
    [1.0, 0.3976, 1.0]
    """
    first, second = as_pairs(a, b)
    present = ~np.isnan(first)
    n = present.sum(axis=-1).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        differs = np.abs(first - second) > pair_noise(first, second)
        wins = (differs & (first > second)).sum(axis=-1)
        losses = (differs & (first < second)).sum(axis=-1)
        chance = (wins + (n - wins - losses) / 2) / n
        low = np.where(wins > 0, betaincinv(np.maximum(wins, 1), n - wins + 1, alpha / 2), 0.0)
        high = np.where(losses > 0, betaincinv(n - losses + 1, np.maximum(losses, 1), 1 - alpha / 2), 1.0)
    return Effect(chance, np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan))


def _standardised(
    difference: FloatArray, sd: FloatArray, df: FloatArray, root: FloatArray, alpha: float
) -> Effect:
    """Divide by the sd and correct for its bias; `root` turns d into the noncentral t it is drawn from."""
    usable = (sd > 0) & (df > 0)
    df = np.where(usable, df, 1.0)
    root = np.where(usable, root, 1.0)
    d = np.where(usable, difference, 0.0) / np.where(usable, sd, 1.0)
    correction = np.exp(gammaln(df / 2) - gammaln(np.maximum(df - 1, 0.5) / 2)) / np.sqrt(df / 2)
    # With one degree of freedom the correction is 0: the mean of d does not exist.
    correction = np.where(usable & (df > 1), correction, np.nan)
    low = noncentrality(d * root, df, share=1 - alpha / 2)
    high = noncentrality(d * root, df, share=alpha / 2)
    return Effect(d * correction, low / root * correction, high / root * correction)


def _wilson(share: FloatArray, n: FloatArray, alpha: float) -> tuple[FloatArray, FloatArray]:
    """Return Wilson's score interval of a proportion."""
    z = -ndtri(alpha / 2)
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)
