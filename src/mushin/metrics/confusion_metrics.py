"""The metrics that come from confusion matrices alone, and from one sum of each: averages and per class."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mushin.metrics import agreement, class_scores
from mushin.metrics.class_counts import ClassCounts, count_classes
from mushin.metrics.metric import Metric

_TORCHMETRICS = {
    "precision": "multiclass_precision",
    "recall": "multiclass_recall",
    "f1": "multiclass_f1_score",
    "iou": "multiclass_jaccard_index",
    "specificity": "multiclass_specificity",
}
_NOUNS = {
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1 score",
    "iou": "Intersection-over-union",
    "specificity": "Specificity",
    "accuracy": "One-vs-rest accuracy",
}
_LONG_ET_AL = "Long, Shelhamer & Darrell 2015, doi:10.1109/CVPR.2015.7298965"


@dataclass(frozen=True, kw_only=True)
class ConfusionMetric:
    """One metric of confusion matrices.

    Attributes
    ----------
    name, long_name, units, higher_is_better, valid_range, source
        As those of `mushin.metrics.catalog.Metric`.
    kernel : callable
        ``kernel(class_counts)``: the scores, of shape (...), or (..., C) where `per_class`.
    per_class : bool
        Whether there is one score per class.
    """

    name: str
    long_name: str
    source: str
    kernel: Callable[[ClassCounts], NDArray[np.float64]] = field(repr=False)
    higher_is_better: bool = True
    units: str = "1"
    valid_range: tuple[float, float] = (0.0, 1.0)
    per_class: bool = False

    def score(self, confusion: ArrayLike, *, ignore_index: int | None = None) -> NDArray[np.float64]:
        """Compute the metric.

        Parameters
        ----------
        confusion : int array, shape (..., C, C)
            Counts; rows are targets, columns predictions.
        ignore_index : int, optional
            The label that was ignored in the evaluation.

        Returns
        -------
        float64 array, shape (...) or (..., C)
            Within `valid_range`. A share of nothing is 0, as in torchmetrics; the kernel says what is NaN.

        Examples
        --------
        >>> CONFUSION_METRICS["iou_per_class"].score([[3, 1], [0, 4]]).tolist()
        [0.75, 0.8]
        """
        return self.kernel(count_classes(confusion, ignore_index=ignore_index))

    def of_cells(self) -> Metric:
        """Return the same as a metric of cells, for a battery.

        Examples
        --------
        >>> CONFUSION_METRICS["mcc"].of_cells().requires
        ('confusion',)
        """
        return Metric(
            name=self.name,
            long_name=self.long_name,
            source=self.source,
            higher_is_better=self.higher_is_better,
            units=self.units,
            valid_range=self.valid_range,
            formula=lambda statistics, ignore_index: self.score(
                statistics["confusion"], ignore_index=ignore_index
            ),
        )


def _averages() -> Iterator[ConfusionMetric]:
    """Yield the averages of the classes' scores."""
    means = {"macro": class_scores.macro, "weighted": class_scores.weighted, "micro": class_scores.micro}
    for base, function in _TORCHMETRICS.items():
        for average, mean in means.items():
            yield ConfusionMetric(
                name=f"{base}_{average}",
                long_name=f"{_NOUNS[base]} ({average})",
                source=f"torchmetrics {function}(average={average!r})",
                kernel=_OWN_AVERAGES.get(f"{base}_{average}") or mean(getattr(class_scores, base)),
            )


def _per_class() -> Iterator[ConfusionMetric]:
    """Yield the scores of each class."""
    for base, noun in _NOUNS.items():
        source = f"torchmetrics {_TORCHMETRICS[base]}(average=None)" if base in _TORCHMETRICS else ""
        yield ConfusionMetric(
            name=f"{base}_per_class",
            long_name=f"{noun} of each class",
            source=source or "torchmetrics binary_accuracy of each class against the rest",
            kernel=class_scores.per_class(getattr(class_scores, base)),
            per_class=True,
        )


# Where an ignored class counts: torchmetrics leaves it out of these two, and of no other.
_OWN_AVERAGES = {"iou_macro": class_scores.mean_iou, "iou_micro": class_scores.micro_iou}

_SINGLE = (
    ConfusionMetric(
        name="mcc",
        long_name="Matthews correlation coefficient",
        source="Gorodkin 2004, doi:10.1016/j.compbiolchem.2004.09.006; scikit-learn matthews_corrcoef",
        kernel=agreement.matthews_correlation,
        valid_range=(-1.0, 1.0),
    ),
    ConfusionMetric(
        name="cohen_kappa",
        long_name="Cohen's kappa",
        source="Cohen 1960, doi:10.1177/001316446002000104; scikit-learn cohen_kappa_score",
        kernel=agreement.cohen_kappa,
        valid_range=(-1.0, 1.0),
    ),
    ConfusionMetric(
        name="cohen_kappa_linear",
        long_name="Cohen's kappa, linear weights",
        source="Cohen 1968, doi:10.1037/h0026256; scikit-learn cohen_kappa_score(weights='linear')",
        kernel=agreement.weighted_kappa(1),
        valid_range=(-1.0, 1.0),
    ),
    ConfusionMetric(
        name="cohen_kappa_quadratic",
        long_name="Cohen's kappa, quadratic weights",
        source="Cohen 1968, doi:10.1037/h0026256; scikit-learn cohen_kappa_score(weights='quadratic')",
        kernel=agreement.weighted_kappa(2),
        valid_range=(-1.0, 1.0),
    ),
    ConfusionMetric(
        name="balanced_accuracy",
        long_name="Balanced accuracy",
        source="Brodersen et al. 2010, doi:10.1109/ICPR.2010.764; scikit-learn balanced_accuracy_score",
        kernel=class_scores.balanced_accuracy,
    ),
    ConfusionMetric(
        name="accuracy_macro",
        long_name="Accuracy (macro)",
        source="torchmetrics multiclass_accuracy(average='macro')",
        kernel=class_scores.macro(class_scores.recall),
    ),
    ConfusionMetric(
        name="specificity",
        long_name="Specificity (macro)",
        source="torchmetrics multiclass_specificity(average='macro')",
        kernel=class_scores.macro(class_scores.specificity),
    ),
    ConfusionMetric(
        name="fwiou",
        long_name="Frequency-weighted intersection-over-union",
        source=f"{_LONG_ET_AL}; torchmetrics multiclass_jaccard_index(average='weighted')",
        kernel=class_scores.weighted(class_scores.iou),
    ),
)

CONFUSION_METRICS: Mapping[str, ConfusionMetric] = MappingProxyType(
    {metric.name: metric for metric in (*_SINGLE, *_averages(), *_per_class())}
)
"""Name → metric; those per class have no place in a battery."""
