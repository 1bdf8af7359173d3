"""Draw test sets from one: how often each item comes, in a bootstrap of the items."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mushin.statistics.ties import FloatArray, IntArray

_NUMBERS_AT_ONCE = 2**22


def item_counts(
    n_items: int, resamples: int, seed: int, *, numbers_per_resample: int = 0
) -> Iterator[tuple[slice, IntArray]]:
    """Yield how often each item is drawn, for some resamples at a time.

    Parameters
    ----------
    n_items : int
        In the test set, and in each resample.
    resamples : int
        Of the bootstrap.
    seed : int
        The same seed draws the same items, whatever is done with them.
    numbers_per_resample : int
        What is computed from each resample, so that memory stays bounded.

    Yields
    ------
    slice, int64 array of shape (k, n_items)
        Which resamples, and their counts; each row sums to `n_items`.

    References
    ----------
    Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapter 6.

    Examples
    --------
    >>> [(rows, counts.sum(axis=1).tolist()) for rows, counts in item_counts(5, 3, seed=0)]
    [(slice(0, 3, None), [5, 5, 5])]
    """
    rng = np.random.default_rng(seed)
    step = max(1, _NUMBERS_AT_ONCE // max(n_items, numbers_per_resample, 1))
    for start in range(0, resamples, step):
        rows = slice(start, min(start + step, resamples))
        size = rows.stop - rows.start
        drawn = rng.integers(0, n_items, (size, n_items)) + n_items * np.arange(size)[:, None]
        yield rows, np.bincount(drawn.reshape(-1), minlength=size * n_items).reshape(size, n_items)


def spread_by_origin(observed: FloatArray, drawn: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Split what the runs of one method scatter over seeds and over test sets.

    With the same items in all runs, a resample moves what they share together; where it moves them apart,
    single items were right in some runs and wrong in others.

    Parameters
    ----------
    observed : float array, shape (seeds,)
        Scores on the test set.
    drawn : float array, shape (seeds, resamples)
        Scores on resamples, the same in each column.

    Returns
    -------
    test_set : float array, shape ()
        Variance of one run's score over test sets, the mean of all runs.
    flips : float array, shape ()
        The part of the variance over seeds that comes from such items: by how much it is larger on
        resamples than on the test set, not below 0; NaN with fewer than two seeds.

    References
    ----------
    Searle, Casella & McCulloch 1992, Variance Components, chapter 4, for the crossed design of seeds and
    items.
    """
    test_set = np.asarray(drawn.var(axis=1).mean())
    if len(observed) < 2:
        return test_set, np.asarray(np.nan)
    excess = drawn.var(axis=0, ddof=1).mean() - observed.var(ddof=1)
    return test_set, np.asarray(np.maximum(excess, 0.0))
