"""Mark the cells that run, for who looks at a study meanwhile."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mushin.config.plan import CellName

RUNNING = ".running"
"""The folder of the marks, in the results folder. It is there while cells run."""


@dataclass(frozen=True)
class RunningCell:
    """A cell that runs: its name, its stage (``"train"`` or ``"evaluate"``), when that began (Unix time)."""

    cell: CellName
    stage: str
    began: float


@contextmanager
def mark_running(results: Path, cell: CellName, stage: str) -> Iterator[None]:
    """Mark a stage of a cell as running, until the block or its process ends.

    The mark is an empty file with a lock, which ends with the process, however that ends. It is a courtesy:
    where the file system takes no file or has no locks there is none, and the cell runs all the same.

    Parameters
    ----------
    results : Path
        The results folder. If it is made for the mark, it goes with it.
    cell : CellName
        What runs.
    stage : {"train", "evaluate"}
        Which part of it.
    """
    is_new, mark = not results.exists(), _Mark(results / RUNNING, cell, stage)
    mark.place()
    try:
        yield
    finally:
        mark.remove()
        if is_new:
            with suppress(OSError):
                results.rmdir()


def running_cells(results: Path) -> list[RunningCell]:
    """Return the cells that run in a results folder, on whatever machine that shares it and its locks."""
    found = []
    for file in _marks(results / RUNNING):
        dataset, method, seed, stage, _ = file.name.split(",")
        with suppress(OSError):  # It ended while it was looked at.
            if _is_locked(file):
                found.append(RunningCell(CellName(dataset, method, int(seed)), stage, file.stat().st_mtime))
    return sorted(found, key=lambda running: running.cell)


class _Mark:
    """One file, which is locked before it has the name that tells what runs."""

    def __init__(self, folder: Path, cell: CellName, stage: str) -> None:
        token = secrets.token_hex(4)
        self._file = folder / f"{cell.dataset},{cell.method},{cell.seed},{stage},{token}"
        self._unlocked = folder / f".{token}"
        self._descriptor: int | None = None

    def place(self) -> None:
        folder = self._file.parent
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            _remove_dead(folder)
            self._descriptor = os.open(self._unlocked, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.rename(self._unlocked, self._file)  # noqa: PTH104 - results are written with Path.replace.

    def remove(self) -> None:
        for file in (self._unlocked, self._file):
            with suppress(OSError):
                file.unlink()
        if self._descriptor is not None:
            os.close(self._descriptor)
        with suppress(OSError):
            self._file.parent.rmdir()


def _marks(folder: Path) -> list[Path]:
    with suppress(OSError):
        return [file for file in folder.iterdir() if file.name.count(",") == 4]
    return []


def _remove_dead(folder: Path) -> None:
    """Remove the marks of processes that were killed."""
    for file in _marks(folder):
        with suppress(OSError):
            if not _is_locked(file):
                file.unlink()


def _is_locked(file: Path) -> bool:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
