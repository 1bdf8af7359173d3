"""Score what the training of a cell left: a checkpoint, or predictions."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mushin.config.plan import Settings
from mushin.errors import CheckpointError
from mushin.evaluation.evaluate import evaluate_model
from mushin.evaluation.from_predictions import evaluate_predictions
from mushin.evaluation.sufficient import SufficientStatistics
from mushin.evaluation.tasks import Task
from mushin.files import sha256_of
from mushin.predictions.arrays import check_predictions, refuse_other_kind
from mushin.predictions.read import read_predictions
from mushin.stages.build import build_model, find_predict_fn
from mushin.stages.record import TrainingRecord
from mushin.training.checkpoint import load_checkpoint
from mushin.training.device import resolve_device


def score_checkpoint(
    path: Path, record: TrainingRecord, settings: Settings, batches: Iterable[Any], task: Task
) -> SufficientStatistics:
    """Rebuild the model of a cell and score it on the batches of the test split."""
    model = build_model(settings.method)
    load_checkpoint(path, model, expected_sha256=record.checkpoint_sha256)
    device = resolve_device(settings.task["device"])
    return evaluate_model(
        model.to(device),
        batches,
        task=task,
        num_classes=settings.data["num_classes"],
        ignore_index=settings.data["ignore_index"],
        predict_fn=find_predict_fn(settings.task),
        device=device,
    )


def score_predictions(
    path: Path,
    record: TrainingRecord,
    settings: Settings,
    batches: Iterable[Any],
    task: Task,
    *,
    n_samples: int,
) -> SufficientStatistics:
    """Score the predictions of a cell against the `n_samples` targets of the test split.

    Raises
    ------
    CheckpointError
        The file is missing, has another hash than its record, or the data set's source has changed since, so
        that the predictions may belong to other samples.
    DataError, PredictionError
        The predictions cannot be scored.
    """
    _check_origin(path, record, settings)
    predictions = read_predictions(path)
    num_classes = settings.data["num_classes"]
    refuse_other_kind(predictions, str(path), of_values=task.target_kind == "values")
    check_predictions(predictions, str(path), n_samples=n_samples, num_classes=num_classes)
    return evaluate_predictions(
        predictions,
        batches,
        task=task,
        num_classes=num_classes,
        ignore_index=settings.data["ignore_index"],
    )


def _check_origin(path: Path, record: TrainingRecord, settings: Settings) -> None:
    remedy = "train the cell again"
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file; {remedy}")
    found = sha256_of(path)
    if found != record.checkpoint_sha256:
        raise CheckpointError(
            f"{path}: the predictions' SHA-256 is {found}, expected {record.checkpoint_sha256}; they were"
            f" changed or replaced after they were recorded; {remedy}"
        )
    # A model can be scored on any data; predictions belong to the samples they were made for.
    if record.sources.get("data") != settings.sources["data"]:
        raise CheckpointError(
            f"{path}: the source of {settings.data['_target_']} has changed since the method predicted its"
            f" test split; {remedy}"
        )
