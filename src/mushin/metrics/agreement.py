"""Agreement of predictions and targets, corrected for chance.

The differences of products of counts that these scores are made of cancel in float64 and overflow int64 from
3e9 samples on. They are computed in whole numbers, which stay exact: int64 where it is wide enough, Python's
own above.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mushin.metrics.class_counts import ClassCounts
from mushin.metrics.ratio import ratio

Scores = NDArray[np.float64]
_LARGEST = np.iinfo(np.int64).max
_MOST_SAMPLES = int(_LARGEST**0.5)


def matthews_correlation(counts: ClassCounts) -> Scores:
    """Correlate predictions and targets: the Matthews coefficient, for any number of classes.

    With n samples, c of them right, t and p the samples per target and per predicted class,
    (n c - t.p) / sqrt((n^2 - p.p) (n^2 - t.t)): R_K of Gorodkin 2004,
    doi:10.1016/j.compbiolchem.2004.09.006, as scikit-learn ``matthews_corrcoef``.

    Returns
    -------
    float64 array, shape (...)
        In [-1, 1], higher is better, 0 is chance. 0 where all targets or all predictions are of one class, as
        in scikit-learn; torchmetrics says so too, except with two classes.

    Examples
    --------
    >>> from mushin.metrics.class_counts import count_classes
    >>> round(float(matthews_correlation(count_classes([[3, 1], [0, 4]]))), 6)
    0.774597
    """
    hits, targets, predictions, samples = _exact(counts)
    covariance = _float(hits.sum(axis=-1) * samples - (targets * predictions).sum(axis=-1))
    total = samples[..., np.newaxis]
    of_targets = _float((targets * (total - targets)).sum(axis=-1))
    of_predictions = _float((predictions * (total - predictions)).sum(axis=-1))
    return np.clip(ratio(covariance, np.sqrt(of_targets * of_predictions)), -1.0, 1.0)


def cohen_kappa(counts: ClassCounts) -> Scores:
    """Compare the share of right predictions with the share expected by chance: Cohen's kappa.

    (n c - t.p) / (n^2 - t.p), in the terms of `matthews_correlation`: Cohen 1960,
    doi:10.1177/001316446002000104, as scikit-learn ``cohen_kappa_score``.

    Returns
    -------
    float64 array, shape (...)
        In [-1, 1], higher is better, 0 is chance. NaN where all targets and all predictions are of one class,
        or there is no sample.

    Examples
    --------
    >>> from mushin.metrics.class_counts import count_classes
    >>> float(cohen_kappa(count_classes([[3, 1], [0, 4]])))
    0.75
    """
    hits, targets, predictions, samples = _exact(counts)
    beyond_chance = hits.sum(axis=-1) * samples - (targets * predictions).sum(axis=-1)
    possible = (targets * (samples[..., np.newaxis] - predictions)).sum(axis=-1)
    return ratio(_float(beyond_chance), _float(possible), empty=np.nan)


def weighted_kappa(power: int) -> Callable[[ClassCounts], Scores]:
    """Return Cohen's kappa in which a confusion of classes i and j weighs ``abs(i - j) ** power``.

    For classes with an order. Cohen 1968, doi:10.1037/h0026256, as scikit-learn ``cohen_kappa_score`` with
    ``weights="linear"`` (power 1) or ``"quadratic"`` (power 2).

    Returns
    -------
    callable
        ``counts -> (...)`` float64 in [-1, 1], higher is better, 0 is chance. NaN where all targets and all
        predictions are of one class, or there is no sample.

    Examples
    --------
    >>> from mushin.metrics.class_counts import count_classes
    >>> round(float(weighted_kappa(2)(count_classes([[3, 1, 0], [0, 4, 0], [1, 0, 2]]))), 6)
    0.604317
    """

    def score(counts: ClassCounts) -> Scores:
        place = np.arange(counts.confusion.shape[-1])
        weight = np.abs(place[:, np.newaxis] - place) ** power
        fits = int(weight.max(initial=0)) * int(counts.samples.max(initial=0)) <= _LARGEST
        observed = np.einsum(
            "...ij,ij->...",
            counts.confusion,
            weight,
            dtype=np.int64 if fits else np.float64,
            casting="unsafe",
        )
        # All terms are positive, so that float64 loses nothing but the last digits.
        expected = ((counts.targets @ weight.astype(np.float64)) * counts.predictions).sum(axis=-1)
        beyond_chance = expected - np.asarray(observed, dtype=np.float64) * counts.samples
        return np.clip(ratio(np.asarray(beyond_chance), np.asarray(expected), empty=np.nan), -1.0, 1.0)

    return score


def _exact(counts: ClassCounts) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return hits, targets, predictions and samples in a type that holds the product of any two."""
    fits = int(counts.samples.max(initial=0)) <= _MOST_SAMPLES
    wide = np.int64 if fits else object
    hits, targets, predictions, samples = (
        array.astype(wide, copy=False)
        for array in (counts.hits, counts.targets, counts.predictions, counts.samples)
    )
    return hits, targets, predictions, samples


def _float(exact: Any) -> Scores:
    return np.asarray(exact, dtype=np.float64)
