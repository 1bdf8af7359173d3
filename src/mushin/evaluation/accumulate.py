"""Pass what a model says about each batch to the accumulators that the task needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mushin.errors import DataError, PredictionError
from mushin.evaluation.argmax import highest_classes, positions_last, tiles
from mushin.evaluation.auroc import RankAccumulator
from mushin.evaluation.batches import naming_batch
from mushin.evaluation.bounds import refuse_bounds, refuse_nan_softmax
from mushin.evaluation.calibration import CalibrationAccumulator
from mushin.evaluation.confusion import ConfusionAccumulator
from mushin.evaluation.labels import Labels, flat_labels
from mushin.evaluation.metric_objects import MetricObjects
from mushin.evaluation.pending import PendingBatches
from mushin.evaluation.predict import read_logits, read_pair, read_probabilities, softmax
from mushin.evaluation.records import RecordAccumulator
from mushin.evaluation.sufficient import SufficientStatistics
from mushin.evaluation.tasks import Task

# Probabilities are read in tiles of this many, 2 MB, so that a large batch needs no second copy of itself.
_TILE_SCORES = 2**19
# torch takes rows that fill no vector register element by element, 5 times slower than by columns.
_SHORT_ROW = 16
LESS_CLASSES = "logits, less their class axis,"


class StatisticsAccumulator:
    """The sufficient statistics of a task, growing with each batch.

    Parameters
    ----------
    task : Task
        Its metrics decide which statistics are kept.
    num_classes : int
        C.
    ignore_index : int, optional
        Samples with this target are left out of everything.
    objects : MetricObjects
        The user's own metrics, which see every batch too.
    """

    def __init__(
        self, task: Task, num_classes: int, ignore_index: int | None, objects: MetricObjects
    ) -> None:
        required = task.required_statistics
        self._prob_metrics = task.prob_metrics
        self._num_classes = num_classes
        self._ignore_index = ignore_index
        self._objects = objects
        self._pending = PendingBatches(self._add_logits)
        self._confusion = ConfusionAccumulator(num_classes, ignore_index)
        self._calibration = CalibrationAccumulator() if "calibration_count" in required else None
        self._ranks = RankAccumulator(num_classes) if "mann_whitney_u" in required else None
        self._records = RecordAccumulator(num_classes, ignore_index) if task.keep_samples else None
        self.n_seen = 0

    def add_output(self, batch: int, output: object, targets: Tensor) -> None:
        """Score a model's output, logits (N, C, ...), against targets (N, ...).

        Small batches wait for each other, unless objects of the user are to see them.

        Raises
        ------
        PredictionError, DataError
            As listed for `mushin.evaluation.evaluate.evaluate_model`.
        """
        with naming_batch(batch):
            logits = read_logits(output, self._num_classes)
            refuse_other_shape((*logits.shape[:1], *logits.shape[2:]), targets, LESS_CLASSES)
            if self._objects:
                self._add_logits(logits, targets)
                self._objects.update(logits.argmax(dim=1), lambda: softmax(logits, dim=1), targets)
                return
        self._pending.add(batch, logits, targets)

    def add_pair(self, batch: int, output: object, targets: Tensor) -> None:
        """Score what a predict function returned against targets (N, ...).

        Raises
        ------
        PredictionError, DataError
            As listed for `mushin.evaluation.evaluate.evaluate_model`.
        """
        with naming_batch(batch):
            predictions, probabilities = read_pair(output)
            refuse_other_shape(tuple(predictions.shape), targets, "predictions")
            flat_targets = self._count(flat_labels(predictions, "predictions", PredictionError), targets)
            if self._prob_metrics:
                probabilities = read_probabilities(
                    probabilities, predictions, self._num_classes, self._prob_metrics
                )
                self._add_probabilities(positions_last(probabilities), flat_targets, _within_bounds)
            given = predictions if probabilities is None else probabilities
            self._objects.update(predictions, lambda: given, targets)

    def finish(self) -> SufficientStatistics:
        """Score the batches that wait and return the statistics of all.

        Raises
        ------
        PredictionError, DataError
            As listed for `mushin.evaluation.evaluate.evaluate_model`.
        """
        self._pending.flush()
        return self._statistics()

    def _add_logits(self, logits: Tensor, targets: Tensor) -> None:
        scores = positions_last(logits)
        flat_targets = self._count(highest_classes(scores).reshape(-1), targets)
        if self._needs_probabilities:
            self._add_probabilities(scores, flat_targets, _softmax_of)

    @property
    def _needs_probabilities(self) -> bool:
        return self._calibration is not None or self._ranks is not None

    def _statistics(self) -> SufficientStatistics:
        confusion = self._confusion.matrix()
        bins = self._calibration
        records: dict[str, Any] = {} if self._records is None else self._records.arrays()
        return SufficientStatistics(
            confusion=confusion,
            n_samples=int(confusion.sum()),
            calibration_count=None if bins is None else bins.count,
            calibration_confidence=None if bins is None else bins.confidence,
            calibration_correct=None if bins is None else bins.correct,
            mann_whitney_u=None if self._ranks is None else self._ranks.mann_whitney_u(),
            **records,
        )

    def _count(self, predictions: Labels, targets: Tensor) -> Labels:
        flat_targets = flat_labels(targets, "targets", DataError)
        self._confusion.update(predictions, flat_targets)
        self.n_seen += flat_targets.size
        if self._records is not None and targets.ndim > 1:
            self._records.update_images(predictions, flat_targets, len(targets))
        elif self._records is not None:
            self._records.update(predictions, flat_targets)
        return flat_targets

    def _add_probabilities(
        self, scores: Tensor, targets: Labels, probabilities_of: Callable[[Tensor], NDArray[np.float32]]
    ) -> None:
        """Bin and keep the probabilities of scores (N, C, S), a tile of rows (n, C) at a time."""
        n_samples, n_classes, n_positions = scores.shape
        targets = targets.reshape(n_samples, n_positions)
        for samples, positions in tiles(n_samples, n_positions, max(1, _TILE_SCORES // n_classes)):
            rows = scores[samples, :, positions].movedim(1, 2).reshape(-1, n_classes)
            probabilities = probabilities_of(rows)
            classes = targets[samples, positions].reshape(-1)
            if self._ignore_index is not None:
                probabilities, classes = _without(self._ignore_index, probabilities, classes)
            if self._calibration is not None:
                self._calibration.update(probabilities, classes)
            if self._ranks is not None:
                self._ranks.update(probabilities, classes)


def _softmax_of(rows: Tensor) -> NDArray[np.float32]:
    short = rows.shape[1] < _SHORT_ROW
    over_classes = softmax(rows.T.contiguous(), dim=0).T if short else softmax(rows, dim=1)
    probabilities: NDArray[np.float32] = over_classes.float().cpu().numpy()
    refuse_nan_softmax(bool(np.isnan(probabilities[:, 0]).any()))  # the whole row is NaN then
    return probabilities


def _within_bounds(rows: Tensor) -> NDArray[np.float32]:
    probabilities: NDArray[np.float32] = rows.float().cpu().numpy()
    refuse_bounds(float(probabilities.min()), float(probabilities.max()))
    return probabilities


def _without(ignored: int, probabilities: NDArray[Any], classes: Labels) -> tuple[NDArray[Any], Labels]:
    kept = classes != ignored
    return (probabilities, classes) if kept.all() else (probabilities[kept], classes[kept])


def refuse_other_shape(shape: tuple[int, ...], targets: Tensor, name: str) -> None:
    """Raise PredictionError if what was predicted does not have the targets' shape."""
    if shape != tuple(targets.shape):
        raise PredictionError(
            f"the {name} have shape {shape} and the targets {tuple(targets.shape)}; they must be equal, one"
            " class index per target"
        )
