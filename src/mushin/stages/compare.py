"""Compare the methods of a finished study: the stage behind rule ``stats``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mushin.comparisons import compare_methods, summarise_methods
from mushin.dataset_comparisons import compare_over_datasets
from mushin.report.dataset_tables import write_dataset_tables
from mushin.report.tables import write_tables
from mushin.results_file import open_results


def compare_study(results: Path, stats: Mapping[str, Any], *, allow_incomplete: bool = False) -> list[Path]:
    """Write the tables of a study from its ``compare.nc``; over data sets too where several are whole.

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
    written = write_tables(comparisons, summary, results.parent)
    if ds.sizes.get("dataset", 1) < 2 or comparisons["n_missing"].any():
        return written
    over_datasets = compare_over_datasets(
        ds,
        alpha=stats["alpha"],
        correction=stats["correction"],
        baseline=stats.get("baseline"),
        allow_incomplete=allow_incomplete,
    )
    return written + write_dataset_tables(over_datasets, results.parent)
