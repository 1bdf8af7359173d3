"""Average the scores of the cells that are there, while others still run."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from mushin.stages.known_cells import KnownCell
from mushin.statistics.moments import moments


@dataclass(frozen=True)
class MeanScore:
    """The mean of one metric over the seeds that are there.

    Attributes
    ----------
    dataset, method, metric : str
        What it is the mean of.
    higher_is_better : bool
        The metric's direction.
    n : int
        Runs with a score; `n_diverged` of them are infinite, and then there is no mean.
    mean, sd : float
        In the metric's units; NaN without runs, `sd` also for a single one.
    """

    dataset: str
    method: str
    metric: str
    higher_is_better: bool
    n: int
    n_diverged: int
    mean: float
    sd: float


def scores_so_far(cells: Iterable[KnownCell]) -> list[MeanScore]:
    """Return the mean and the standard deviation (n - 1) of every metric, data set and method.

    Parameters
    ----------
    cells : iterable of KnownCell
        Those that are complete.
    """
    values: dict[tuple[str, str, str], list[float]] = {}
    directions: dict[str, bool] = {}
    for cell in cells:
        for metric, score in cell.scores.items():
            values.setdefault((cell.name.dataset, cell.name.method, metric), []).append(score)
            directions[metric] = cell.higher_is_better[metric]
    found = []
    for (dataset, method, metric), scores in values.items():
        of_runs = moments(np.array(scores))
        n_diverged = sum(map(math.isinf, scores))
        described = (dataset, method, metric, directions[metric])
        found.append(
            MeanScore(*described, int(of_runs.n), n_diverged, float(of_runs.mean), float(of_runs.sd))
        )
    return found


def incomparable(cells: Iterable[KnownCell]) -> Iterator[str]:
    """Yield the data sets whose cells were scored by different tasks, or on different test samples."""
    tests: dict[str, set[tuple[str, str]]] = {}
    for cell in cells:
        of_test = (cell.task, cell.provenance.get("targets_digest", ""))
        tests.setdefault(cell.name.dataset, set()).add(of_test)
    yield from (dataset for dataset, of_dataset in tests.items() if len(of_dataset) > 1)
