"""Pass the values that a regression model predicts to the accumulators that its task needs."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from mushin.errors import DataError, PredictionError
from mushin.evaluation.batches import naming_batch
from mushin.evaluation.metric_objects import MetricObjects
from mushin.evaluation.moments import MomentsAccumulator, Values
from mushin.evaluation.predict import read_pair, read_values, squeezed
from mushin.evaluation.sufficient import SufficientStatistics
from mushin.evaluation.tasks import Task


class ValuesAccumulator:
    """The sufficient statistics of a task on values, growing with each batch.

    Parameters
    ----------
    task : Task
        Its metrics decide whether the values themselves are kept beside their moments.
    objects : MetricObjects
        The user's own metrics, which see every batch too.
    """

    def __init__(self, task: Task, objects: MetricObjects) -> None:
        self._objects = objects
        self._moments = MomentsAccumulator()
        self._keeps_values = "target_value" in task.required_statistics
        self._kept: tuple[list[Values], list[Values]] = ([], [])
        self.n_seen = 0

    def add_output(self, batch: int, output: object, targets: Tensor) -> None:
        """Score the values that a model returned.

        Raises
        ------
        PredictionError, DataError
            As listed for `mushin.evaluation.evaluate.evaluate_model`.
        """
        with naming_batch(batch):
            self._add(read_values(output), targets)

    def add_pair(self, batch: int, output: object, targets: Tensor) -> None:
        """Score what a predict function returned; its probabilities are not read.

        Raises
        ------
        PredictionError, DataError
            As listed for `mushin.evaluation.evaluate.evaluate_model`.
        """
        with naming_batch(batch):
            predictions, _ = read_pair(output)
            self._add(read_values(predictions), targets)

    def finish(self) -> SufficientStatistics:
        """Return the statistics of all batches."""
        kept = [np.concatenate(values) if values else np.empty(0) for values in self._kept]
        return SufficientStatistics(
            n_samples=self.n_seen,
            regression_moments=self._moments.moments(),
            target_value=kept[0] if self._keeps_values else None,
            predicted_value=kept[1] if self._keeps_values else None,
        )

    def _add(self, predictions: Tensor, targets: Tensor) -> None:
        targets = _read_targets(targets)
        if predictions.shape != targets.shape:
            raise PredictionError(
                f"the predictions have shape {tuple(predictions.shape)} and the targets"
                f" {tuple(targets.shape)}, a last axis of 1 left out; they must be equal"
            )
        self._objects.update(predictions, None, targets)
        true, predicted = _flat(targets), _flat(predictions)
        if not np.isfinite(true).all():
            raise DataError("the targets hold NaN or inf; leave such samples out of the data set")
        if not np.isfinite(predicted).all():
            raise PredictionError(
                "the predictions hold NaN or inf; the model has probably diverged in training"
            )
        self._moments.update(true, predicted)
        self.n_seen += true.size
        if self._keeps_values:
            for values, more in zip(self._kept, (true, predicted), strict=True):
                values.append(more)


def _read_targets(targets: Tensor) -> Tensor:
    if targets.is_complex():
        raise DataError(f"the targets are {targets.dtype}; accepted are real numbers")
    targets = squeezed(targets)
    if targets.ndim == 2:
        raise DataError(
            f"the targets have shape {tuple(targets.shape)}, several values per sample; their scores have no"
            " common unit. Give one value per sample (N,), and a task for each output"
        )
    return targets


def _flat(values: Tensor) -> Values:
    """Return a copy as a flat float64 array on the host; Metal has no float64."""
    flat: Values = values.detach().reshape(-1).cpu().to(torch.float64, copy=True).numpy()
    return flat
