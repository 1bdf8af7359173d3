"""Train and evaluate one cell of a Study, and tell whether that is still to do."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from mushin.cells import read_cell, write_cell
from mushin.config.plan import CellName
from mushin.errors import CellError, CheckpointError, PredictionError, TrainingError
from mushin.evaluation.batches import naming_batch, read_batch
from mushin.evaluation.target_digest import TargetDigest
from mushin.files import naming_storage, sha256_of
from mushin.given_checkpoints import checkpoint_sha256
from mushin.layout import CELL, TRAINING_RECORD, cell_folder
from mushin.provenance.cost import Stopwatch
from mushin.provenance.run_record import start_run, write_run
from mushin.running_cells import mark_running
from mushin.stages.changes import changes, listed
from mushin.stages.record import TRAINING_GROUPS, TrainingRecord, read_record, write_record
from mushin.stages.status import MADE_BY_STUDY, CellStatus
from mushin.stages.versions import package_versions
from mushin.study_design import Dependencies, StudyDesign, has_fixed_order
from mushin.training.seeding import isolated_randomness, seed_everything


def cell_status(cell: CellName, needed: Dependencies, results: Path) -> CellStatus:
    """Compare a cell of a Study with its files on disk."""
    reasons = _reasons_to_evaluate(cell, needed, results)
    if not reasons:
        return CellStatus(cell, "", "complete")
    record, reasons_to_train = _usable_record(cell, needed, results)
    if record is None:
        return CellStatus(cell, "train, evaluate", listed(reasons_to_train))
    return CellStatus(cell, "evaluate", listed(reasons))


def run_cell(cell: CellName, needed: Dependencies, design: StudyDesign) -> None:
    """Train a cell, if no usable checkpoint is there, and evaluate it.

    Its outdated scores are removed first: where the cell fails, nothing may take them for current.

    Raises
    ------
    MushinError
        The training function returned no checkpoint, or its model cannot be scored.
    """
    outdated = cell_folder(design.results, cell) / CELL
    with naming_storage(outdated):
        outdated.unlink(missing_ok=True)
    with _process_settings(cell.seed, design):
        record, _ = _usable_record(cell, needed, design.results)
        if record is None:
            with mark_running(design.results, cell, "train"):
                record = _train(cell, needed, design)
        with mark_running(design.results, cell, "evaluate"):
            _evaluate(cell, needed, design, record)


def _reasons_to_evaluate(cell: CellName, needed: Dependencies, results: Path) -> list[str]:
    path = cell_folder(results, cell) / CELL
    if not path.is_file():
        return ["trained, not evaluated"]
    try:
        found = read_cell(path)
    except CellError as error:
        return [str(error)]
    if found.name != cell:
        return [f"{path} holds {found.name}"]
    return changes((*TRAINING_GROUPS, "task"), needed.texts, needed.sources, found.provenance)


def _usable_record(
    cell: CellName, needed: Dependencies, results: Path
) -> tuple[TrainingRecord | None, list[str]]:
    """Return the record of a checkpoint that is what training would give; or None, and why."""
    folder = cell_folder(results, cell)
    if not (folder / TRAINING_RECORD).is_file():
        return None, ["missing"]
    try:
        record = read_record(folder / TRAINING_RECORD)
        reasons = changes(TRAINING_GROUPS, needed.texts, needed.sources, record.provenance)
        if reasons:
            return None, reasons
        if checkpoint_sha256(_checkpoint(record, folder)) != record.checkpoint_sha256:
            return None, ["the checkpoint was changed or replaced after it was recorded"]
    except CheckpointError as error:
        return None, [str(error)]
    return record, []


def recorded_checkpoint(cell: CellName, results: Path) -> Path:
    """Return where the training of a finished cell left its checkpoint."""
    folder = cell_folder(results, cell)
    return _checkpoint(read_record(folder / TRAINING_RECORD), folder)


def date_before_cells(path: Path, cells: Iterable[CellName], results: Path) -> None:
    """Date the merged file before its cells, so that Snakemake merges again where a study has grown.

    It has no record of a file that it did not make, and would take a newer one for up to date.
    """
    files = [cell_folder(results, cell) / CELL for cell in cells]
    oldest = min(file.stat().st_mtime for file in files if file.is_file())
    os.utime(path, (oldest - 1, oldest - 1))


def _checkpoint(record: TrainingRecord, folder: Path) -> Path:
    return Path(os.path.normpath(folder / record.checkpoint))


def _train(cell: CellName, needed: Dependencies, design: StudyDesign) -> TrainingRecord:
    folder, run = cell_folder(design.results, cell), start_run("train")
    stopwatch = Stopwatch()
    try:
        returned = design.methods[cell.method](cell.seed)
    except SystemExit as left:
        raise TrainingError(
            f"method {cell.method!r}, seed {cell.seed}: the training function called sys.exit({left.code!r});"
            " let it return the path of its checkpoint, or raise"
        ) from left
    path = _returned_path(returned, cell)
    record = TrainingRecord(
        checkpoint_sha256=checkpoint_sha256(path),
        settings={group: needed.texts[group] for group in TRAINING_GROUPS},
        sources={group: needed.sources[group] for group in TRAINING_GROUPS},
        versions=package_versions(),
        checkpoint=Path(os.path.relpath(path, folder)).as_posix(),
    )
    write_record(folder / TRAINING_RECORD, record)
    write_run(folder, run, record.checkpoint_sha256, stopwatch.time_only())
    return record


def _returned_path(returned: Any, cell: CellName) -> Path:
    where = f"method {cell.method!r}, seed {cell.seed}: the training function returned"
    if not isinstance(returned, str | os.PathLike):
        kind = "nothing" if returned is None else f"a {type(returned).__name__}"
        raise TrainingError(f"{where} {kind}; accepted is the path of the checkpoint that it saved")
    path = Path(returned)
    if not path.exists():
        raise TrainingError(f"{where} {str(path)!r}, but there is no such file")
    return path.resolve()


def _evaluate(cell: CellName, needed: Dependencies, design: StudyDesign, record: TrainingRecord) -> None:
    folder, run = cell_folder(design.results, cell), start_run("evaluate")
    stopwatch = Stopwatch()
    seed_everything(cell.seed)
    path = _checkpoint(record, folder)
    model = design.load_fn(path)
    if checkpoint_sha256(path) != record.checkpoint_sha256:
        raise CheckpointError(
            f"{path}: the checkpoint of {cell} was changed or replaced while it was loaded; save each method"
            " and seed under a path of its own"
        )
    if not callable(model):
        raise PredictionError(
            f"method {cell.method!r}, seed {cell.seed}: load_fn returned a {type(model).__name__}; accepted"
            " is a model: build it, load the weights into it, and return it"
        )
    targets = TargetDigest()
    found = design.evaluation.cell(cell, model, _watched(design.data, targets))
    provenance = {
        **record.provenance,
        "made_by": MADE_BY_STUDY,
        "settings_task": needed.texts["task"],
        "sources_task": needed.sources["task"],
        "checkpoint_sha256": record.checkpoint_sha256,
        **{f"trained_with_{name}": number for name, number in record.versions.items()},
        **{f"evaluated_with_{name}": number for name, number in package_versions().items()},
    }
    if has_fixed_order(design.data):
        provenance["targets_digest"] = targets.hexdigest()
    write_cell(folder / CELL, replace(found, provenance=provenance))
    write_run(folder, run, sha256_of(folder / CELL), stopwatch.time_only())


def _watched(data: Iterable[Any], targets: TargetDigest) -> Iterator[Any]:
    """Yield the batches of the data, with their targets digested."""
    for number, batch in enumerate(data):
        with naming_batch(number):
            pair = read_batch(batch)
        yield from targets.watch([pair])


@contextlib.contextmanager
def _process_settings(seed: int, design: StudyDesign) -> Iterator[None]:
    """Seed everything and set the number of threads; afterwards the session is as it was."""
    threads, deterministic = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    with isolated_randomness(seed), contextlib.chdir(Path.cwd()):
        seed_everything(seed, deterministic=design.deterministic)
        torch.set_num_threads(design.threads)
        try:
            yield
        finally:
            torch.set_num_threads(threads)
            if torch.are_deterministic_algorithms_enabled() != deterministic:
                torch.use_deterministic_algorithms(deterministic)  # which imports a compiler, for seconds
