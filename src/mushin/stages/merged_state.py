"""Tell whether the merged results of a study hold all that its cells hold now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mushin.config.plan import CellName
from mushin.errors import CellError, DataError
from mushin.files import sha256_of
from mushin.layout import COSTS, PROVENANCE, RESULTS
from mushin.provenance.study_file import read_provenance
from mushin.report.read_table import read_table
from mushin.results_file import open_results
from mushin.stages.study_progress import CellProgress, StudyProgress
from mushin.stages.table_check import why_tables_are_old
from mushin.summaries import summarise_methods

TABLES = ("summary.csv", "comparisons.csv")


def why_not_current(progress: StudyProgress) -> str:
    """Say why ``compare.nc`` and its tables do not show the study as it is; empty where they do.

    They do where all cells are merged, and also where some are missing that were left out on purpose. A
    folder with merged results and no cell at all, a copy say, is taken as it is.

    Parameters
    ----------
    progress : StudyProgress
        Where the study stands.
    """
    folder = progress.folder
    if not (folder / RESULTS).is_file():
        return f"there is no {RESULTS} yet: it is made when all cells are complete"
    reason = next(_other_labels(progress), "") or next(_other_cells(progress), "")
    if reason:
        return f"{RESULTS} is older than the study: {reason}"
    absent = [name for name in TABLES if not (folder / name).is_file()]
    return f"there is no {absent[0]} yet" if absent else _old_tables(folder)


def _old_tables(folder: Path) -> str:
    """Hold the tables against the merged results."""
    comparisons = read_table(folder / "comparisons.csv")
    if comparisons.empty:
        return ""
    try:
        ds = open_results(folder / RESULTS)
        summary = summarise_methods(ds, alpha=float(comparisons["alpha"].iloc[0]))
    except (CellError, DataError) as error:
        return str(error)
    old = why_tables_are_old(folder, ds, comparisons, summary)
    return f"{old}: write the tables with 'mushin stats'" if old else ""


def _other_labels(progress: StudyProgress) -> Iterator[str]:
    """Hold the cells of the study against those that costs.csv lists, with or without a file."""
    file = progress.folder / COSTS
    if progress.source == "disk" or not file.is_file():
        return
    merged = set(_cells_of(file))
    wanted = {one.cell for one in progress.cells}
    if progress.source == "study":
        # Studies of several data sets may share a folder; the last one wrote its merged results.
        wanted = {cell for cell in wanted if cell.dataset in {other.dataset for other in merged}}
    if wanted - merged:
        yield f"it lacks {min(wanted - merged)}"
    if merged - wanted:
        yield f"it holds {min(merged - wanted)}, which is no cell of the study"


def _cells_of(costs: Path) -> Iterator[CellName]:
    for row in read_table(costs).to_dict("records"):
        yield CellName(str(row["dataset"]), str(row["method"]), int(row["seed"]))


def _other_cells(progress: StudyProgress) -> Iterator[str]:
    """Hold the files of the cells against those that were merged."""
    folder = progress.folder
    if not any(one.state != "missing" for one in progress.cells) or not (folder / PROVENANCE).is_file():
        return
    try:
        origin = read_provenance(folder)
    except CellError as error:
        yield str(error)
        return
    if sha256_of(folder / RESULTS) != origin.aggregated.output_sha256:
        yield f"{PROVENANCE} describes another one"
        return
    merged = {name: cell.cell_sha256 for name, cell in origin.cells.items()}
    for one in progress.cells:
        if not _is_as_merged(one, merged.get(str(one.cell))):
            state = "was completed since" if one.state == "complete" else f"is {one.state}"
            yield f"{one.cell} {state}"


def _is_as_merged(one: CellProgress, merged: str | None) -> bool:
    if one.known is not None:
        return merged == one.known.sha256
    return merged is None and one.state not in ("running", "changed")
