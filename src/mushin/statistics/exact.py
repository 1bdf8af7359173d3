"""The exact null distributions of the two rank sums, ties included.

Both are counted by a dynamic programme over the doubled midranks, which are whole numbers (the shift
algorithm: Streitberg & Röhmel 1986, Statistical Software Newsletter 12:10). Rows with the same pattern of
ties share one distribution. Counts are floats: exact to 2^53, then to the last digits, up to 1000 runs.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import comb

from mushin.statistics.outcome import Alternative
from mushin.statistics.ties import FloatArray, IntArray

MOST_RUNS = 1000  # the number of their splits is still a float


def signed_rank_p(ranks: IntArray, positive: IntArray, alternative: Alternative = "two-sided") -> FloatArray:
    """Return the p of a sum of ranks whose signs are coin tosses.

    Parameters
    ----------
    ranks : int array, shape (rows, n)
        Doubled midranks of the absolute differences; 0 where a difference is zero or missing.
    positive : int array, shape (rows,)
        The sum of the doubled ranks of the positive differences.
    alternative : {"two-sided", "greater", "less"}
        Whether a large sum counts as evidence, a small one, or both.

    Returns
    -------
    float array, shape (rows,)
        In (0, 1].

    Examples
    --------
    >>> signed_rank_p(np.array([[2, 4, 6, 8, 10, 12]]), np.array([42])).tolist()
    [0.03125]
    """
    p_value = np.ones(len(ranks))
    for pattern, rows in _patterns(ranks):
        at_least = _upper_tail(_sign_distribution(pattern))
        mirrored = pattern.sum() - positive[rows]
        if alternative == "two-sided":
            p_value[rows] = np.minimum(1.0, 2 * at_least[np.maximum(positive[rows], mirrored)])
        else:
            p_value[rows] = at_least[positive[rows] if alternative == "greater" else mirrored]
    return p_value


def rank_sum_p(
    ranks: IntArray, chosen: IntArray, size: int, alternative: Alternative = "two-sided"
) -> FloatArray:
    """Return the p of a sum of `size` ranks drawn without replacement.

    Two-sided means: as far from the expected sum as observed, or farther, on either side.

    Parameters
    ----------
    ranks : int array, shape (rows, N)
        Doubled midranks of the pooled runs.
    chosen : int array, shape (rows,)
        The sum of the doubled ranks of one group.
    size : int
        How many runs that group has.
    alternative : {"two-sided", "greater", "less"}
        Whether a large sum counts as evidence, a small one, or both.

    Returns
    -------
    float array, shape (rows,)
        In (0, 1].

    Examples
    --------
    >>> rank_sum_p(np.array([[6] * 5 + [16] * 5]), np.array([30]), 5).round(5).tolist()
    [0.00794]
    """
    expected = size * (ranks.shape[-1] + 1)
    p_value = np.ones(len(ranks))
    for pattern, rows in _patterns(ranks):
        distribution = _subset_distribution(pattern, size)
        at_least, at_most = _upper_tail(distribution), np.cumsum(distribution)
        if alternative != "two-sided":
            tail = at_least if alternative == "greater" else at_most
            p_value[rows] = np.minimum(1.0, tail[chosen[rows]])
            continue
        away = np.abs(chosen[rows] - expected)
        below = np.where(away <= expected, at_most[np.maximum(expected - away, 0)], 0.0)
        above = at_least[np.minimum(expected + away, len(distribution))]
        p_value[rows] = np.where(away == 0, 1.0, np.minimum(1.0, below + above))
    return p_value


def _patterns(ranks: IntArray) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield each distinct pattern of ties, its ranks ascending, and the rows that show it."""
    if len(ranks) == 0:
        return
    distinct, shown, count = np.unique(
        np.sort(ranks, axis=-1), axis=0, return_inverse=True, return_counts=True
    )
    by_pattern = np.split(np.argsort(shown.reshape(-1), kind="stable"), np.cumsum(count)[:-1])
    yield from zip(distinct, by_pattern, strict=True)


def _sign_distribution(ranks: IntArray) -> FloatArray:
    """Return P(sum of the positive ranks = s) for s = 0 ... their sum."""
    count = np.zeros(int(ranks.sum()) + 1)
    count[0] = 1.0
    top = 0
    for rank in ranks.tolist():
        top += rank
        count[rank : top + 1] += count[: top + 1 - rank]
    return np.ldexp(count, -len(ranks))


def _subset_distribution(ranks: IntArray, size: int) -> FloatArray:
    """Return P(sum of `size` ranks drawn without replacement = s) for s = 0 ... the largest sum."""
    largest = int(ranks[len(ranks) - size :].sum())
    count = np.zeros((size + 1, largest + 1))
    count[0, 0] = 1.0
    top = 0
    for seen, rank in enumerate(ranks.tolist(), start=1):
        # Of j chosen among those seen, too few could never become `size`.
        few, many = max(1, size - (len(ranks) - seen)), min(seen, size)
        top = min(top + rank, largest)
        count[few : many + 1, rank : top + 1] += count[few - 1 : many, : top + 1 - rank]
    return np.asarray(count[size] / float(comb(len(ranks), size)))


def _upper_tail(distribution: FloatArray) -> FloatArray:
    """Return P(sum >= s), and 0 beyond the largest sum; small terms are added first."""
    return np.append(np.cumsum(distribution[::-1])[::-1], 0.0)
