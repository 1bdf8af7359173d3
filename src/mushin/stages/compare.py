"""Compare the methods of a finished study: the stage behind rule ``stats``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mushin.comparisons import compare_methods, summarise_methods
from mushin.report.tables import write_tables
from mushin.results_file import open_results


def compare_study(results: Path, stats: Mapping[str, Any], *, allow_incomplete: bool = False) -> list[Path]:
    """Write the tables of a study from its ``compare.nc``.

    Parameters
    ----------
    results : Path
        The file ``compare.nc``; the tables go beside it.
    stats : mapping
        The resolved group ``stats`` of conf/.
    allow_incomplete : bool, default False
        Compare what is there where cells are missing.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    CellError
        The file cannot be read.
    IncompleteStudyError
        Scores are missing.
    """
    ds = open_results(results)
    comparisons = compare_methods(ds, **stats, allow_incomplete=allow_incomplete)
    summary = summarise_methods(ds, alpha=stats["alpha"])
    return write_tables(comparisons, summary, results.parent)
