"""Evaluate predictions that are there already into the sufficient statistics of their metrics."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import torch

from mushin.errors import DataError, PredictionError
from mushin.evaluation.batches import naming_batch, read_batch
from mushin.evaluation.evaluate import check_options, host_accumulator
from mushin.evaluation.metric_objects import MetricObjects
from mushin.evaluation.sufficient import SufficientStatistics
from mushin.evaluation.tasks import Task
from mushin.predictions.arrays import Predictions, refuse_other_kind


def evaluate_predictions(
    predictions: Predictions,
    batches: Iterable[Any],
    *,
    task: str | Task,
    num_classes: int | None = None,
    ignore_index: int | None = None,
) -> SufficientStatistics:
    """Score predictions against the targets of a test split, as `evaluate_model` scores those of a model.

    Parameters
    ----------
    predictions : Predictions
        One per sample, in the order of `batches`.
    batches : iterable of (inputs, targets)
        Read once; the inputs are not looked at.
    task : str or Task
        Decides which statistics are kept. Its `predict_fn` has nothing to ask and is not called.
    num_classes : int, optional
        C, at least 2; needed but for a task on values, which has no classes.
    ignore_index : int, optional
        Samples with this target are left out of all statistics.

    Returns
    -------
    SufficientStatistics

    Raises
    ------
    ConfigError
        If `num_classes` is missing, or there is one, or an `ignore_index`, for a task on values.
    PredictionError
        If values came for classes or the other way round, a metric of the task needs probabilities and there
        are none, or the predictions differ from the targets in number or in shape.
    DataError
        If a batch is not ``(inputs, targets)``, or a target is neither a class nor `ignore_index`; for a task
        on values, if a target is NaN or inf.

    Examples
    --------
    >>> from mushin.predictions.arrays import as_predictions
    >>> predictions = as_predictions([[0.9, 0.1], [0.2, 0.8]], "forest")
    >>> batches = [(None, torch.tensor([0, 1]))]
    >>> evaluate_predictions(predictions, batches, task="classification", num_classes=2).confusion
    array([[1, 0],
           [0, 1]])
    """
    known_task = check_options(task, num_classes, ignore_index)
    refuse_other_kind(predictions, "predictions", of_values=known_task.target_kind == "values")
    refuse_missing_probabilities(predictions, known_task)
    objects = MetricObjects(known_task, ignore_index, torch.device("cpu"))
    accumulator = host_accumulator(known_task, num_classes, ignore_index, objects)
    scored = 0
    for number, batch in enumerate(batches):
        with naming_batch(number):
            _, targets = read_batch(batch)
        rows = slice(scored, scored + len(targets))
        accumulator.add_pair(number, _tensors(predictions, rows), targets)
        scored += len(targets)
    if not scored:
        raise DataError("there is nothing to evaluate: the test split has no sample")
    if scored != len(predictions):
        raise PredictionError(f"{len(predictions)} predictions came for {scored} test samples")
    statistics = accumulator.finish()
    return replace(statistics, scores=objects.scores(statistics)) if known_task.custom else statistics


def refuse_missing_probabilities(predictions: Predictions, task: Task) -> None:
    """Raise PredictionError if the task has metrics of probabilities and there are labels only."""
    if task.prob_metrics and predictions.probabilities is None:
        enough = [name for name in task.metrics if name not in task.prob_metrics]
        raise PredictionError(
            f"{' and '.join(task.prob_metrics)} of task {task.name!r} need probabilities, and these"
            " predictions are labels only; give probabilities, or score what needs none"
            f" ({','.join(enough) or 'nothing here'}): with a task of your own, or with --metrics"
        )


def _tensors(predictions: Predictions, rows: slice) -> tuple[torch.Tensor, torch.Tensor | None]:
    probabilities = predictions.probabilities
    given = predictions.labels if predictions.values is None else predictions.values
    assert given is not None
    return (
        torch.from_numpy(given[rows]),
        None if probabilities is None else torch.from_numpy(probabilities[rows]),
    )
