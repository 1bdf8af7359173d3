"""The catalogue of the metrics that mushin knows: name, direction, range, source, and how to score each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from mushin.errors import ConfigError, unknown_name
from mushin.metrics import class_scores, scores
from mushin.metrics.class_counts import ClassCounts, count_classes
from mushin.metrics.confusion_metrics import CONFUSION_METRICS, ConfusionMetric
from mushin.metrics.metric import CALIBRATION, Metric, Statistics
from mushin.metrics.regression_catalog import REGRESSION_METRICS


def get_metric(name: str) -> Metric:
    """Return the metric of this name, for a battery: one number per cell.

    Raises
    ------
    UnknownNameError
        If there is none; the message lists the known names.
    ConfigError
        If it has a score per class.

    Examples
    --------
    >>> get_metric("ece").higher_is_better
    False
    """
    if name in CONFUSION_METRICS and CONFUSION_METRICS[name].per_class:
        raise ConfigError(
            f"metric {name!r} has a score per class, and a task lists metrics of one number; compute it from"
            f" the finished study: mushin score results/compare.nc --metric {name}"
        )
    if name not in _CATALOG:
        raise unknown_name("metric", name, _CATALOG)
    return _CATALOG[name]


def list_metrics() -> tuple[str, ...]:
    """Return the names of all metrics that a task can list, sorted.

    Examples
    --------
    >>> list_metrics()[:5]
    ('accuracy', 'accuracy_macro', 'auroc', 'balanced_accuracy', 'cohen_kappa')
    """
    return tuple(sorted(_CATALOG))


def find_metric(name: str) -> Metric | ConfusionMetric:
    """Return the metric of this name for re-scoring, those per class too.

    Metrics of confusion matrices alone come as such, for their sums can be shared by many.

    Raises
    ------
    UnknownNameError
        If there is none; the message lists the known names.

    Examples
    --------
    >>> find_metric("mcc").valid_range
    (-1.0, 1.0)
    """
    if name in CONFUSION_METRICS:
        return CONFUSION_METRICS[name]
    if name not in _CATALOG:
        raise unknown_name("metric", name, available_metrics())
    return _CATALOG[name]


def available_metrics() -> tuple[str, ...]:
    """Return the names of all metrics that `mushin.score` knows, sorted; a task lists those of one number.

    Examples
    --------
    >>> [name for name in available_metrics() if name.startswith("cohen")]
    ['cohen_kappa', 'cohen_kappa_linear', 'cohen_kappa_quadratic']
    """
    return tuple(sorted({*_CATALOG, *CONFUSION_METRICS}))


def _of_classes(
    kernel: Callable[[ClassCounts], scores.Scores],
) -> Callable[[Statistics, int | None], scores.Scores]:
    return lambda statistics, ignore_index: kernel(
        count_classes(statistics["confusion"], ignore_index=ignore_index)
    )


def _auroc(statistics: Statistics, ignore_index: int | None) -> scores.Scores:
    positives = np.asarray(statistics["confusion"]).sum(axis=-1)
    negatives = positives.sum(axis=-1, keepdims=True) - positives
    return scores.macro_auroc(statistics["mann_whitney_u"], positives, negatives)


def _calibration_error(statistics: Statistics, ignore_index: int | None) -> scores.Scores:
    return scores.expected_calibration_error(*(statistics[name] for name in CALIBRATION))


_METRICS = (
    Metric(
        name="accuracy",
        long_name="Accuracy",
        higher_is_better=True,
        source="torchmetrics multiclass_accuracy(average='micro')",
        formula=_of_classes(class_scores.micro(class_scores.recall)),
    ),
    Metric(
        name="pixel_acc",
        long_name="Pixel accuracy",
        higher_is_better=True,
        source="torchmetrics multiclass_accuracy(average='micro')",
        formula=_of_classes(class_scores.micro(class_scores.recall)),
    ),
    Metric(
        name="precision",
        long_name="Precision (macro)",
        higher_is_better=True,
        source="torchmetrics multiclass_precision(average='macro')",
        formula=_of_classes(class_scores.macro(class_scores.precision)),
    ),
    Metric(
        name="recall",
        long_name="Recall (macro)",
        higher_is_better=True,
        source="torchmetrics multiclass_recall(average='macro')",
        formula=_of_classes(class_scores.macro(class_scores.recall)),
    ),
    Metric(
        name="f1",
        long_name="F1 score (macro)",
        higher_is_better=True,
        source="torchmetrics multiclass_f1_score(average='macro')",
        formula=_of_classes(class_scores.macro(class_scores.f1)),
    ),
    Metric(
        name="dice",
        long_name="Dice coefficient (macro)",
        higher_is_better=True,
        source="torchmetrics multiclass_f1_score(average='macro')",
        formula=_of_classes(class_scores.macro(class_scores.f1)),
    ),
    Metric(
        name="miou",
        long_name="Mean intersection-over-union",
        higher_is_better=True,
        source="torchmetrics multiclass_jaccard_index(average='macro')",
        formula=_of_classes(class_scores.mean_iou),
    ),
    Metric(
        name="auroc",
        long_name="Area under the ROC curve (one-vs-rest, macro)",
        higher_is_better=True,
        source="Hanley & McNeil 1982, doi:10.1148/radiology.143.1.7063747; torchmetrics multiclass_auroc",
        formula=_auroc,
        requires=("confusion", "mann_whitney_u"),
    ),
    Metric(
        name="ece",
        long_name="Expected calibration error (15 bins)",
        higher_is_better=False,
        source="Guo et al. 2017, arXiv:1706.04599; torchmetrics multiclass_calibration_error(n_bins=15)",
        formula=_calibration_error,
        requires=CALIBRATION,
    ),
)

_CATALOG: Mapping[str, Metric] = MappingProxyType(
    {
        metric.name: metric
        for metric in (
            *_METRICS,
            *(known.of_cells() for known in CONFUSION_METRICS.values() if not known.per_class),
            *REGRESSION_METRICS,
        )
    }
)
