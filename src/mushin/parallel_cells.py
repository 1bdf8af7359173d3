"""Run the cells of a Study, one after another or in several processes, and report each as it ends."""

from __future__ import annotations

import functools
import pickle
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import cloudpickle
import joblib
from joblib.externals.loky.process_executor import TerminatedWorkerError

from mushin.config.plan import CellName
from mushin.errors import ConfigError, TrainingError
from mushin.study_cells import run_cell
from mushin.study_design import Dependencies, StudyDesign


@dataclass(frozen=True)
class CellFailure:
    """A cell that could not be finished.

    Attributes
    ----------
    cell : CellName
        The cell.
    error : Exception
        What was raised, with its traceback.
    """

    cell: CellName
    error: Exception

    @property
    def reason(self) -> str:
        """The error in words."""
        return f"{type(self.error).__name__}: {self.error}"

    def __str__(self) -> str:
        return f"{self.cell}: {self.reason}"


class _Kept:
    """Keeps the error of a cell in place of raising it; an interrupt passes."""

    error: Exception | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.error = error if isinstance(error, Exception) else None
        return self.error is not None


def run_cells(
    cells: Sequence[CellName],
    needed: Mapping[CellName, Dependencies],
    design: StudyDesign,
    *,
    jobs: int,
) -> Iterator[tuple[CellName, CellFailure | None]]:
    """Run cells and yield each as it ends, with its failure or None.

    Parameters
    ----------
    cells : sequence of CellName
        What to run.
    needed : mapping of CellName to Dependencies
        What each depends on.
    design : StudyDesign
        The study.
    jobs : int
        How many processes run at a time; 1 runs the cells in this one.

    Raises
    ------
    ConfigError
        The study cannot be sent to other processes.
    TrainingError
        A process was killed.
    """
    if jobs == 1:
        run = functools.partial(_run, design, needed)
        yield from ((cell, _failure(cell, run(cell))) for cell in cells)
        return
    with tempfile.TemporaryDirectory(prefix="mushin-") as folder:
        path = Path(folder) / "study"
        path.write_bytes(_pickled(design, needed))
        started = Path(folder) / "started"
        started.mkdir()
        tasks = (joblib.delayed(_run_from_file)(str(path), cell, str(started)) for cell in cells)
        ended = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered")(tasks)
        try:
            for cell, error in ended:
                yield cell, _failure(cell, error)
        except TerminatedWorkerError:
            names = " or ".join(sorted(file.name.replace(",", "/") for file in started.iterdir()))
            raise TrainingError(
                f"a process was killed, perhaps for want of memory, or its code ended it, while it ran"
                f" {names}; finished cells are kept: run the study again, with fewer jobs"
            ) from None


def _run(design: StudyDesign, needed: Mapping[CellName, Dependencies], cell: CellName) -> Exception | None:
    with _Kept() as kept:
        run_cell(cell, needed[cell], design)
    return kept.error


def _failure(cell: CellName, error: Exception | None) -> CellFailure | None:
    return None if error is None else CellFailure(cell, error)


def _pickled(design: StudyDesign, needed: Mapping[CellName, Dependencies]) -> bytes:
    try:
        content: bytes = cloudpickle.dumps((design, dict(needed)))
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"the study cannot be sent to other processes: {error}; use jobs=1, or keep what cannot be"
            " pickled (open files, locks, generators) out of the functions and the data"
        ) from error
    return content


@functools.lru_cache(maxsize=1)
def _unpickled(path: str) -> Callable[[CellName], Exception | None]:
    """Read the study once per process."""
    design, needed = cloudpickle.loads(Path(path).read_bytes())
    return functools.partial(_run, design, needed)


def _run_from_file(path: str, cell: CellName, started: str) -> tuple[CellName, Exception | None]:
    mark = Path(started) / str(cell).replace("/", ",")
    mark.touch()
    error = _unpickled(path)(cell)
    mark.unlink(missing_ok=True)
    return cell, None if error is None else _sendable(error)


def _sendable(error: Exception) -> Exception:
    """Return an error that survives pickling, with its traceback as a note."""
    lines = "".join(traceback.format_exception(error))
    try:
        sent: Exception = pickle.loads(pickle.dumps(error))
    except (pickle.PicklingError, TypeError, AttributeError):
        sent = TrainingError(f"{type(error).__name__}: {error}")
    sent.add_note(lines)
    return sent
