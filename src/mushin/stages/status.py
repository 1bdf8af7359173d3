"""Tell which cells of a plan would run, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mushin.cells import read_cell
from mushin.config.plan import CellName, Plan, Settings
from mushin.errors import CellError, CheckpointError
from mushin.layout import CELL, TRAINING_RECORD, cell_folder, trained_file
from mushin.stages.record import TRAINING_GROUPS, read_record

_GROUPS = (*TRAINING_GROUPS, "task")
_SHOWN = 3


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


def cell_status(cell: CellName, settings: Settings, results: Path) -> CellStatus:
    """Compare one planned cell with its file on disk."""
    folder = cell_folder(results, cell)
    path = folder / CELL
    if not path.is_file():
        return _unevaluated(cell, settings, results)
    try:
        found = read_cell(path)
    except CellError as error:
        return CellStatus(cell, "train, evaluate", str(error))
    if found.name != cell:
        return CellStatus(cell, "train, evaluate", f"{path} holds {found.name}")
    reasons = {group: list(_changes(group, settings, found.provenance)) for group in _GROUPS}
    flat = [reason for changes in reasons.values() for reason in changes]
    if not flat:
        return CellStatus(cell, "", "complete")
    retrains = any(reasons[group] for group in TRAINING_GROUPS)
    return CellStatus(cell, "train, evaluate" if retrains else "evaluate", _listed(flat))


def _unevaluated(cell: CellName, settings: Settings, results: Path) -> CellStatus:
    """Tell whether a cell without ``cell.nc`` was at least trained with the planned settings."""
    folder = cell_folder(results, cell)
    if not trained_file(results, cell, settings).is_file() or not (folder / TRAINING_RECORD).is_file():
        return CellStatus(cell, "train, evaluate", "missing")
    try:
        record = read_record(folder / TRAINING_RECORD)
    except CheckpointError as error:
        return CellStatus(cell, "train, evaluate", str(error))
    provenance = {
        **{f"settings_{group}": text for group, text in record.settings.items()},
        **{f"sources_{group}": text for group, text in record.sources.items()},
    }
    changes = [change for group in TRAINING_GROUPS for change in _changes(group, settings, provenance)]
    if changes:
        return CellStatus(cell, "train, evaluate", _listed(changes))
    return CellStatus(cell, "evaluate", "trained, not evaluated")


def _listed(changes: list[str]) -> str:
    more = f"; {len(changes) - _SHOWN} more" if len(changes) > _SHOWN else ""
    return "; ".join(changes[:_SHOWN]) + more


def _changes(group: str, settings: Settings, provenance: Mapping[str, str]) -> Iterator[str]:
    """Say what changed in one group since the cell was made."""
    now, then = settings.texts[group], provenance.get(f"settings_{group}", "")
    if now != then:
        yield from _differences(group, _parse(then), _parse(now))
    now, then = settings.sources[group], provenance.get(f"sources_{group}", "")
    for target, digest in _parse(now).items():
        if _parse(then).get(target) != digest:
            yield f"the source of {target} changed"
    for target in _parse(then).keys() - _parse(now).keys():
        yield f"the source of {target} is no longer watched"


def _parse(text: str) -> dict[str, Any]:
    """Read ``group={…}`` back; an empty text is an empty group."""
    content: dict[str, Any] = json.loads(text.partition("=")[2] or "{}")
    return content


def _differences(path: str, then: Any, now: Any) -> Iterator[str]:
    if isinstance(then, dict) and isinstance(now, dict):
        for key in sorted({*then, *now}):
            if key not in then:
                yield f"{path}.{key} is new: {json.dumps(now[key])}"
            elif key not in now:
                yield f"{path}.{key} is gone: {json.dumps(then[key])}"
            else:
                yield from _differences(f"{path}.{key}", then[key], now[key])
    elif then != now:
        yield f"{path}: {json.dumps(then)} -> {json.dumps(now)}"
