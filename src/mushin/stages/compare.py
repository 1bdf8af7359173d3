"""Compare the methods of a finished study: the stage behind rule ``stats``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mushin.comparisons import compare_methods
from mushin.dataset_comparisons import compare_over_datasets
from mushin.errors import DataError
from mushin.page.gaps import find_gaps
from mushin.report.dataset_tables import DATASET_TABLES, write_dataset_tables
from mushin.report.tables import write_tables
from mushin.results_file import open_results
from mushin.summaries import summarise_methods


@dataclass(frozen=True)
class WrittenTables:
    """What `compare_study` did: the files written, and what it left out and why, or nothing."""

    written: tuple[Path, ...]
    left_out: str = ""


def compare_study(
    results: Path, stats: Mapping[str, Any], *, allow_incomplete: bool = False
) -> WrittenTables:
    """Write the tables of a study from its ``compare.nc``; over data sets too where there are several.

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
    WrittenTables
        Over data sets, a data set where a method has no run is left out, and so are these tables where fewer
        than two are left; those of an earlier state of the study are then removed, also where the study has
        one data set only.

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
    if ds.sizes.get("dataset", 1) < 2:
        _remove_dataset_tables(results.parent)
        return WrittenTables(tuple(written))
    missing = [gap.cell for gap in find_gaps(ds) if gap.is_missing]
    try:
        over_datasets = compare_over_datasets(
            ds,
            alpha=stats["alpha"],
            correction=stats["correction"],
            baseline=stats.get("baseline"),
            allow_incomplete=allow_incomplete,
        )
    except DataError as error:
        if not missing:
            raise
        _remove_dataset_tables(results.parent)
        return WrittenTables(tuple(written), f"{', '.join(DATASET_TABLES)}: {error}")
    return WrittenTables((*written, *write_dataset_tables(over_datasets, results.parent, missing=missing)))


def _remove_dataset_tables(folder: Path) -> None:
    for name in DATASET_TABLES:
        (folder / name).unlink(missing_ok=True)
