"""Tell how far a study is, at any moment: while it runs, after it stopped, when it is complete."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mushin.config.names import problem_with_name
from mushin.config.plan import CellName, Plan
from mushin.errors import CellError
from mushin.layout import CELL, TRAINING_RECORD, cell_folder
from mushin.running_cells import RunningCell, running_cells
from mushin.stages.cell_logs import last_error, log_file
from mushin.stages.known_cells import KnownCell, KnownCells
from mushin.stages.status import MISSING, TRAINED, CellStatus, cell_status
from mushin.stages.time_left import TimeLeft, Work, estimate_time_left, measured_seconds
from mushin.study_labels import noted_cells, noted_failures

State = Literal["complete", "running", "trained", "failed", "changed", "missing"]
STATES: tuple[State, ...] = ("complete", "running", "trained", "failed", "changed", "missing")
"""``trained`` lacks its evaluation; ``changed`` has a file that is damaged or not of the planned settings."""
Source = Literal["conf", "study", "disk"]


@dataclass(frozen=True)
class CellProgress:
    """Where one cell stands.

    Attributes
    ----------
    cell : CellName
        The cell.
    state : str
        One of `STATES`.
    needs : tuple of str
        The stages that are left, ``"train"`` and ``"evaluate"``; the first of them runs, or failed.
    reason : str
        Why it would run, or failed; empty for a complete cell.
    known : KnownCell, optional
        What the file of a complete cell says.
    running_for : float
        Seconds since the stage that runs began.
    """

    cell: CellName
    state: State
    needs: tuple[str, ...] = ()
    reason: str = ""
    known: KnownCell | None = None
    running_for: float = 0.0


@dataclass(frozen=True)
class StudyProgress:
    """Where a study stands.

    Attributes
    ----------
    folder : Path
        The results folder.
    cells : tuple of CellProgress
        In the order of the study.
    source : {"conf", "study", "disk"}
        What says which cells there are: the configuration, the note of a `mushin.Study`, or the files alone,
        which cannot tell how many are to come.
    time_left : TimeLeft or None
        None where nothing is left, or nothing is known.
    """

    folder: Path
    cells: tuple[CellProgress, ...]
    source: Source
    time_left: TimeLeft | None = None

    @property
    def counts(self) -> Counter[State]:
        """How many cells are in each state."""
        return Counter(cell.state for cell in self.cells)

    @property
    def by_method(self) -> Mapping[tuple[str, str], Counter[State]]:
        """The same by (data set, method)."""
        found: dict[tuple[str, str], Counter[State]] = {}
        for one in self.cells:
            found.setdefault((one.cell.dataset, one.cell.method), Counter())[one.state] += 1
        return found

    @property
    def is_complete(self) -> bool:
        """Whether every cell is."""
        return bool(self.cells) and self.counts["complete"] == len(self.cells)


@dataclass
class StudyFolder:
    """A results folder that is looked at, once or again and again.

    Attributes
    ----------
    folder : Path
        The results folder.
    plan : Plan or None
        The study of conf/ that writes there, where it is known.
    """

    folder: Path
    plan: Plan | None = None
    _known: KnownCells = field(default_factory=KnownCells)

    def look(self) -> StudyProgress:
        """Return where the study stands now.

        Raises
        ------
        CellError
            The note of a Study is damaged.
        """
        now, running = time.time(), {one.cell: one for one in running_cells(self.folder)}
        cells: list[CellName] = list(self.plan.cells()) if self.plan is not None else []
        source: Source = "conf" if self.plan is not None else "disk"
        if self.plan is None:
            noted = noted_cells(self.folder)
            source = "study" if noted else "disk"
            cells = list(dict.fromkeys([*noted, *sorted({*cells_on_disk(self.folder), *running})]))
        failed = noted_failures(self.folder)
        found = tuple(self._progress(cell, running.get(cell), now, failed) for cell in cells)
        return StudyProgress(self.folder, found, source, self._time_left(found))

    def _progress(
        self, cell: CellName, running: RunningCell | None, now: float, failed: Mapping[str, str]
    ) -> CellProgress:
        read: list[KnownCell] = []
        status = self._status(cell, read)
        if not status.runs:
            return CellProgress(cell, "complete", known=read[0])
        needs = tuple(status.runs.split(", "))
        if running is not None:
            left = needs[needs.index(running.stage) :] if running.stage in needs else (running.stage,)
            return CellProgress(cell, "running", left, status.reason, None, max(0.0, now - running.began))
        # The workflow leaves a log of every cell; a Study leaves a note of those that failed.
        error = last_error(log_file(str(self.folder), cell, needs[0])) or failed.get(str(cell), "")
        if error:
            return CellProgress(cell, "failed", needs, error)
        states: dict[str, State] = {MISSING: "missing", TRAINED: "trained"}
        return CellProgress(cell, states.get(status.reason, "changed"), needs, status.reason)

    def _status(self, cell: CellName, found: list[KnownCell]) -> CellStatus:
        """Compare a cell with what is planned, and put what its file says into `found`."""

        def read(path: Path) -> KnownCell:
            found.append(self._known.read(path))
            return found[0]

        if self.plan is not None:
            settings = self.plan.settings[cell.dataset, cell.method]
            return cell_status(cell, settings, self.folder, read)
        if not self._file(cell).is_file():
            if (cell_folder(self.folder, cell) / TRAINING_RECORD).is_file():
                return CellStatus(cell, "evaluate", TRAINED)
            return CellStatus(cell, "train, evaluate", MISSING)
        try:
            holds = read(self._file(cell)).name
        except CellError as error:
            return CellStatus(cell, "train, evaluate", str(error))
        if holds != cell:
            return CellStatus(cell, "train, evaluate", f"{self._file(cell)} holds {holds}")
        return CellStatus(cell, "", "complete")

    def _file(self, cell: CellName) -> Path:
        return cell_folder(self.folder, cell) / CELL

    def _time_left(self, cells: Iterable[CellProgress]) -> TimeLeft | None:
        left = [Work(one.cell, one.needs, one.running_for) for one in cells if one.needs]
        if not left:
            return None
        measured: dict[tuple[CellName, str], float] = {}
        for one in cells:
            for stage in {"complete": ("train", "evaluate"), "trained": ("train",)}.get(one.state, ()):
                seconds = measured_seconds(self.folder, one.cell, stage)
                if seconds is not None:
                    measured[one.cell, stage] = seconds
        n_running = sum(one.state == "running" for one in cells)
        return estimate_time_left(left, measured, n_running=n_running)


def cells_on_disk(folder: Path) -> Iterator[CellName]:
    """Yield the cells that left a file in a results folder, each once or twice."""
    for name in (CELL, TRAINING_RECORD):
        for path in folder.glob(f"*/*/*/{name}"):
            dataset, method, seed = path.parts[-4:-1]
            is_name = not problem_with_name(dataset) and not problem_with_name(method)
            if is_name and seed.isdecimal() and str(int(seed)) == seed:
                yield CellName(dataset, method, int(seed))
