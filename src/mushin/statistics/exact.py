"""The exact null distributions of the two rank sums, ties included.

Both are counted by a dynamic programme over the doubled midranks, which are whole numbers (the shift
algorithm: Streitberg & Röhmel 1986, Statistical Software Newsletter 12:10). Rows with the same pattern of
ties share one distribution, so that thousands of pairs cost little more than one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from mushin.statistics.ties import FloatArray, IntArray

_CELLS_AT_ONCE = 2**22  # of the programme's table: 32 MB


def signed_rank_p(ranks: IntArray, positive: IntArray) -> FloatArray:
    """Return the two-sided p of a sum of ranks whose signs are coin tosses.

    Parameters
    ----------
    ranks : int array, shape (rows, n)
        Doubled midranks of the absolute differences; 0 where a difference is zero or missing.
    positive : int array, shape (rows,)
        The sum of the doubled ranks of the positive differences.

    Returns
    -------
    float array, shape (rows,)
        In (0, 1].

    Examples
    --------
    >>> signed_rank_p(np.array([[2, 4, 6, 8, 10, 12]]), np.array([42])).tolist()
    [0.03125]
    """
    total = ranks.sum(axis=-1)
    p_value = np.ones(len(ranks))
    for batch in _patterns(ranks, cells_of_one=int(ranks.sum(axis=-1).max(initial=0)) + 1):
        at_least = _upper_tail(_sign_distribution(batch.ranks))
        extreme = np.maximum(positive, total - positive)[batch.rows]
        p_value[batch.rows] = np.minimum(1.0, 2 * at_least[batch.pattern, extreme])
    return p_value


def rank_sum_p(ranks: IntArray, chosen: IntArray, size: int) -> FloatArray:
    """Return the two-sided p of a sum of `size` ranks drawn without replacement.

    Two-sided means: as far from the expected sum as observed, or farther, on either side.

    Parameters
    ----------
    ranks : int array, shape (rows, N)
        Doubled midranks of the pooled runs.
    chosen : int array, shape (rows,)
        The sum of the doubled ranks of one group.
    size : int
        How many runs that group has.

    Returns
    -------
    float array, shape (rows,)
        In (0, 1].

    Examples
    --------
    >>> rank_sum_p(np.array([[6] * 5 + [16] * 5]), np.array([30]), 5).round(5).tolist()
    [0.00794]
    """
    count = ranks.shape[-1]
    expected = size * (count + 1)
    p_value = np.ones(len(ranks))
    largest = int(np.sort(ranks, axis=-1)[:, count - size :].sum(axis=-1).max(initial=0))
    for batch in _patterns(ranks, cells_of_one=(size + 1) * (largest + 1)):
        distribution = _subset_distribution(batch.ranks, size, largest)
        at_least = _upper_tail(distribution)
        at_most = np.cumsum(distribution, axis=-1)
        away = np.abs(chosen - expected)[batch.rows]
        below = np.where(away <= expected, at_most[batch.pattern, np.maximum(expected - away, 0)], 0.0)
        above = at_least[batch.pattern, np.minimum(expected + away, largest + 1)]
        p_value[batch.rows] = np.where(away == 0, 1.0, np.minimum(1.0, below + above))
    return p_value


class _Batch(NamedTuple):
    """Some distinct patterns of ranks, the rows that show one of them, and which one."""

    ranks: IntArray
    rows: IntArray
    pattern: IntArray


def _patterns(ranks: IntArray, cells_of_one: int) -> Iterator[_Batch]:
    """Yield the distinct patterns of ties, as many at once as fit the memory."""
    if len(ranks) == 0:
        return
    distinct, shown = np.unique(np.sort(ranks, axis=-1), axis=0, return_inverse=True)
    shown = shown.reshape(-1)
    step = max(1, _CELLS_AT_ONCE // cells_of_one)
    for start in range(0, len(distinct), step):
        rows = np.flatnonzero((shown >= start) & (shown < start + step))
        yield _Batch(distinct[start : start + step], rows, shown[rows] - start)


def _sign_distribution(ranks: IntArray) -> FloatArray:
    """Return P(sum of the positive ranks = s), shape (rows, largest sum + 1)."""
    probability = np.zeros((len(ranks), int(ranks.sum(axis=-1).max()) + 1))
    probability[:, 0] = 1.0
    for rank in ranks.T:
        probability = 0.5 * (probability + _shifted(probability, rank))
    return probability


def _subset_distribution(ranks: IntArray, size: int, largest: int) -> FloatArray:
    """Return P(sum of `size` ranks drawn without replacement = s), shape (rows, largest + 1)."""
    count = ranks.shape[-1]
    margin = int(ranks.max())  # columns of 0 at the left, for the shifts to read
    probability = np.zeros((size + 1, len(ranks), margin + largest + 1))
    probability[0, :, margin] = 1.0
    row = np.arange(len(ranks))[:, None]
    column = np.arange(margin, margin + largest + 1)
    for seen, rank in enumerate(ranks.T, start=1):
        # Of the subsets of j of the ranks seen, a share of j / seen holds the newest.
        few, many = max(1, size - (count - seen)), min(seen, size)
        joined = np.arange(few, many + 1)[:, None, None] / seen
        with_newest = probability[few - 1 : many, row, column - rank[:, None]]
        probability[few : many + 1, :, margin:] *= 1 - joined
        probability[few : many + 1, :, margin:] += joined * with_newest
    return probability[size, :, margin:]


def _shifted(probability: FloatArray, by: IntArray) -> FloatArray:
    """Move row i to the right by ``by[i]``, filling with 0."""
    source = np.arange(probability.shape[-1]) - by[:, None]
    moved = np.take_along_axis(probability, np.maximum(source, 0), axis=-1)
    return np.where(source >= 0, moved, 0.0)


def _upper_tail(distribution: FloatArray) -> FloatArray:
    """Return P(sum >= s), with one more column of 0 at the end; small terms are added first."""
    tail = np.cumsum(distribution[:, ::-1], axis=-1)[:, ::-1]
    return np.concatenate([tail, np.zeros((len(tail), 1))], axis=-1)
