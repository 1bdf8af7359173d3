"""Run the cells of a Study behind a progress bar, and gather what failed."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from mushin.config.plan import CellName
from mushin.parallel_cells import CellFailure, run_cells
from mushin.progress_bar import progress_bar
from mushin.study_cells import recorded_checkpoint
from mushin.study_design import Dependencies, StudyDesign
from mushin.study_labels import note_failure


def run_with_progress(
    cells: Sequence[CellName],
    needed: Mapping[CellName, Dependencies],
    design: StudyDesign,
    *,
    jobs: int,
    on_error: Literal["raise", "skip"],
    progress: bool | None,
) -> tuple[CellFailure, ...]:
    """Run cells as `mushin.parallel_cells.run_cells` does, note those that fail, and return them.

    Raises
    ------
    Exception
        With ``"raise"``, whatever the first cell that fails raises.
    """
    failures: list[CellFailure] = []
    with progress_bar(len(cells), wanted=progress, description="train and evaluate") as bar:
        seen: dict[Path, CellName] = {}
        for cell, failure in run_cells(cells, needed, design, jobs=jobs):
            bar.update()
            if failure is not None:
                note_failure(design.results, cell, failure.reason)
                if on_error == "raise":
                    raise _placed(failure)
                failures.append(failure)
            else:
                _warn_of_shared_checkpoint(cell, design.results, seen)
    return tuple(failures)


def _placed(failure: CellFailure) -> Exception:
    """Return the error of a cell with a note on which cell it is."""
    failure.error.add_note(
        f"while the cell {failure.cell} ran; finished cells are kept, and run() goes on from there"
    )
    return failure.error


def _warn_of_shared_checkpoint(cell: CellName, results: Path, seen: dict[Path, CellName]) -> None:
    """Warn where two runs leave their checkpoint under one path: their scores are right, but one is lost."""
    path = recorded_checkpoint(cell, results)
    other = seen.setdefault(path, cell)
    if other != cell:
        warnings.warn(
            f"{path} is the checkpoint of {other} and of {cell}: both were scored, but only the last is kept;"
            " save each method and seed under a path of its own",
            UserWarning,
            stacklevel=4,
        )
