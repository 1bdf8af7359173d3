"""Pass what a model says about each batch to the accumulators on its device, without waiting for it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from mushin.errors import DataError, PredictionError
from mushin.evaluation.accumulate import LESS_CLASSES, refuse_other_shape
from mushin.evaluation.argmax import positions_last, refuse_nan, tiles
from mushin.evaluation.auroc import RankAccumulator
from mushin.evaluation.batches import naming_batch
from mushin.evaluation.bounds import refuse_bounds, refuse_nan_softmax
from mushin.evaluation.confusion import prediction_out_of_range, target_out_of_range
from mushin.evaluation.metric_objects import MetricObjects
from mushin.evaluation.on_device import (
    DeviceCalibration,
    DeviceConfusion,
    DeviceLabels,
    DeviceRanks,
    flat_on_device,
)
from mushin.evaluation.predict import read_logits, read_pair, read_probabilities, softmax
from mushin.evaluation.sufficient import SufficientStatistics
from mushin.evaluation.tasks import Task

# Probabilities that are computed at once, 64 MB.
_TILE_SCORES = 2**24
# Batches whose faults are noted on the device before the notes are read.
_NOTED = 1024
# What is noted: wrong targets and one of them, wrong predictions and one of them, NaN logits, NaN of softmax.
_NOTES = 6


class DeviceAccumulator:
    """The sufficient statistics of a task on classes, growing on a GPU with each batch.

    They equal those of `mushin.evaluation.accumulate.StatisticsAccumulator`, but for the last digits of what
    the device rounds otherwise. A fault is raised when 1024 batches have passed, or at the end; the message
    names the batch all the same.

    Parameters
    ----------
    task : Task
        Its metrics decide which statistics are kept.
    num_classes : int
        C.
    ignore_index : int, optional
        Samples with this target are left out of everything.
    objects : MetricObjects
        The user's own metrics, which see every batch too; with them, faults are raised at once.
    device : torch.device
        Where the counts lie; it needs float64.
    """

    def __init__(
        self,
        task: Task,
        num_classes: int,
        ignore_index: int | None,
        objects: MetricObjects,
        device: torch.device,
    ) -> None:
        required = task.required_statistics
        self._prob_metrics = task.prob_metrics
        self._num_classes = num_classes
        self._ignore_index = ignore_index
        self._objects = objects
        self._device = device
        self._confusion = DeviceConfusion(num_classes, ignore_index, device)
        self._calibration = DeviceCalibration(device) if "calibration_count" in required else None
        self._ranks = RankAccumulator(num_classes) if "mann_whitney_u" in required else None
        self._waiting = None if self._ranks is None else DeviceRanks(self._ranks, device)
        self._notes = torch.zeros(_NOTED, _NOTES, dtype=torch.int64, device=device)
        self._bounds = torch.zeros(_NOTED, 2, dtype=torch.float32, device=device)
        self._noted: list[int] = []
        self.n_seen = 0

    def add_output(self, batch: int, output: object, targets: Tensor) -> None:
        """Count a model's output, logits (N, C, ...), against targets (N, ...).

        Raises
        ------
        PredictionError, DataError
            As listed for `mushin.evaluation.evaluate.evaluate_model`.
        """
        with naming_batch(batch):
            logits = read_logits(output, self._num_classes).to(self._device)
            refuse_other_shape((*logits.shape[:1], *logits.shape[2:]), targets, LESS_CLASSES)
            flat = flat_on_device(targets, "targets", DataError, self._device)
        if not flat.numel():
            return
        scores = positions_last(logits)
        best, predictions = scores.max(dim=1)
        labels = self._count(predictions.reshape(-1), flat)
        self._notes[len(self._noted), 4] = best.isnan().any()
        if self._calibration is not None or self._ranks is not None:
            self._add_probabilities(scores, labels, are_logits=True)
        self._note(batch)
        with naming_batch(batch):
            shape = targets.shape
            self._objects.update(predictions.reshape(shape), lambda: softmax(logits, dim=1), targets)

    def add_pair(self, batch: int, output: object, targets: Tensor) -> None:
        """Count what a predict function returned against targets (N, ...).

        Raises
        ------
        PredictionError, DataError
            As listed for `mushin.evaluation.evaluate.evaluate_model`.
        """
        with naming_batch(batch):
            predictions, probabilities = read_pair(output)
            refuse_other_shape(tuple(predictions.shape), targets, "predictions")
            flat_predictions = flat_on_device(predictions, "predictions", PredictionError, self._device)
            flat = flat_on_device(targets, "targets", DataError, self._device)
            if self._prob_metrics:
                probabilities = read_probabilities(
                    probabilities, predictions, self._num_classes, self._prob_metrics
                )
        if not flat.numel():
            return
        labels = self._count(flat_predictions, flat)
        if self._prob_metrics and probabilities is not None:
            self._add_probabilities(positions_last(probabilities.to(self._device)), labels, are_logits=False)
        self._note(batch)
        given = predictions if probabilities is None else probabilities
        with naming_batch(batch):
            self._objects.update(predictions, lambda: given, targets)

    def finish(self) -> SufficientStatistics:
        """Copy the counts to the host.

        Raises
        ------
        PredictionError, DataError
            As listed for `mushin.evaluation.evaluate.evaluate_model`.
        """
        self._raise_noted()
        if self._waiting is not None:
            self._waiting.flush()
        confusion = self._confusion.matrix()
        bins = (None, None, None) if self._calibration is None else self._calibration.bins()
        return SufficientStatistics(
            confusion=confusion,
            n_samples=int(confusion.sum()),
            calibration_count=bins[0],
            calibration_confidence=bins[1],
            calibration_correct=bins[2],
            mann_whitney_u=None if self._ranks is None else self._ranks.mann_whitney_u(),
        )

    def _count(self, predictions: Tensor, targets: Tensor) -> DeviceLabels:
        labels, notes = self._confusion.update(predictions, targets)
        self._notes[len(self._noted), :4] = notes
        self.n_seen += targets.numel()
        return labels

    def _add_probabilities(self, scores: Tensor, labels: DeviceLabels, *, are_logits: bool) -> None:
        """Bin and keep the probabilities of scores (N, C, S), a tile of rows (n, C) at a time."""
        n_samples, n_classes, n_positions = scores.shape
        targets = labels.targets.reshape(n_samples, n_positions)
        counts = labels.counts.reshape(n_samples, n_positions)
        note, bounds = self._notes[len(self._noted)], self._bounds[len(self._noted)]
        for samples, positions in tiles(n_samples, n_positions, max(1, _TILE_SCORES // n_classes)):
            rows = scores[samples, :, positions].movedim(1, 2).reshape(-1, n_classes)
            rows = softmax(rows, dim=1).float() if are_logits else rows.float()
            if are_logits:
                note[5] |= rows[:, 0].isnan().any()
            lowest, highest = rows.aminmax()
            bounds[0] = torch.minimum(bounds[0], lowest)
            bounds[1] = torch.maximum(bounds[1], highest)
            tile = DeviceLabels(
                targets[samples, positions].reshape(-1), counts[samples, positions].reshape(-1)
            )
            if self._calibration is not None:
                self._calibration.update(rows, tile)
            if self._waiting is not None:
                self._waiting.update(rows, tile)

    def _note(self, batch: int) -> None:
        """Close the notes of a batch; read them where room runs out, or objects look at it next."""
        self._noted.append(batch)
        if len(self._noted) == _NOTED or self._objects:
            self._raise_noted()

    def _raise_noted(self) -> None:
        """Copy the notes to the host and raise the first fault."""
        count = len(self._noted)
        notes, bounds = self._notes[:count].cpu().numpy(), self._bounds[:count].cpu().numpy()
        for batch, note, (lowest, highest) in zip(self._noted, notes, bounds, strict=True):
            with naming_batch(batch):
                self._refuse(note, float(lowest), float(highest))
        self._noted.clear()
        self._notes.zero_()
        self._bounds.zero_()

    def _refuse(
        self, note: np.ndarray[tuple[int], np.dtype[np.int64]], lowest: float, highest: float
    ) -> None:
        n_targets, target, n_predictions, prediction, nan_logits, nan_softmax = note.tolist()
        refuse_nan(bool(nan_logits))
        if n_predictions:
            raise prediction_out_of_range(prediction, self._num_classes)
        if n_targets:
            raise target_out_of_range(target, self._num_classes, self._ignore_index)
        refuse_nan_softmax(bool(nan_softmax))
        refuse_bounds(lowest, highest)
