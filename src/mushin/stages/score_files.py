"""Score a file of predictions against a file of targets, whatever made them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray
from tabulate import tabulate

from mushin.cells import Cell
from mushin.config.plan import CellName
from mushin.errors import ConfigError
from mushin.evaluation.from_predictions import evaluate_predictions
from mushin.evaluation.target_digest import TargetDigest
from mushin.evaluation.tasks import Task, get_task
from mushin.files import sha256_of
from mushin.metrics.catalog import get_metric
from mushin.predictions.arrays import Predictions, check_predictions, refuse_other_kind
from mushin.predictions.read import read_predictions, read_targets
from mushin.stages.versions import package_versions

_ROWS = 2**16


@dataclass(frozen=True, kw_only=True)
class Scoring:
    """How files of predictions are scored.

    Attributes
    ----------
    task : str
        The name of a registered task.
    metrics : tuple of str, optional
        Metrics of the catalogue in place of the task's own.
    num_classes : int, optional
        C; by default the number of class names, or of columns of the probabilities.
    ignore_index : int, optional
        The target that marks what is left out.
    class_names : tuple of str, optional
        One name per class; by default their numbers.
    """

    task: str = "classification"
    metrics: tuple[str, ...] | None = None
    num_classes: int | None = None
    ignore_index: int | None = None
    class_names: tuple[str, ...] | None = None


def score_files(predictions: Path, targets: Path, scoring: Scoring, *, name: CellName) -> Cell:
    """Read both files, check them against each other, and score them.

    Parameters
    ----------
    predictions, targets : Path
        See `mushin.predictions.read`.
    scoring : Scoring
        The task and the classes.
    name : CellName
        What the cell is called.

    Returns
    -------
    Cell
        It can be merged with cells of the same task, classes, and targets.

    Raises
    ------
    MushinError
        A file cannot be read or scored, or the classes are not known.
    """
    task = _task(scoring)
    of_values = task.target_kind == "values"
    if of_values:
        _refuse_classes(scoring, task)
    found = read_predictions(predictions, of_values=of_values)
    refuse_other_kind(found, str(predictions), of_values=of_values)
    truth = read_targets(targets, of_values=of_values)
    num_classes = None if of_values else _num_classes(scoring, found, predictions)
    check_predictions(found, str(predictions), n_samples=len(truth), num_classes=num_classes)
    digest = TargetDigest()
    statistics = evaluate_predictions(
        found,
        digest.watch(_batches(truth)),
        task=task,
        num_classes=num_classes,
        ignore_index=scoring.ignore_index,
    )
    versions = {f"evaluated_with_{package}": number for package, number in package_versions().items()}
    return Cell(
        name=name,
        task=task.name,
        metrics=task.metrics,
        class_names=scoring.class_names or tuple(str(label) for label in range(num_classes or 0)),
        ignore_index=scoring.ignore_index,
        statistics=statistics,
        provenance={
            "checkpoint_sha256": sha256_of(predictions),
            "targets_digest": digest.hexdigest(),
            **versions,
        },
    )


def format_scores(cell: Cell) -> str:
    """Return a table with a line per metric, for a terminal."""
    arrays = cell.statistics.arrays()
    rows = []
    for name in cell.metrics:
        metric = get_metric(name)
        score = float(metric.score(arrays, ignore_index=cell.ignore_index))
        rows.append((name, f"{score:.6f}", "higher" if metric.higher_is_better else "lower"))
    table = tabulate(rows, headers=("metric", "score", "better"), tablefmt="simple", disable_numparse=True)
    classes = cell.statistics.num_classes
    counted = f"{cell.statistics.n_samples} samples" + ("" if classes is None else f", {classes} classes")
    return f"{table}\n\n{counted}, task {cell.task}"


def _task(scoring: Scoring) -> Task:
    task = get_task(scoring.task)
    return task if scoring.metrics is None else Task(task.name, scoring.metrics)


def _refuse_classes(scoring: Scoring, task: Task) -> None:
    given = {
        "--num-classes": scoring.num_classes,
        "--class-names": scoring.class_names,
        "--ignore-index": scoring.ignore_index,
    }
    for option, value in given.items():
        if value is not None:
            raise ConfigError(f"command line: {option}: task {task.name!r} has no classes; leave it out")


def _num_classes(scoring: Scoring, predictions: Predictions, path: Path) -> int:
    names: Sequence[str] | None = scoring.class_names
    if names is not None and scoring.num_classes not in (None, len(names)):
        raise ConfigError(
            f"command line: --class-names has {len(names)} names, but --num-classes is {scoring.num_classes}"
        )
    if names is not None:
        return len(names)
    if scoring.num_classes is not None:
        return scoring.num_classes
    if predictions.probabilities is None:
        raise ConfigError(
            f"command line: {path} holds labels, which do not tell how many classes there are; give"
            " --num-classes or --class-names"
        )
    return int(predictions.probabilities.shape[1])


def _batches(targets: NDArray[Any]) -> Iterator[tuple[Any, torch.Tensor]]:
    for start in range(0, len(targets), _ROWS):
        yield None, torch.from_numpy(targets[start : start + _ROWS])
