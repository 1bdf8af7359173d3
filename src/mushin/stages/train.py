"""Train one cell: the stage behind rule ``train``."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from mushin.config.instantiate import bind_target, call_target
from mushin.config.plan import CellName, Settings
from mushin.errors import TrainingError
from mushin.layout import TRAINING_RECORD, cell_folder, trained_file
from mushin.provenance.cost import Stopwatch
from mushin.provenance.run_record import start_run, write_run
from mushin.stages.build import build_model, load_data
from mushin.stages.kept import keep_training, restore_training
from mushin.stages.predict import predict_cell
from mushin.stages.record import record_training, write_record
from mushin.stages.versions import package_versions
from mushin.training.checkpoint import save_checkpoint
from mushin.training.train import TrainedMethod, train_method

_OF_THE_PROCESS = ("deterministic", "threads")
_FACTORIES = ("optimizer", "scheduler")


def train_cell(cell: CellName, settings: Settings, results: Path) -> Path:
    """Train the model of one cell and save it with a record of what trained it, and a note of who ran it.

    A method that predicts by itself leaves its predictions instead; see `mushin.stages.predict`. A training
    that a job of a cluster finished before it was cancelled, and whose files are gone, is put back; see
    `mushin.stages.kept`.

    Parameters
    ----------
    cell : CellName
        The data set, the method and the seed.
    settings : Settings
        The resolved settings.
    results : Path
        The results folder; the cell's own folder lies below it.

    Returns
    -------
    Path
        The checkpoint, or the predictions. It is written last but for its record, and both whole
        or not at all.

    Raises
    ------
    MushinError
        The data cannot be loaded, the method raises, returns no model or diverges.
    """
    run, stopwatch = start_run("train"), Stopwatch()
    print(run.header(cell, package_versions()))
    is_lost = not trained_file(results, cell, settings).is_file()
    if is_lost and restore_training(results, cell, settings):
        print(f"{cell} was trained by a job that ended early; its training is kept and not repeated")
    else:
        sha256 = (predict_cell if settings.leaves_predictions else _train_model)(cell, settings, results)
        write_run(cell_folder(results, cell), run, sha256, stopwatch.cost())
    keep_training(results, cell, settings)
    return trained_file(results, cell, settings)


def _train_model(cell: CellName, settings: Settings, results: Path) -> str:
    """Train the model of a cell and return the hash of its checkpoint."""
    trained = _train(settings, load_data(settings.data), cell.seed)
    sha256 = save_checkpoint(trained_file(results, cell, settings), trained.model)
    record = record_training(sha256, settings, history=_history(trained))
    write_record(cell_folder(results, cell) / TRAINING_RECORD, record)
    return sha256


def _train(settings: Settings, data: Any, seed: int) -> TrainedMethod:
    deterministic = settings.training["deterministic"]
    fit = settings.method["fit"]
    if fit is not None:
        function = bind_target(fit, where="method: fit", error=TrainingError)
        return train_method(None, data, seed=seed, fit=function, deterministic=deterministic)
    options = {key: value for key, value in settings.training.items() if key not in _OF_THE_PROCESS}
    for name in _FACTORIES:
        if options[name] is not None:
            options[name] = bind_target(options[name], where=f"training: {name}", error=TrainingError)
    if options["loss"] is not None:
        options["loss"] = call_target(options["loss"], where="training: loss", error=TrainingError)
    return train_method(
        partial(build_model, settings.method),
        data,
        seed=seed,
        deterministic=deterministic,
        num_classes=settings.data["num_classes"],
        ignore_index=settings.data["ignore_index"],
        **options,
    )


def _history(trained: TrainedMethod) -> dict[str, list[float]]:
    if trained.history is None:
        return {}
    return {name: list(values) for name, values in asdict(trained.history).items() if values is not None}
