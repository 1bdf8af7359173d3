"""Aggregate the runs of several data sets, with intervals from a stratified bootstrap.

Runs are resampled within each data set and method. Such a resample scatters less than the data, by
sqrt((n - 1)/n) for n runs, so that its deviations are inflated by the inverse (Davison & Hinkley 1997,
Bootstrap Methods and their Application, section 2.3).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mushin.statistics.effects import Effect
from mushin.statistics.intervals import ANY_VALUE, Range
from mushin.statistics.ties import FloatArray, IntArray, resolution

_NUMBERS_AT_ONCE = 2**20
_CUT = 0.25


def interquartile_mean(scores: FloatArray) -> FloatArray:
    """Return the mean of the middle half of all runs of all data sets.

    Parameters
    ----------
    scores : float array, shape (..., datasets, runs)
        On a scale that the data sets share; without NaN or inf.

    Returns
    -------
    float array, shape (...)
        In the units of `scores`. A quarter of the runs is cut at each end, rounded down.

    References
    ----------
    Agarwal et al. 2021 (NeurIPS), arXiv:2108.13264, section 4.3; scipy.stats.trim_mean(scores, 0.25).

    Examples
    --------
    >>> float(interquartile_mean(np.array([[0.0, 1.0, 2.0, 9.0]])))
    1.5
    """
    flat = scores.reshape(*scores.shape[:-2], -1)
    cut = int(_CUT * flat.shape[-1])
    middle = np.partition(flat, (cut, flat.shape[-1] - cut - 1), axis=-1)[..., cut : flat.shape[-1] - cut]
    return np.asarray(middle.mean(axis=-1))


def interquartile_means(
    scores: FloatArray,
    *,
    alpha: float = 0.05,
    resamples: int = 50_000,
    seed: int = 0,
    valid_range: Range = ANY_VALUE,
) -> Effect:
    """Return the interquartile mean of each method with its interval.

    Parameters
    ----------
    scores : float array, shape (methods, datasets, runs)
        On a scale that the data sets share; two runs at least, without NaN or inf.
    alpha : float
        In (0, 1).
    resamples : int
        Of the bootstrap.
    seed : int
        Of the bootstrap.
    valid_range : (float, float)
        Smallest and largest possible score; the interval is cut to it.

    Returns
    -------
    Effect
        Of shape (methods,).

    References
    ----------
    As for `interquartile_mean`.

    Examples
    --------
    >>> runs = np.random.default_rng(0).normal(0.5, 0.1, (1, 10, 10))
    >>> found = interquartile_means(runs, resamples=1000)
    >>> [float(value[0].round(2)) for value in (found.low, found.size, found.high)]
    [0.48, 0.5, 0.53]
    """
    rng = np.random.default_rng(seed)
    size = interquartile_mean(scores)
    bounds = np.empty((2, len(scores)))
    for method, runs in enumerate(scores):
        drawn = np.empty(resamples)
        ordered = np.sort(runs, axis=None)
        place = runs.reshape(-1).argsort().argsort().astype(np.int32)  # whole numbers sort faster
        cut = int(_CUT * runs.size)
        for rows, chosen in _choices(rng, resamples, *runs.shape):
            resampled = np.sort(place.take(chosen.reshape(len(chosen), -1)), axis=-1)
            drawn[rows] = ordered.take(resampled[:, cut : runs.size - cut]).mean(axis=-1)
        bounds[:, method] = _bounds(drawn, size[method], runs.shape[-1], alpha)
    return Effect(size, *np.clip(bounds, *valid_range))


def performance_profiles(
    scores: FloatArray,
    thresholds: FloatArray,
    *,
    alpha: float = 0.05,
    resamples: int = 2_000,
    seed: int = 0,
) -> Effect:
    """Return the share of runs above each threshold, with pointwise intervals.

    Parameters
    ----------
    scores : float array, shape (methods, datasets, runs)
        Two runs at least, without NaN.
    thresholds : float array, shape (thresholds,)
        In the units of `scores`.
    alpha, resamples, seed
        As for `interquartile_means`.

    Returns
    -------
    Effect
        Of shape (methods, thresholds), in [0, 1]; each data set weighs the same.

    References
    ----------
    Agarwal et al. 2021, section 4.2; Dolan & Moré 2002, doi:10.1007/s101070100263.

    Examples
    --------
    >>> performance_profiles(np.array([[[0.2, 0.4, 0.6, 0.8]]]), np.array([0.5])).size.tolist()
    [[0.5]]
    """
    rng = np.random.default_rng(seed)
    above = (scores[..., None] > thresholds).astype(np.float64)
    size = above.mean(axis=(1, 2))
    bounds = np.empty((2, *size.shape))
    for method, of_method in enumerate(above):
        datasets, runs, _ = of_method.shape
        drawn = np.empty((resamples, len(thresholds)))
        for rows, counts in _counts(rng, resamples, datasets, runs):
            weights = counts.reshape(len(counts), -1) / (datasets * runs)
            drawn[rows] = weights @ of_method.reshape(-1, len(thresholds))
        bounds[:, method] = np.clip(_bounds(drawn, size[method], runs, alpha), 0.0, 1.0)
    return Effect(size, *bounds)


def chances_of_improvement(
    scores: FloatArray,
    pairs: Sequence[tuple[int, int]],
    *,
    alpha: float = 0.05,
    resamples: int = 10_000,
    seed: int = 0,
) -> Effect:
    """Return the chance that a run of A exceeds one of B on the same data set, averaged over data sets.

    Parameters
    ----------
    scores : float array, shape (methods, datasets, runs)
        Two runs at least, without NaN; inf is larger than any. Data sets need no common scale.
    pairs : sequence of (int, int)
        A and B, by position.
    alpha, resamples, seed
        As for `interquartile_means`.

    Returns
    -------
    Effect
        Of shape (pairs,), in [0, 1]; a tie is half.

    References
    ----------
    Agarwal et al. 2021, section 4.3, P(X > Y); Mann & Whitney 1947.

    Examples
    --------
    >>> runs = np.array([[[3.0, 4, 5]], [[1.0, 2, 3]]])
    >>> chances_of_improvement(runs, [(0, 1)]).size.round(3).tolist()
    [0.944]
    """
    rng = np.random.default_rng(seed)
    _, datasets, runs = scores.shape
    wins = np.stack([_wins(scores[a], scores[b]) for a, b in pairs])
    size = np.asarray(wins.mean(axis=(1, 2, 3)))
    drawn = np.empty((resamples, len(pairs)))
    for drawings in zip(*(_counts(rng, resamples, datasets, runs) for _ in scores), strict=True):
        rows = drawings[0][0]
        counts = [np.ascontiguousarray(count.transpose(1, 0, 2)) for _, count in drawings]
        for pair, (a, b) in enumerate(pairs):
            won = counts[a] @ wins[pair]  # by the drawn runs of A against each run of B
            drawn[rows, pair] = np.einsum("drj,drj->r", won, counts[b]) / (datasets * runs * runs)
    return Effect(size, *np.clip(_bounds(drawn, size, runs, alpha), 0.0, 1.0))


def _wins(a: FloatArray, b: FloatArray) -> FloatArray:
    """Say which runs of A exceed which of B, shape (datasets, runs, runs); ties, float noise aside, half."""
    noise = resolution(np.concatenate([a, b], axis=-1)).max(axis=-1)[:, None, None]
    x, y = a[:, :, None], b[:, None, :]
    with np.errstate(invalid="ignore"):
        tied = (x == y) | (np.abs(x - y) <= noise)
    return np.where(tied, 0.5, x > y)


def _choices(
    rng: np.random.Generator, resamples: int, datasets: int, runs: int
) -> Iterator[tuple[slice, IntArray]]:
    """Yield which run is drawn, by its place in (datasets, runs); shape (some resamples, datasets, runs)."""
    step = max(1, _NUMBERS_AT_ONCE // (datasets * runs))
    first = runs * np.arange(datasets)[:, None]
    for start in range(0, resamples, step):
        rows = slice(start, min(start + step, resamples))
        shape = (rows.stop - rows.start, datasets, runs)
        yield rows, first + rng.integers(0, runs, shape, dtype=np.uint8 if runs <= 256 else np.int64)


def _counts(
    rng: np.random.Generator, resamples: int, datasets: int, runs: int
) -> Iterator[tuple[slice, FloatArray]]:
    """Yield how often each run is drawn, shape (some resamples, datasets, runs)."""
    for rows, chosen in _choices(rng, resamples, datasets, runs):
        chosen += datasets * runs * np.arange(len(chosen))[:, None, None]
        counts = np.bincount(chosen.reshape(-1), minlength=chosen.size)
        yield rows, counts.reshape(chosen.shape).astype(np.float64)


def _bounds(drawn: FloatArray, size: FloatArray, runs: int, alpha: float) -> FloatArray:
    """Return the percentile interval of resamples, shape (2, ...), inflated for the number of runs."""
    quantiles = np.quantile(drawn, [alpha / 2, 1 - alpha / 2], axis=0)
    return np.asarray(size + np.sqrt(runs / (runs - 1)) * (quantiles - size))
