"""Merge the cells of a study, and compare its methods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mushin.config.plan import CellName
from mushin.result import BenchmarkResult
from mushin.stages.aggregate import aggregate_study
from mushin.stages.compare import compare_study
from mushin.study_cells import date_before_cells
from mushin.study_design import StudyDesign


def merge_and_compare(
    design: StudyDesign, cells: Iterable[CellName], options: Mapping[str, Any], *, allow_incomplete: bool
) -> BenchmarkResult:
    """Write ``compare.nc`` and the tables of a study, and open its result.

    Parameters
    ----------
    design : StudyDesign
        The study.
    cells : iterable of CellName
        All its cells.
    options : mapping
        How the methods are compared: the options of `mushin.compare_methods`.
    allow_incomplete : bool
        Leave gaps for missing cells; by default they are an error.

    Raises
    ------
    IncompleteStudyError
        Cells are missing.
    """
    path = aggregate_study(
        design.results,
        [design.dataset],
        list(design.methods),
        design.seeds,
        allow_incomplete=allow_incomplete,
    )
    compare_study(path, options, allow_incomplete=allow_incomplete)
    date_before_cells(path, cells, design.results)
    return BenchmarkResult.open(path, **options, allow_incomplete=allow_incomplete)
