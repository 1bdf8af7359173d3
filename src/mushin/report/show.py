"""Show a finished study in a terminal, from its tables."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mushin.errors import IncompleteStudyError
from mushin.report.read_table import read_table
from mushin.report.tables import format_decisions, format_summary

_SHOWN_FILES = (
    "compare.nc",
    "report.html",
    "comparisons.csv",
    "comparisons.md",
    "comparisons.tex",
    "comparisons.html",
    "summary.csv",
    "summary.md",
    "summary.tex",
    "summary.html",
    "ranks.csv",
    "over_datasets.csv",
    "over_datasets.md",
    "costs.csv",
    "provenance.json",
)


def show_results(folder: Path) -> str:
    """Return the summary, the decisions and the list of files of a study.

    Parameters
    ----------
    folder : Path
        The results folder, with the tables that ``mushin stats`` writes.

    Returns
    -------
    str
        For a terminal.

    Raises
    ------
    IncompleteStudyError
        The tables are not there yet.
    """
    summary, comparisons = _read(folder / "summary.csv"), _read(folder / "comparisons.csv")
    files = [folder / name for name in _SHOWN_FILES if (folder / name).is_file()]
    listed = "\n".join(f"  {file}" for file in files)
    return f"{format_summary(summary)}\n\n{format_decisions(comparisons)}\n\nFiles:\n{listed}"


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise IncompleteStudyError(
            f"{path}: no such file; finish the study with 'snakemake --cores 2', or see 'mushin plan'"
        )
    return read_table(path)
