"""Build the data, the model and the task that a cell's settings name."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any

from torch import nn

from mushin.config.instantiate import call_target, import_callable
from mushin.errors import ConfigError, DataError, TrainingError
from mushin.evaluation.predict import PredictFn
from mushin.evaluation.tasks import Task, get_task
from mushin.training.data import Data, as_data

_FACTS = ("num_classes", "ignore_index", "input_shape")


def load_data(settings: Mapping[str, Any]) -> Data:
    """Call the data set's callable; the facts beside its arguments are for the methods, not for it.

    Raises
    ------
    DataError
        The callable raised, or returned no splits.
    """
    node = {key: value for key, value in settings.items() if key not in _FACTS}
    with chdir(Path.cwd()):
        return as_data(call_target(node, where="data", error=DataError))


def build_model(settings: Mapping[str, Any]) -> nn.Module:
    """Call the method's callable.

    Raises
    ------
    TrainingError
        The callable raised, or returned no module.
    """
    node = {key: value for key, value in settings.items() if key != "fit"}
    model = call_target(node, where="method", error=TrainingError)
    if not isinstance(model, nn.Module):
        raise TrainingError(
            f"method: {node['_target_']} returned {type(model).__name__}; accepted: a torch.nn.Module"
        )
    return model


def find_task(settings: Mapping[str, Any]) -> Task:
    """Return the task that ``conf/task/`` names, or that its callable returns, with its battery of metrics.

    Raises
    ------
    ConfigError
        A callable raised or returned something else, or a metric cannot be used.
    """
    task = _named_task(settings)
    if settings.get("keep_samples", False):
        task = task.keeping_samples()
    metrics, prob_metrics = settings["metrics"], settings["prob_metrics"]
    if metrics is None and prob_metrics is None:
        return task
    if isinstance(metrics, Mapping):
        metrics = {name: _build_metric(name, node) for name, node in metrics.items()}
    return task.with_metrics(metrics, prob_metrics)


def _build_metric(name: str, node: Any) -> Any:
    """Return a torchmetrics object, or the name of a metric of the catalogue as it is."""
    if isinstance(node, str):
        return node
    return call_target(node, where=f"task: metrics: {name}", error=ConfigError)


def _named_task(settings: Mapping[str, Any]) -> Task:
    if settings["_target_"] is None:
        return get_task(settings["name"])
    task = call_target({"_target_": settings["_target_"]}, where="task", error=ConfigError)
    if not isinstance(task, Task):
        raise ConfigError(
            f"task: {settings['_target_']} returned {type(task).__name__}; accepted: a mushin.Task"
        )
    return task


def find_predict_fn(settings: Mapping[str, Any]) -> PredictFn | None:
    """Return the predict function that ``conf/task/`` names, if any."""
    path = settings["predict_fn"]
    return None if path is None else import_callable(path, where="task: predict_fn")
