"""Show a finished study in a terminal, from its tables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mushin.colours import Paint, plain
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


@dataclass(frozen=True, eq=False)
class ShownResults:
    """What a finished study has to show.

    Attributes
    ----------
    summary, comparisons : DataFrame
        As in ``summary.csv`` and ``comparisons.csv``.
    files : tuple of Path
        Those of the study that are there.
    """

    summary: pd.DataFrame
    comparisons: pd.DataFrame
    files: tuple[Path, ...]

    def text(self, paint: Paint = plain) -> str:
        """Return the summary, the decisions and the list of files, for a terminal."""
        listed = "\n".join(f"  {file}" for file in self.files)
        summary = format_summary(self.summary, self.comparisons, paint=paint)
        return f"{summary}\n\n{format_decisions(self.comparisons, paint=paint)}\n\nFiles:\n{listed}"


def read_shown(folder: Path) -> ShownResults:
    """Read the tables of a study.

    Parameters
    ----------
    folder : Path
        The results folder, with the tables that ``mushin stats`` writes.

    Raises
    ------
    IncompleteStudyError
        The tables are not there yet.
    """
    summary, comparisons = _read(folder / "summary.csv"), _read(folder / "comparisons.csv")
    files = tuple(folder / name for name in _SHOWN_FILES if (folder / name).is_file())
    return ShownResults(summary, comparisons, files)


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise IncompleteStudyError(
            f"{path}: no such file; finish the study with 'snakemake --cores 2', or see 'mushin plan'"
        )
    return read_table(path)
