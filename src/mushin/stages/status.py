"""Tell which cells of a plan would run, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mushin.cells import read_facts
from mushin.config.plan import CellName, Plan, Settings
from mushin.errors import CellError, CheckpointError
from mushin.layout import CELL, TRAINING_RECORD, cell_folder, trained_file
from mushin.stages.changes import changes, listed
from mushin.stages.record import TRAINING_GROUPS, read_record

MADE_BY_STUDY = "mushin.Study"
"""What cells of a notebook say of their origin: their settings are functions, not files of conf/."""


class FoundCell(Protocol):
    """What a file says of its cell: the name, and the settings and sources that made it."""

    @property
    def name(self) -> CellName:
        """The cell that the file holds."""

    @property
    def provenance(self) -> Mapping[str, str]:
        """As `mushin.cells.Cell` has it."""


MISSING = "missing"
TRAINED = "trained, not evaluated"


@dataclass(frozen=True)
class CellStatus:
    """Whether a cell would run, and why.

    Attributes
    ----------
    cell : CellName
        The cell.
    runs : {"train, evaluate", "evaluate", ""}
        The stages that would run.
    reason : str
        Why they would, or ``"complete"``.
    """

    cell: CellName
    runs: str
    reason: str


def study_status(plan: Plan) -> Iterator[CellStatus]:
    """Compare every planned cell with its file on disk.

    The answer comes from the cells alone, so it is the same before and after a move to another machine.
    Snakemake decides from its own records, which hold the same texts.
    """
    for cell in plan.cells():
        yield cell_status(cell, plan.settings[cell.dataset, cell.method], plan.folder)


def cell_status(
    cell: CellName, settings: Settings, results: Path, read: Callable[[Path], FoundCell] = read_facts
) -> CellStatus:
    """Compare one planned cell with its file on disk, which `read` reads."""
    folder = cell_folder(results, cell)
    path = folder / CELL
    if not path.is_file():
        return _unevaluated(cell, settings, results)
    try:
        found = read(path)
    except CellError as error:
        return CellStatus(cell, "train, evaluate", str(error))
    if found.name != cell:
        return CellStatus(cell, "train, evaluate", f"{path} holds {found.name}")
    if found.provenance.get("made_by") == MADE_BY_STUDY:
        return CellStatus(
            cell, "", f"complete; {MADE_BY_STUDY} made it, so conf/ cannot tell if it is current"
        )
    of_training = changes(TRAINING_GROUPS, settings.texts, settings.sources, found.provenance)
    of_task = changes(["task"], settings.texts, settings.sources, found.provenance)
    if not of_training + of_task:
        return CellStatus(cell, "", "complete")
    return CellStatus(cell, "train, evaluate" if of_training else "evaluate", listed(of_training + of_task))


def _unevaluated(cell: CellName, settings: Settings, results: Path) -> CellStatus:
    """Tell whether a cell without ``cell.nc`` was at least trained with the planned settings."""
    folder = cell_folder(results, cell)
    if not trained_file(results, cell, settings).is_file() or not (folder / TRAINING_RECORD).is_file():
        return CellStatus(cell, "train, evaluate", MISSING)
    try:
        record = read_record(folder / TRAINING_RECORD)
    except CheckpointError as error:
        return CellStatus(cell, "train, evaluate", str(error))
    reasons = changes(TRAINING_GROUPS, settings.texts, settings.sources, record.provenance)
    if reasons:
        return CellStatus(cell, "train, evaluate", listed(reasons))
    return CellStatus(cell, "evaluate", TRAINED)
