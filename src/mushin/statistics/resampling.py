"""Test the difference of two means by rearranging the runs."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
from scipy.special import comb

from mushin.statistics.moments import difference_moments, moments, pair_noise
from mushin.statistics.outcome import (
    MIN_RUNS,
    Alternative,
    Outcome,
    StringArray,
    as_pairs,
    as_runs,
    check_alternative,
    refuse_diverged,
)
from mushin.statistics.ties import BoolArray, FloatArray, resolution

MOST_SPLITS = 200_000
MOST_PAIRS = 17
DRAWS = 99_999

_SUMS_AT_ONCE = 2**22


def permutation(
    a: FloatArray, b: FloatArray, *, alternative: Alternative = "two-sided", seed: int = 0
) -> Outcome:
    """Test whether both groups come from one distribution, by the difference of their means.

    Every split of the pooled runs into groups of these sizes is as likely as the observed one. Up to
    200,000 splits (10 v 10 runs) are all looked at; beyond that, 99,999 are drawn.

    Parameters
    ----------
    a, b : float array, shape (..., n_a) and (..., n_b)
        Runs along the last axis; NaN where one is missing. The leading shapes broadcast.
    alternative : {"two-sided", "greater", "less"}
        ``greater`` looks for A above B only, ``less`` for A below B.
    seed : int
        Of the draws.

    Returns
    -------
    Outcome
        Of shape (...); the statistic is mean(A) - mean(B), and p the share of splits whose sum of A is as
        far from its expectation, or farther. Fewer than two runs in a group are untestable. ``how`` is
        ``exact`` or ``monte_carlo``.

    Raises
    ------
    DataError
        A run is inf.

    References
    ----------
    Fisher 1935, The Design of Experiments; Phipson & Smyth 2010, Stat. Appl. Genet. Mol. Biol. 9:39,
    doi:10.2202/1544-6115.1585, for counting the observed split among the drawn.

    Examples
    --------
    >>> outcome = permutation(np.array([0.91, 0.92, 0.94]), np.array([0.80, 0.83, 0.81]))
    >>> float(outcome.p_value)
    0.1
    """
    check_alternative(alternative)
    first, second = as_runs(a, b)
    refuse_diverged(first, second)
    shape = first.shape[:-1]
    pooled = np.concatenate([first, second], axis=-1).reshape(-1, first.shape[-1] + second.shape[-1])
    of_a, of_b = moments(first), moments(second)
    n_a, n_b = of_a.n.reshape(-1), of_b.n.reshape(-1)
    testable = (n_a >= MIN_RUNS) & (n_b >= MIN_RUNS)
    exact = comb(n_a + n_b, n_a) <= MOST_SPLITS
    p_value = np.full(len(pooled), np.nan)
    for size_a, size_b in np.unique(np.stack([n_a, n_b])[:, testable], axis=1).T:
        rows = np.flatnonzero(testable & (n_a == size_a) & (n_b == size_b))
        runs = pooled[rows][~np.isnan(pooled[rows])].reshape(len(rows), size_a + size_b)
        member = _splits(int(size_a), int(size_b), seed)
        observed = np.arange(size_a + size_b) < size_a
        p_value[rows] = _share_as_far(runs, member, observed, alternative, is_all=bool(exact[rows[0]]))
    how = np.where(testable, np.where(exact, "exact", "monte_carlo"), "too_few_runs").reshape(shape)
    difference = np.where(how == "too_few_runs", np.nan, of_a.mean - of_b.mean)
    return _outcome(difference, p_value.reshape(shape), how)


def signflip(
    a: FloatArray, b: FloatArray, *, alternative: Alternative = "two-sided", seed: int = 0
) -> Outcome:
    """Test whether paired differences are symmetric around zero, by their mean.

    Every choice of signs is as likely as the observed one. Up to 17 pairs all choices are looked at;
    beyond that, 99,999 are drawn.

    Parameters
    ----------
    a, b : float array, shape (..., n)
        Runs along the last axis, paired by position; a pair that misses one (NaN) is left out.
    alternative : {"two-sided", "greater", "less"}
        ``greater`` looks for A above B only, ``less`` for A below B.
    seed : int
        Of the draws.

    Returns
    -------
    Outcome
        Of shape (...); the statistic is the mean difference, and p the share of sign choices whose mean
        is as far from zero, or farther. Fewer than two pairs are untestable. ``how`` is ``exact`` or
        ``monte_carlo``.

    Raises
    ------
    DataError
        A run is inf, or the numbers of runs differ.

    References
    ----------
    Fisher 1935, The Design of Experiments; Phipson & Smyth 2010, as for `permutation`.

    Examples
    --------
    >>> outcome = signflip(np.array([0.91, 0.92, 0.94]), np.array([0.80, 0.83, 0.81]))
    >>> float(outcome.p_value)
    0.25
    """
    check_alternative(alternative)
    first, second = as_pairs(a, b)
    refuse_diverged(first, second)
    shape = first.shape[:-1]
    difference = (first - second).reshape(-1, first.shape[-1])
    noise = pair_noise(first, second).max(axis=-1, initial=0.0).reshape(-1)
    of_pairs = difference_moments(first, second)
    n = of_pairs.n.reshape(-1)
    testable = n >= MIN_RUNS
    p_value = np.full(len(difference), np.nan)
    for size in np.unique(n[testable]):
        rows = np.flatnonzero(n == size)
        pairs = difference[rows][~np.isnan(difference[rows])].reshape(len(rows), size)
        signs = _sign_choices(int(size), seed)
        slack = 2 * size * noise[rows]
        p_value[rows] = _share(
            pairs, signs, pairs.sum(axis=-1), slack, alternative, is_all=bool(size <= MOST_PAIRS)
        )
    how = np.where(testable, np.where(n <= MOST_PAIRS, "exact", "monte_carlo"), "too_few_runs").reshape(shape)
    mean = np.where(how == "too_few_runs", np.nan, of_pairs.mean)
    return _outcome(mean, p_value.reshape(shape), how)


def _outcome(difference: FloatArray, p_value: FloatArray, how: StringArray) -> Outcome:
    """Collect what both tests return."""
    return Outcome(
        statistic=difference,
        df=np.full(difference.shape, np.nan),
        p_value=p_value,
        direction=np.where(np.isnan(difference), 0.0, np.sign(difference)),
        how=how,
    )


def _splits(size_a: int, size_b: int, seed: int) -> FloatArray:
    """Return who is in A, 1 or 0, for every split or for those drawn; shape (splits, size_a + size_b)."""
    count = size_a + size_b
    if comb(count, size_a) <= MOST_SPLITS:
        chosen = np.array(list(itertools.combinations(range(count), size_a)))
    else:
        chosen = np.random.default_rng(seed).random((DRAWS, count)).argsort(axis=1)[:, :size_a]
    member = np.zeros((len(chosen), count))
    np.put_along_axis(member, chosen, 1.0, axis=1)
    return member


def _sign_choices(size: int, seed: int) -> FloatArray:
    """Return every choice of signs, or those drawn; shape (choices, size)."""
    if size <= MOST_PAIRS:
        bits = np.arange(2**size)[:, None] >> np.arange(size)
        return np.where(bits & 1 == 1, -1.0, 1.0)
    return np.random.default_rng(seed).choice([-1.0, 1.0], (DRAWS, size))


def _share_as_far(
    runs: FloatArray, member: FloatArray, observed: BoolArray, alternative: Alternative, *, is_all: bool
) -> FloatArray:
    """Return the share of splits whose sum of A is as far from its expectation as observed."""
    noise = resolution(runs).max(axis=-1) * runs.shape[-1]
    centred = runs - runs.mean(axis=-1, keepdims=True)
    return _share(centred, member, centred[:, observed].sum(axis=-1), noise, alternative, is_all=is_all)


def _share(
    values: FloatArray,
    weights: FloatArray,
    observed: FloatArray,
    slack: FloatArray,
    alternative: Alternative,
    *,
    is_all: bool,
) -> FloatArray:
    """Return the share of weighted sums as far out as `observed`; of draws, that one is one more."""
    outwards: Callable[[FloatArray], FloatArray] = {
        "two-sided": np.abs,
        "greater": np.positive,
        "less": np.negative,
    }[alternative]
    away = outwards(observed) - slack
    step = max(1, _SUMS_AT_ONCE // len(weights))
    count = np.empty(len(values))
    for start in range(0, len(values), step):
        rows = slice(start, start + step)
        count[rows] = (outwards(weights @ values[rows].T) >= away[rows]).sum(axis=0)
    drawn = float(len(weights))
    return np.asarray(count / drawn if is_all else (count + 1) / (drawn + 1))
