"""Say what a design can show, and how many seeds would."""

from __future__ import annotations

import numpy as np
from scipy.special import comb, nctdtr, stdtrit

from mushin.statistics.decisions import MIN_RUNS_FOR_A_CLAIM
from mushin.statistics.noncentral import chi_quantile, noncentrality
from mushin.statistics.resampling import DRAWS, MOST_PAIRS, MOST_SPLITS
from mushin.statistics.ties import BoolArray, FloatArray, IntArray

MOST_SEEDS = 2**20


def smallest_p(test: str, n_a: IntArray, n_b: IntArray, *, sides: int = 2) -> FloatArray:
    """Return the smallest p that a test can give with this many runs.

    Perfect separation gives it: one of 2^n sign patterns or C(n_a + n_b, n_a) splits, and with two sides
    its mirror image. A split into groups of different size has no mirror image among the splits: where all
    runs of a group are the same, no other split is as far from the expectation. Where patterns or splits
    are drawn and not listed, it is one of the draws. A t test has no such bound.

    Parameters
    ----------
    test : str
        One of `mushin.statistics.tests.available_tests`.
    n_a, n_b : int array, shape (...)
        Runs of each group; for a paired test both are the number of pairs.
    sides : {1, 2}
        Of the alternative.

    Returns
    -------
    float array, shape (...)
        In [0, 1]; 1 where a group has fewer than two runs.

    References
    ----------
    Wilcoxon 1945; Mann & Whitney 1947; Fisher 1935, The Design of Experiments, for sign flips.

    Examples
    --------
    >>> smallest_p("wilcoxon", np.array([5, 6]), np.array([5, 6])).tolist()
    [0.0625, 0.03125]
    >>> smallest_p("mannwhitney", np.array([3, 3]), np.array([3, 6])).round(4).tolist()
    [0.1, 0.0119]
    """
    fewest = np.minimum(n_a, n_b)
    bound = np.zeros(np.shape(n_a))
    if test in ("wilcoxon", "signflip"):
        bound = sides * np.exp2(-fewest.astype(np.float64))
    elif test in ("mannwhitney", "permutation"):
        bound = np.where(n_a == n_b, sides, 1) / comb(n_a + n_b, n_a)
    if test == "signflip":
        bound = np.where(fewest > MOST_PAIRS, 1 / (DRAWS + 1), bound)
    elif test == "permutation":
        bound = np.where(comb(n_a + n_b, n_a) > MOST_SPLITS, 1 / (DRAWS + 1), bound)
    return np.where(fewest < 2, 1.0, np.minimum(1.0, bound))


def t_power(distance: FloatArray, df: FloatArray, *, alpha: float, sides: int = 2) -> FloatArray:
    """Return the chance that a t test rejects.

    Parameters
    ----------
    distance : float array, shape (...)
        The true difference of means over its standard error, 0 or above.
    df : float array, shape (...)
        Degrees of freedom.
    alpha : float
        What p must reach, in (0, 1).
    sides : {1, 2}
        Of the alternative, the one side being that of the true difference.

    Returns
    -------
    float array, shape (...)
        In [0, 1], both tails counted where the test has two sides.

    References
    ----------
    Cohen 1988, Statistical Power Analysis, chapter 2; R's power.t.test with strict = TRUE.

    Examples
    --------
    >>> float(t_power(np.sqrt(17 / 2), np.array(32.0), alpha=0.05).round(3))
    0.807
    """
    critical = -stdtrit(df, np.full(np.shape(df), alpha / sides))
    # Beyond this noncentrality hardly any t is missed, and nctdtr loses its footing.
    certain = critical * chi_quantile(df, 1 - 1e-5) + 5
    distance = np.minimum(distance, certain)
    found = 1 - nctdtr(df, distance, critical)
    if sides == 1:
        return np.asarray(found)
    wrong_tail = nctdtr(df, distance, -critical)  # NaN where it is too small to be told from 0
    return np.asarray(found + np.where(np.isnan(wrong_tail), 0.0, wrong_tail))


def detectable_difference(
    error: FloatArray, df: FloatArray, *, alpha: float, power: float = 0.8, sides: int = 2
) -> FloatArray:
    """Return the smallest true difference of means that a t test finds with this power.

    Parameters
    ----------
    error, df : float array, shape (...)
        Standard error of the difference and degrees of freedom of the test, with the runs at hand.
    alpha : float
        What p must reach, in (0, 1): alpha / m for one of m tests.
    power : float
        Chance that p reaches it, in (0, 1).
    sides : {1, 2}
        Of the alternative, the one side being that of the difference.

    Returns
    -------
    float array, shape (...)
        Above 0, in the units of the metric; NaN where `error` is. It takes the observed spread for the
        true one.

    References
    ----------
    Cohen 1988, Statistical Power Analysis, chapter 2; R's power.t.test.

    Examples
    --------
    >>> two_groups_of_17 = np.sqrt(2 / 17)
    >>> float(detectable_difference(np.array(two_groups_of_17), np.array(32.0), alpha=0.05).round(2))
    0.99
    """
    critical = -stdtrit(df, np.full(np.shape(df), alpha / sides))
    return noncentrality(critical, df, share=1 - power) * error


def seeds_needed(
    difference: FloatArray,
    spread: FloatArray,
    df_per_seed: FloatArray,
    *,
    alpha: float,
    power: float = 0.8,
    sides: int = 2,
) -> FloatArray:
    """Return the seeds per method that a t test needs to find the observed difference.

    Parameters
    ----------
    difference : float array, shape (...)
        Of means.
    spread : float array, shape (...)
        The standard error of that difference times the root of n: with n seeds for each method,
        sqrt(sd_a^2 + sd_b^2), or the sd of the paired differences.
    df_per_seed : float array, shape (...)
        The degrees of freedom are this times n - 1: 2 for Student's test, 1 for pairs, between for
        Welch's.
    alpha : float
        What p must reach, in (0, 1): alpha / m for one of m tests.
    power : float
        Chance that p reaches it, in (0, 1).
    sides : {1, 2}
        Of the alternative, the one side being that of the difference.

    Returns
    -------
    float array, shape (...)
        Whole numbers from 3, since fewer seeds give no claim; inf beyond a million, NaN without spread.
        It takes the observed difference and spread for the true ones, which few seeds know badly.

    References
    ----------
    Cohen 1988, Statistical Power Analysis, chapter 2; R's power.t.test.

    Examples
    --------
    >>> one = np.array([1.0])
    >>> seeds_needed(1.0 * one, np.sqrt(2) * one, 2 * one, alpha=0.05).tolist()
    [17.0]
    """
    usable = (spread > 0) & (df_per_seed > 0) & ~np.isnan(difference)
    effect = np.abs(np.where(usable, difference, 1.0)) / np.where(usable, spread, 1.0)
    slope = np.where(usable, df_per_seed, 1.0)

    def is_enough(n: FloatArray) -> BoolArray:
        enough: BoolArray = t_power(effect * np.sqrt(n), slope * (n - 1), alpha=alpha, sides=sides) >= power
        return enough

    low = np.full(effect.shape, MIN_RUNS_FOR_A_CLAIM - 1.0)
    high = np.full(effect.shape, float(MOST_SEEDS))
    reachable = is_enough(high)
    while np.any(high - low > 1):
        middle = np.where(high - low > 1, np.floor((low + high) / 2), high)
        enough = is_enough(middle)
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.where(usable, np.where(reachable, high, np.inf), np.nan)
