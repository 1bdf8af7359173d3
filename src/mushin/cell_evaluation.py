"""Score models of the user's own into cells, by options that are checked once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.data import Dataset

from mushin.cells import Cell
from mushin.config.plan import CellName
from mushin.errors import ConfigError, DataError, PredictionError
from mushin.evaluation.custom import Metrics
from mushin.evaluation.evaluate import check_options, evaluate_model
from mushin.evaluation.predict import Model, PredictFn
from mushin.evaluation.tasks import Task
from mushin.training.device import resolve_device


@dataclass(frozen=True)
class CellEvaluation:
    """How every cell of a comparison is scored.

    Attributes
    ----------
    task : Task
        With the battery that is asked for.
    num_classes, ignore_index, predict_fn
        As for `mushin.evaluation.evaluate.evaluate_model`.
    class_names : tuple of str
        One per class; empty for a task on values.
    device : torch.device
        Where models run.
    """

    task: Task
    num_classes: int | None
    ignore_index: int | None
    predict_fn: PredictFn | None
    class_names: tuple[str, ...]
    device: torch.device

    def cell(
        self,
        name: CellName,
        model: Model,
        data: Iterable[Any],
        provenance: Mapping[str, str] | None = None,
    ) -> Cell:
        """Score one model on the batches of `data`.

        Raises
        ------
        MushinError
            As `mushin.evaluation.evaluate.evaluate_model`, with the method and the seed in the message.
        """
        with _naming(name):
            statistics = evaluate_model(
                model,
                data,
                task=self.task,
                num_classes=self.num_classes,
                ignore_index=self.ignore_index,
                predict_fn=self.predict_fn,
                device=self.device,
            )
        return Cell(
            name=name,
            task=self.task.name,
            metrics=self.task.metrics,
            class_names=self.class_names,
            ignore_index=self.ignore_index,
            statistics=statistics,
            provenance=provenance or {},
        )


def plan_evaluation(
    data: object,
    task: str | Task,
    *,
    num_classes: int | None,
    ignore_index: int | None,
    metrics: Metrics | None,
    prob_metrics: Iterable[str] | None,
    predict_fn: PredictFn | None,
    class_names: Sequence[str] | None,
    device: str | torch.device,
) -> CellEvaluation:
    """Check how cells shall be scored, and that `data` can be read once per cell.

    Raises
    ------
    ConfigError, UnknownNameError
        An option is not what it must be.
    DataError
        `data` is no iterable of batches, or can be read only once.
    """
    known = check_options(
        task, num_classes, ignore_index, metrics=metrics, prob_metrics=prob_metrics, predict_fn=predict_fn
    )
    _check_data(data)
    return CellEvaluation(
        task=known,
        num_classes=num_classes,
        ignore_index=None if ignore_index is None else int(ignore_index),
        predict_fn=predict_fn,
        class_names=_class_names(class_names, num_classes),
        device=resolve_device(device),
    )


def _check_data(data: object) -> None:
    accepted = "accepted is an iterable of (inputs, targets) batches, such as a torch DataLoader"
    if isinstance(data, Dataset):
        raise DataError(
            f"data is the data set itself ({type(data).__name__}), which gives single samples; {accepted}:"
            " DataLoader(data, batch_size=256)"
        )
    if not isinstance(data, Iterable):
        raise DataError(f"data is a {type(data).__name__}; {accepted}")
    if isinstance(data, Iterator):
        raise DataError(
            f"data is a {type(data).__name__}, which can be read only once, but every model reads it;"
            f" {accepted}, or list(data)"
        )


def _class_names(names: Sequence[str] | None, num_classes: int | None) -> tuple[str, ...]:
    if num_classes is None:
        if names is not None:
            raise ConfigError("class_names is given, but the task has no classes; leave it out")
        return ()
    if names is None:
        return tuple(str(label) for label in range(num_classes))
    given = tuple(names)
    if isinstance(names, str) or not all(isinstance(name, str) and name for name in given):
        raise ConfigError(f"class_names is {names!r}; accepted is a sequence of texts, one per class")
    if len(given) != num_classes:
        raise ConfigError(f"class_names has {len(given)} names for num_classes={num_classes}; give one each")
    if len(set(given)) < len(given):
        raise ConfigError(f"class_names has a name twice: {given}; name each class differently")
    return given


@contextmanager
def _naming(cell: CellName) -> Iterator[None]:
    """Put the method and the seed before the message of an error."""
    try:
        yield
    except (DataError, PredictionError) as error:
        raise type(error)(f"method {cell.method!r}, seed {cell.seed}: {error}") from error
