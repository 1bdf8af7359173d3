"""Simulate from which shift on a rank or permutation test finds it.

Shift all runs of A by d: a rank or permutation test of fixed runs rejects from some d on. That critical
shift has a closed form for each of these tests, so that one sample gives its answer for every effect, and
the sorted critical shifts of many samples are the power curve.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from mushin.statistics.exact import rank_sum_p, signed_rank_p
from mushin.statistics.ties import FloatArray

MOST_SIMULATED: Mapping[str, int] = MappingProxyType(
    {"mannwhitney": 30, "wilcoxon": 50, "permutation": 7, "signflip": 12}
)
"""Test → the most seeds per method that are simulated."""

_RANK_SAMPLES = 10_000
_SAMPLES = 5_000
_SEED = 20_250_731
_NUMBERS_AT_ONCE = 2**21


@functools.lru_cache(maxsize=256)
def critical_shifts(test: str, n: int, level: float) -> FloatArray:
    """Return the shifts from which on a one-sided test rejects, for many samples of normal runs.

    Parameters
    ----------
    test : {"mannwhitney", "wilcoxon", "permutation", "signflip"}
        The test.
    n : int
        Runs of each group, or pairs; at most ``MOST_SIMULATED[test]``.
    level : float
        What the one-sided p must reach; half of it for a test of two sides, whose p is twice that of one
        because both groups are of one size.

    Returns
    -------
    float array, shape (samples,)
        Ascending, in standard deviations; inf where no shift is enough. Same arguments, same array.

    References
    ----------
    Hodges & Lehmann 1963, Ann. Math. Stat. 34:598, doi:10.1214/aoms/1177704172, for the differences and
    Walsh averages that decide a rank test.

    Examples
    --------
    >>> shifts = critical_shifts("mannwhitney", 10, 0.025)
    >>> float((shifts < 1.5).mean().round(2))
    0.85
    """
    rng = np.random.default_rng(_SEED)
    find = {
        "mannwhitney": _rank_sum_shifts,
        "wilcoxon": _signed_rank_shifts,
        "permutation": _split_shifts,
        "signflip": _sign_shifts,
    }[test]
    shifts = np.sort(find(rng, n, level))
    shifts.flags.writeable = False
    return shifts


def _rank_sum_shifts(rng: np.random.Generator, n: int, level: float) -> FloatArray:
    """Return the shift that gives A enough wins: it wins where b_j - a_i < d, of n^2 pairs of runs."""
    wins = np.arange(n * n + 1)
    ranks = np.tile(2 * np.arange(1, 2 * n + 1), (len(wins), 1))
    p_value = rank_sum_p(ranks, 2 * wins + n * (n + 1), n, "greater")
    needed = _fewest(p_value, level)
    a, b = rng.normal(size=(2, _RANK_SAMPLES, n))
    return _kth_smallest(a, b, needed)


def _signed_rank_shifts(rng: np.random.Generator, n: int, level: float) -> FloatArray:
    """Return the shift that lifts enough Walsh averages above 0: their number is the rank sum."""
    i, j = np.triu_indices(n)
    sums = np.arange(len(i) + 1)
    ranks = np.tile(2 * np.arange(1, n + 1), (len(sums), 1))
    needed = _fewest(signed_rank_p(ranks, 2 * sums, "greater"), level)
    pairs = rng.normal(size=(_RANK_SAMPLES, n))
    if needed is None:
        return np.full(_RANK_SAMPLES, np.inf)
    shifts = np.empty(_RANK_SAMPLES)
    step = max(1, _NUMBERS_AT_ONCE // len(i))
    for start in range(0, _RANK_SAMPLES, step):
        some = pairs[start : start + step]
        walsh = -(some[:, i] + some[:, j]) / 2
        shifts[start : start + step] = np.partition(walsh, needed - 1, axis=-1)[:, needed - 1]
    return shifts


def _kth_smallest(a: FloatArray, b: FloatArray, k: int | None) -> FloatArray:
    """Return the k-th smallest of all differences b_j - a_i of each row; inf where k is None."""
    if k is None:
        return np.full(len(a), np.inf)
    shifts = np.empty(len(a))
    step = max(1, _NUMBERS_AT_ONCE // a.shape[-1] ** 2)
    for start in range(0, len(a), step):
        rows = slice(start, start + step)
        differences = (b[rows, None, :] - a[rows, :, None]).reshape(len(a[rows]), -1)
        shifts[rows] = np.partition(differences, k - 1, axis=-1)[:, k - 1]
    return shifts


def _fewest(p_value: FloatArray, level: float) -> int | None:
    """Return the smallest statistic whose p reaches the level."""
    enough = np.flatnonzero(p_value <= level * (1 + 1e-12))
    return int(enough[0]) if len(enough) else None


def _split_shifts(rng: np.random.Generator, n: int, level: float) -> FloatArray:
    """Compare the observed split with all others: one that keeps k of A gains k d, the observed n d."""
    chosen = np.array(list(itertools.combinations(range(2 * n), n)))
    member = np.zeros((len(chosen), 2 * n))
    np.put_along_axis(member, chosen, 1.0, axis=1)
    return _overtaken(rng.normal(size=(_SAMPLES, 2 * n)), member, n, level)


def _sign_shifts(rng: np.random.Generator, n: int, level: float) -> FloatArray:
    """Compare the observed signs with every other choice; the first of them changes none."""
    signs = np.array(list(itertools.product([1.0, -1.0], repeat=n)))
    return _overtaken(rng.normal(size=(_SAMPLES, n)), signs, n, level)


def _overtaken(runs: FloatArray, weights: FloatArray, n: int, level: float) -> FloatArray:
    """Return from which shift on few enough of the rearrangements are as far out as the first.

    Row S gets the sum S.z + d k, k the sum of its first n weights; the first row, the observed one, gets
    the largest k, n. S is as far out while d <= (S.z - first.z) / (n - k).
    """
    allowed = int(np.floor(level * len(weights) * (1 + 1e-12))) - 1
    if allowed < 0:
        return np.full(len(runs), np.inf)
    gained = n - weights[1:, :n].sum(axis=1)
    shifts = np.empty(len(runs))
    step = max(1, _NUMBERS_AT_ONCE // len(weights))
    for start in range(0, len(runs), step):
        sums = runs[start : start + step] @ weights.T
        until = (sums[:, 1:] - sums[:, :1]) / gained
        kth = until.shape[1] - 1 - allowed
        shifts[start : start + step] = np.partition(until, kth, axis=1)[:, kth]
    return shifts
