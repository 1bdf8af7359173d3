"""Estimate from measured times how long the rest of a study takes."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mushin.config.plan import CellName
from mushin.errors import CellError
from mushin.layout import cell_folder
from mushin.provenance.run_record import read_run

Seconds = Mapping[tuple[CellName, str], float]
"""(cell, stage) → how long it took."""


@dataclass(frozen=True)
class Work:
    """What is left to do of one cell: its stages in order, and for how long the first of them has run."""

    cell: CellName
    stages: tuple[str, ...]
    running_for: float = 0.0


@dataclass(frozen=True)
class TimeLeft:
    """An estimate of the time that the rest of a study takes.

    Attributes
    ----------
    seconds : float
        Work divided by `at_once`.
    n_cells : int
        How many cells are not complete.
    at_once : int
        How many cells run at a time: as many as run now, or 1 where none does.
    is_running : bool
        Whether any cell runs.
    n_measured : int
        The number of measured cells behind the estimate.
    unknown_stages : tuple of str
        Stages that are left to run, that nobody measured, and that the estimate therefore leaves out.
    """

    seconds: float
    n_cells: int
    at_once: int
    is_running: bool
    n_measured: int
    unknown_stages: tuple[str, ...] = ()


def estimate_time_left(left: Iterable[Work], measured: Seconds, *, n_running: int) -> TimeLeft | None:
    """Add up what is left, at the mean time of the finished cells, and divide it by the cells at once.

    Parameters
    ----------
    left : iterable of Work
        Every cell that is not complete.
    measured : mapping
        What finished stages took. A stage counts with the mean of its own data set and method; where
        none of these is measured, with that of its data set, then with that of all.
    n_running : int
        How many cells run now.

    Returns
    -------
    TimeLeft or None
        None where nothing is left, or nothing that is left was ever measured.

    Examples
    --------
    >>> done, todo = CellName("digits", "mlp", 0), CellName("digits", "mlp", 1)
    >>> estimate_time_left([Work(todo, ("train",), 4.0)], {(done, "train"): 10.0}, n_running=2).seconds
    3.0
    """
    works, total, unknown, used = list(left), 0.0, [], False
    means = _Means(measured)
    for work in works:
        for position, stage in enumerate(work.stages):
            expected = means.of(work.cell, stage)
            if expected is None:
                unknown.append(stage)
                continue
            used = True
            total += max(0.0, expected - work.running_for) if position == 0 else expected
    if not used:
        return None
    at_once = max(1, n_running)
    return TimeLeft(
        seconds=total / at_once,
        n_cells=len(works),
        at_once=at_once,
        is_running=n_running > 0,
        n_measured=len({cell for cell, _ in measured}),
        unknown_stages=tuple(dict.fromkeys(unknown)),
    )


def measured_seconds(results: Path, cell: CellName, stage: str) -> float | None:
    """Return how long a stage of a cell took, by the note of its run; None where that does not tell."""
    try:
        run = read_run(cell_folder(results, cell), stage)
    except CellError:
        return None
    return None if run is None or run.cost is None else run.cost.seconds


class _Means:
    """Mean times by what is known: of a method, of a data set, of all."""

    def __init__(self, measured: Seconds) -> None:
        self._seconds: dict[tuple[str, ...], list[float]] = {}
        for (cell, stage), seconds in measured.items():
            for key in self._keys(cell, stage):
                self._seconds.setdefault(key, []).append(seconds)

    def of(self, cell: CellName, stage: str) -> float | None:
        for key in self._keys(cell, stage):
            if key in self._seconds:
                return statistics.fmean(self._seconds[key])
        return None

    @staticmethod
    def _keys(cell: CellName, stage: str) -> tuple[tuple[str, ...], ...]:
        return (stage, cell.dataset, cell.method), (stage, cell.dataset), (stage,)
