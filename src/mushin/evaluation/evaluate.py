"""Evaluate a model over batches into the sufficient statistics of its metrics."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from mushin.errors import ConfigError, DataError, PredictionError
from mushin.evaluation.accumulate import StatisticsAccumulator
from mushin.evaluation.batches import each_batch, moved, naming_batch, read_batch
from mushin.evaluation.custom import Metrics
from mushin.evaluation.device_accumulate import DeviceAccumulator
from mushin.evaluation.lending import lent
from mushin.evaluation.metric_objects import MetricObjects
from mushin.evaluation.predict import Model, PredictFn
from mushin.evaluation.sufficient import SufficientStatistics
from mushin.evaluation.tasks import Task, get_task
from mushin.evaluation.values import ValuesAccumulator

_INTEGERS = (int, np.integer)


def evaluate_model(
    model: Model,
    batches: Iterable[Any],
    *,
    task: str | Task,
    num_classes: int | None = None,
    ignore_index: int | None = None,
    metrics: Metrics | None = None,
    prob_metrics: Iterable[str] | None = None,
    predict_fn: PredictFn | None = None,
    device: str | torch.device = "cpu",
) -> SufficientStatistics:
    """Run a model over a data set once and keep what its task's metrics are computed from.

    The model runs in eval mode and inference mode; the training flag of each submodule and the device of the
    model are restored afterwards, also after an error. Scores are computed later, from the result
    (`mushin.metrics.catalog.Metric.score`).

    Parameters
    ----------
    model : torch.nn.Module or callable
        Called with the inputs of a batch. Without a `predict_fn` it returns float logits with the classes on
        axis 1, (N, C) or (N, C, H, W); for a task on values real numbers (N,) or (N, 1).
    batches : iterable of (inputs, targets)
        For instance a `torch.utils.data.DataLoader`; read once. Inputs are a tensor, or tensors in dicts,
        lists and tuples. Targets are integer class indices, (N,) or (N, H, W); for a task on values finite
        real numbers of the predictions' shape.
    task : str or Task
        Decides which statistics are kept, and how the model is asked where `predict_fn` is not given.
    num_classes : int, optional
        C, at least 2; needed but for a task on values, which has no classes.
    ignore_index : int, optional
        Samples with this target are left out of all statistics. It may be a class, or any other integer. The
        user's own torchmetrics objects see these samples, and need the same ``ignore_index``.
    metrics : iterable of str, or mapping, optional
        Replaces the task's battery, in any form that `mushin.evaluation.tasks.Task` accepts.
    prob_metrics : iterable of str, optional
        Which metrics are given probabilities; the others get predicted labels. By default those whose names
        the catalogue knows as metrics of probabilities.
    predict_fn : PredictFn, optional
        ``(model, x) -> (predictions, probabilities)``, in place of the task's own.
    device : str or torch.device
        Where the model runs; inputs are moved there. On CUDA the counts stay there too, and are copied once
        at the end; labels and logits out of range are then noticed after 1024 batches at the latest.

    Returns
    -------
    SufficientStatistics
        The confusion matrix; for metrics of probabilities also calibration bins and Mann-Whitney statistics.
        For a task on values their moments, and the values where a metric needs their ranks. For a task that
        keeps samples also a record of each. The scores of the user's own metrics are in its `scores`.

    Raises
    ------
    PredictionError
        If `model` cannot be called, or its predictions cannot be scored: NaN among logits or probabilities
        (infinite logits are in order where no metric needs probabilities; where one does, those whose softmax
        is NaN are refused), another shape than the targets', another number of classes, class indices or
        probabilities out of range, probabilities missing where a metric needs them, a dict without a
        `predict_fn`, anything but a 2-tuple from one; for a task on values NaN or inf. Also if a metric of
        the user raises or comes to anything but one number. The message names the batch or the metric.
    DataError
        If there is no sample, a batch is not ``(inputs, targets)``, or a target is neither a class nor
        `ignore_index`; for a task on values, if a target is NaN or inf. The message names the batch.
    ConfigError
        If `num_classes`, `ignore_index`, `metrics`, `predict_fn` or `device` is not what it must be.
    UnknownNameError
        If no task or no metric of this name is known.

    Examples
    --------
    >>> logits = torch.tensor([[2.0, 0.0], [0.0, 1.0], [3.0, 0.0]])
    >>> batches = [(logits, torch.tensor([0, 1, 1]))]
    >>> statistics = evaluate_model(torch.nn.Identity(), batches, task="classification", num_classes=2)
    >>> statistics.confusion
    array([[1, 0],
           [1, 1]])
    """
    known_task = check_options(
        task, num_classes, ignore_index, metrics=metrics, prob_metrics=prob_metrics, predict_fn=predict_fn
    )
    ignore_index = None if ignore_index is None else int(ignore_index)
    predict = known_task.predict_fn if predict_fn is None else predict_fn
    _check_model(model)
    place = _usable_device(device)
    objects = MetricObjects(known_task, ignore_index, place)
    accumulator = _accumulator(known_task, num_classes, ignore_index, objects, place)
    number = -1
    with lent(model, place):
        for number, batch in enumerate(each_batch(batches)):
            with torch.inference_mode():
                with naming_batch(number):
                    inputs, targets = read_batch(batch)
                    inputs = moved(inputs, place)
                    output = model(inputs) if predict is None else predict(model, inputs)
                add = accumulator.add_output if predict is None else accumulator.add_pair
                add(number, output, targets)
        statistics = accumulator.finish()
    if not accumulator.n_seen:
        raise DataError(
            f"there is nothing to evaluate: {number + 1} batches without a sample. Check the data set's"
            " split; a generator can be read only once, a DataLoader again and again"
        )
    return replace(statistics, scores=objects.scores(statistics)) if known_task.custom else statistics


def check_options(
    task: str | Task,
    num_classes: int | None,
    ignore_index: int | None,
    *,
    metrics: Metrics | None = None,
    prob_metrics: Iterable[str] | None = None,
    predict_fn: PredictFn | None = None,
) -> Task:
    """Check the options of an evaluation, and return its task with the battery that is asked for.

    Parameters
    ----------
    task, num_classes, ignore_index, metrics, prob_metrics, predict_fn
        As for `evaluate_model`.

    Raises
    ------
    ConfigError, UnknownNameError
        As for `evaluate_model`.

    Examples
    --------
    >>> check_options("segmentation", 21, 255).name
    'segmentation'
    """
    known = get_task(task)
    if metrics is not None or prob_metrics is not None:
        known = known.with_metrics(metrics, prob_metrics)
    if predict_fn is not None and not callable(predict_fn):
        raise ConfigError(
            f"predict_fn is {predict_fn!r}; accepted is a function (model, x) -> (predictions, probabilities)"
        )
    if known.target_kind == "classes":
        _check_integer("num_classes", num_classes, "an integer of 2 or more", smallest=2)
        if ignore_index is not None:
            _check_integer("ignore_index", ignore_index, "an integer or None")
        return known
    for name, value in (("num_classes", num_classes), ("ignore_index", ignore_index)):
        if value is not None:
            raise ConfigError(f"{name} is {value!r}, but task {known.name!r} has no classes; leave it out")
    return known


def _accumulator(
    task: Task, num_classes: int | None, ignore_index: int | None, objects: MetricObjects, place: torch.device
) -> StatisticsAccumulator | DeviceAccumulator | ValuesAccumulator:
    if num_classes is not None and _counts_on_device(place) and not task.keep_samples:
        return DeviceAccumulator(task, int(num_classes), ignore_index, objects, place)
    return host_accumulator(task, num_classes, ignore_index, objects)


def host_accumulator(
    task: Task, num_classes: int | None, ignore_index: int | None, objects: MetricObjects
) -> StatisticsAccumulator | ValuesAccumulator:
    """Return what counts on the host for a task, whose options are checked."""
    if num_classes is None:
        return ValuesAccumulator(task, objects)
    return StatisticsAccumulator(task, int(num_classes), ignore_index, objects)


def _counts_on_device(place: torch.device) -> bool:
    """Tell whether counts stay on a device: on CUDA, which has the float64 that Metal lacks."""
    return place.type == "cuda"


def _check_model(model: object) -> None:
    if not callable(model):
        hint = ". Load a state dict into its module first" if isinstance(model, Mapping) else ""
        raise PredictionError(
            f"the model is a {type(model).__name__}; accepted is a torch.nn.Module or a function of the"
            f" inputs{hint}"
        )


def _check_integer(name: str, value: object, accepted: str, *, smallest: float = -math.inf) -> None:
    if not isinstance(value, _INTEGERS) or isinstance(value, bool) or value < smallest:
        raise ConfigError(f"{name} is {value!r}; accepted is {accepted}")


def _usable_device(device: str | torch.device) -> torch.device:
    try:
        return torch.empty(0, device=device).device
    except (RuntimeError, AssertionError, TypeError) as error:
        raise ConfigError(
            f"device {str(device)!r} cannot be used here: {str(error).splitlines()[0]}"
        ) from error
