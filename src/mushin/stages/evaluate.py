"""Evaluate one cell: the stage behind rule ``evaluate``."""

from __future__ import annotations

from pathlib import Path

from mushin.cells import Cell, write_cell
from mushin.config.plan import CellName, Settings
from mushin.errors import CheckpointError, ConfigError, DataError
from mushin.evaluation.target_digest import TargetDigest
from mushin.evaluation.tasks import Task
from mushin.files import sha256_of
from mushin.layout import CELL, TRAINING_RECORD, cell_folder, trained_file
from mushin.provenance.cost import Stopwatch
from mushin.provenance.run_record import start_run, write_run
from mushin.stages.build import find_task, load_data
from mushin.stages.record import TRAINING_GROUPS, TrainingRecord, read_record
from mushin.stages.scoring import score_checkpoint, score_predictions
from mushin.stages.versions import package_versions
from mushin.training.batches import batches
from mushin.training.data import Data, count_samples
from mushin.training.seeding import seed_everything

GROUPS = ("data", "task")


def evaluate_cell(cell: CellName, settings: Settings, results: Path) -> Path:
    """Score the checkpoint of one cell, or its predictions, on the test split and write ``cell.nc``.

    Parameters
    ----------
    cell : CellName
        The data set, the method and the seed.
    settings : Settings
        The resolved settings.
    results : Path
        The results folder.

    Returns
    -------
    Path
        The cell file.

    Raises
    ------
    MushinError
        The checkpoint is missing, damaged, or of other settings; the data or the predictions cannot be
        scored.
    """
    run, stopwatch = start_run("evaluate"), Stopwatch()
    print(run.header(cell, package_versions()))
    folder, trained = cell_folder(results, cell), trained_file(results, cell, settings)
    record = read_record(folder / TRAINING_RECORD)
    _check_settings(record, settings, trained)
    task = find_task(settings.task)
    num_classes = _num_classes(task, settings, cell)
    data = load_data(settings.data)
    if data.test is None:
        raise DataError(f"data set {cell.dataset!r} has no test split; return one beside the training split")
    names = _class_names(data, num_classes, cell)
    seed_everything(cell.seed, deterministic=settings.training["deterministic"])
    targets = TargetDigest()
    test = targets.watch(batches(data.test, settings.task["batch_size"]))
    if settings.leaves_predictions:
        n_samples = count_samples(data.test)
        statistics = score_predictions(trained, record, settings, test, task, n_samples=n_samples)
    else:
        statistics = score_checkpoint(trained, record, settings, test, task)
    path = folder / CELL
    write_cell(
        path,
        Cell(
            name=cell,
            task=task.name,
            metrics=task.metrics,
            class_names=names,
            ignore_index=settings.data["ignore_index"],
            statistics=statistics,
            provenance=_provenance(record, settings, targets.hexdigest()),
        ),
    )
    write_run(folder, run, sha256_of(path), stopwatch.cost())
    print(_summary_line(cell, task, statistics.n_samples))
    return path


def _check_settings(record: TrainingRecord, settings: Settings, trained: Path) -> None:
    for group in TRAINING_GROUPS:
        if record.settings.get(group) != settings.texts[group]:
            raise CheckpointError(
                f"{trained}: was trained with other settings of '{group}' than conf/ has now;"
                f" train the cell again (then: {record.settings.get(group)}; now: {settings.texts[group]})"
            )


def _num_classes(task: Task, settings: Settings, cell: CellName) -> int | None:
    found: int | None = settings.data["num_classes"]
    where = f"conf/data/{cell.dataset}.yaml: num_classes:"
    if task.target_kind == "classes" and found is None:
        raise ConfigError(f"{where} is needed to score; give the number")
    if task.target_kind == "values" and found is not None:
        raise ConfigError(f"{where} is {found}, but task {task.name!r} has no classes; leave it out")
    return found


def _class_names(data: Data, num_classes: int | None, cell: CellName) -> tuple[str, ...]:
    if num_classes is None:
        return ()
    if data.class_names is None:
        return tuple(str(label) for label in range(num_classes))
    if len(data.class_names) != num_classes:
        raise DataError(
            f"data set {cell.dataset!r} names {len(data.class_names)} classes, but"
            f" conf/data/{cell.dataset}.yaml says num_classes: {num_classes}; make them agree"
        )
    return tuple(data.class_names)


def _provenance(record: TrainingRecord, settings: Settings, targets_digest: str) -> dict[str, str]:
    texts = {**record.settings, **{group: settings.texts[group] for group in GROUPS}}
    sources = {**record.sources, **{group: settings.sources[group] for group in GROUPS}}
    return {
        **{f"settings_{group}": text for group, text in texts.items()},
        **{f"sources_{group}": text for group, text in sources.items()},
        "checkpoint_sha256": record.checkpoint_sha256,
        "targets_digest": targets_digest,
        **{f"trained_with_{name}": number for name, number in record.versions.items()},
        **{f"evaluated_with_{name}": number for name, number in package_versions().items()},
    }


def _summary_line(cell: CellName, task: Task, n_samples: int) -> str:
    return f"{cell}: {n_samples} samples, {len(task.metrics)} metrics of task {task.name}"
