"""Scores of each class against the rest, and their averages over the classes.

The scores of one class are shares in [0, 1], higher is better; 0 where nothing is to be divided, as in
torchmetrics 1.9 with ``average=None``. An average over classes is one of

- macro: the plain mean over the classes that occur as a target or as a prediction;
- weighted: the mean weighted by the samples of each class;
- micro: the share of the summed counts.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mushin.metrics.class_counts import ClassCounts, Counts
from mushin.metrics.ratio import ratio

Scores = NDArray[np.float64]
Share = Callable[[ClassCounts], tuple[Counts, Counts]]
"""Numerator and denominator of the score of each class, both of shape (..., C)."""


def precision(counts: ClassCounts) -> tuple[Counts, Counts]:
    """Tp / (tp + fp): samples predicted as the class that are of it."""
    return counts.hits, counts.predictions


def recall(counts: ClassCounts) -> tuple[Counts, Counts]:
    """Tp / (tp + fn): samples of the class that are predicted as it."""
    return counts.hits, counts.targets


def f1(counts: ClassCounts) -> tuple[Counts, Counts]:
    """2 tp / (2 tp + fp + fn): the harmonic mean of precision and recall."""
    return 2 * counts.hits, counts.targets + counts.predictions


def iou(counts: ClassCounts) -> tuple[Counts, Counts]:
    """Tp / (tp + fp + fn): intersection over union."""
    return counts.hits, counts.targets + counts.predictions - counts.hits


def specificity(counts: ClassCounts) -> tuple[Counts, Counts]:
    """Tn / (tn + fp): samples of the other classes that are not predicted as the class."""
    rejections = counts.rejections
    return rejections, rejections + counts.false_alarms


def accuracy(counts: ClassCounts) -> tuple[Counts, Counts]:
    """(tp + tn) / n: samples that the one-vs-rest question about the class gets right."""
    right = counts.hits + counts.rejections
    return right, np.broadcast_to(counts.samples[..., np.newaxis], right.shape)


def per_class(share: Share) -> Callable[[ClassCounts], Scores]:
    """Return the function ``counts -> (..., C)`` that scores each class.

    Examples
    --------
    >>> from mushin.metrics.class_counts import count_classes
    >>> per_class(iou)(count_classes([[3, 1], [0, 4]])).tolist()
    [0.75, 0.8]
    """

    def score(counts: ClassCounts) -> Scores:
        return ratio(*share(counts))

    return score


def macro(share: Share) -> Callable[[ClassCounts], Scores]:
    """Return the function ``counts -> (...)`` that averages the classes which occur.

    Examples
    --------
    >>> from mushin.metrics.class_counts import count_classes
    >>> float(macro(iou)(count_classes([[3, 1, 0], [0, 4, 0], [0, 0, 0]])))
    0.775
    """

    def score(counts: ClassCounts) -> Scores:
        occurs = counts.targets + counts.predictions > 0
        return ratio(np.where(occurs, ratio(*share(counts)), 0.0).sum(axis=-1), occurs.sum(axis=-1))

    return score


def weighted(share: Share) -> Callable[[ClassCounts], Scores]:
    """Return the function ``counts -> (...)`` that averages the classes by their samples.

    Examples
    --------
    >>> from mushin.metrics.class_counts import count_classes
    >>> float(weighted(precision)(count_classes([[3, 1], [0, 4]])))
    0.9
    """

    def score(counts: ClassCounts) -> Scores:
        return ratio((counts.targets * ratio(*share(counts))).sum(axis=-1), counts.samples)

    return score


def micro(share: Share) -> Callable[[ClassCounts], Scores]:
    """Return the function ``counts -> (...)`` that divides the sums over the classes.

    Examples
    --------
    >>> from mushin.metrics.class_counts import count_classes
    >>> float(micro(f1)(count_classes([[3, 1], [0, 4]])))
    0.875
    """

    def score(counts: ClassCounts) -> Scores:
        numerator, denominator = share(counts)
        return ratio(np.asarray(numerator.sum(axis=-1)), np.asarray(denominator.sum(axis=-1)))

    return score


def micro_iou(counts: ClassCounts) -> Scores:
    """Divide the summed intersections by the summed unions; an ignored class adds no union.

    As torchmetrics ``multiclass_jaccard_index(average="micro")``.

    Returns
    -------
    float64 array, shape (...)
        In [0, 1], higher is better; 0 where there is no sample.
    """
    intersections, unions = iou(counts)
    union = unions.sum(axis=-1)
    if counts.ignore_index is not None:
        union = union - unions[..., counts.ignore_index]
    return ratio(np.asarray(intersections.sum(axis=-1)), np.asarray(union))


def mean_iou(counts: ClassCounts) -> Scores:
    """Average the intersection-over-union of the classes that occur; an ignored class is left out.

    As torchmetrics ``multiclass_jaccard_index(average="macro")``.

    Returns
    -------
    float64 array, shape (...)
        In [0, 1], higher is better; NaN where no class is left.
    """
    kept = counts.targets + counts.predictions > 0
    if counts.ignore_index is not None:
        kept[..., counts.ignore_index] = False
    of_class = np.where(kept, ratio(*iou(counts)), 0.0)
    return ratio(of_class.sum(axis=-1), kept.sum(axis=-1), empty=np.nan)


def balanced_accuracy(counts: ClassCounts) -> Scores:
    """Average the recall of the classes that have samples.

    As scikit-learn ``balanced_accuracy_score``. It differs from the macro recall, in which a class that is
    predicted but has no sample counts as 0.

    Returns
    -------
    float64 array, shape (...)
        In [0, 1], higher is better; NaN where there is no sample.
    """
    return ratio(ratio(*recall(counts)).sum(axis=-1), (counts.targets > 0).sum(axis=-1), empty=np.nan)
