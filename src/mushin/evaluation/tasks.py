"""The registry of tasks: which metrics a task has, and how its models are asked for predictions.

This module is read where scores are merged, so it never imports torch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from mushin.errors import ConfigError, unknown_name
from mushin.evaluation.custom import CustomMetric, Metrics, read_metrics
from mushin.metrics.catalog import get_metric, list_metrics
from mushin.metrics.metric import CALIBRATION, MOMENTS, VALUES, TargetKind

if TYPE_CHECKING:
    from mushin.evaluation.predict import PredictFn


@dataclass(frozen=True, init=False)
class Task:
    """What is asked of a model: a metric battery, and a way to predict.

    Attributes
    ----------
    name : str
        What a user types as ``task=``.
    metrics : tuple of str
        The names of the metrics, in the order in which they are shown. As an argument: names of the metric
        catalogue, or a mapping from name to a torchmetrics object, a function of
        `mushin.evaluation.sufficient.SufficientStatistics`, a `CustomMetric` around either, or the name
        itself for a metric of the catalogue.
    predict_fn : PredictFn, optional
        How to ask a model for ``(predictions, probabilities)``. Without it the model's output is taken as
        logits with the classes on axis 1, for classification (N, C) and segmentation (N, C, H, W) alike; for
        a task on values as the predictions, less a last axis of 1.
    prob_metrics : tuple of str
        The metrics that are given probabilities; the others get predicted labels. By default those whose
        names the catalogue knows as metrics of probabilities. For a function of the statistics it means that
        the calibration bins and the Mann-Whitney statistics are kept.
    target_kind : {"classes", "values"}
        Whether targets are class labels, or real values as in a regression. By default what the metrics of
        the catalogue score, and classes without one.
    custom : mapping of str to CustomMetric
        Those of `metrics` that are the user's own.
    keep_samples : bool
        Whether a cell keeps what was predicted for every sample, for `mushin.variance_components`: both
        labels, for an image the counts of its pairs of labels, for a task on values both values.

    Raises
    ------
    ConfigError
        If there is no metric, a metric is listed twice or is of another kind, its direction is unknown, some
        metrics score classes and others values, or `predict_fn` cannot be called.
    UnknownNameError
        If a metric is not in the catalogue, or `prob_metrics` names one that the task lacks.

    Examples
    --------
    >>> Task("ranking", ("auroc", "accuracy")).prob_metrics
    ('auroc',)
    >>> Task("prices", ["rmse"]).target_kind
    'values'
    """

    name: str
    metrics: tuple[str, ...]
    predict_fn: PredictFn | None
    prob_metrics: tuple[str, ...]
    target_kind: TargetKind
    custom: Mapping[str, CustomMetric] = field(hash=False)
    keep_samples: bool

    def __init__(
        self,
        name: str,
        metrics: Metrics,
        predict_fn: PredictFn | None = None,
        *,
        prob_metrics: Iterable[str] | None = None,
        target_kind: TargetKind | None = None,
        keep_samples: bool = False,
    ) -> None:
        found = read_metrics(metrics, name)
        if predict_fn is not None and not callable(predict_fn):
            raise ConfigError(
                f"task {name!r}: predict_fn is {predict_fn!r}; accepted is a function"
                " (model, x) -> (predictions, probabilities), or None for the default"
            )
        if not isinstance(cast(object, keep_samples), bool):
            raise ConfigError(f"task {name!r}: keep_samples is {keep_samples!r}; accepted: True or False")
        kind = _target_kind(name, found, target_kind)
        decided = {
            "name": name,
            "metrics": tuple(found),
            "predict_fn": predict_fn,
            "prob_metrics": _prob_metrics(name, found, prob_metrics, kind),
            "target_kind": kind,
            "custom": MappingProxyType({metric: own for metric, own in found.items() if own is not None}),
            "keep_samples": keep_samples,
        }
        for attribute, value in decided.items():
            object.__setattr__(self, attribute, value)

    @property
    def required_statistics(self) -> frozenset[str]:
        """The variables that the metrics are computed from, but for torchmetrics objects."""
        required = set(VALUES if self.keep_samples and self.target_kind == "values" else ())
        for name in self.metrics:
            if name not in self.custom:
                required.update(get_metric(name).requires)
            elif not self.custom[name].is_object and self.target_kind == "values":
                required.update((*MOMENTS, *VALUES))
            elif not self.custom[name].is_object and name in self.prob_metrics:
                required.update((*CALIBRATION, "mann_whitney_u"))
        return frozenset(required)

    def renamed(self, name: str) -> Task:
        """Return the same task under another name."""
        return self._changed(name=name)

    def keeping_samples(self) -> Task:
        """Return the same task, with a record of every sample."""
        return self._changed(keep_samples=True)

    def with_metrics(self, metrics: Metrics | None, prob_metrics: Iterable[str] | None = None) -> Task:
        """Return the task with another battery; with None, with its own.

        Raises
        ------
        ConfigError, UnknownNameError
            As for a new task.

        Examples
        --------
        >>> get_task("classification").with_metrics(["accuracy"]).metrics
        ('accuracy',)
        """
        battery = {} if metrics is None else {"metrics": metrics}
        return self._changed(**battery, prob_metrics=prob_metrics)

    def _changed(self, **changes: Any) -> Task:
        """Return the task with other arguments."""
        own: dict[str, Any] = {
            "name": self.name,
            "metrics": {metric: self.custom.get(metric, metric) for metric in self.metrics},
            "predict_fn": self.predict_fn,
            "prob_metrics": self.prob_metrics,
            "target_kind": self.target_kind,
            "keep_samples": self.keep_samples,
        }
        return Task(**{**own, **changes})


def _target_kind(owner: str, found: Mapping[str, CustomMetric | None], wanted: str | None) -> TargetKind:
    if wanted not in (None, "classes", "values"):
        raise ConfigError(f"task {owner!r}: target_kind is {wanted!r}; accepted are 'classes' and 'values'")
    kinds = {name: get_metric(name).target_kind for name, own in found.items() if own is None}
    kind = wanted if wanted is not None else next(iter(kinds.values()), "classes")
    for name, of_metric in kinds.items():
        if of_metric != kind:
            raise ConfigError(
                f"task {owner!r}: metric {name!r} scores {of_metric}, but the task is on {kind}; list metrics"
                " of one kind"
            )
    return "values" if kind == "values" else "classes"


def _prob_metrics(
    owner: str, found: Mapping[str, CustomMetric | None], named: Iterable[str] | None, kind: TargetKind
) -> tuple[str, ...]:
    """Return the metrics that need probabilities: those of the catalogue, and those that are named."""
    if isinstance(named, str):
        raise ConfigError(f"task {owner!r}: prob_metrics is the text {named!r}; give a list of names")
    known = set(list_metrics())
    of_catalog = {name for name in found if name in known and get_metric(name).needs_probabilities}
    chosen = of_catalog if named is None else {*named, *(n for n in of_catalog if found[n] is None)}
    for name in chosen:
        if name not in found:
            raise unknown_name("prob_metrics: metric", name, found)
        if found[name] is None and name not in of_catalog:
            raise ConfigError(
                f"task {owner!r}: prob_metrics: metric {name!r} of the catalogue is computed from labels"
            )
    if chosen and kind == "values":
        raise ConfigError(f"task {owner!r}: prob_metrics: a task on values has no probabilities")
    return tuple(name for name in found if name in chosen)


_TASKS: dict[str, Task] = {}


def register_task(name: str, task: Task, overwrite: bool = False) -> None:
    """Make a task available as ``task="name"``.

    Parameters
    ----------
    name : str
        The name to register it under.
    task : Task
        The task.
    overwrite : bool
        Whether a task of the same name is replaced.

    Raises
    ------
    ConfigError
        If the name is taken and `overwrite` is false, or `task` is not a `Task`.

    Examples
    --------
    >>> register_task("ranking", Task("ranking", ("auroc",)), overwrite=True)
    >>> get_task("ranking").metrics
    ('auroc',)
    """
    if not isinstance(task, Task):
        raise ConfigError(f"task {name!r} is {task!r}; accepted is a mushin.evaluation.tasks.Task")
    if name in _TASKS and not overwrite:
        raise ConfigError(f"task {name!r} is registered already; choose another name or pass overwrite=True")
    _TASKS[name] = task.renamed(name)


def get_task(name_or_task: str | Task) -> Task:
    """Return the registered task of this name; a `Task` is returned as it is.

    Raises
    ------
    UnknownNameError
        If no task of this name is registered; the message lists the known names.
    ConfigError
        If the argument is neither a name nor a `Task`.

    Examples
    --------
    >>> get_task("segmentation").metrics
    ('miou', 'dice', 'pixel_acc', 'precision', 'recall')
    """
    if isinstance(name_or_task, Task):
        return name_or_task
    if not isinstance(name_or_task, str):
        raise ConfigError(
            f"task is {name_or_task!r}; accepted are a Task or a name: {', '.join(list_tasks())}"
        )
    if name_or_task not in _TASKS:
        raise unknown_name("task", name_or_task, _TASKS)
    return _TASKS[name_or_task]


def list_tasks() -> tuple[str, ...]:
    """Return the names of the registered tasks, sorted.

    Examples
    --------
    >>> "classification" in list_tasks()
    True
    """
    return tuple(sorted(_TASKS))


register_task(
    "classification", Task("classification", ("accuracy", "f1", "precision", "recall", "auroc", "ece"))
)
register_task("segmentation", Task("segmentation", ("miou", "dice", "pixel_acc", "precision", "recall")))
register_task("regression", Task("regression", ("mse", "mae", "rmse", "r2", "pearson", "spearman")))
