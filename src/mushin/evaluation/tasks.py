"""The registry of tasks: which metrics a task has, and how its models are asked for predictions.

This module is read where scores are merged, so it never imports torch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from mushin.errors import ConfigError, unknown_name
from mushin.metrics.catalog import get_metric

if TYPE_CHECKING:
    from mushin.evaluation.predict import PredictFn


@dataclass(frozen=True)
class Task:
    """What is asked of a model: a metric battery, and a way to predict.

    Attributes
    ----------
    name : str
        What a user types as ``task=``.
    metrics : tuple of str
        Names from the metric catalogue, in the order in which they are shown.
    predict_fn : PredictFn, optional
        How to ask a model for ``(predictions, probabilities)``. Without it the model's output is taken as
        logits with the classes on axis 1, for classification (N, C) and segmentation (N, C, H, W) alike.

    Raises
    ------
    ConfigError
        If there is no metric, a metric is listed twice, or `predict_fn` cannot be called.
    UnknownNameError
        If a metric is not in the catalogue.

    Examples
    --------
    >>> Task("ranking", ("auroc", "accuracy")).prob_metrics
    ('auroc',)
    """

    name: str
    metrics: tuple[str, ...]
    predict_fn: PredictFn | None = None

    def __post_init__(self) -> None:
        if isinstance(cast(object, self.metrics), str):
            raise ConfigError(
                f"task {self.name!r}: metrics is the text {self.metrics!r}; give a list of names"
            )
        object.__setattr__(self, "metrics", tuple(self.metrics))
        if not self.metrics:
            raise ConfigError(f"task {self.name!r}: metrics is empty; list at least one metric")
        for metric in self.metrics:
            get_metric(metric)
            if self.metrics.count(metric) > 1:
                raise ConfigError(f"task {self.name!r}: metric {metric!r} appears twice; list each once")
        if self.predict_fn is not None and not callable(self.predict_fn):
            raise ConfigError(
                f"task {self.name!r}: predict_fn is {self.predict_fn!r}; accepted is a function"
                " (model, x) -> (predictions, probabilities), or None for the default"
            )

    @property
    def prob_metrics(self) -> tuple[str, ...]:
        """The metrics that need probabilities; the others need predicted labels only."""
        return tuple(name for name in self.metrics if get_metric(name).needs_probabilities)


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
    _TASKS[name] = replace(task, name=name)


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
