"""Run the user's torchmetrics objects beside an evaluation, each on a clone of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mushin.errors import ConfigError, PredictionError
from mushin.evaluation.custom import CustomMetric
from mushin.evaluation.sufficient import CustomScore, SufficientStatistics
from mushin.evaluation.tasks import Task
from mushin.metrics.valid_range import are_outside

# What torchmetrics and a user's function raise for values that they cannot score.
_RAISED = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


class MetricObjects:
    """The torchmetrics objects of a task; each batch is passed to them as the loader made it.

    Parameters
    ----------
    task : Task
        Objects of the user are not changed: clones of them are reset and used.
    ignore_index : int, optional
        What the evaluation leaves out. An object that looks at ignored samples itself is refused.
    device : torch.device
        Where the objects keep their state.

    Raises
    ------
    ConfigError
        If an object has an ``ignore_index`` of another value.
    """

    def __init__(self, task: Task, ignore_index: int | None, device: torch.device) -> None:
        self._task = task
        self._device = device
        self._objects: dict[str, Any] = {}
        for name, custom in task.custom.items():
            if custom.is_object:
                _check_ignored(name, custom.metric, ignore_index)
                clone = custom.metric.clone()
                clone.reset()
                self._objects[name] = clone.to(device)

    def __bool__(self) -> bool:
        return bool(self._objects)

    def update(
        self, predictions: Tensor, probabilities: Callable[[], Tensor] | None, targets: Tensor
    ) -> None:
        """Pass one batch to every object.

        Parameters
        ----------
        predictions : tensor, shape (N, ...)
            Labels, or values.
        probabilities : callable, optional
            Returns the probabilities (N, C, ...); called once, where an object needs them.
        targets : tensor, shape (N, ...)

        Raises
        ------
        PredictionError
            If an object refuses what it is given; the message names it.
        """
        if not self._objects or not targets.numel():
            return
        predictions, targets = predictions.to(self._device), targets.to(self._device)
        needs = [name for name in self._objects if name in self._task.prob_metrics]
        scores = probabilities().to(self._device) if needs and probabilities is not None else predictions
        with torch.inference_mode():
            for name, metric in self._objects.items():
                shown = scores if name in needs else predictions
                try:
                    metric.update(shown, targets)
                except _RAISED as error:
                    raise PredictionError(_refusal(name, metric, shown, name in needs, error)) from error

    def scores(self, statistics: SufficientStatistics) -> dict[str, CustomScore]:
        """Return the scores of the objects and of the user's functions, once all batches have passed.

        Raises
        ------
        PredictionError
            If a metric raises, comes to anything but one number, or to one outside its declared range.
        """
        found = {}
        for name, custom in self._task.custom.items():
            try:
                with torch.inference_mode():
                    metric = self._objects.get(name)
                    value = custom.metric(statistics) if metric is None else metric.compute()
            except _RAISED as error:
                raise PredictionError(
                    f"metric {name!r} could not be computed: {type(error).__name__}: {_first_line(error)}"
                ) from error
            found[name] = _score(name, custom, value)
        return found


def _check_ignored(name: str, metric: Any, ignore_index: int | None) -> None:
    """Refuse an object that counts what the evaluation ignores; one without the option decides itself."""
    if ignore_index is None or not hasattr(metric, "ignore_index") or metric.ignore_index == ignore_index:
        return
    kind = type(metric).__name__
    raise ConfigError(
        f"metric {name!r} has ignore_index={metric.ignore_index}, but the evaluation leaves out"
        f" {ignore_index}; make it {kind}(..., ignore_index={ignore_index})"
    )


def _score(name: str, custom: CustomMetric, value: Any) -> CustomScore:
    """Return the score as a float64 number with its attributes."""
    if isinstance(value, Tensor):
        value = value.detach().cpu().numpy()
    size = getattr(value, "size", 1)
    try:
        number = float(value.reshape(())) if hasattr(value, "reshape") and size == 1 else float(value)
    except (TypeError, ValueError):
        what = f"an array of shape {value.shape}" if hasattr(value, "shape") else f"a {type(value).__name__}"
        raise PredictionError(
            f"metric {name!r} came to {what}; a score is one number: average it, or make one metric of each"
        ) from None
    if are_outside(np.array(number), custom.valid_range) and np.isfinite(number):
        raise PredictionError(
            f"metric {name!r} came to {number:g}, outside its declared valid_range {custom.valid_range};"
            " declare the range that its scores have"
        )
    return CustomScore(
        value=number,
        higher_is_better=bool(custom.higher_is_better),
        long_name=custom.long_name or name,
        units=custom.units,
        valid_range=custom.valid_range,
    )


def _refusal(name: str, metric: Any, shown: Tensor, as_probabilities: bool, error: BaseException) -> str:
    given = "probabilities" if as_probabilities else "predictions"
    hint = (
        "it is one of prob_metrics; leave it out there if it takes labels"
        if as_probabilities
        else f"if it takes probabilities, name it: prob_metrics=[{name!r}]"
    )
    return (
        f"metric {name!r} ({type(metric).__name__}) refused {given} {shown.dtype} of shape"
        f" {tuple(shown.shape)}: {_first_line(error)}; {hint}"
    )


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
